package io.kelp.history.internal;

import static io.kelp.history.internal.Gateway.NOON;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.control.MetricSource;
import io.kelp.devicetwin.DeviceTwins.DeviceId;
import io.kelp.history.DeviceHistory.Point;
import io.kelp.store.internal.StoreComponent;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DurabilityTest {

    @TempDir
    Path home;

    private static final int PROPERTIES = 20;

    private static void fill(Gateway gateway, int minutes) {
        for (int minute = 0; minute < minutes; minute++) {
            for (int i = 0; i < PROPERTIES; i++) {
                gateway.note("p" + i, i + minute / 10.0);
            }
            gateway.pass(60_000);
            gateway.history.gather();
            gateway.history.tend(name -> true);
        }
    }

    @Test
    @Tag("slow")
    void aBrokenFileCostsHistoryAndNothingElse() throws Exception {
        try (Gateway gateway = Gateway.start(home, Map.of())) {
            fill(gateway, 200);
        }
        Path file = home.resolve("data/series.db");
        byte[] good = Files.readAllBytes(file);
        Random random = new Random(3);
        int kept = 0;
        for (int round = 0; round < 40; round++) {
            byte[] bad = good.clone();
            int length = round % 4 == 0 ? 4096 : 1 + random.nextInt(200);
            int at = random.nextInt(bad.length - length);
            for (int i = at; i < at + length; i++) {
                bad[i] = (byte) random.nextInt();
            }
            Files.write(file, round % 5 == 0 ? java.util.Arrays.copyOf(bad, random.nextInt(bad.length)) : bad);
            Files.deleteIfExists(home.resolve("data/series.db-wal"));
            try (Gateway gateway = Gateway.start(home, Map.of(), NOON + 300 * 60_000)) {
                for (int i = 0; i < PROPERTIES; i++) {
                    for (Point point : gateway.all("p" + i)) {
                        assertTrue(point.minimum() >= i && point.maximum() <= i + 20, "p" + i + " was never " + point);
                        kept += point.count();
                    }
                }
                fill(gateway, 40);
                assertTrue(gateway.points("p3", NOON + 300 * 60_000, Long.MAX_VALUE, 100).size() >= 40, "history goes on");
            }
        }
        System.out.println("40 broken files: " + kept * 100 / (40 * 200 * PROPERTIES) + " % of the values kept, none wrong");
    }

    @Test
    void aFileThatBreaksWhileItIsUsedIsBegunAnewWithTheNames() throws Exception {
        try (Gateway gateway = Gateway.start(home, Map.of("writeKibibytesPerHour", 1_000_000, "propertyPercent", 100))) {
            Random random = new Random(1);
            for (int round = 0; round < 600; round++) { // more than SQLite keeps in memory
                for (int i = 0; i < PROPERTIES; i++) {
                    gateway.note("p" + i, random.ints(190, 'a', 'z').collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append));
                }
                gateway.pass(4_000);
                gateway.history.gather();
            }
            flush(gateway.store);
            for (String name : List.of("series.db", "series.db-wal")) {
                Path file = home.resolve("data/" + name);
                if (Files.exists(file)) {
                    try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
                        byte[] noise = new byte[(int) raw.length()];
                        new Random(5).nextBytes(noise);
                        raw.write(noise);
                    }
                }
            }
            fill(gateway, 5);
            gateway.all("p1");
            flush(gateway.store);
            fill(gateway, 5);
            assertTrue(gateway.points("p1", gateway.nowMillis - 300_000, gateway.nowMillis, 100).size() >= 5);
        }
        try (Gateway gateway = Gateway.start(home, Map.of(), NOON + 51 * 60_000)) {
            assertTrue(gateway.points("p1", NOON + 45 * 60_000, Long.MAX_VALUE, 100).size() >= 5, "found under the old name");
            assertEquals(PROPERTIES, gateway.history.properties());
        }
    }

    /** Has the store write now instead of in 30 s. */
    private static void flush(StoreComponent component) throws ReflectiveOperationException {
        Object store = field(component, "store");
        Object series = field(store, "series");
        var flush = series.getClass().getDeclaredMethod("flush");
        flush.setAccessible(true);
        flush.invoke(series);
    }

    private static Object field(Object of, String name) throws ReflectiveOperationException {
        var field = of.getClass().getDeclaredField(name);
        field.setAccessible(true);
        return field.get(of);
    }

    @Test
    @Tag("slow")
    void aKillCostsAtMostThirtySeconds() throws Exception {
        Process child = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx64m",
                "-cp", System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")), Child.class.getName(), home.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD).start();
        long last = 0;
        try (BufferedReader in = new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(70);
            for (String line = in.readLine(); line != null && System.nanoTime() < deadline; line = in.readLine()) {
                last = Long.parseLong(line);
            }
            child.toHandle().destroyForcibly();
            for (String line = in.readLine(); line != null && line.matches("[0-9]{13}"); line = in.readLine()) {
                last = Long.parseLong(line);
            }
        }
        assertTrue(child.waitFor(10, TimeUnit.SECONDS));
        try (Gateway gateway = Gateway.start(home, Map.of(), last)) {
            List<Point> points = gateway.all("p1");
            long newest = points.get(points.size() - 1).fromMillis();
            assertTrue(last - newest <= 30_000, "lost " + (last - newest) + " ms");
            assertTrue(newest - points.get(0).fromMillis() > 30_000, "what was before is there");
            System.out.println("kill -9 cost the last " + (last - newest) + " ms");
        }
    }

    /** Notes a value ten times a second and says when. */
    public static final class Child {
        public static void main(String[] arguments) throws Exception {
            Path home = Path.of(arguments[0]);
            StoreComponent store = Gateway.store(home);
            History history = new History(store, Gateway.bounds(Map.of()), System::currentTimeMillis, System::nanoTime);
            store.beforeWriting(history::gather);
            history.load();
            while (true) {
                long now = System.currentTimeMillis();
                for (int i = 0; i < PROPERTIES; i++) {
                    history.note(Gateway.PUMP, "p" + i, Long.toString(i), now);
                }
                System.out.println(now);
                System.out.flush();
                Thread.sleep(100); // the load of the test, not a wait for anything
            }
        }
    }

    @Test
    @Tag("slow")
    void twoThousandPropertiesTakeFewMebibytesOfHeap() {
        long before = used();
        try (Gateway gateway = Gateway.start(home, Map.of("mostProperties", 2000))) {
            List<DeviceId> devices = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                devices.add(new DeviceId("plant", "device-" + i));
            }
            long empty = used();
            for (int second = 0; second < 900; second++) {
                for (int i = 0; i < 2000; i++) {
                    gateway.history.note(devices.get(i / 10), "property-" + i % 10, Double.toString((i + second) % 77 / 10.0), gateway.nowMillis);
                }
                gateway.pass(1000);
                if (second % 30 == 28) {
                    gateway.history.gather();
                }
            }
            gateway.history.tend(name -> true);
            long full = used();
            System.out.println("2000 properties at 1 Hz: " + (full - empty) / 1024 + " KiB of heap, " + (full - empty) / 2000 + " bytes per property");
            assertTrue(full - empty < 6 << 20, (full - empty) + " bytes");
            assertTrue(gateway.history.properties() == 2000 && before > 0);
        }
    }

    private static long used() {
        Runtime runtime = Runtime.getRuntime();
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            System.gc();
            least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
        }
        return least;
    }

    @Test
    void theReckonedWearIsWhatTheStoreWrites() throws Exception {
        try (Gateway gateway = Gateway.start(home, Map.of("writeKibibytesPerHour", 100_000))) {
            long stored = written(gateway.store);
            long reckoned = gateway.history.written();
            for (int round = 0; round < 120; round++) {
                for (int i = 0; i < 2000; i++) {
                    gateway.note("p" + i % 100, (i * 7919 + round * 31) % 1000 / 10.0);
                }
                gateway.pass(28_000);
                gateway.history.gather();
                flush(gateway.store);
            }
            double ratio = (double) (gateway.history.written() - reckoned) / (written(gateway.store) - stored);
            assertTrue(ratio > 0.6 && ratio < 1.5, "reckoned / written = " + ratio);
        }
    }

    private static long written(StoreComponent store) {
        long[] bytes = {0};
        store.collect(new MetricSource.Sink() {
            @Override
            public void counter(String name, String help, double value, String... labels) {
                if (name.equals("kelp_store_written_bytes_total") && labels[1].equals("series.db")) {
                    bytes[0] = (long) value;
                }
            }

            @Override
            public void gauge(String name, String help, double value, String... labels) {}
        });
        return bytes[0];
    }
}
