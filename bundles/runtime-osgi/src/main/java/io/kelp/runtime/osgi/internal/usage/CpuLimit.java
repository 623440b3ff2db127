package io.kelp.runtime.osgi.internal.usage;

/**
 * Holds a container to a share of the processor as a control group does: what it used beyond its share it pays
 * for with a pause. Not safe for use by several threads.
 */
final class CpuLimit {

    private static final double SLACK = 1.1;
    private static final double STUBBORN = 1.5;
    private static final long PAYABLE_NANOS = 1_000_000_000L; // a debt beyond that is forgiven: it was not used deliberately
    private static final long CALM_NANOS = 5_000_000_000L;

    private long lastAt;
    private long lastCpu;
    private double debtNanos;
    private long calmSince;
    private long aboveSince;
    private boolean above;
    private boolean begun;
    private boolean hot;

    /** What is to be done. */
    enum Measure { NONE, UNPAUSE, PAUSE, STUBBORN }

    /**
     * @param millis share in thousandths of a processor
     * @param stubbornNanos after which a container that cannot be slowed down is told
     */
    Measure measure(long nanoTime, long cpuNanos, long millis, long stubbornNanos) {
        if (!begun) {
            begun = true;
            lastAt = nanoTime;
            lastCpu = cpuNanos;
            return Measure.NONE;
        }
        double share = millis / 1000.0;
        double allowed = (nanoTime - lastAt) * share;
        double used = cpuNanos - lastCpu;
        lastAt = nanoTime;
        lastCpu = cpuNanos;
        if (!hot && used <= allowed * SLACK) {
            above = false;
            return Measure.NONE;
        }
        if (used > allowed * STUBBORN) {
            aboveSince = above ? aboveSince : nanoTime;
            above = true;
        } else if (debtNanos <= 0) {
            above = false;
        }
        debtNanos = Math.max(0, Math.min(debtNanos + used - allowed, PAYABLE_NANOS * share));
        if (debtNanos > 0) {
            hot = true;
            calmSince = nanoTime;
            return above && nanoTime - aboveSince > stubbornNanos ? Measure.STUBBORN : Measure.PAUSE;
        }
        hot = nanoTime - calmSince < CALM_NANOS;
        return Measure.UNPAUSE;
    }

    /** Whether it is to be measured often. */
    boolean hot() {
        return hot;
    }

    /** How long the pause must be for the debt. */
    long pauseNanos(long millis) {
        return (long) (debtNanos * 1000 / millis);
    }
}
