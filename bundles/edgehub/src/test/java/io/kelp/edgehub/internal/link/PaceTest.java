package io.kelp.edgehub.internal.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.edgehub.internal.link.Outbox.Lane;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PaceTest {

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    @Test
    void aBucketGivesItsBurstThenItsRate() {
        for (long start : new long[] {0, Long.MAX_VALUE - SECOND, -5}) { // the clock may wrap
            TokenBucket bucket = new TokenBucket(30, 60, start);
            long now = start;
            for (int i = 0; i < 60; i++) {
                assertEquals(0, bucket.take(now));
            }
            assertTrue(bucket.take(now) > 0);
            int granted = 0;
            for (int ms = 0; ms < 10_000; ms++) {
                now += SECOND / 1000;
                granted += bucket.take(now) == 0 ? 1 : 0;
            }
            assertEquals(300, granted, 1);
        }
    }

    @Test
    void theFirstWaitIsShortAndTheCapHolds() {
        Backoff worst = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(8), () -> 0.999999);
        long[] bounds = {1, 2, 4, 8, 8, 8};
        for (long bound : bounds) {
            long millis = worst.next().toMillis();
            assertTrue(millis <= bound * 1000 && millis >= bound * 990, millis + " of " + bound);
        }
        for (int i = 0; i < 100; i++) {
            assertTrue(worst.next().toMillis() <= 8000);
        }
        worst.reset();
        assertTrue(worst.next().toMillis() <= 1000);
        assertTrue(new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(8), () -> 0).next().toMillis() > 0);
        assertEquals(Duration.ofMillis(37_500), new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(8), () -> 1)
                .asked(Duration.ofSeconds(30)));
    }

    @Test
    void theOutboxIsBoundedInNumberAndSizeWithAReserveForAcknowledgements() {
        Outbox outbox = new Outbox(3, 100, new TokenBucket(1000, 1000, 0));
        assertTrue(outbox.offer("a", Lane.NORMAL) && outbox.offer("b", Lane.NORMAL) && outbox.offer("c", Lane.NORMAL));
        assertFalse(outbox.offer("d", Lane.NORMAL));
        assertTrue(outbox.offer("ack", Lane.ACKNOWLEDGEMENT));
        assertFalse(outbox.offer("x".repeat(200), Lane.ACKNOWLEDGEMENT));
        assertTrue(outbox.offer("ping", Lane.CONTROL));
        StringBuilder order = new StringBuilder();
        for (Outbox.Next next = outbox.next(0); next.text() != null; next = outbox.next(0)) {
            order.append(next.text()).append(' ');
        }
        assertEquals("ping ack a b c ", order.toString());
        assertTrue(outbox.offer("x".repeat(99), Lane.NORMAL));
        assertFalse(outbox.offer("yy", Lane.NORMAL));
    }

    @Test
    void whatGoesAlongIsPacedAndNotTooLong() {
        Outbox outbox = new Outbox(10, 100, new TokenBucket(1, 3, 0));
        outbox.offer("a", Lane.NORMAL);
        outbox.offer("long", Lane.NORMAL);
        outbox.offer("c", Lane.NORMAL);
        outbox.offer("d", Lane.NORMAL);
        assertEquals("a", outbox.next(0).text());
        assertNull(outbox.alsoNow(0, 3));
        assertEquals("long", outbox.alsoNow(0, 4));
        assertEquals("c", outbox.alsoNow(0, 4));
        assertNull(outbox.alsoNow(0, 4), "more than the pace allows");
        assertTrue(outbox.next(0).waitNanos() > 0);
    }

    @Test
    void keepalivesAreNotPaced() {
        Outbox outbox = new Outbox(10, 100, new TokenBucket(1, 1, 0));
        outbox.offer("a", Lane.NORMAL);
        outbox.offer("b", Lane.NORMAL);
        assertEquals("a", outbox.next(0).text());
        assertTrue(outbox.next(0).waitNanos() > 0);
        outbox.offer("ping", Lane.CONTROL);
        assertEquals("ping", outbox.next(0).text());
    }
}
