package io.kelp.edged.internal.pod;

import com.google.gson.JsonObject;
import io.kelp.edged.WorkloadContainer;

/** Runs the probes of containers. Safe for use by several threads; does not block. */
public interface ContainerProbes {

    /**
     * Begins to probe a container that was just started.
     *
     * @param listener told of what changes; called on any thread
     * @return to be closed when the container ends or is stopped
     */
    AutoCloseable watch(Pod pod, JsonObject container, WorkloadContainer running, Listener listener);

    /** What probes find out. */
    interface Listener {

        /** Readiness probe and {@link WorkloadContainer#readiness} together; without a readiness probe the latter alone. */
        void ready(boolean ready, String message);

        /** The startup probe has succeeded; at once when there is none. */
        void started();

        /** Liveness or startup probe has failed often enough: the container is to be restarted. */
        void failed(String probe, String message);
    }
}
