package io.kelp.mapper.internal;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** Pauses between attempts at an unreachable device: twice as long each time, with full jitter, up to a bound. */
final class Backoff {

    private static final Duration LEAST = Duration.ofMillis(100);

    private final Duration first;
    private final Duration most;
    private final RandomGenerator random;
    private int failures;

    Backoff(Duration first, Duration most, RandomGenerator random) {
        this.first = first;
        this.most = most;
        this.random = random;
    }

    int failures() {
        return failures;
    }

    void success() {
        failures = 0;
    }

    /** Counts a failure; the pause before the next attempt. */
    Duration failure() {
        long ceiling = Math.min(most.toMillis(), first.toMillis() << Math.min(failures, 20));
        failures++;
        return LEAST.plusMillis(random.nextLong(Math.max(1, ceiling)));
    }
}
