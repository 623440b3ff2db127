package io.kelp.runtime.osgi.internal.output;

import java.util.function.LongSupplier;

/** So much at once, so much for long. Not safe for use by several threads. */
final class TokenBucket {

    private final double perNano;
    private final double most;
    private final LongSupplier nanoTime;
    private double tokens;
    private long filledAt;

    TokenBucket(long perSecond, long most, LongSupplier nanoTime) {
        this.perNano = perSecond / 1e9;
        this.most = most;
        this.nanoTime = nanoTime;
        this.tokens = most;
        this.filledAt = nanoTime.getAsLong();
    }

    /** Takes so many if at least one is there: a single thing larger than the bucket passes, at the cost of those after it. */
    boolean take(int count) {
        long now = nanoTime.getAsLong();
        tokens = Math.min(most, tokens + (now - filledAt) * perNano);
        filledAt = now;
        if (tokens < Math.min(count, most)) {
            return false;
        }
        tokens -= count;
        return true;
    }
}
