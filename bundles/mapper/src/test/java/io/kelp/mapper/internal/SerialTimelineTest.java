package io.kelp.mapper.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class SerialTimelineTest {

    @Test
    void theProbeIsAnsweredWhenTheThreadIsFreeAndFailsWhenItHasEnded() throws Exception {
        SerialTimeline timeline = new SerialTimeline();
        CountDownLatch busy = new CountDownLatch(1);
        timeline.run(() -> await(busy));
        CompletableFuture<Void> probe = timeline.probe();
        assertFalse(probe.isDone());
        busy.countDown();
        probe.get(5, TimeUnit.SECONDS);
        timeline.close();
        assertTrue(assertThrows(ExecutionException.class, () -> timeline.probe().get()).getMessage().contains("ended"));
    }

    @Test
    void stepsOfManyThreadsAreTakenOneAfterTheOtherInTheOrderOfEachThread() throws Exception {
        int threads = 4;
        int each = 20_000;
        SerialTimeline timeline = new SerialTimeline();
        int[] next = new int[threads]; // touched by steps alone, like the fields below
        int[] faults = new int[1];
        AtomicInteger inside = new AtomicInteger();
        CountDownLatch over = new CountDownLatch(threads * each);
        List<Thread> sources = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            int source = t;
            sources.add(new Thread(() -> {
                for (int i = 0; i < each; i++) {
                    int number = i;
                    Runnable step = () -> {
                        faults[0] += inside.getAndIncrement() != 0 || next[source]++ != number ? 1 : 0;
                        inside.decrementAndGet();
                        over.countDown();
                        if (number % 1000 == 7) {
                            throw new IllegalStateException("a step that fails");
                        }
                    };
                    if ((i + source) % 3 == 0) {
                        timeline.run(step);
                    } else {
                        timeline.runHere(step);
                    }
                }
            }));
        }
        sources.forEach(Thread::start);
        assertTrue(over.await(30, TimeUnit.SECONDS), over.getCount() + " steps were not taken");
        timeline.close();
        assertEquals(0, faults[0]);
    }

    @Test
    void anAlarmThatIsCancelledWhileItWaitsForItsTurnDoesNotRun() throws Exception {
        SerialTimeline timeline = new SerialTimeline();
        CompletableFuture<String> ran = new CompletableFuture<>();
        CountDownLatch asked = new CountDownLatch(1);
        timeline.run(() -> {
            Timeline.Alarm alarm = timeline.after(Duration.ZERO, () -> ran.complete("alarm"));
            asked.countDown();
            LockSupport.parkNanos(20_000_000); // so that it is due by now
            alarm.cancel();
            timeline.run(() -> ran.complete("next"));
        });
        asked.await();
        assertEquals("next", ran.get(5, TimeUnit.SECONDS));
        timeline.close();
    }

    @Test
    void anAlarmIsRunWhileOthersTakeSteps() throws Exception {
        SerialTimeline timeline = new SerialTimeline();
        CountDownLatch rung = new CountDownLatch(1);
        timeline.after(Duration.ofMillis(5), rung::countDown);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
        while (rung.getCount() > 0 && System.nanoTime() - end < 0) {
            timeline.runHere(() -> {});
        }
        assertEquals(0, rung.getCount());
        timeline.close();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
