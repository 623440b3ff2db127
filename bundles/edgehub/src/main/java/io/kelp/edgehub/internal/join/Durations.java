package io.kelp.edgehub.internal.join;

import java.time.Duration;

/** Writes durations for people. */
public final class Durations {

    private Durations() {}

    /** In the largest unit that gives at least 2, for example {@code 57 years}. */
    public static String inWords(Duration duration) {
        long seconds = duration.toSeconds();
        long[] sizes = {31_557_600, 86_400, 3600, 60};
        String[] names = {"years", "days", "hours", "minutes"};
        for (int i = 0; i < sizes.length; i++) {
            if (seconds >= 2 * sizes[i]) {
                return seconds / sizes[i] + " " + names[i];
            }
        }
        return seconds + " seconds";
    }
}
