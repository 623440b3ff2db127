package io.kelp.mapper.internal;

import io.kelp.devicetwin.DeviceTwins.Quality;
import io.kelp.devicetwin.DeviceTwins.Twin;
import io.kelp.mapper.DeviceProperty;
import io.kelp.mapper.Reading;
import java.util.Map;
import java.util.Optional;

/** Takes the readings of one device: to text, to the twins, and to what is waited for after a write. Confined to the timeline. */
final class ValueIntake {

    private final Timeline timeline;
    private final DesiredValues desired;
    private final TwinReporter reporter;
    private final HealthBook health;

    ValueIntake(Timeline timeline, Map<String, Twin> twins, DesiredValues desired, TwinReporter reporter, HealthBook health) {
        this.timeline = timeline;
        this.desired = desired;
        this.reporter = reporter;
        this.health = health;
        twins.forEach((name, twin) -> {
            if (twin.reported() != null && twin.reported().text() != null) {
                reporter.known(name, twin.reported().text());
            }
        });
    }

    /** Newest text by property, also from before this device was opened. For any thread; changes meanwhile. */
    Map<String, String> lastReported() {
        return reporter.newest();
    }

    /**
     * @param asked whether this answers a read; what a device sends by itself may be older than the last write
     * @return the value as text, if there is one
     */
    Optional<String> take(DeviceProperty property, Reading reading, boolean asked) {
        if (reading.quality() == Reading.Quality.BAD) {
            bad(property, reading, "property " + property.name() + " has no value: " + reading.reason());
            return Optional.empty();
        }
        String text;
        try {
            text = property.type().format(reading.value());
        } catch (IllegalArgumentException e) {
            bad(property, reading, "property " + property.name() + " has no value that fits its type " + property.type() + ": " + e.getMessage());
            return Optional.empty();
        }
        Quality quality = reading.quality() == Reading.Quality.UNCERTAIN ? Quality.UNCERTAIN : Quality.GOOD;
        reporter.accept(property.name(), text, quality, reading.timestampMillis());
        if (asked) {
            desired.read(property, text, timeline.nanos(), timeline.now());
        }
        return Optional.of(text);
    }

    private void bad(DeviceProperty property, Reading reading, String sentence) {
        health.error(sentence);
        reporter.accept(property.name(), null, Quality.BAD, reading.timestampMillis());
    }
}
