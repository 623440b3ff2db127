package io.kelp.edged.internal.report;

import java.time.Duration;

/** Allows some at once and a rate after that. Time is given, in nanoseconds of a monotonic clock. Not safe for use by several threads. */
final class TokenBucket {

    private final long nanosPerToken;
    private final long burstNanos;
    private long paidUntil; // when all that was taken will have been paid for

    TokenBucket(int burst, Duration perToken, long nowNanos) {
        this.nanosPerToken = perToken.toNanos();
        this.burstNanos = nanosPerToken * burst;
        this.paidUntil = nowNanos - burstNanos;
    }

    /** Takes a token if there is one and returns 0; else the nanoseconds until there will be one. */
    long take(long nowNanos) {
        long full = nowNanos - burstNanos;
        long next = (paidUntil - full > 0 ? paidUntil : full) + nanosPerToken;
        if (next - nowNanos > 0) {
            return next - nowNanos;
        }
        paidUntil = next;
        return 0;
    }
}
