package io.kelp.devicetwin.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.testkit.Await;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class SerialLoopTest {

    private final List<String> seen = new CopyOnWriteArrayList<>();

    @Test
    void aFullQueueTakesNothingMoreButWhatIsReserved() throws Exception {
        CountDownLatch busy = new CountDownLatch(1);
        CountDownLatch entered = new CountDownLatch(1);
        try (SerialLoop<String> loop = new SerialLoop<>("test", 3, inputs -> {
            entered.countDown();
            await(busy);
            seen.addAll(inputs);
        })) {
            loop.start();
            assertTrue(loop.offer("first"));
            entered.await();
            assertTrue(loop.offer("a") && loop.offer("b") && loop.offer("c"));
            assertFalse(loop.offer("d"));
            assertTrue(loop.offerReserved("reserved"));
            busy.countDown();
            Await.until("all seen", Duration.ofSeconds(2), () -> seen.size() == 5);
            assertEquals(List.of("first", "a", "b", "c", "reserved"), seen);
        }
    }

    @Test
    void timersComeInTheirOrder() {
        try (SerialLoop<String> loop = new SerialLoop<>("test", 3, seen::addAll)) {
            loop.after(Duration.ofMillis(60), "second");
            loop.after(Duration.ofMillis(5), "first");
            loop.start();
            Await.until("both seen", Duration.ofSeconds(2), () -> seen.size() == 2);
            assertEquals(List.of("first", "second"), seen);
        }
    }

    @Test
    void patientInputsGatherUntilOneCannotWait() {
        List<List<String>> turns = new CopyOnWriteArrayList<>();
        try (SerialLoop<String> loop = new SerialLoop<>("test", 1000, inputs -> turns.add(List.copyOf(inputs)))) {
            loop.start();
            for (int i = 0; i < 200; i++) {
                assertTrue(loop.offerPatient("p" + i));
            }
            Await.until("all seen", Duration.ofSeconds(2), () -> turns.stream().mapToInt(List::size).sum() == 200);
            assertTrue(turns.size() < 100, turns.size() + " turns for 200 inputs");
            assertEquals("p0", turns.get(0).get(0));
        }
    }

    @Test
    void oneThatCannotWaitTakesPatientOnesAlongInTheirOrder() {
        try (SerialLoop<String> loop = new SerialLoop<>("test", 1000, seen::addAll)) {
            loop.start();
            for (int i = 0; i < 300; i++) {
                seen.clear();
                long start = System.nanoTime();
                assertTrue(loop.offerPatient("patient") && loop.offer("urgent"));
                Await.until("both seen", Duration.ofSeconds(2), () -> seen.size() == 2);
                assertEquals(List.of("patient", "urgent"), seen);
                if (System.nanoTime() - start < 3_000_000) {
                    return; // less than a patient one waits alone
                }
            }
            throw new AssertionError("an input that cannot wait waited 300 times");
        }
    }

    @Test
    void afterCloseThereIsNoThreadAndNothingIsTaken() {
        SerialLoop<String> loop = new SerialLoop<>("kelp-loop-under-test", 3, seen::addAll);
        loop.start();
        loop.close();
        assertFalse(loop.offer("late"));
        assertFalse(loop.offerReserved("late"));
        assertTrue(Thread.getAllStackTraces().keySet().stream().noneMatch(thread -> thread.getName().equals("kelp-loop-under-test")));
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
