package io.kelp.history.internal;

/**
 * Bytes that may be written to the flash: so many per hour, saved up for some minutes at most. Not
 * safe for several threads.
 */
final class Wear {

    private static final long PAGE = 4096;
    private static final long TWICE = 2; // once to SQLite's log, once to its file
    private static final long EXTRA_PAGES = 3; // of the tree above the record, of the ring's own row
    private static final double HOUR_NANOS = 3600e9;
    private static final double SAVED_HOURS = 1 / 30.0;

    private double perHour;
    private double saved;
    private long sinceNanos;
    private long written;

    Wear(long bytesPerHour, long nowNanos) {
        perHour = bytesPerHour;
        saved = bytesPerHour * SAVED_HOURS;
        sinceNanos = nowNanos;
    }

    void perHour(long bytes) {
        perHour = bytes;
    }

    /** What a record of so many bytes costs. */
    static long cost(long bytes) {
        return TWICE * PAGE * ((bytes + PAGE - 1) / PAGE + EXTRA_PAGES);
    }

    /** Largest record that may be written now, 0 for none. */
    long allowed(long nowNanos) {
        saved = Math.min(perHour * SAVED_HOURS, saved + (nowNanos - sinceNanos) / HOUR_NANOS * perHour);
        sinceNanos = nowNanos;
        return Math.max(0, (long) (saved / (TWICE * PAGE) - EXTRA_PAGES) * PAGE);
    }

    /** Notes that a record was written, allowed or not. */
    void wrote(long bytes) {
        saved -= cost(bytes);
        written += cost(bytes);
    }

    /** Bytes written so far, as reckoned here. */
    long written() {
        return written;
    }
}
