package io.kelp.edgehub.internal.link;

import java.util.concurrent.TimeUnit;

/** Allows a number of messages at once and a rate after that. Not safe for use by several threads; time is given. */
final class TokenBucket {

    private final long nanosPerToken;
    private final long burstNanos;
    private long spentUntil; // on the given clock: when all that was taken will have been paid for

    TokenBucket(int perSecond, int burst, long nowNanos) {
        this.nanosPerToken = TimeUnit.SECONDS.toNanos(1) / perSecond;
        this.burstNanos = nanosPerToken * burst;
        this.spentUntil = nowNanos - burstNanos;
    }

    /** Takes a token if there is one; else the nanoseconds until there will be. */
    long take(long nowNanos) {
        long earliest = nowNanos - burstNanos;
        long paid = spentUntil - earliest > 0 ? spentUntil : earliest;
        long next = paid + nanosPerToken;
        if (next - nowNanos > 0) {
            return next - nowNanos;
        }
        spentUntil = next;
        return 0;
    }
}
