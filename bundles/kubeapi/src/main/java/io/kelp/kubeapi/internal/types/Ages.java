package io.kelp.kubeapi.internal.types;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;

/** How long ago something was, in the short form of {@code kubectl get}: {@code 5m30s}, {@code 3h}, {@code 12d}. */
public final class Ages {

    private static final int DAYS_OF_YEAR = 365;

    private Ages() {
    }

    /** @param time RFC 3339; {@code <unknown>} when it is empty or none */
    public static String since(String time) {
        if (time.isEmpty()) {
            return "<unknown>";
        }
        try {
            return text(Duration.between(Times.read(time), Instant.now()));
        } catch (DateTimeException e) {
            return "<unknown>";
        }
    }

    /** The more time, the coarser; a clock that differs by a second is forgiven. */
    public static String text(Duration age) {
        long seconds = age.toMillis() / 1000;
        if (seconds < -1) {
            return "<invalid>";
        }
        if (seconds < 120) {
            return Math.max(0, seconds) + "s";
        }
        long minutes = seconds / 60;
        if (minutes < 10) {
            return two(minutes, "m", seconds % 60, "s");
        }
        if (minutes < 180) {
            return minutes + "m";
        }
        long hours = minutes / 60;
        if (hours < 8) {
            return two(hours, "h", minutes % 60, "m");
        }
        if (hours < 48) {
            return hours + "h";
        }
        long days = hours / 24;
        if (days < 8) {
            return two(days, "d", hours % 24, "h");
        }
        if (days < 2 * DAYS_OF_YEAR) {
            return days + "d";
        }
        long years = days / DAYS_OF_YEAR;
        return years < 8 ? two(years, "y", days % DAYS_OF_YEAR, "d") : years + "y";
    }

    private static String two(long big, String unit, long small, String smallUnit) {
        return small == 0 ? big + unit : big + unit + small + smallUnit;
    }
}
