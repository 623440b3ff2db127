package io.kelp.edged.internal.pod;

import io.kelp.edged.internal.pod.PodView.Outcome;
import java.util.Optional;

/** Whether a gateway takes a pod on, in kubelet's words. */
final class Admission {

    static final int MAX_CONTAINERS = 64;

    private Admission() {}

    /**
     * @param count pods it has taken on
     * @param used memory that those of the same runtime have requested, in bytes
     * @param capacity memory of the runtime, in bytes
     */
    static Optional<Outcome> refusal(Pod pod, long count, long maxPods, long used, long capacity) {
        int containers = pod.initContainers().size() + pod.containers().size();
        if (containers > MAX_CONTAINERS) {
            return Optional.of(new Outcome("UnexpectedAdmissionError", "Pod was rejected: it has " + containers + " containers, at most " + MAX_CONTAINERS
                    + " are possible"));
        }
        if (count >= maxPods) {
            return Optional.of(refusal("pods", 1, count, maxPods));
        }
        long requested = PodResources.memoryRequest(pod);
        if (requested > 0 && used + requested > capacity) {
            return Optional.of(refusal("memory", requested, used, capacity));
        }
        return Optional.empty();
    }

    private static Outcome refusal(String resource, long requested, long used, long capacity) {
        return new Outcome("OutOf" + resource, "Pod was rejected: Node didn't have enough resource: " + resource + ", requested: "
                + requested + ", used: " + used + ", capacity: " + capacity);
    }
}
