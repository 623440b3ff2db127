package io.kelp.testkit;

import java.time.Duration;
import java.util.concurrent.Callable;

/** Waits for something to become true, within a time. */
public final class Await {

    private static final long PAUSE_MILLIS = 20;

    private Await() {}

    /**
     * Asks until the condition holds.
     *
     * @param what the condition in words, for the failure
     * @return how long it took
     * @throws AssertionError when the time is over; carries the last exception of the condition, if any
     */
    public static Duration until(String what, Duration limit, Callable<Boolean> condition) {
        long start = System.nanoTime();
        Throwable last = null;
        while (true) {
            try {
                if (condition.call()) {
                    return Duration.ofNanos(System.nanoTime() - start);
                }
                last = null;
            } catch (Exception | AssertionError e) {
                // The thing that is waited for may not be there yet; what it says counts only at the end.
                last = e;
            }
            if (System.nanoTime() - start > limit.toNanos()) {
                throw new AssertionError("after " + limit + " still not: " + what, last);
            }
            try {
                Thread.sleep(PAUSE_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted while waiting: " + what, e);
            }
        }
    }
}
