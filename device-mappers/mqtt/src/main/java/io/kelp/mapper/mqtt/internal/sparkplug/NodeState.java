package io.kelp.mapper.mqtt.internal.sparkplug;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What is known of an edge node and its devices, by the rules for host applications (Sparkplug 3.0, sections 5 and 6): births
 * tell names, aliases and types, data only what changed, each message carries the next sequence number, and a death counts only
 * for the birth with the same bdSeq. The device with the empty name is the node itself. Not safe for use by several threads.
 */
final class NodeState {

    private static final int MOST_DEVICES = 1_000;
    private static final int MOST_METRICS = 20_000;

    /** What follows from a message. */
    sealed interface Event {

        /** A device has told all it has; values follow. */
        record Born(String device) implements Event {}

        record Gone(String device, String reason) implements Event {}

        /** @param type as the birth said */
        record Value(String device, String name, DataType type, Metric metric, long timestampMillis) implements Event {}

        /** A message was lost: what was told before may be old. */
        record Stale(String reason) implements Event {}

        /** The node is to be asked to tell everything again. */
        record Rebirth(String reason) implements Event {}
    }

    private static final class Members {
        final Map<String, DataType> types = new LinkedHashMap<>();
        final Map<Long, String> names = new HashMap<>();
    }

    private final Map<String, Members> born = new LinkedHashMap<>();
    private final Set<String> missing = new LinkedHashSet<>(); // born before the node began anew, and not since
    private long bdSeq = -1;
    private int lastSeq = -1;
    private boolean stale;

    boolean isBorn(String device) {
        return born.containsKey(device);
    }

    /** Type of a metric as its birth said; {@code null} when it has none of that name. */
    DataType type(String device, String metric) {
        Members members = born.get(device);
        return members == null ? null : members.types.get(metric);
    }

    Map<String, DataType> metrics(String device) {
        Members members = born.get(device);
        return members == null ? Map.of() : new LinkedHashMap<>(members.types);
    }

    /** The connection was away: messages may have been lost, of which nobody knows. */
    void forget() {
        lastSeq = -1;
        stale = true;
    }

    List<Event> take(SparkplugTopic topic, Payload payload) {
        List<Event> events = new ArrayList<>();
        switch (topic.type()) {
            case NBIRTH -> nodeBirth(payload, events);
            case NDEATH -> nodeDeath(payload, events);
            case DBIRTH -> {
                if (inOrder(payload, events)) {
                    birth(topic.device(), payload, events);
                }
            }
            case DDEATH -> {
                if (inOrder(payload, events) && (born.remove(topic.device()) != null | missing.remove(topic.device()))) {
                    events.add(new Event.Gone(topic.device(), "the node says that the device has gone (DDEATH)"));
                }
            }
            case NDATA, DDATA -> {
                if (inOrder(payload, events)) {
                    data(topic.device(), payload, events);
                }
            }
            case NCMD, DCMD -> { } // what hosts say, this one too
        }
        return events;
    }

    private void nodeBirth(Payload payload, List<Event> events) {
        // A birth is the node's beginning: devices that it had before are to be born again, which takes a moment.
        missing.addAll(born.keySet());
        missing.remove("");
        born.clear();
        bdSeq = payload.bdSeq();
        lastSeq = payload.seq();
        stale = false;
        birth("", payload, events);
    }

    /** Ends the time in which devices could be born again after the node was. */
    List<Event> overdue() {
        List<Event> events = new ArrayList<>();
        missing.forEach(device -> events.add(new Event.Gone(device, "the node began anew and has not told of the device since")));
        missing.clear();
        return events;
    }

    private void nodeDeath(Payload payload, List<Event> events) {
        if (!born.containsKey("") || payload.bdSeq() >= 0 && bdSeq >= 0 && payload.bdSeq() != bdSeq) {
            return; // the last will of an earlier connection
        }
        lastSeq = -1;
        missing.addAll(born.keySet());
        for (String device : missing) {
            events.add(new Event.Gone(device, "its node has gone (NDEATH)"));
        }
        missing.clear();
        born.clear();
    }

    /** @return whether the message can be understood; a gap makes everything stale, but what comes still counts */
    private boolean inOrder(Payload payload, List<Event> events) {
        if (!born.containsKey("")) {
            events.add(new Event.Rebirth("it sends data, but its birth was not seen"));
            return false;
        }
        int expected = (lastSeq + 1) % 256;
        if (payload.seq() >= 0) {
            boolean gap = lastSeq >= 0 && payload.seq() != expected;
            lastSeq = payload.seq();
            if (gap && !stale) {
                stale = true;
                events.add(new Event.Stale("a message of the node was lost (sequence number " + payload.seq() + " instead of " + expected + ")"));
            }
        }
        if (stale) {
            events.add(new Event.Rebirth("messages of it were lost"));
        }
        return true;
    }

    private void birth(String device, Payload payload, List<Event> events) {
        if (born.size() >= MOST_DEVICES || payload.metrics().size() > MOST_METRICS) {
            events.add(new Event.Gone(device, "a node with more than " + MOST_DEVICES + " devices or " + MOST_METRICS + " metrics is not taken"));
            return;
        }
        Members members = new Members();
        for (Metric metric : payload.metrics()) {
            if (!metric.name().isEmpty()) {
                members.types.put(metric.name(), metric.type());
                if (metric.alias() >= 0) {
                    members.names.put(metric.alias(), metric.name());
                }
            }
        }
        missing.remove(device);
        born.put(device, members);
        events.add(new Event.Born(device));
        values(device, members, payload, events);
    }

    private void data(String device, Payload payload, List<Event> events) {
        Members members = born.get(device);
        if (members == null) {
            events.add(new Event.Rebirth("it sends data of device " + device + ", whose birth was not seen"));
        } else {
            values(device, members, payload, events);
        }
    }

    private static void values(String device, Members members, Payload payload, List<Event> events) {
        for (Metric metric : payload.metrics()) {
            String name = metric.name().isEmpty() ? members.names.get(metric.alias()) : metric.name();
            if (name == null || !members.types.containsKey(name)) {
                events.add(new Event.Rebirth("it sends a metric that was not in its birth"));
            } else if (!metric.historical()) {
                DataType type = metric.type() == DataType.UNKNOWN ? members.types.get(name) : metric.type();
                long time = metric.timestampMillis() > 0 ? metric.timestampMillis() : payload.timestampMillis();
                events.add(new Event.Value(device, name, type, metric, time));
            }
        }
    }
}
