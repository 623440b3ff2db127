package io.kelp.mapper.internal.install;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.devicetwin.DeviceTwins.Device;
import io.kelp.mapper.DeviceHealth;
import io.kelp.mapper.DeviceHealth.State;
import io.kelp.mapper.internal.FakeTwins;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.management.ObjectName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.wiring.BundleWiring;

/** A mapper is swapped fifty times in a real framework, seen from the side of the devices. */
@Tag("slow")
class SwapTest {

    private static final int SWAPS = 50;
    private static final int STEADY_DEVICES = 20;
    private static final long CYCLE_NANOS = 200_000_000;

    @TempDir
    private Path folder;
    private final FakeTwins twins = new FakeTwins();

    private static Device device(String name, String protocol) {
        Device slow = FakeTwins.modern(name, protocol, "{}", "x:INT");
        return new Device(slow.id(), slow.generation(),
                FakeTwins.json(slow.object().toString().replace("\"collectCycle\":1000", "\"collectCycle\":200")),
                slow.model(), slow.state(), slow.twins());
    }

    private static String seenByDevice(String name) {
        synchronized (System.getProperties()) {
            return System.getProperty("testdriver." + name, "");
        }
    }

    @Test
    void swappingOneMapperCostsOthersNoPollAndLeavesNothingBehind() throws Exception {
        System.getProperties().stringPropertyNames().stream().filter(k -> k.startsWith("testdriver.")).forEach(System::clearProperty);
        for (int i = 0; i < STEADY_DEVICES; i++) {
            twins.put(device("steady" + i, "steady"));
        }
        twins.put(device("swapped", "swapped"));
        Path steady = TestFramework.driver(folder.resolve("steady.jar"), "plant.steady", "1.0.0", "protocol=steady");
        List<Path> versions = new ArrayList<>();
        for (int swap = 0; swap <= SWAPS; swap++) {
            versions.add(TestFramework.driver(folder.resolve("swapped" + swap + ".jar"), "plant.swapped", "1.0.0", "protocol=swapped\nbuild=" + swap));
        }
        List<WeakReference<ClassLoader>> loaders = new ArrayList<>();
        try (TestFramework gateway = new TestFramework(folder.resolve("home"), twins, new FileStore(folder.resolve("store")))) {
            put(gateway, steady, false);
            for (int swap = 0; swap <= SWAPS; swap++) {
                put(gateway, versions.get(swap), swap > 0);
                int round = swap;
                TestFramework.await("swap " + round, () -> online(gateway, "swapped"));
                loaders.add(new WeakReference<>(loader(gateway)));
            }
            List<DeviceHealth> health = gateway.health().devices();
            assertEquals(0, health.stream().filter(h -> h.device().contains("steady")).mapToLong(DeviceHealth::missedPolls).sum());
            for (int i = 0; i < STEADY_DEVICES; i++) {
                assertSteady("steady" + i);
            }
            assertEquals(SWAPS, Arrays.stream(seenByDevice("swapped").split(" ")).filter("closed"::equals).count(),
                    "each connection was closed before the next was opened");
            assertEquals("default/swapped", health.get(health.size() - 1).device());
            assertEquals(List.of("swapped online"), twins.states.stream().filter(s -> s.startsWith("swapped")).toList());

            TestFramework.await("class loaders of the " + SWAPS + " old versions collected", () -> {
                System.gc();
                return loaders.subList(0, SWAPS).stream().allMatch(l -> l.get() == null);
            });
            assertEquals(2, loadedDrivers(), "one class of each of the two mappers");
            gateway.installer().remove("plant.swapped");
            TestFramework.await("class loader of the removed mapper collected", () -> {
                System.gc();
                return loaders.get(SWAPS).get() == null;
            });
            assertEquals(1, Files.list(folder.resolve("home/data/mappers")).count());
        }
    }

    private static boolean online(TestFramework gateway, String name) {
        return gateway.health().devices().stream().anyMatch(h -> h.device().equals("default/" + name) && h.state() == State.ONLINE);
    }

    private static void put(TestFramework gateway, Path jar, boolean update) throws Exception {
        try (InputStream in = Files.newInputStream(jar)) {
            if (update) {
                gateway.installer().update(in);
            } else {
                gateway.installer().install(in);
            }
        }
    }

    private static ClassLoader loader(TestFramework gateway) {
        Bundle bundle = Arrays.stream(gateway.framework.getBundleContext().getBundles())
                .filter(b -> "plant.swapped".equals(b.getSymbolicName())).findFirst().orElseThrow();
        return bundle.adapt(BundleWiring.class).getClassLoader();
    }

    /** Reads of a device lie one cycle apart, give or take what a busy test machine does to a thread. */
    private static void assertSteady(String name) {
        long[] at = Arrays.stream(seenByDevice(name).split(" ")).mapToLong(Long::parseLong).toArray();
        for (int i = 2; i < at.length; i++) {
            long gap = at[i] - at[i - 1];
            assertTrue(gap < 2 * CYCLE_NANOS, name + ": " + gap / 1_000_000 + " ms between two reads");
        }
        long expected = (at[at.length - 1] - at[1]) / CYCLE_NANOS;
        assertTrue(Math.abs(at.length - 2 - expected) <= 1, name + ": " + at.length + " reads, expected " + expected);
    }

    private static long loadedDrivers() throws Exception {
        String histogram = (String) ManagementFactory.getPlatformMBeanServer().invoke(
                new ObjectName("com.sun.management:type=DiagnosticCommand"), "gcClassHistogram",
                new Object[] {new String[0]}, new String[] {String[].class.getName()});
        return histogram.lines().filter(l -> l.matches(".* io\\.kelp\\.mapper\\.testdriver\\.TestDriver( .*)?")).count();
    }
}
