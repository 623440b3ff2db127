package io.kelp.mapper.simulator.internal;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** How a simulated device can misbehave. */
enum FaultKind {
    /** Does not answer: opening, reads and writes fail. */
    OFFLINE,
    /** Offline for two seconds, there for two seconds, and so on. */
    FLAPPING,
    /** Answers three seconds late. */
    SLOW,
    /** Never answers a request. */
    HANGING,
    /** Numbers are NaN. */
    NAN,
    /** Numbers and flags are words. */
    WRONG_TYPE,
    /** Takes no writes. */
    REFUSING;

    /** The word in files and desired values: {@code wrong-type}. */
    String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static Optional<FaultKind> named(String word) {
        String bare = word.replace("-", "").replace("_", "");
        return Arrays.stream(values()).filter(kind -> kind.word().replace("-", "").equalsIgnoreCase(bare)).findFirst();
    }

    static String words() {
        return Arrays.stream(values()).map(FaultKind::word).collect(Collectors.joining(", "));
    }
}
