package io.kelp.edged.internal.pod;

/** Where pods come from: the cloud's copy, a folder of manifests. Safe for use by several threads; does not block. */
public interface PodSource {

    /**
     * Calls the listener for each pod there is and for each change after it, serially; close to end it.
     *
     * @param listener called on any thread
     */
    AutoCloseable watch(Listener listener);

    /** Told of pods. */
    interface Listener {

        /** A pod is new or has changed; the same uid means the same pod. */
        void changed(Pod pod);

        /** There is no such pod any more; it is stopped with its grace period. */
        void removed(Pod last);

        /** All pods that there were at the beginning have been told; called once. What is left of other pods may go when all sources have said so. */
        void complete();

        /** Something that pods of this namespace refer to has changed: those that wait for it try again. */
        void referenceChanged(String namespace);
    }
}
