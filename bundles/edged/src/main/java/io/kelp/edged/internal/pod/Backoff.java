package io.kelp.edged.internal.pod;

import java.time.Duration;

/**
 * How long to wait before the next try: not at all before the first, then 10 s, doubling up to 5 min;
 * from the beginning again once 10 min have passed without need (kubelet's figures). By the monotonic clock.
 */
final class Backoff {

    static final Duration FIRST = Duration.ofSeconds(10);
    static final Duration LONGEST = Duration.ofMinutes(5);
    static final Duration FORGET = LONGEST.multipliedBy(2);

    private Duration delay = Duration.ZERO;
    private Duration pending = Duration.ZERO;
    private long until;
    private long updated;

    /** Something failed at this moment: works out when the next try may be. */
    void failed(long nanos) {
        if (!delay.isZero() && nanos - updated > FORGET.toNanos()) {
            delay = Duration.ZERO;
        }
        until = nanos + delay.toNanos();
        updated = until;
        pending = delay;
        delay = delay.isZero() ? FIRST : min(delay.multipliedBy(2), LONGEST);
    }


    /** As {@link #failed}, for what hurts others as well: waits at least so long, also the first time. */
    void failedBadly(long nanos, Duration least) {
        if (delay.compareTo(least) < 0) {
            delay = least;
            updated = nanos;
        }
        failed(nanos);
    }

    /** Waits before the first retry as well; for tries that cost much, as downloads do. */
    void failedAtOnce(long nanos) {
        failedBadly(nanos, FIRST);
    }

    /** Time left until the next try may be, zero when it may be now. */
    Duration left(long nanos) {
        return until - nanos > 0 && !pending.isZero() ? Duration.ofNanos(until - nanos) : Duration.ZERO;
    }

    /** The wait that was imposed last, for people. */
    Duration pending() {
        return pending;
    }

    /** All is well again. */
    void reset() {
        delay = Duration.ZERO;
        pending = Duration.ZERO;
    }

    /** Seconds of the wait that the next failure would cause, for a record. */
    long nextSeconds() {
        return delay.toSeconds();
    }

    /**
     * As it was before the gateway's restart.
     *
     * @param nextSeconds of {@link #nextSeconds}
     * @param left of the wait that was on, not longer than that wait may be
     */
    void restore(long nextSeconds, Duration left, long nanos) {
        delay = min(Duration.ofSeconds(Math.max(0, nextSeconds)), LONGEST);
        pending = left.isNegative() ? Duration.ZERO : min(left, LONGEST);
        until = nanos + pending.toNanos();
        updated = until;
    }

    private static Duration min(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
