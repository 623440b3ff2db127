package io.kelp.mapper.mqtt.internal.sparkplug;

import java.util.List;
import java.util.Optional;

/**
 * A Sparkplug B payload.
 *
 * @param timestampMillis Unix time; 0 when it does not say
 * @param seq 0 to 255; -1 where there is none
 */
public record Payload(long timestampMillis, int seq, List<Metric> metrics) {

    public static final String BDSEQ = "bdSeq";
    public static final String REBIRTH = "Node Control/Rebirth";

    public Payload {
        metrics = List.copyOf(metrics);
    }

    public Optional<Metric> metric(String name) {
        return metrics.stream().filter(m -> m.name().equals(name)).findFirst();
    }

    /** Number that ties a death to its birth; -1 where there is none. */
    public long bdSeq() {
        return metric(BDSEQ).filter(m -> m.raw() instanceof Long).map(m -> (Long) m.raw()).orElse(-1L);
    }
}
