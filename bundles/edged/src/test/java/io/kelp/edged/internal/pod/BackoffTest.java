package io.kelp.edged.internal.pod;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BackoffTest {

    private long now = Long.MAX_VALUE - 1; // the monotonic clock may wrap around
    private final Backoff backoff = new Backoff();

    private long fail() {
        backoff.failed(now);
        long left = backoff.left(now).toSeconds();
        now += backoff.left(now).toNanos();
        assertEquals(Duration.ZERO, backoff.left(now));
        return left;
    }

    @Test
    void delaysDoubleFromTenSecondsToFiveMinutes() {
        List<Long> delays = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            delays.add(fail());
        }
        assertEquals(List.of(0L, 10L, 20L, 40L, 80L, 160L, 300L, 300L, 300L), delays);
    }

    @Test
    void tenMinutesOfRunningAreForgiven() {
        fail();
        fail();
        fail();
        now += Duration.ofMinutes(10).toNanos();
        assertEquals(40, fail());
        now += Duration.ofMinutes(10).plusNanos(1).toNanos();
        assertEquals(0, fail());
        assertEquals(10, fail());
    }

    @Test
    void whatHurtsOthersIsHeldBackFromTheFirstTimeOn() {
        backoff.failedBadly(now, Duration.ofMinutes(1));
        assertEquals(60, backoff.left(now).toSeconds());
        now += Duration.ofMinutes(1).toNanos();
        backoff.failedBadly(now, Duration.ofMinutes(1));
        assertEquals(120, backoff.left(now).toSeconds());
    }

    @Test
    void itGoesOnAfterARestartButNeverLongerThanItsLongest() {
        backoff.restore(80, Duration.ofSeconds(25), now);
        assertEquals(25, backoff.left(now).toSeconds());
        now += Duration.ofSeconds(25).toNanos();
        assertEquals(80, fail());
        Backoff wild = new Backoff();
        wild.restore(Long.MAX_VALUE / 2_000_000_000L, Duration.ofDays(2000), now);
        assertEquals(300, wild.left(now).toSeconds());
        wild.restore(-5, Duration.ofDays(-9), now);
        assertEquals(Duration.ZERO, wild.left(now));
    }
}
