package io.kelp.mapper.mqtt.internal;

import io.kelp.mapper.DeviceConfig;
import io.kelp.mapper.DeviceProperty;
import io.kelp.mapper.DeviceProperty.AccessMode;
import io.kelp.mapper.PropertyType;
import io.kelp.mapper.Settings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.osgi.util.converter.Converters;

/** Devices for tests. */
public final class Devices {

    private Devices() {}

    public static DeviceProperty property(String name, PropertyType type, Map<String, ?> visitor) {
        return new DeviceProperty(name, type, AccessMode.READ_WRITE, null, null, "", Duration.ofSeconds(1), Duration.ZERO,
                new Settings("device default/d1, property " + name, visitor));
    }

    public static DeviceConfig device(String protocol, Map<String, ?> settings, DeviceProperty... properties) {
        return named("d1", protocol, settings, properties);
    }

    public static DeviceConfig named(String name, String protocol, Map<String, ?> settings, DeviceProperty... properties) {
        return new DeviceConfig("default", name, "model", protocol, new Settings("device default/" + name, settings), new ArrayList<>(List.of(properties)));
    }

    static MqttMapperConfig config(Map<String, ?> set) {
        return Converters.standardConverter().convert(set).to(MqttMapperConfig.class);
    }
}
