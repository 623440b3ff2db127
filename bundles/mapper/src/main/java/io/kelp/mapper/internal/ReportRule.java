package io.kelp.mapper.internal;

import io.kelp.mapper.ConfigurationException;
import io.kelp.mapper.PropertyType;
import io.kelp.mapper.Settings;
import java.time.Duration;
import java.util.Map;

/**
 * When a property is reported.
 *
 * @param cycle at most once in this time; zero for at each change
 * @param deadBand what of a change is none
 * @param heartbeat an unchanged value is reported again after this; zero for never
 * @param toCloud whether the cloud is told ({@code reportToCloud})
 */
record ReportRule(Duration cycle, DeadBand deadBand, Duration heartbeat, boolean toCloud) {

    /** Keys among the settings of a visitor. The runtime takes them out, no driver sees them. */
    static final String DEAD_BAND = "deadBand";
    static final String HEARTBEAT = "heartbeat";

    private static final long LONGEST_HEARTBEAT_MILLIS = Duration.ofDays(7).toMillis();

    /**
     * What holds for properties that say nothing.
     *
     * @param shortestRepeat an unchanged value is repeated at its report cycle, but not more often
     * @param toCloud where {@code reportToCloud} is missing
     */
    record Defaults(Duration shortestRepeat, boolean toCloud) {}

    /** Each change at once, and nothing else. */
    static final ReportRule EACH_CHANGE = new ReportRule(Duration.ZERO, DeadBand.NONE, Duration.ZERO, true);

    /**
     * @param visitor settings of the visitor; the keys of this class are removed
     * @param reportToCloud {@code null} where nothing is said
     */
    static ReportRule take(String where, Map<String, Object> visitor, PropertyType type, Duration cycle, Boolean reportToCloud, Defaults defaults)
            throws ConfigurationException {
        Settings settings = new Settings(where, visitor);
        DeadBand deadBand = DeadBand.of(settings, DEAD_BAND);
        if (!deadBand.isNone() && !type.numeric()) {
            throw settings.refused(DEAD_BAND, settings.text(DEAD_BAND), "possible for type " + type + ", it is for INT, FLOAT and DOUBLE");
        }
        Duration implied = cycle.isZero() ? Duration.ZERO : cycle.compareTo(defaults.shortestRepeat()) < 0 ? defaults.shortestRepeat() : cycle;
        Duration heartbeat = Duration.ofMillis(settings.whole(HEARTBEAT, implied.toMillis(), 0, LONGEST_HEARTBEAT_MILLIS));
        visitor.keySet().removeIf(key -> key.equalsIgnoreCase(DEAD_BAND) || key.equalsIgnoreCase(HEARTBEAT));
        return new ReportRule(cycle, deadBand, heartbeat, reportToCloud == null ? defaults.toCloud() : reportToCloud);
    }
}
