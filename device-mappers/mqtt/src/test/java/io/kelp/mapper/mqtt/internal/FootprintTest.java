package io.kelp.mapper.mqtt.internal;

import static io.kelp.mapper.mqtt.internal.Devices.property;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.OperatingSystemMXBean;
import io.kelp.mapper.DeviceContext;
import io.kelp.mapper.PropertyType;
import io.kelp.mapper.Reading;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What 200 devices of four properties cost that tell their state ten times a second each; the simulator is another process. Prints its figures. */
@Tag("slow")
class FootprintTest {

    private static final int DEVICES = 200;
    private static final int SECONDS = 10;

    @TempDir Path folder;

    private static long usedBytes() throws InterruptedException {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            System.gc();
            Thread.sleep(50); // the collector works on threads of its own
            least = Math.min(least, Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
        }
        return least;
    }

    @Test
    void costsLittlePerDeviceAndPerValue() throws Exception {
        try (Mosquitto broker = new Mosquitto(folder)) {
            AtomicLong values = new AtomicLong();
            DeviceContext counting = new DeviceContext() {
                @Override
                public void publish(String name, Reading reading) {
                    values.incrementAndGet();
                }

                @Override
                public void lost(String reason) {}

                @Override
                public Optional<String> lastReported(String name) {
                    return Optional.empty();
                }
            };
            MqttDriver driver = new MqttDriver(Devices.config(Map.of()), folder.toString());
            List<TopicDevice> devices = new ArrayList<>();
            devices.add(open(driver, broker, 0, counting)); // the broker's connection is not a device's
            long before = usedBytes();
            for (int i = 1; i <= DEVICES; i++) {
                devices.add(open(driver, broker, i, counting));
            }
            long perDevice = (usedBytes() - before) / DEVICES;
            Process simulator = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx128m", "-cp",
                    Path.of(MqttDriver.class.getProtectionDomain().getCodeSource().getLocation().toURI()).toString(), "io.kelp.mapper.mqtt.simulator.Main",
                    "--broker", "tcp://127.0.0.1:" + broker.port(), "--json", "dev:" + DEVICES, "--period", "100", "--seconds", "60")
                    .redirectErrorStream(true).redirectOutput(folder.resolve("simulator.log").toFile()).start();
            try {
                new SeenContext().await(() -> values.get() > 20_000, "values");
                var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
                long cpu = system.getProcessCpuTime();
                long count = values.get();
                TimeUnit.SECONDS.sleep(SECONDS);
                cpu = system.getProcessCpuTime() - cpu;
                count = values.get() - count;
                double millisPerThousand = cpu / 1e6 / (count / 1e3);
                System.out.printf("%d devices: %d bytes each; %d values/s, %.2f ms of processor per 1000 values, %.1f %% of a core%n",
                        DEVICES, perDevice, count / SECONDS, millisPerThousand, cpu / 1e7 / SECONDS);
                assertTrue(perDevice < 32_768, perDevice + " bytes per device");
                assertTrue(millisPerThousand < 150, millisPerThousand + " ms per 1000 values");
            } finally {
                simulator.destroyForcibly();
                for (TopicDevice device : devices) {
                    device.close();
                }
                driver.stop();
            }
        }
    }

    private static TopicDevice open(MqttDriver driver, Mosquitto broker, int number, DeviceContext context) throws Exception {
        return (TopicDevice) driver.open(Devices.named("dev-" + number, "mqtt", Map.of("broker", "tcp://127.0.0.1:" + broker.port(),
                "topic", "plant/{device}/state", "availabilityTopic", "plant/{device}/status", "timePath", "time"),
                property("temperature", PropertyType.DOUBLE, Map.of("path", "oil.temperature")), property("setpoint", PropertyType.DOUBLE, Map.of("path", "oil.setpoint")),
                property("running", PropertyType.BOOLEAN, Map.of()), property("cycles", PropertyType.INT, Map.of())), context);
    }
}
