package io.kelp.runtime.osgi.internal.usage;

import io.kelp.edged.ContainerSpec;

/** A container that is watched. Does not block. */
public interface Subject {

    ContainerSpec spec();

    UsageMeter meter();

    /** How many files, sockets and the like it has opened and not let go of. */
    int openResources();

    /** Stops its loops until then ({@link System#nanoTime}), as far as they can be stopped. */
    void pauseUntil(long nanoTime);

    /** Takes {@link #pauseUntil} back. */
    void unpause();
}
