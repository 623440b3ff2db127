package io.kelp.broker.internal;

import io.kelp.broker.internal.core.Broker;
import io.kelp.broker.internal.core.Delivery;
import io.kelp.broker.internal.core.Journal;
import io.kelp.broker.internal.core.Retained;
import io.kelp.broker.internal.core.Session;
import io.kelp.broker.internal.net.MqttServer;
import io.kelp.store.Durability;
import io.kelp.store.RecordCollection;
import io.kelp.store.Store;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings persistent sessions and retained messages into the store, and back after a restart.
 *
 * <p>Changes are collected and written together: at once when a message was queued for a client that is
 * away, else after {@code storeMillis}. What came and went in between, as all messages of a client
 * that acknowledges promptly, is never written. Used by the broker's thread alone.
 */
final class StoreJournal implements Journal, MqttServer.Chores {

    private static final Logger LOG = LoggerFactory.getLogger(StoreJournal.class);
    private static final int SEQUENCE_DIGITS = 16;
    private static final int KEY_BYTES = 1024;

    /** The broker's collections of one store. */
    record Collections(RecordCollection<Records.SessionRecord> sessions, RecordCollection<Delivery> messages,
            RecordCollection<Retained> retained) {

        /** Reads from the disk. */
        static Collections open(Store store) {
            return new Collections(
                    store.collection("broker.session", Records.SESSION, Durability.PROCESS),
                    store.collection("broker.message", Records.DELIVERY, Durability.PROCESS),
                    store.collection("broker.retained", Records.RETAINED, Durability.PROCESS));
        }
    }

    private final long intervalNanos;
    private final Map<String, Records.SessionRecord> sessions = new HashMap<>();
    private final Map<String, Delivery> messages = new HashMap<>();
    private final Map<String, Retained> retained = new HashMap<>();
    private Collections collections;
    private boolean restored;
    private boolean urgent;
    private boolean waiting;
    private long dueNanos;
    private volatile boolean failing;

    StoreJournal(long intervalMillis) {
        this.intervalNanos = TimeUnit.MILLISECONDS.toNanos(intervalMillis);
    }

    /** The store is there. What it holds is taken over the first time; afterwards what the broker has is right. */
    void attach(Collections opened, Broker broker) {
        if (!restored) {
            restored = true;
            restore(opened, broker);
        }
        collections = opened;
        for (Session session : broker.persistentSessions()) {
            session(session);
            session.deliveries().forEach(delivery -> delivery(session, delivery));
        }
        broker.retained().forEach(this::retained);
        opened.sessions().snapshot().keySet().forEach(key -> sessions.putIfAbsent(key, null));
        opened.messages().snapshot().keySet().forEach(key -> messages.putIfAbsent(key, null));
        opened.retained().snapshot().keySet().forEach(key -> retained.putIfAbsent(key, null));
        write();
    }

    /** The store is gone. */
    void detach(Collections closed) {
        if (collections == closed) {
            collections = null;
            clear();
        }
    }

    /** Whether the store has refused the latest write. */
    boolean isFailing() {
        return failing;
    }

    @Override
    public void session(Session session) {
        if (collections != null) {
            sessions.put(session.clientId(),
                    new Records.SessionRecord(Map.copyOf(session.subscriptions()), Set.copyOf(session.unreleased())));
            changed();
        }
    }

    @Override
    public void sessionGone(Session session) {
        if (collections != null) {
            sessions.put(session.clientId(), null);
            session.deliveries().forEach(delivery -> messages.put(key(session, delivery), null));
            changed();
        }
    }

    @Override
    public void delivery(Session session, Delivery delivery) {
        if (collections != null) {
            messages.put(key(session, delivery), delivery);
            urgent |= !session.isConnected();
            changed();
        }
    }

    @Override
    public void deliveryGone(Session session, Delivery delivery) {
        if (collections != null) {
            messages.put(key(session, delivery), null);
            changed();
        }
    }

    @Override
    public void retained(String topic, Retained message) {
        if (collections != null && isKey(topic)) {
            retained.put(topic, message);
            changed();
        }
    }

    @Override
    public long run(Broker broker, long nowNanos) {
        if (!waiting) {
            return Long.MAX_VALUE;
        }
        if (dueNanos == 0) {
            dueNanos = nowNanos + intervalNanos;
        }
        if (!urgent && dueNanos - nowNanos > 0) {
            return dueNanos - nowNanos;
        }
        write();
        return Long.MAX_VALUE;
    }

    /** Writes what is collected. */
    void write() {
        if (collections != null) {
            write(collections.sessions(), sessions);
            write(collections.messages(), messages);
            write(collections.retained(), retained);
        }
        clear();
    }

    private <T> void write(RecordCollection<T> to, Map<String, T> changes) {
        if (changes.isEmpty()) {
            return;
        }
        to.apply(new HashMap<>(changes)).whenComplete((done, failure) -> {
            if (failure != null && !failing) {
                LOG.warn("MQTT sessions and retained messages are not stored at present and would not survive a restart: {}",
                        failure.getMessage());
            }
            failing = failure != null;
        });
    }

    /** The store takes keys up to this length; a retained message under a longer topic does not outlast a restart. */
    private static boolean isKey(String topic) {
        return topic.length() <= KEY_BYTES && topic.getBytes(StandardCharsets.UTF_8).length <= KEY_BYTES;
    }

    private void clear() {
        sessions.clear();
        messages.clear();
        retained.clear();
        urgent = false;
        waiting = false;
        dueNanos = 0;
    }

    private void changed() {
        waiting = true;
    }

    private static void restore(Collections from, Broker broker) {
        Map<String, List<Delivery>> byClientId = new HashMap<>();
        from.messages().snapshot().forEach((key, delivery) -> {
            if (key.length() > SEQUENCE_DIGITS) {
                byClientId.computeIfAbsent(key.substring(SEQUENCE_DIGITS + 1), id -> new ArrayList<>()).add(delivery);
            }
        });
        byClientId.values().forEach(list -> list.sort(Comparator.comparingLong(Delivery::sequence)));
        from.sessions().snapshot().forEach((clientId, session) -> broker.restore(clientId, session.filters(),
                session.unreleased(), byClientId.getOrDefault(clientId, List.of())));
        from.retained().snapshot().values().forEach(one -> broker.restoreRetained(one.message(), one.qos()));
        LOG.info("MQTT broker has taken over {} sessions and {} retained messages", broker.sessions(), broker.retained().size());
    }

    private static String key(Session session, Delivery delivery) {
        return String.format("%016x/%s", delivery.sequence(), session.clientId());
    }
}
