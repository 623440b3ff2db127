package io.kelp.mapper.internal;

import io.kelp.mapper.DeviceContext;
import io.kelp.mapper.Reading;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What a driver tells by itself, on its way to the timeline. Bounded by the number of properties:
 * a value that comes while another of its property waits takes its place.
 */
final class PushInbox implements DeviceContext {

    /** Gets what was told, on the timeline; whether the connection still counts is its business. */
    interface Receiver {
        void published(PushInbox from, Map<String, Reading> readings);

        void lost(PushInbox from, String reason);

        void away(PushInbox from, String reason);

        void back(PushInbox from);
    }

    private final Timeline timeline;
    private final Set<String> properties;
    private final Map<String, String> lastReported;
    private final Receiver receiver;
    private final Map<String, Reading> waiting = new ConcurrentHashMap<>();

    /** @param lastReported may change meanwhile; safe for several threads */
    PushInbox(Timeline timeline, Set<String> properties, Map<String, String> lastReported, Receiver receiver) {
        this.timeline = timeline;
        this.properties = properties;
        this.lastReported = lastReported;
        this.receiver = receiver;
    }

    @Override
    public void publish(String property, Reading reading) {
        if (properties.contains(property) && waiting.put(property, reading) == null) {
            timeline.run(this::deliver);
        }
    }

    private void deliver() {
        Map<String, Reading> taken = new ConcurrentHashMap<>();
        for (String property : List.copyOf(waiting.keySet())) {
            Reading reading = waiting.remove(property);
            if (reading != null) {
                taken.put(property, reading);
            }
        }
        if (!taken.isEmpty()) {
            receiver.published(this, taken);
        }
    }

    @Override
    public void lost(String reason) {
        timeline.run(() -> receiver.lost(this, reason));
    }

    @Override
    public void away(String reason) {
        timeline.run(() -> receiver.away(this, reason));
    }

    @Override
    public void back() {
        timeline.run(() -> receiver.back(this));
    }

    @Override
    public Optional<String> lastReported(String property) {
        return Optional.ofNullable(lastReported.get(property));
    }
}
