package io.kelp.mapper.coap.internal;

import io.kelp.mapper.AsyncConnection;
import io.kelp.mapper.DeviceProperty;
import io.kelp.mapper.PropertyType;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Measures what the mapper costs; not a test. The devices are simulated in another process:
 *
 * <pre>{@code
 * java -jar target/mapper-coap-0.1.0.jar --port 20000 --devices 100
 * java -XX:+UseSerialGC -Xmx48m -Xss256k -XX:TieredStopAtLevel=1 -cp CLASSPATH io.kelp.mapper.coap.internal.CoapCost 20000 100 [DTLS_PORT PSK_KEY]
 * }</pre>
 */
final class CoapCost {

    private CoapCost() {}

    public static void main(String[] arguments) throws Exception {
        int port = Integer.parseInt(arguments[0]);
        int devices = Integer.parseInt(arguments[1]);
        boolean secure = arguments.length > 2;
        CoapMapperConfig config = TestDevices.config(Map.of());
        DeviceProperty polled = TestDevices.property("setpoint", PropertyType.DOUBLE, Map.of("path", "/setpoint"));
        DeviceProperty observed = TestDevices.property("temperature", PropertyType.DOUBLE, Map.of("path", "/sensors/temperature", "observe", true));
        print("before");
        CoapDriver driver = new CoapDriver(config, null);
        List<AsyncConnection> open = new ArrayList<>();
        for (int i = 0; i < devices; i++) {
            Map<String, Object> settings = secure
                    ? Map.of("host", "127.0.0.1", "port", Integer.parseInt(arguments[2]) + i, "pskIdentity", "gateway", "pskKey", arguments[3])
                    : Map.of("host", "127.0.0.1", "port", port + i);
            open.add((AsyncConnection) driver.open(TestDevices.device(settings, polled, observed), new TestDevices.Told() {
                @Override
                public void publish(String property, io.kelp.mapper.Reading reading) {
                    // not kept
                }
            }));
            if (i == 0) {
                print("one device");
            }
        }
        print(devices + " devices");
        for (int round = 1; round <= 4; round++) {
            long cpu = cpuNanos();
            long begun = System.nanoTime();
            int reads = 0;
            while (reads < 10_000) {
                List<CompletableFuture<?>> all = new ArrayList<>();
                for (AsyncConnection connection : open) {
                    all.add(connection.readAsync(List.of(polled)).toCompletableFuture());
                    reads++;
                }
                CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).get(60, TimeUnit.SECONDS);
            }
            System.out.printf("round %d: %d reads, %.0f ms CPU per 1000, %.0f per second%n", round, reads,
                    (cpuNanos() - cpu) / 1e6 / reads * 1000, reads / ((System.nanoTime() - begun) / 1e9));
        }
        print("after reads");
        for (AsyncConnection connection : open) {
            connection.close();
        }
        driver.stop();
        print("stopped");
    }

    private static long cpuNanos() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }

    private static void print(String when) throws IOException, InterruptedException {
        for (int i = 0; i < 3; i++) {
            System.gc();
            Thread.sleep(200); // lets the collector give memory back; nothing is waited for
        }
        String rss = Files.readAllLines(Path.of("/proc/self/status")).stream().filter(l -> l.startsWith("VmRSS")).findFirst().orElse("");
        long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        System.out.printf("%s: heap %.2f MiB, %s, %d threads, %d classes%n", when, heap / 1048576.0, rss.replaceAll("\\s+", " "),
                Thread.activeCount(), ManagementFactory.getClassLoadingMXBean().getLoadedClassCount());
    }
}
