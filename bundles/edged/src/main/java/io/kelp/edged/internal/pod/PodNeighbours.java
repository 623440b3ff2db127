package io.kelp.edged.internal.pod;

import io.kelp.edged.internal.pod.PodView.Outcome;
import java.time.Duration;
import java.util.Optional;

/** What a pod needs to know of the others, and tells them. Used on the loop only. */
interface PodNeighbours {

    /** Whether a pod of the same name has not ended yet. */
    boolean hasPredecessor(PodWorker pod);

    /** Why the gateway does not take the pod on; empty if it does. */
    Optional<Outcome> admit(PodWorker pod, Runtimes.Handle runtime);

    /** Something was given back that others may wait for: ports, memory, a name. */
    void freed(PodWorker pod);

    /** Status, images or containers may have changed. */
    void changed(PodWorker pod);

    /** The pod can be forgotten. */
    void gone(PodWorker pod);

    /** How long a runtime may take to come before pods are told that there is none. */
    Duration runtimeWait();
}
