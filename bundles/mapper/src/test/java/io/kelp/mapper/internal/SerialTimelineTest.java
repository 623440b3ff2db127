package io.kelp.mapper.internal;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
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

    private static void await(CountDownLatch latch) {
        try {
            latch.await(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
