package io.kelp.broker.internal.core;

import io.kelp.broker.TopicFilter;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** Retained messages by topic (MQTT 3.1.1, section 3.3.1.3), bounded in number and bytes. */
final class RetainedMessages {

    private final Limits limits;
    private final TreeMap<String, Retained> byTopic = new TreeMap<>();
    private long bytes;

    RetainedMessages(Limits limits) {
        this.limits = limits;
    }

    /** What {@link #set} did. */
    enum Outcome { CHANGED, UNCHANGED, REFUSED }

    /** Keeps a message, or forgets the topic's one when the payload is empty. */
    Outcome set(OutMessage message, int qos) {
        Retained old = byTopic.get(message.topic());
        if (message.payload().length == 0) {
            if (old == null) {
                return Outcome.UNCHANGED;
            }
            byTopic.remove(message.topic());
            bytes -= old.message().size();
            return Outcome.CHANGED;
        }
        if (old != null && old.qos() == qos && Arrays.equals(old.message().payload(), message.payload())) {
            return Outcome.UNCHANGED;
        }
        long after = bytes + message.size() - (old == null ? 0 : old.message().size());
        if (after > limits.maxRetainedBytes() || old == null && byTopic.size() >= limits.maxRetained()) {
            return Outcome.REFUSED;
        }
        byTopic.put(message.topic(), new Retained(message, qos));
        bytes = after;
        return Outcome.CHANGED;
    }

    /** The first match of a filter behind a topic, null when there is none. */
    Retained next(String filter, String afterTopic) {
        if (filter.indexOf('+') < 0 && filter.indexOf('#') < 0) {
            return afterTopic == null ? byTopic.get(filter) : null;
        }
        String prefix = literalPrefix(filter);
        Map.Entry<String, Retained> entry =
                afterTopic == null ? byTopic.ceilingEntry(prefix) : byTopic.higherEntry(afterTopic);
        while (entry != null && entry.getKey().startsWith(prefix)) {
            if (TopicFilter.matches(filter, entry.getKey())) {
                return entry.getValue();
            }
            entry = byTopic.higherEntry(entry.getKey());
        }
        return null;
    }

    Map<String, Retained> all() {
        return byTopic;
    }

    int size() {
        return byTopic.size();
    }

    /** The part of a filter that every matching topic begins with; "a/#" also matches "a". */
    private static String literalPrefix(String filter) {
        int plus = filter.indexOf('+');
        return filter.substring(0, plus >= 0 ? plus : Math.max(0, filter.indexOf('#') - 1));
    }
}
