package io.kelp.broker.internal.core;

import io.kelp.broker.EmbeddedBroker;
import io.kelp.broker.TopicFilter;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings messages to all who have subscribed, and keeps the retained ones. Touched by the broker's thread alone. */
final class Router {

    private static final Logger LOG = LoggerFactory.getLogger(Router.class);

    static final String HIDDEN = "$";

    private final Session.SharedState shared;
    private final SubscriptionTree<Subscriber> tree = new SubscriptionTree<>();
    private final RetainedMessages retained;
    private final Map<Subscriber, Integer> matched = new LinkedHashMap<>();
    private int subscriptions;
    private volatile int hidden; // those that match topics that begin with $; written by the broker's thread
    private boolean retainedFull;

    Router(Session.SharedState shared) {
        this.shared = shared;
        this.retained = new RetainedMessages(shared.limits());
    }

    RetainedMessages retained() {
        return retained;
    }

    int subscriptions() {
        return subscriptions;
    }

    /** Subscriptions of clients to topics that begin with $, which no wildcard matches. For any thread. */
    int hidden() {
        return hidden;
    }

    private void counted(String filter, int change) {
        subscriptions += change;
        if (filter.startsWith(HIDDEN)) {
            hidden = hidden + change;
        }
    }

    /** @param inside whether it comes from within the process, whose listeners then do not see it */
    void publish(OutMessage message, int qos, boolean retain, boolean inside) {
        shared.counters().received.increment();
        if (retain) {
            retain(message, qos);
        }
        tree.match(message.topic(), (subscriber, granted) -> matched.merge(subscriber, granted, Math::max));
        for (Map.Entry<Subscriber, Integer> entry : matched.entrySet()) {
            if (entry.getKey() instanceof Session session) {
                session.deliver(message, Math.min(qos, entry.getValue()));
            } else if (entry.getKey() instanceof InsideSubscriber subscriber && !inside) {
                hand(subscriber.listener(), message, false);
            }
        }
        matched.clear();
    }

    /** @return false when a bound stands against it */
    boolean subscribe(Session session, String filter, int qos) {
        Limits limits = shared.limits();
        boolean known = session.subscriptions().containsKey(filter);
        if (!TopicFilter.isFilter(filter) || TopicFilter.levels(filter) > limits.maxTopicLevels()
                || !known && (session.subscriptions().size() >= limits.maxSubscriptionsPerClient()
                        || subscriptions >= limits.maxSubscriptions())) {
            return false;
        }
        session.subscribe(filter, qos);
        tree.put(filter, session, qos);
        if (!known) {
            counted(filter, 1);
        }
        return true;
    }

    boolean unsubscribe(Session session, String filter) {
        if (!session.unsubscribe(filter)) {
            return false;
        }
        counted(filter, -1);
        tree.remove(filter, session);
        return true;
    }

    void unsubscribeAll(Session session) {
        session.subscriptions().keySet().forEach(filter -> {
            tree.remove(filter, session);
            counted(filter, -1);
        });
    }

    /** A session that has been read from the store. */
    void adopt(Session session) {
        session.subscriptions().forEach((filter, qos) -> {
            tree.put(filter, session, qos);
            counted(filter, 1);
        });
    }

    void subscribe(String filter, EmbeddedBroker.Listener listener) {
        tree.put(filter, new InsideSubscriber(listener), 2);
        Retained next = retained.next(filter, null);
        while (next != null) {
            hand(listener, next.message(), true);
            next = retained.next(filter, next.message().topic());
        }
    }

    void unsubscribe(String filter, EmbeddedBroker.Listener listener) {
        tree.remove(filter, new InsideSubscriber(listener));
    }

    /** Retained messages go out as fast as the client takes them; nothing is queued for it meanwhile. */
    void startRetained(Client client, String filter, int qos) {
        stopRetained(client, filter);
        if (client.cursors == null) {
            client.cursors = new ArrayDeque<>(1);
        }
        client.cursors.add(new Client.Cursor(filter, qos));
    }

    /** Subscribed anew or not any more: what was still to come is not sent. */
    void stopRetained(Client client, String filter) {
        if (client.cursors != null && client.cursors.removeIf(cursor -> cursor.filter.equals(filter)) && client.cursors.isEmpty()) {
            client.cursors = null;
        }
    }

    void pumpRetained(Client client) {
        while (client.cursors != null && client.session != null && client.session.hasRoom()) {
            Client.Cursor cursor = client.cursors.peek();
            Retained next = retained.next(cursor.filter, cursor.lastTopic);
            if (next == null) {
                client.cursors.poll();
                if (client.cursors.isEmpty()) {
                    client.cursors = null;
                }
            } else {
                cursor.lastTopic = next.message().topic();
                client.session.deliverRetained(next.message(), Math.min(next.qos(), cursor.qos));
            }
        }
    }

    private void retain(OutMessage message, int qos) {
        switch (retained.set(message, qos)) {
            case CHANGED -> {
                retainedFull = false;
                shared.journal().retained(message.topic(), message.payload().length == 0 ? null : new Retained(message, qos));
            }
            case REFUSED -> {
                shared.counters().refusedRetained.increment();
                if (!retainedFull) {
                    retainedFull = true;
                    LOG.warn("Retained message not kept: {} are kept already; the limits are maxRetained {} and maxRetainedBytes {}",
                            retained.size(), shared.limits().maxRetained(), shared.limits().maxRetainedBytes());
                }
            }
            case UNCHANGED -> { }
        }
    }

    private static void hand(EmbeddedBroker.Listener listener, OutMessage message, boolean wasRetained) {
        try {
            listener.message(message.topic(), message.payload(), wasRetained);
        } catch (RuntimeException e) {
            // Foreign code on the broker's thread: its fault must not take the clients with it.
            LOG.error("Listener {} failed on a message", listener.getClass().getName(), e);
        }
    }
}
