package io.kelp.kubeapi.internal.control;

import static io.kelp.kubeapi.internal.control.TestCluster.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.kubeapi.ApiException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WorkQueueTest {

    private final WorkQueue queue = new WorkQueue("test-queue");

    @BeforeEach
    void start() {
        queue.start();
    }

    @AfterEach
    void stop() {
        queue.close();
    }

    @Test
    void runsATaskOnceMoreWhenItWasAddedWhileItRan() throws InterruptedException {
        AtomicInteger runs = new AtomicInteger();
        AtomicInteger atOnce = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Task task = () -> {
            most.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
            running.countDown();
            awaitUninterruptibly(goOn);
            atOnce.decrementAndGet();
            runs.incrementAndGet();
            return null;
        };
        queue.add(task);
        running.await();
        for (int i = 0; i < 10; i++) {
            queue.add(task);
        }
        goOn.countDown();
        await("done", () -> queue.size() == 0);
        assertEquals(2, runs.get());
        assertEquals(1, most.get());
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void triesAgainUntilItSucceeds() {
        AtomicInteger runs = new AtomicInteger();
        queue.add(() -> {
            int run = runs.incrementAndGet();
            if (run == 1) {
                throw ApiException.badRequest("not yet");
            }
            if (run == 2) {
                throw new IllegalStateException("a mistake");
            }
            return null;
        });
        await("done", () -> queue.size() == 0);
        assertEquals(3, runs.get());
    }

    @Test
    void whatIsAddedBringsALaterRunForward() {
        AtomicInteger runs = new AtomicInteger();
        Task task = () -> {
            runs.incrementAndGet();
            return null;
        };
        queue.add(task, Duration.ofHours(1));
        queue.add(task, Duration.ofHours(2));
        assertEquals(1, queue.size());
        queue.add(task);
        await("done", () -> queue.size() == 0);
        assertEquals(1, runs.get());
    }

    @Test
    void comesBackWhenATaskWantsTo() {
        AtomicInteger runs = new AtomicInteger();
        queue.add(() -> runs.incrementAndGet() < 4 ? Duration.ofMillis(5) : null);
        await("done", () -> queue.size() == 0);
        assertEquals(4, runs.get());
    }

    @Test
    void takesNothingAfterItsEndAndLeavesNoThread() {
        queue.add(() -> Duration.ofMillis(1));
        queue.close();
        queue.add(() -> null);
        await("no thread", () -> Thread.getAllStackTraces().keySet().stream().noneMatch(thread -> thread.getName().startsWith("test-queue")));
        assertTrue(queue.size() <= 1);
    }
}
