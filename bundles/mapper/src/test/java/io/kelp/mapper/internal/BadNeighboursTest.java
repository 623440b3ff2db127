package io.kelp.mapper.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.devicetwin.DeviceTwins.Device;
import io.kelp.mapper.BlockingConnection;
import io.kelp.mapper.DeviceConfig;
import io.kelp.mapper.DeviceConnection;
import io.kelp.mapper.DeviceContext;
import io.kelp.mapper.DeviceDriver;
import io.kelp.mapper.DeviceHealth.State;
import io.kelp.mapper.DeviceProperty;
import io.kelp.mapper.PropertyValue;
import io.kelp.mapper.Reading;
import io.kelp.testkit.Await;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Two hundred devices, thirty of them bad: the others keep their cycles, their writes and their methods. Real threads, real time. */
@Tag("slow")
class BadNeighboursTest {

    private static final int GOOD = 170;
    private static final int BAD = 10; // of each kind
    private static final long CYCLE_NANOS = Duration.ofSeconds(1).toNanos();

    private final SerialTimeline time = new SerialTimeline();
    private final WorkerPool pool = new WorkerPool(time, new WorkerPool.Limits(4, 16, Duration.ofMillis(250)));
    private final FakeTwins twins = new FakeTwins();
    private final Fleet fleet = new Fleet(new RuntimeContext(time, pool, new Random(1), Duration.ofSeconds(2), Duration.ofSeconds(1),
            Duration.ofSeconds(5)), twins, new DeviceConfigReader(Duration.ofMillis(50), new ReportRule.Defaults(Duration.ofMinutes(5), true)),
            1000, new RecordedEvents());
    private final CountDownLatch mayEnd = new CountDownLatch(1);
    private final Map<String, List<Long>> reads = new HashMap<>(); // guarded by itself

    @AfterEach
    void stop() {
        mayEnd.countDown();
        fleet.stop(5_000);
        pool.close();
        time.close();
    }

    private final class Plant implements DeviceDriver {

        @Override
        public String protocol() {
            return "plant";
        }

        @Override
        public DeviceConnection open(DeviceConfig device, DeviceContext context) {
            return new Wire(device.name());
        }
    }

    private final class Wire implements BlockingConnection {

        private final String name;
        private final Map<String, PropertyValue> registers = new HashMap<>();

        Wire(String name) {
            this.name = name;
        }

        private void travel() throws IOException, InterruptedException {
            if (name.startsWith("hanging")) {
                while (!mayEnd.await(1, TimeUnit.HOURS)) {
                    // until the test ends, or until the interrupt at the deadline
                }
            } else if (name.startsWith("failing")) {
                throw new IOException("connection reset");
            } else if (name.startsWith("slow")) {
                Thread.sleep(700);
            } else {
                LockSupport.parkNanos(2_000_000);
            }
        }

        @Override
        public Map<String, Reading> read(List<DeviceProperty> properties) throws IOException, InterruptedException {
            if (properties.size() == 2) { // what is due by its cycle, not what is read back
                synchronized (reads) {
                    reads.computeIfAbsent(name, n -> new ArrayList<>()).add(System.nanoTime());
                }
            }
            travel();
            Map<String, Reading> readings = new HashMap<>();
            properties.forEach(p -> readings.put(p.name(), Reading.of(registers.getOrDefault(p.name(), PropertyValue.of(0)))));
            return readings;
        }

        @Override
        public Optional<Reading> write(DeviceProperty property, PropertyValue value) throws IOException, InterruptedException {
            travel();
            registers.put(property.name(), value);
            return Optional.of(Reading.of(value));
        }

        @Override
        public void close() {
            // holds nothing
        }
    }

    private static Device device(String name) {
        return FleetFixture.edited(FakeTwins.modern(name, "plant", "{}", "x:INT", "y:INT"), "'properties'",
                "'methods':[{'name':'set','propertyNames':['y']}],'properties'");
    }

