package io.kelp.eventbus.internal;

import io.kelp.broker.EmbeddedBroker;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The broker of this gateway, without a socket in between. */
final class EmbeddedBackend implements Backend {

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedBackend.class);
    private static final int QOS = 1; // a subscriber of QoS 0 gets 0; one of 1 or 2 must not lose it by being slow

    private final EmbeddedBroker broker;
    private final EmbeddedBroker.Listener listener;
    private final Map<String, AutoCloseable> subscriptions = new HashMap<>();

    EmbeddedBackend(EmbeddedBroker broker, Sink sink) {
        this.broker = broker;
        this.listener = (topic, payload, retained) -> sink.message(topic, payload);
    }

    @Override
    public synchronized void subscribe(Set<String> filters) {
        subscriptions.entrySet().removeIf(entry -> {
            if (filters.contains(entry.getKey())) {
                return false;
            }
            close(entry.getValue());
            return true;
        });
        filters.forEach(filter -> subscriptions.computeIfAbsent(filter, f -> broker.subscribe(f, listener)));
    }

    @Override
    public boolean publish(String topic, byte[] payload) {
        return broker.publish(topic, payload, QOS, false);
    }

    @Override
    public boolean isWanted(String topic) {
        return broker.isWanted(topic);
    }

    @Override
    public boolean isConnected() {
        return true;
    }

    @Override
    public String trouble() {
        return "";
    }

    @Override
    public synchronized void close() {
        subscriptions.values().forEach(EmbeddedBackend::close);
        subscriptions.clear();
    }

    private static void close(AutoCloseable subscription) {
        try {
            subscription.close();
        } catch (Exception e) {
            // AutoCloseable declares it; the broker's subscription has nothing to throw.
            LOG.warn("A subscription could not be ended", e);
        }
    }
}
