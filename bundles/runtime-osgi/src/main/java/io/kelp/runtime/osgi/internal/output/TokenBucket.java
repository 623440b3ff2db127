package io.kelp.runtime.osgi.internal.output;

import java.util.function.LongSupplier;

/**
 * So much at once, so much for long. Once it is empty, nothing passes until an eighth is there again: what
 * passes is then a stretch that can be read, not a line here and there. Not safe for use by several threads.
 */
final class TokenBucket {

    private static final int REFILL = 8;

    private final double perNano;
    private final double most;
    private final LongSupplier nanoTime;
    private double tokens;
    private long filledAt;
    private boolean empty;

    TokenBucket(long perSecond, long most, LongSupplier nanoTime) {
        this.perNano = perSecond / 1e9;
        this.most = most;
        this.nanoTime = nanoTime;
        this.tokens = most;
        this.filledAt = nanoTime.getAsLong();
    }

    /** Takes so many, of which a single thing larger than all that fits passes at the cost of those after it. */
    boolean take(int count) {
        long now = nanoTime.getAsLong();
        tokens = Math.min(most, tokens + (now - filledAt) * perNano);
        filledAt = now;
        if (tokens < Math.min(empty ? Math.max(count, most / REFILL) : count, most)) {
            empty = true;
            return false;
        }
        empty = false;
        tokens -= count;
        return true;
    }
}
