package io.kelp.kubeapi.internal.rest;

import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Turns for requests to large objects: as a tree one takes many times its bytes, and some dozens at once would take all memory.
 * Safe for use by several threads.
 */
final class LargeObjects {

    private static final int LARGE = 256 << 10;
    private static final int AT_ONCE = 2;
    private static final long PATIENCE_SECONDS = 10;

    private final Semaphore turns = new Semaphore(AT_ONCE);

    /**
     * Waits for a turn when the object is large.
     *
     * @return whether it has to be given back
     * @throws ApiException 429 when none is free in time
     */
    boolean take(int bytes) throws ApiException {
        if (bytes <= LARGE) {
            return false;
        }
        try {
            if (turns.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                return true;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new ApiException(429, "TooManyRequests", "Too many requests for large objects, please try again later.", new JsonObject());
    }

    void giveBack(boolean taken) {
        if (taken) {
            turns.release();
        }
    }
}
