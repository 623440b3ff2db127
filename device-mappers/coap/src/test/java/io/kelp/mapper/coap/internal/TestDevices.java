package io.kelp.mapper.coap.internal;

import io.kelp.mapper.DeviceConfig;
import io.kelp.mapper.DeviceContext;
import io.kelp.mapper.DeviceMethod;
import io.kelp.mapper.DeviceProperty;
import io.kelp.mapper.DeviceProperty.AccessMode;
import io.kelp.mapper.PropertyType;
import io.kelp.mapper.Reading;
import io.kelp.mapper.Settings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.osgi.util.converter.Converters;

/** Devices as the runtime would hand them to the driver, and a runtime that remembers what it is told. */
final class TestDevices {

    private TestDevices() {}

    static CoapMapperConfig config(Map<String, ?> set) {
        return Converters.standardConverter().convert(set).to(CoapMapperConfig.class);
    }

    static DeviceProperty property(String name, PropertyType type, Map<String, ?> visitor) {
        return new DeviceProperty(name, type, AccessMode.READ_WRITE, null, null, "", Duration.ofSeconds(1), Duration.ZERO,
                new Settings("device default/d, property " + name, visitor));
    }

    static DeviceConfig device(Map<String, ?> settings, DeviceProperty... properties) {
        return device(settings, List.of(), properties);
    }

    static DeviceConfig device(Map<String, ?> settings, List<DeviceMethod> methods, DeviceProperty... properties) {
        return new DeviceConfig("default", "d", "m", "coap", new Settings("device default/d", settings), List.of(properties), methods);
    }

    static Map<String, Object> with(Map<String, ?> settings, Object... more) {
        Map<String, Object> all = new LinkedHashMap<>(settings);
        for (int i = 0; i < more.length; i += 2) {
            all.put((String) more[i], more[i + 1]);
        }
        return all;
    }

    /** What a connection has told by itself. */
    static class Told implements DeviceContext {

        record Value(String property, Reading reading) {}

        final BlockingQueue<Value> values = new LinkedBlockingQueue<>();
        final BlockingQueue<String> losses = new LinkedBlockingQueue<>();
        final List<Value> seen = new ArrayList<>();

        @Override
        public void publish(String property, Reading reading) {
            values.add(new Value(property, reading));
        }

        @Override
        public void lost(String reason) {
            losses.add(reason);
        }

        @Override
        public Optional<String> lastReported(String property) {
            return Optional.empty();
        }

        /** Waits for a value of which something holds, and passes over others. */
        Value await(long seconds, Predicate<Value> wanted) throws InterruptedException {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
            while (true) {
                Value value = values.poll(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
                if (value == null) {
                    throw new AssertionError("not told within " + seconds + " s; seen were " + seen + ", losses " + losses);
                }
                seen.add(value);
                if (wanted.test(value)) {
                    return value;
                }
            }
        }
    }
}
