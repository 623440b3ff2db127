package io.kelp.mapper.internal;

import java.time.Duration;
import java.time.Instant;

/**
 * Where the state of all devices changes, one step after the other, and its clock. What runs here must
 * not wait for anything.
 */
interface Timeline {

    /** Monotonic, in nanoseconds. */
    long nanos();

    /** The gateway's own wall clock, for showing to people. */
    Instant now();

    /** Runs a task soon, in the order of the calls. Any thread may call. */
    void run(Runnable task);

    /** As {@link #run}; may run it, and others, on the calling thread before it returns. Only for threads of the runtime that hold nothing. */
    default void runHere(Runnable task) {
        run(task);
    }

    /** Runs a task after a while. */
    Alarm after(Duration delay, Runnable task);

    /** A task that has not run yet. */
    interface Alarm {
        void cancel();
    }
}
