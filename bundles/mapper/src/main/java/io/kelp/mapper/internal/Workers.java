package io.kelp.mapper.internal;

import java.time.Duration;
import java.util.concurrent.Callable;

/** Where drivers are called. Used on the timeline only. */
interface Workers {

    /** How a call ended. Told on the timeline: any number of hung, then exactly one of the others. */
    interface Result<T> {
        void done(T value);

        /** @param late what the call returned after its deadline; {@code null} otherwise */
        void failed(Throwable cause, T late);

        /** Interrupted at the deadline, and still running. */
        void hung();

        /** It takes longer than calls usually do. Told before the others, if at all. */
        default void slow() {}
    }

    /**
     * Runs a driver's code.
     *
     * @param suspected whether the device has just failed, was never reached, or took long the last time
     * @param deadline from the moment at which the call gets its thread
     */
    <T> void call(boolean suspected, Duration deadline, Callable<T> body, Result<T> result);

    /**
     * Lets all threads end, each after what it is doing; later calls get new ones. Whatever a
     * driver has left behind in a thread, such as a thread-local value, ends with it.
     */
    void renew();
}
