package io.kelp.edged.internal.pod;

import io.kelp.edged.internal.pod.ContainerView.Kind;
import java.time.Instant;
import java.util.List;

/**
 * One pod at one moment, as its status is made from.
 *
 * @param containers in the order of the spec, init containers first
 * @param startTime when the gateway took the pod on, {@code null} before
 * @param sandbox whether volumes and network are there, so that containers can be started
 * @param initialized whether all init containers have been through once
 * @param terminal whether no container will be started again
 * @param outcome phase Failed that does not follow from the containers; {@code null} if there is none
 * @param held whether it waits for an operator to release it
 * @param released whether an operator has released it
 * @param disrupted message of the condition {@code DisruptionTarget}; empty for none
 */
record PodView(Pod pod, List<ContainerView> containers, String address, Instant startTime, boolean sandbox,
        boolean initialized, boolean terminal, Outcome outcome, boolean held, boolean released, String disrupted) {

    PodView {
        containers = List.copyOf(containers);
    }

    /** Why a pod has failed as a whole, for example {@code Evicted}. */
    record Outcome(String reason, String message) {}

    String restartPolicy() {
        return PodSpec.restartPolicy(pod);
    }

    List<ContainerView> of(Kind kind) {
        return containers.stream().filter(c -> c.kind() == kind).toList();
    }

    List<ContainerView> init() {
        return containers.stream().filter(c -> c.kind() != Kind.MAIN).toList();
    }
}