    @Test
    void theOthersKeepTheirCyclesTheirWritesAndTheirMethods() throws Exception {
        twins.watch(fleet);
        fleet.driverCame(DriverRef.of(new Plant(), 0, 1));
        for (int i = 0; i < GOOD; i++) {
            twins.put(device("good" + i));
            LockSupport.parkNanos(CYCLE_NANOS / GOOD); // as devices in a plant, not all in the same millisecond
        }
        Await.until("the good ones are online", Duration.ofSeconds(30), () -> fleet.devices().stream()
                .filter(h -> h.device().contains("good") && h.state() == State.ONLINE).count() == GOOD);
        Figures alone = measure(Duration.ofSeconds(8), false);

        for (int i = 0; i < BAD; i++) {
            twins.put(device("hanging" + i));
            twins.put(device("failing" + i));
            twins.put(device("slow" + i));
        }
        Thread.sleep(3_000); // the bad ones show what they are
        long missedBefore = missed();
        Figures among = measure(Duration.ofSeconds(12), true);
        System.out.printf("alone %s; among bad neighbours %s%n", alone, among);
        assertTrue(among.reads() > GOOD * 9, among.toString());
        // What the machine itself takes shows in the figures of the good ones alone.
        assertTrue(among.lateP99() <= 2 * alone.lateP99() + 150, "lateness: alone " + alone + ", among bad neighbours " + among);
        assertTrue(among.writeP99() <= 2 * alone.writeP99() + 150, "writes: alone " + alone + ", among bad neighbours " + among);
        assertTrue(among.callP99() <= 2 * alone.callP99() + 150, "calls: alone " + alone + ", among bad neighbours " + among);
        assertTrue(missed() - missedBefore <= among.reads() / 100, missed() - missedBefore + " cycles missed");
        assertEquals(GOOD, online("good"));
        assertEquals(BAD, online("slow"), "slow is not dead");
        assertEquals(0, online("failing"));
    }

    private long online(String kind) {
        return fleet.devices().stream().filter(h -> h.device().contains(kind) && h.state() == State.ONLINE).count();
    }

    private long missed() {
        return fleet.devices().stream().filter(h -> h.device().contains("good")).mapToLong(h -> h.missedPolls()).sum();
    }

    /** In milliseconds. */
    private record Figures(int reads, long lateP50, long lateP99, int writes, long writeP99, long callP99) {}

    private Figures measure(Duration time, boolean bad) throws Exception {
        synchronized (reads) {
            reads.clear();
        }
        List<Long> writes = new ArrayList<>();
        List<Long> calls = new ArrayList<>();
        long end = System.nanoTime() + time.toNanos();
        for (int i = bad ? 100_000 : 0; System.nanoTime() < end; i++) {
            String name = "good" + i % GOOD;
            long begun = System.nanoTime();
            String value = String.valueOf(i + 1);
            twins.desire(name, "x", value);
            if (bad) {
                twins.desire("slow" + i % BAD, "x", value);
                twins.desire("hanging" + i % BAD, "x", value);
            }
            Await.until("desired value of " + name, Duration.ofSeconds(5), () -> value.equals(reported(name)));
            writes.add(System.nanoTime() - begun);

            begun = System.nanoTime();
            CompletableFuture<Map<String, String>> dead = new CompletableFuture<>();
            if (bad) {
                fleet.call("default", "hanging" + i % BAD, "set", Map.of("y", "1"), Duration.ofSeconds(1));
                dead = fleet.call("default", "failing" + i % BAD, "set", Map.of("y", "1"), Duration.ofSeconds(1)).toCompletableFuture();
            }
            assertEquals(Map.of("y", value), fleet.call("default", name, "set", Map.of("y", value), Duration.ofSeconds(5)).toCompletableFuture().get(5, TimeUnit.SECONDS));
            calls.add(System.nanoTime() - begun);
            if (bad) {
                CompletableFuture<?> answer = dead;
                assertTrue(assertThrows(ExecutionException.class, () -> answer.get(5, TimeUnit.SECONDS)).getCause() instanceof IOException);
            }
        }

        List<Long> lateness = new ArrayList<>();
        synchronized (reads) {
            reads.forEach((name, at) -> {
                if (name.startsWith("good")) {
                    for (int i = 1; i < at.size(); i++) {
                        lateness.add(Math.abs(at.get(i) - at.get(i - 1) - CYCLE_NANOS));
                    }
                }
            });
        }
        return new Figures(lateness.size(), millis(lateness, 50), millis(lateness, 99), writes.size(), millis(writes, 99), millis(calls, 99));
    }

    private String reported(String name) {
        var twin = twins.device(FakeTwins.id(name)).orElseThrow().twins().get("x");
        return twin.reported() == null ? null : twin.reported().text();
    }

    private static long millis(List<Long> nanos, int percentile) {
        List<Long> sorted = new ArrayList<>(nanos);
        Collections.sort(sorted);
        return sorted.get(Math.min(sorted.size() - 1, sorted.size() * percentile / 100)) / 1_000_000;
    }
}
