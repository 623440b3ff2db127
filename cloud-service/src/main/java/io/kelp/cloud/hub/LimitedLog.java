package io.kelp.cloud.hub;

import org.slf4j.Logger;

/**
 * Warnings that others can cause: the first few are written at once, then so many per second, with the
 * number of those left out, so that an attack cannot fill the disk. Safe for use by several threads.
 */
public final class LimitedLog {

    private static final int MAX_LINE = 600;

    private final Logger log;
    private final TokenBucket lines;
    private long leftOut;

    /**
     * @param perSecond lines, sustained
     * @param burst lines at once
     */
    public LimitedLog(Logger log, double perSecond, int burst) {
        this.log = log;
        this.lines = new TokenBucket(perSecond, burst, System.nanoTime());
    }

    /** The text as one line of bounded length: what others send must not look like lines of ours. */
    static String printable(String text) {
        String line = text.replaceAll("[\\p{Cntrl}\\x{2028}\\x{2029}]", "?");
        return line.length() > MAX_LINE ? line.substring(0, MAX_LINE) + "…" : line;
    }

    public void warn(String line) {
        long others;
        synchronized (this) {
            if (!lines.take(System.nanoTime())) {
                leftOut++;
                return;
            }
            others = leftOut;
            leftOut = 0;
        }
        log.warn("{}{}", printable(line), others == 0 ? "" : " (" + others + " warnings like this were left out)");
    }
}
