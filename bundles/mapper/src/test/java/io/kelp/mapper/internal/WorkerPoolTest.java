package io.kelp.mapper.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.mapper.AsyncConnection;
import io.kelp.mapper.BlockingConnection;
import io.kelp.mapper.DeviceConfig;
import io.kelp.mapper.DeviceConnection;
import io.kelp.mapper.DeviceContext;
import io.kelp.mapper.DeviceDriver;
import io.kelp.mapper.DeviceHealth;
import io.kelp.mapper.DeviceHealth.State;
import io.kelp.mapper.DeviceProperty;
import io.kelp.mapper.PropertyValue;
import io.kelp.mapper.Reading;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Real threads and real time. */
@Tag("slow")
class WorkerPoolTest {

    private final SerialTimeline time = new SerialTimeline();
    private final WorkerPool pool = new WorkerPool(time, new WorkerPool.Limits(4, 16, Duration.ofMillis(100)));
    private final FakeTwins twins = new FakeTwins();
    private final Fleet fleet = new Fleet(new RuntimeContext(time, pool, new Random(1), Duration.ofMillis(500),
            Duration.ofMillis(500), Duration.ofSeconds(2)), twins, new DeviceConfigReader(Duration.ofMillis(50),
                    new ReportRule.Defaults(Duration.ofSeconds(60), true)), 1000, new EventOutlet());
    private final CountDownLatch mayEnd = new CountDownLatch(1);

    @AfterEach
    void stop() {
        mayEnd.countDown();
        fleet.stop(2_000);
        pool.close();
        time.close();
    }

    @Test
    void aCallThatFollowsAnotherStaysOnItsThreadUnlessOthersWaitForOne() throws Exception {
        WorkerPool one = new WorkerPool(time, new WorkerPool.Limits(1, 1, Duration.ofSeconds(10)));
        List<String> made = new ArrayList<>(); // touched by steps alone
        CountDownLatch over = new CountDownLatch(2);
        try {
            time.run(() -> {
                chain(one, "a", 200, made, over);
                chain(one, "b", 200, made, over);
            });
            assertTrue(over.await(10, TimeUnit.SECONDS), made.size() + " calls were made");
        } finally {
            one.close();
        }
        assertEquals(400, made.size());
        assertTrue(Math.abs(made.lastIndexOf("a") - made.lastIndexOf("b")) <= 2, "one of two got its calls before the other: " + made);
    }

    /** A bus that always has something more to do. */
    private void chain(WorkerPool workers, String name, int calls, List<String> made, CountDownLatch over) {
        workers.call(false, Duration.ofSeconds(5), () -> name, new Workers.Result<String>() {
            @Override
            public void done(String value) {
                made.add(value);
                if (calls > 1) {
                    chain(workers, name, calls - 1, made, over);
                } else {
                    over.countDown();
                }
            }

            @Override
            public void failed(Throwable cause, String late) {
                made.add("failed: " + cause);
                over.countDown();
            }

            @Override
            public void hung() {
                made.add("hung");
            }
        });
    }

    /** Devices whose name says what is wrong with them. */
    private class Plant implements DeviceDriver {

        @Override
        public String protocol() {
            return "plant";
        }

        @Override
        public DeviceConnection open(DeviceConfig device, DeviceContext context) throws IOException, InterruptedException {
            if (device.name().startsWith("dead")) {
                Thread.sleep(60_000); // a network that swallows: ends by the interrupt
            }
            return new BlockingConnection() {
                @Override
                public Map<String, Reading> read(List<DeviceProperty> properties) throws IOException {
                    if (device.name().startsWith("hung")) {
                        hang();
                    }
                    if (device.name().startsWith("wild")) {
                        throw new NoClassDefFoundError("com/example/Missing");
                    }
                    LockSupport.parkNanos(2_000_000); // a quick device on a wire
                    Map<String, Reading> readings = new HashMap<>();
                    properties.forEach(p -> readings.put(p.name(), Reading.of(1)));
                    return readings;
                }

                @Override
                public Optional<Reading> write(DeviceProperty property, PropertyValue value) {
                    return Optional.empty();
                }

                @Override
                public void close() {
                    // holds nothing
                }
            };
        }
    }

