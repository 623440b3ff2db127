package io.kelp.mapper.internal;

import io.kelp.devicetwin.DeviceTwins.Device;
import io.kelp.devicetwin.DeviceTwins.Generation;
import io.kelp.mapper.DeviceHealth;
import java.time.Duration;
import java.util.Random;

/** A fleet in time that the test lets pass, with one driver. */
final class FleetFixture {

    static final Duration SECOND = Duration.ofSeconds(1);

    final FakeTimeline time = new FakeTimeline();
    final FakeTwins twins = new FakeTwins();
    final RecordedEvents events = new RecordedEvents();
    final RuntimeContext context = new RuntimeContext(time, time, new Random(7), Duration.ofSeconds(5), Duration.ofSeconds(1), Duration.ofSeconds(30));
    final Fleet fleet = new Fleet(context, twins, new DeviceConfigReader(Duration.ofMillis(50),
            new ReportRule.Defaults(Duration.ofSeconds(60), true)), 100, events);
    final FakeDevices driver = new FakeDevices("fake");

    FleetFixture() {
        twins.watch(fleet);
        fleet.driverCame(DriverRef.of(driver, 0, 1));
    }

    DeviceHealth health(String name) {
        return fleet.devices().stream().filter(h -> h.device().equals("default/" + name)).findFirst().orElseThrow();
    }

    FakeDevices.Plant plant(String name) {
        return driver.plant(name);
    }

    /** The device with something in its object replaced; both in single quotes. */
    static Device edited(Device device, String from, String to) {
        String object = device.object().toString().replace('"', '\'');
        if (!object.contains(from)) {
            throw new IllegalArgumentException(from + " is not in " + object);
        }
        return new Device(device.id(), Generation.MODERN, FakeTwins.json(object.replace(from, to)), device.model(), device.state(), device.twins());
    }
}
