package io.kelp.cloud.hub;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** Counters of the hub since its start. Safe for use by several threads. */
final class HubMetrics {

    private final LongAdder received = new LongAdder();
    private final LongAdder sent = new LongAdder();
    private final LongAdder dropped = new LongAdder();
    private final LongAdder malformed = new LongAdder();
    private final LongAdder acknowledged = new LongAdder();
    private final LongAdder slow = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder unclaimed = new LongAdder();

    void received() {
        received.increment();
    }

    void sent() {
        sent.increment();
    }

    void dropped() {
        dropped.increment();
    }

    void malformed() {
        malformed.increment();
    }

    void acknowledged() {
        acknowledged.increment();
    }

    void slow() {
        slow.increment();
    }

    void refused() {
        refused.increment();
    }

    void unclaimed() {
        unclaimed.increment();
    }

    Map<String, Long> counters() {
        Map<String, Long> all = new LinkedHashMap<>();
        all.put("kelp_hub_messages_received_total", received.sum());
        all.put("kelp_hub_messages_sent_total", sent.sum());
        all.put("kelp_hub_messages_dropped_total", dropped.sum());
        all.put("kelp_hub_messages_malformed_total", malformed.sum());
        all.put("kelp_hub_messages_unclaimed_total", unclaimed.sum());
        all.put("kelp_hub_objects_acknowledged_total", acknowledged.sum());
        all.put("kelp_hub_slow_readers_total", slow.sum());
        all.put("kelp_hub_connects_refused_total", refused.sum());
        return all;
    }
}