    /** Ends neither by interrupt nor by deadline. */
    private void hang() {
        boolean ended = false;
        while (!ended) {
            try {
                ended = mayEnd.await(1, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                // as bad drivers do
            }
        }
    }

    private static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, what);
            Thread.sleep(20);
        }
    }

    private long online() {
        return fleet.devices().stream().filter(h -> h.state() == State.ONLINE).count();
    }

    @Test
    void twoHundredDevicesAreReadInTimeAlthoughSomeHangDieOrThrow() throws Exception {
        DriverRef driver = DriverRef.of(new Plant(), 0, 1);
        fleet.driverCame(driver);
        for (int i = 0; i < 180; i++) {
            fleet.changed(FakeTwins.modern("good" + i, "plant", "{}", "x:INT"));
        }
        await("180 devices online", () -> online() == 180);
        for (int i = 0; i < 5; i++) {
            fleet.changed(FakeTwins.modern("hung" + i, "plant", "{}", "x:INT"));
            fleet.changed(FakeTwins.modern("wild" + i, "plant", "{}", "x:INT"));
            fleet.changed(FakeTwins.modern("dead" + i, "plant", "{}", "x:INT"));
            fleet.changed(FakeTwins.modern("also dead" + i, "plant", "{}", "x:INT"));
        }
        Map<String, Long> before = new HashMap<>();
        fleet.devices().forEach(h -> before.put(h.device(), h.reads()));
        Thread.sleep(6_000);

        List<DeviceHealth> good = fleet.devices().stream().filter(h -> h.device().contains("good")).toList();
        assertEquals(180, good.size());
        for (DeviceHealth health : good) {
            long reads = health.reads() - before.get(health.device());
            assertTrue(reads >= 5 && reads <= 7, health.toString());
            assertEquals(0, health.missedPolls(), health.toString());
        }
        assertEquals(5, fleet.devices().stream().filter(h -> h.state() == State.HUNG).count());
        assertEquals(5, fleet.problems().stream().filter(p -> p.code().equals("DEVICE-HUNG")).count());
        long threads = Thread.getAllStackTraces().keySet().stream().filter(t -> t.getName().startsWith("kelp-mapper")).count();
        assertTrue(threads <= 1 + 2 * 20, threads + " threads");

        assertTrue(fleet.driverGoes(driver, 2_000), "hung calls are given up when their driver goes");
        mayEnd.countDown();
        await("threads end with the driver", () -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(t -> t.getName().startsWith("kelp-mapper-io")));
    }

    @Test
    void aLateInterruptDoesNotHitTheNextCall() throws Exception {
        AtomicReference<String> wrong = new AtomicReference<>();
        CountDownLatch all = new CountDownLatch(400);
        for (int i = 0; i < 400; i++) {
            int millis = 9 + i % 3;
            time.run(() -> pool.call(false, Duration.ofMillis(10), () -> {
                if (Thread.currentThread().isInterrupted()) {
                    wrong.set("began interrupted");
                }
                LockSupport.parkNanos(millis * 1_000_000L);
                return millis;
            }, new Workers.Result<Integer>() {
                private boolean told;

                @Override
                public void done(Integer value) {
                    once();
                }

                @Override
                public void failed(Throwable cause, Integer late) {
                    once();
                }

                private void once() {
                    if (told) {
                        wrong.set("told twice");
                    }
                    told = true;
                    all.countDown();
                }

                @Override
                public void hung() {
                    // not within this test's times
                }
            }));
        }
        assertTrue(all.await(20, TimeUnit.SECONDS));
        assertEquals(null, wrong.get());
    }

    @Test
    void anAsynchronousDriverNeedsNoThreadWhileItsDevicesThink() throws Exception {
        DeviceDriver driver = new DeviceDriver() {
            @Override
            public String protocol() {
                return "async";
            }

            @Override
            public DeviceConnection open(DeviceConfig device, DeviceContext context) {
                return new AsyncConnection() {
                    @Override
                    public CompletionStage<Map<String, Reading>> readAsync(List<DeviceProperty> properties) {
                        CompletableFuture<Map<String, Reading>> answer = new CompletableFuture<>();
                        if (device.name().startsWith("mute")) {
                            return answer;
                        }
                        return answer.completeOnTimeout(Map.of("x", Reading.of(3)), 300, TimeUnit.MILLISECONDS);
                    }

                    @Override
                    public CompletionStage<Optional<Reading>> writeAsync(DeviceProperty property, PropertyValue value) {
                        return CompletableFuture.completedFuture(Optional.of(Reading.of(value.asWhole())));
                    }

                    @Override
                    public void close() {
                        // holds nothing
                    }
                };
            }
        };
        fleet.driverCame(DriverRef.of(driver, 0, 1));
        for (int i = 0; i < 200; i++) {
            fleet.changed(FakeTwins.modern((i < 10 ? "mute" : "good") + i, "async", "{}", "x:INT:5"));
        }
        await("190 devices online", () -> fleet.devices().stream().filter(h -> h.device().contains("good") && h.reads() >= 2).count() == 190);
        await("mute devices told", () -> fleet.devices().stream()
                .filter(h -> h.device().contains("mute") && h.lastError().equals("no answer within 500 ms")).count() == 10);
        assertFalse(fleet.devices().stream().anyMatch(h -> h.state() == State.HUNG));
    }
}
