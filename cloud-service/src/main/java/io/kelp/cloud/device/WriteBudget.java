package io.kelp.cloud.device;

import java.util.concurrent.TimeUnit;

/** A token bucket: so many writes per second, up to one second's worth at a time. Not safe for use by several threads. */
final class WriteBudget {

    private final double perNano;
    private final double capacity;
    private double tokens;
    private long last;

    WriteBudget(int perSecond, long now) {
        this.perNano = perSecond / (double) TimeUnit.SECONDS.toNanos(1);
        this.capacity = perSecond;
        this.tokens = capacity;
        this.last = now;
    }

    /** Counts a write that follows from one already granted: the next has to wait for it. */
    void charge() {
        tokens--;
    }

    /** @return 0 when a write may go out now, and has been counted; else the nanoseconds until one may */
    long take(long now) {
        tokens = Math.min(capacity, tokens + (now - last) * perNano);
        last = now;
        if (tokens >= 1) {
            tokens--;
            return 0;
        }
        return (long) Math.ceil((1 - tokens) / perNano);
    }
}
