package io.kelp.cloud.workload;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How long pods stay on a gateway that cannot be reached.
 *
 * @param seconds at least so long; {@link #FOREVER}; {@link #NONE} for what the pods say themselves
 * @param all also where a pod asks for another time than the cluster's default, because it was named itself
 */
public record Autonomy(long seconds, boolean all) {

    public static final long FOREVER = Long.MAX_VALUE;
    public static final long NONE = 0;

    private static final Pattern TIME = Pattern.compile("(?:(\\d{1,6})d)?(?:(\\d{1,7})h)?(?:(\\d{1,9})m)?(?:(\\d{1,10})s)?");

    /**
     * Reads {@code 2h}, {@code 90m}, {@code 1d12h}, {@code 300s}; {@code forever}, {@code 0} and negative times for ever (as OpenYurt's
     * annotation); {@code off} for none.
     *
     * @return empty when it says nothing that makes sense
     */
    static Optional<Long> parse(String text) {
        String time = text.strip().toLowerCase(Locale.ROOT);
        if (time.equals("off") || time.equals("none")) {
            return Optional.of(NONE);
        }
        if (time.equals("forever") || time.equals("0") || time.matches("-\\d.*|0[smhd]")) {
            return Optional.of(FOREVER);
        }
        if (time.startsWith("p")) {
            try {
                return Optional.of(Duration.parse(time.toUpperCase(Locale.ROOT)).toSeconds()).filter(seconds -> seconds > 0);
            } catch (DateTimeParseException e) {
                return Optional.empty();
            }
        }
        Matcher matcher = TIME.matcher(time);
        if (time.isEmpty() || !matcher.matches()) {
            return Optional.empty();
        }
        long seconds = part(matcher, 1) * 86_400 + part(matcher, 2) * 3600 + part(matcher, 3) * 60 + part(matcher, 4);
        return Optional.of(seconds == 0 ? FOREVER : seconds);
    }

    private static long part(Matcher matcher, int group) {
        return matcher.group(group) == null ? 0 : Long.parseLong(matcher.group(group));
    }

    /** In the words of an Event. */
    String inWords() {
        if (seconds == FOREVER) {
            return "for ever";
        }
        return seconds == NONE ? "as long as they say" : "for " + seconds + " s";
    }
}
