package io.kelp.edgehub.internal.link;

import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * How long to wait before the next attempt: full jitter below a bound that doubles up to a cap, so
 * that gateways that lost the cloud together do not come back together.
 */
final class Backoff {

    /** Below this a wait would be a busy loop. */
    private static final long LEAST_MILLIS = 20;

    private final Duration first;
    private final Duration cap;
    private final DoubleSupplier random;
    private int failures;

    /** @param random uniform in [0, 1) */
    Backoff(Duration first, Duration cap, DoubleSupplier random) {
        this.first = first;
        this.cap = cap;
        this.random = random;
    }

    /** The wait before the next attempt; each call counts as one more failure. */
    Duration next() {
        long bound = Math.min(cap.toMillis(), first.toMillis() << Math.min(failures, 20));
        failures++;
        return Duration.ofMillis(Math.max(LEAST_MILLIS, (long) (bound * random.getAsDouble())));
    }

    /** The wait that the cloud asked for, spread by a quarter so that not all come at the same moment. */
    Duration asked(Duration retryAfter) {
        failures++;
        return Duration.ofMillis((long) (retryAfter.toMillis() * (1 + random.getAsDouble() / 4)));
    }

    void reset() {
        failures = 0;
    }
}
