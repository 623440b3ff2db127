package io.kelp.mapper.testdriver;

import io.kelp.mapper.BlockingConnection;
import io.kelp.mapper.DeviceConfig;
import io.kelp.mapper.DeviceConnection;
import io.kelp.mapper.DeviceContext;
import io.kelp.mapper.DeviceDriver;
import io.kelp.mapper.DeviceProperty;
import io.kelp.mapper.PropertyValue;
import io.kelp.mapper.Reading;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/**
 * A driver that tests put into bundles of their own; driver.properties in the bundle says its
 * protocol and how it misbehaves. Its devices keep a list of system properties as their memory,
 * so that the test can see them from outside without holding on to these classes.
 */
@Component
public final class TestDriver implements DeviceDriver {

    /** Like many libraries, it leaves something of its own class in the threads it runs on. */
    private static final ThreadLocal<TestDriver> LEFT_BEHIND = new ThreadLocal<>();

    private final Properties traits = new Properties();

    @Activate
    public TestDriver() {
        try (InputStream in = TestDriver.class.getResourceAsStream("/driver.properties")) {
            traits.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (traits.containsKey("broken")) {
            throw new IllegalStateException("broken on purpose");
        }
    }

    @Override
    public String protocol() {
        return traits.getProperty("protocol");
    }

    @Override
    public DeviceConnection open(DeviceConfig device, DeviceContext context) {
        LEFT_BEHIND.set(this);
        java.util.logging.Logger.getLogger(TestDriver.class.getName() + device.name()).fine("open");
        return new BlockingConnection() {
            private long reads;

            @Override
            public Map<String, Reading> read(List<DeviceProperty> properties) {
                LEFT_BEHIND.set(TestDriver.this);
                reads++;
                note(device, String.valueOf(System.nanoTime()));
                Map<String, Reading> readings = new LinkedHashMap<>();
                properties.forEach(p -> readings.put(p.name(), Reading.of(reads)));
                return readings;
            }

            @Override
            public Optional<Reading> write(DeviceProperty property, PropertyValue value) {
                return Optional.empty();
            }

            @Override
            public void close() {
                note(device, "closed");
            }
        };
    }

    private static void note(DeviceConfig device, String what) {
        synchronized (System.getProperties()) {
            String key = "testdriver." + device.name();
            System.setProperty(key, System.getProperty(key, "") + what + " ");
        }
    }
}
