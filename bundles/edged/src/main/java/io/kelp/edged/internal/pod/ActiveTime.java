package io.kelp.edged.internal.pod;

import java.time.Duration;

/**
 * How long a pod has been active, for {@code activeDeadlineSeconds}. By the monotonic clock, time without the
 * gateway not counted: a wall clock that jumps must not end pods. Used on the loop only.
 */
final class ActiveTime {

    private static final Duration STEP = Duration.ofMinutes(1);

    private final Loop loop;
    private final Runnable over;
    private final long since;
    private final Duration before;
    private Duration recorded;
    private Loop.Timer timer;

    /** @param before the gateway's restart; @param over what to do at the deadline */
    ActiveTime(Loop loop, Duration before, Runnable over) {
        this.loop = loop;
        this.over = over;
        this.since = loop.nanos();
        this.before = before;
        this.recorded = before;
    }

    private Duration active() {
        return before.plusNanos(loop.nanos() - since);
    }

    /** @param limit zero for none */
    void limit(Duration limit) {
        stop();
        if (!limit.isZero()) {
            Duration left = limit.minus(active());
            timer = loop.schedule(over, left.isNegative() ? Duration.ZERO : left);
        }
    }

    void stop() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }

    /** For the record, in seconds; grows by a minute at least, so that it is not written for its own sake. 0 when there is no limit. */
    long seconds() {
        if (timer != null && active().minus(recorded).compareTo(STEP) > 0) {
            recorded = active();
        }
        return recorded.toSeconds();
    }
}
