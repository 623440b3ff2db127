package io.kelp.eventbus.internal;

import io.kelp.broker.EmbeddedBroker;
import io.kelp.broker.TopicFilter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;

/** The inside view of a broker: shows what is published and lets a test play the MQTT clients. */
final class FakeBroker implements EmbeddedBroker {

    final BlockingQueue<String> published = new LinkedBlockingQueue<>();
    private final List<Subscription> subscriptions = new CopyOnWriteArrayList<>();
    volatile boolean full;

    private record Subscription(String filter, Listener listener) {}

    Set<String> filters() {
        Set<String> filters = new TreeSet<>();
        subscriptions.forEach(subscription -> filters.add(subscription.filter()));
        return filters;
    }

    /** A client publishes; as in the real broker each listener hears it once. */
    void client(String topic, String text) {
        List<Listener> heard = new ArrayList<>();
        for (Subscription subscription : subscriptions) {
            if (TopicFilter.matches(subscription.filter(), topic) && !heard.contains(subscription.listener())) {
                heard.add(subscription.listener());
                subscription.listener().message(topic, text.getBytes(StandardCharsets.UTF_8), false);
            }
        }
    }

    @Override
    public boolean publish(String topic, byte[] payload, int qos, boolean retain) {
        if (!full) {
            published.add(topic + "=" + new String(payload, StandardCharsets.UTF_8) + (retain ? " retained" : "") + " qos " + qos);
        }
        return !full;
    }

    @Override
    public AutoCloseable subscribe(String filter, Listener listener) {
        Subscription subscription = new Subscription(filter, listener);
        subscriptions.add(subscription);
        return () -> subscriptions.removeIf(one -> one == subscription);
    }

    @Override
    public int port() {
        return 1883;
    }
}
