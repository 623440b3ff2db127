package io.kelp.mapper.internal;

import java.time.Duration;
import java.time.Instant;

/**
 * The one thread on which the state of all devices changes, and its clock. What runs here must
 * not wait for anything.
 */
interface Timeline {

    /** Monotonic, in nanoseconds. */
    long nanos();

    /** The gateway's own wall clock, for showing to people. */
    Instant now();

    /** Runs a task soon, in the order of the calls. Any thread may call. */
    void run(Runnable task);

    /** Runs a task after a while. */
    Alarm after(Duration delay, Runnable task);

    /** A task that has not run yet. */
    interface Alarm {
        void cancel();
    }
}
