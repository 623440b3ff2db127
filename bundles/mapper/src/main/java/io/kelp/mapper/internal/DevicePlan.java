package io.kelp.mapper.internal;

import io.kelp.mapper.DeviceConfig;
import io.kelp.mapper.DeviceProperty;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What is to be done with a device.
 *
 * @param config what its driver needs to know
 * @param rules how its properties are reported, of which the driver knows nothing
 */
record DevicePlan(DeviceConfig config, Map<String, ReportRule> rules) {

    DevicePlan {
        rules = Map.copyOf(rules);
    }

    /** Whether a driver that has opened the device by the other plan need not open it anew: all is the same but reporting and methods. */
    boolean sameWiring(DevicePlan other) {
        return other != null && (config.equals(other.config) || wiring(config).equals(wiring(other.config)));
    }

    private static DeviceConfig wiring(DeviceConfig c) {
        List<DeviceProperty> properties = c.properties().stream().map(p -> new DeviceProperty(p.name(), p.type(), p.access(), p.minimum(),
                p.maximum(), p.unit(), p.collectCycle(), Duration.ZERO, p.visitor())).toList();
        return new DeviceConfig(c.namespace(), c.name(), c.model(), c.protocol(), c.settings(), properties);
    }
}
