package io.kelp.push.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.testkit.Await;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PushTest {

    private static final Duration SOON = Duration.ofSeconds(30);

    @TempDir
    Path home;

    private PushGateway gateway;
    private Receiver server;

    @BeforeEach
    void start() throws Exception {
        server = new Receiver();
        gateway = new PushGateway(home, Map.of("firstPauseMillis", 50, "longestPauseMillis", 200, "timeoutMillis", 500, "ratePerSecond", 10_000, "inFlight", 4));
    }

    @AfterEach
    void stop() throws Exception {
        gateway.close();
        server.close();
    }

    private void report(int series, int from, int to) {
        for (int i = from; i < to; i++) {
            for (int s = 0; s < series; s++) {
                gateway.report("p" + s, String.valueOf(i));
            }
        }
    }

    private void assertOrdered(int series, int count) {
        Map<String, List<Integer>> of = new HashMap<>();
        for (String body : server.taken()) {
            String[] parts = body.split("[=&]");
            List<Integer> values = of.computeIfAbsent(parts[0], p -> new ArrayList<>());
            int value = Integer.parseInt(parts[1]);
            // At least once: what was repeated is repeated before the next one.
            assertTrue(values.isEmpty() || value >= values.get(values.size() - 1), () -> parts[0] + ": " + value + " after " + values);
            values.add(value);
        }
        for (int s = 0; s < series; s++) {
            assertEquals(count, new java.util.TreeSet<>(of.getOrDefault("p" + s, List.of())).size(), "values of p" + s);
        }
    }

    @Test
    void valuesArePostedInOrderAndTheQueueIsEmptyAfterwards() throws Exception {
        gateway.device(5, server.port());
        report(5, 0, 100);
        Await.until("all are taken", SOON, () -> server.taken().size() == 500);
        assertOrdered(5, 100);
        Await.until("nothing waits", SOON, () -> gateway.engine.reports().get(0).waiting() == 0);
        assertEquals(500, gateway.engine.reports().get(0).sent());
        assertTrue(server.mostAtOnce() <= 4, server.mostAtOnce() + " at once");
    }

    @Test
    void aServerThatStallsFailsAndCutsLosesAndReordersNothing() throws Exception {
        gateway.device(5, server.port());
        Receiver.Mood[] moods = {Receiver.Mood.GOOD, Receiver.Mood.ERROR, Receiver.Mood.CUT, Receiver.Mood.STALL, Receiver.Mood.CUT_AFTER, Receiver.Mood.GOOD};
        for (int round = 0; round < moods.length; round++) {
            server.mood(moods[round]);
            report(5, round * 20, round * 20 + 20);
            int asked = server.asked();
            Await.until("the server was asked", SOON, () -> server.asked() > asked + 2);
        }
        Await.until("nothing waits", SOON, () -> gateway.engine.reports().get(0).waiting() == 0);
        assertOrdered(5, 120);
        assertEquals(0, gateway.engine.reports().get(0).overflowed());
        assertTrue(gateway.engine.reports().get(0).retries() > 0);
    }

    @Test
    void aRefusedValueIsDroppedAndCountedAndHoldsUpNothing() throws Exception {
        gateway.device(2, server.port());
        server.mood(Receiver.Mood.REFUSE);
        report(2, 0, 10);
        Await.until("all are refused", SOON, () -> !gateway.engine.reports().isEmpty() && gateway.engine.reports().get(0).refused() == 20);
        server.mood(Receiver.Mood.GOOD);
        report(2, 10, 20);
        Await.until("the next are taken", SOON, () -> server.taken().size() == 20);
    }

    @Test
    void aServerThatIsAwayGetsEverythingOldestFirstAtTheRate() throws Exception {
        gateway.close();
        gateway = new PushGateway(home, Map.of("firstPauseMillis", 50, "longestPauseMillis", 200, "ratePerSecond", 100, "timeoutMillis", 500));
        int port = server.port();
        gateway.device(4, port);
        server.close();
        report(4, 0, 75);
        Await.until("it was tried", SOON, () -> gateway.engine.reports().get(0).retries() > 2);
        assertTrue(gateway.engine.reports().get(0).failing());
        assertEquals(300, gateway.engine.reports().get(0).waiting());
        long begin = System.nanoTime();
        server = new Receiver(port);
        Await.until("all are taken", SOON, () -> server.taken().size() == 300);
        assertTrue(System.nanoTime() - begin > 1_500_000_000L, "100 at once, 200 at 100 per second");
        assertOrdered(4, 75);
    }

    @Test
    void beyondTheCapacityTheOldestAreDroppedAndCounted() throws Exception {
        gateway.close();
        gateway = new PushGateway(home, Map.of("capacity", 1000, "firstPauseMillis", 50, "longestPauseMillis", 100));
        int port = server.port();
        gateway.device(1, port);
        server.close();
        report(1, 0, 3000);
        assertTrue(gateway.ringSize() <= 1000);
        Await.until("it is counted", SOON, () -> gateway.engine.reports().get(0).overflowed() == 2000);
        server = new Receiver(port);
        Await.until("the newest is taken", SOON, () -> server.taken().stream().anyMatch(body -> body.startsWith("p0=2999&")));
        assertTrue(server.taken().size() >= 1000 && server.taken().size() <= 1600, server.taken().size() + " taken");
    }

    @Test
    void whatWaitsAtTheStopGoesOutAfterTheStartAlsoWithoutTheDevice() throws Exception {
        int port = server.port();
        gateway.device(3, port);
        server.close();
        report(3, 0, 50);
        Await.until("it was tried", SOON, () -> gateway.engine.reports().get(0).retries() > 0);
        gateway.close();
        server = new Receiver(port);
        gateway = new PushGateway(home, Map.of());
        Await.until("all are taken", SOON, () -> server.taken().size() >= 150);
        assertOrdered(3, 50);
    }

    @Test
    @Tag("slow")
    void aBadDestinationDoesNotSlowAnotherAndMemoryStaysBounded() throws Exception {
        try (Receiver bad = new Receiver()) {
            bad.mood(Receiver.Mood.STALL);
            gateway.device("a", 1, server.port());
            gateway.device("b", 1, bad.port());
            long before = used();
            for (int i = 0; i < 20_000; i++) {
                gateway.report("b", "p0", "x".repeat(200) + i);
            }
            long heap = used() - before;
            System.out.println("20000 values wait: " + heap / 1024 + " KiB of heap before they are on the disk");
            long begin = System.nanoTime();
            for (int i = 0; i < 200; i++) {
                gateway.report("a", "p0", String.valueOf(i));
            }
            Await.until("the good one has all", SOON, () -> server.taken().size() == 200);
            assertTrue(System.nanoTime() - begin < 5_000_000_000L);
            assertTrue(heap < 16 << 20, heap + " bytes");
        }
    }

    private static long used() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
