package io.kelp.mapper.internal;

import io.kelp.devicetwin.DeviceTwins.Twin;
import io.kelp.mapper.DeviceConfig;
import io.kelp.mapper.DeviceProperty;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the desired values of one device, one in each turn, and tells what becomes of them: on the twin, as an Event, in the log.
 * Confined to the timeline.
 */
final class DesiredWriter implements DesiredValues.Outcome {

    private static final Logger LOG = LoggerFactory.getLogger(DesiredWriter.class);

    private final Timeline timeline;
    private final DeviceConfig config;
    private final Driving device;
    private final Outlets outlets;
    private final DesiredValues desired;
    private final ValueIntake values;

    DesiredWriter(Timeline timeline, DeviceConfig config, Map<String, Twin> twins, Driving device, Outlets outlets) {
        this.timeline = timeline;
        this.config = config;
        this.device = device;
        this.outlets = outlets;
        this.desired = new DesiredValues(config, this);
        desired.update(twins);
        this.values = new ValueIntake(timeline, twins, desired, outlets.reporter(), outlets.health());
    }

    DesiredValues desired() {
        return desired;
    }

    ValueIntake values() {
        return values;
    }

    /** Starts the next write; false when there is none. */
    boolean writeNext() {
        for (Optional<DeviceProperty> next = desired.next(); next.isPresent(); next = desired.next()) {
            DeviceProperty property = next.get();
            String text = desired.wanted(property);
            try {
                var value = property.checked(text);
                device.calls().write(device.connection(), device.suspect(), property, value,
                        written -> written(property, text, written), cause -> notWritten(property, text, cause));
                return true;
            } catch (IllegalArgumentException e) {
                complain(property, e.getMessage());
            }
        }
        return false;
    }

    private void written(DeviceProperty property, String text, DriverCalls.Written written) {
        outlets.health().write(true);
        device.answered();
        desired.written(property, text, written.readsBack(), timeline.nanos());
        outlets.reporter().startAnew(property.name());
        written.reading().ifPresentOrElse(reading -> values.take(property, reading, true), () -> device.readSoon(property));
        outlets.reporter().flush();
        device.settled();
    }

    private void notWritten(DeviceProperty property, String text, Throwable cause) {
        outlets.health().write(false);
        if (device.broken(cause)) {
            desired.lost(property);
            tellWaiting();
        } else {
            complain(property, "property " + property.name() + " was not set to \"" + text
                    + "\", the device refused it: " + cause.getMessage());
        }
    }

    private void complain(DeviceProperty property, String sentence) {
        LOG.info("Device {}: {}", config.id(), sentence);
        outlets.health().error(sentence);
        desired.refused(property, sentence, timeline.now());
    }

    /** What waits for a device that does not answer says so on its twin. */
    void tellWaiting() {
        if (outlets.reporter().isOffline()) {
            desired.pending().forEach(property -> outlets.reporter().error(property.name(), "property " + property.name()
                    + " is not set to \"" + desired.wanted(property) + "\" yet, because the device does not answer"));
        }
    }

    @Override
    public void refused(String property, String sentence) {
        outlets.reporter().error(property, sentence);
        outlets.events().refused(property, sentence);
    }

    @Override
    public void taken(String property) {
        outlets.reporter().error(property, "");
        outlets.events().taken(property);
    }
}
