package io.kelp.mapper.modbus.internal;

import io.kelp.mapper.BlockingConnection;
import io.kelp.mapper.DeviceConfig;
import io.kelp.mapper.DeviceContext;
import io.kelp.mapper.DeviceProperty;
import io.kelp.mapper.DeviceProperty.AccessMode;
import io.kelp.mapper.PropertyType;
import io.kelp.mapper.Reading;
import io.kelp.mapper.Settings;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.util.converter.Converters;

/** Devices as the runtime would hand them to the driver. */
final class TestDevices {

    static final DeviceContext CONTEXT = new DeviceContext() {
        @Override
        public void publish(String property, Reading reading) {
            throw new AssertionError("a Modbus device is asked");
        }

        @Override
        public void lost(String reason) {
            throw new AssertionError("a Modbus device is asked");
        }

        @Override
        public Optional<String> lastReported(String property) {
            return Optional.empty();
        }
    };

    private TestDevices() {}

    static ModbusConfig defaults(Object... keysAndValues) {
        return Converters.standardConverter().convert(map(keysAndValues)).to(ModbusConfig.class);
    }

    static Map<String, Object> map(Object... keysAndValues) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            map.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        return map;
    }

    static DeviceProperty property(String name, PropertyType type, Object... visitor) {
        return new DeviceProperty(name, type, AccessMode.READ_WRITE, null, null, "", Duration.ofSeconds(1), Duration.ZERO,
                new Settings("device default/pump, property " + name, map(visitor)));
    }

    static DeviceConfig device(Map<String, Object> settings, DeviceProperty... properties) {
        return new DeviceConfig("default", "pump", "pump-model", "modbus", new Settings("device default/pump", settings), List.of(properties));
    }

    static Map<String, Object> tcp(int port, Object... more) {
        Map<String, Object> settings = map("communicateMode", "TCP", "ip", "127.0.0.1", "port", String.valueOf(port), "slaveID", "1", "timeout", 500);
        settings.putAll(map(more));
        return settings;
    }

    static Object read(BlockingConnection connection, DeviceProperty property) throws Exception {
        Reading reading = connection.read(List.of(property)).get(property.name());
        return reading.value() == null ? reading.reason() : property.type().format(reading.value());
    }

    static void write(BlockingConnection connection, DeviceProperty property, String text) throws Exception {
        connection.write(property, property.checked(text));
    }
}
