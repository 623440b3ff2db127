package io.kelp.edged.internal.eviction;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** In which order pods have to go when a resource is short: as kubelets rank them. */
public final class EvictionOrder {

    /** From this priority on pods are critical to the node and stay ({@code system-cluster-critical}). */
    public static final int CRITICAL_PRIORITY = 2_000_000_000;

    /**
     * A pod that runs.
     *
     * @param uid its uid
     * @param priority {@code spec.priority}, 0 when not said
     * @param usage of the short resource, in bytes
     * @param request of the resource, in bytes; 0 when not said
     * @param isStatic whether it comes from a manifest on the gateway
     */
    public record Candidate(String uid, int priority, long usage, long request, boolean isStatic) {

        private long above() {
            return usage - request;
        }

        private boolean isCritical() {
            return isStatic || priority >= CRITICAL_PRIORITY;
        }
    }

    private EvictionOrder() {}

    /**
     * Those that may go, the first to go first: who uses more than it asked for before who does not,
     * lower priority before higher, further above its request before nearer to it.
     */
    public static List<Candidate> of(Collection<Candidate> running) {
        return running.stream()
                .filter(pod -> !pod.isCritical())
                .sorted(Comparator.comparing((Candidate pod) -> pod.above() <= 0)
                        .thenComparingInt(Candidate::priority)
                        .thenComparing(Comparator.comparingLong(Candidate::above).reversed())
                        .thenComparing(Candidate::uid))
                .toList();
    }
}
