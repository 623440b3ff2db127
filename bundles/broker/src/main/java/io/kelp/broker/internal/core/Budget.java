package io.kelp.broker.internal.core;

/** Bytes that wait for all clients together. Used by the broker's thread alone, read by others. */
public final class Budget {

    private final long limit;
    private volatile long used;

    public Budget(long limit) {
        this.limit = limit;
    }

    /** Called by the broker's thread alone. */
    public void add(long bytes) {
        used = used + bytes;
    }

    public long used() {
        return used;
    }

    boolean exhausted() {
        return used >= limit;
    }
}
