package io.kelp.edged.internal.pod;

import java.time.Duration;

/** The one thread on which all state of pods changes. */
interface Loop {

    /** Runs a task after those that were given before; may be called from any thread. */
    void execute(Runnable task);

    /** Runs a task after a while, unless it is cancelled. */
    Timer schedule(Runnable task, Duration delay);

    /** The monotonic clock. */
    long nanos();

    /** Something that will be run. */
    interface Timer {
        void cancel();
    }
}
