package io.kelp.mapper.internal;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * What all devices share.
 *
 * @param deadline for one call of a driver that names none
 * @param firstPause upper bound of the pause after the first failure of a device
 * @param longestPause upper bound of every pause
 */
record RuntimeContext(
        Timeline timeline,
        Workers workers,
        RandomGenerator random,
        Duration deadline,
        Duration firstPause,
        Duration longestPause) {

    Duration deadlineOr(Duration asked) {
        return asked.isZero() ? deadline : asked;
    }
}
