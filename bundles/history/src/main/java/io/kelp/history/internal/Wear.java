package io.kelp.history.internal;

/**
 * Bytes that may be written to the flash: so many per hour, saved up for some minutes at most. Not
 * safe for several threads.
 */
final class Wear {

    private static final long PAGE = 4096;
    private static final long SMALL = 1000; // lies in the page of its neighbours
    private static final long SMALL_PAGES = 4; // those of the tree and of the ring's own row, in SQLite's log
    private static final long LARGE_PAGES = 5;
    private static final long TWICE = 2; // a large record's own pages: once to the log, once to the file
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

    /** What a record of so many bytes costs, as measured on ext4. */
    static long cost(long bytes) {
        return PAGE * (bytes < SMALL ? SMALL_PAGES : LARGE_PAGES + TWICE * ((bytes + PAGE - 1) / PAGE));
    }

    /** Largest record that may be written now, 0 for none. */
    long allowed(long nowNanos) {
        saved = Math.min(perHour * SAVED_HOURS, saved + (nowNanos - sinceNanos) / HOUR_NANOS * perHour);
        sinceNanos = nowNanos;
        long pages = (long) (saved / PAGE);
        return pages >= LARGE_PAGES + TWICE ? (pages - LARGE_PAGES) / TWICE * PAGE : pages >= SMALL_PAGES ? SMALL - 1 : 0;
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
