package io.kelp.runtime.osgi.internal.usage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.runtime.osgi.internal.usage.CpuLimit.Measure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CpuLimitTest {

    private static final long SECOND = 1_000_000_000L;
    private static final long TICK = SECOND / 10;

    private final CpuLimit limit = new CpuLimit();

    @ParameterizedTest
    @CsvSource({"100, 1", "200, 1", "500, 2", "1000, 4", "900, 1"})
    void aSpinningContainerGetsItsShareOverTime(long millis, int threads) {
        long now = 0;
        long cpu = 0;
        long pausedUntil = 0;
        limit.measure(now, cpu, millis, 600 * SECOND);
        for (int i = 0; i < 1200; i++) {
            long runs = Math.min(TICK, Math.max(0, now + TICK - Math.max(pausedUntil, now)));
            now += TICK;
            cpu += runs * threads;
            if (limit.measure(now, cpu, millis, 600 * SECOND) == Measure.PAUSE) {
                pausedUntil = now + limit.pauseNanos(millis);
            }
        }
        double share = cpu / (double) now;
        assertEquals(millis / 1000.0, share, 0.1 * millis / 1000.0);
    }

    @Test
    void oneWithinItsLimitIsLeftAlone() {
        for (int i = 0; i < 100; i++) {
            assertEquals(Measure.NONE, limit.measure(i * SECOND, i * SECOND / 10, 100, 60 * SECOND));
        }
        assertFalse(limit.hot());
    }

    @Test
    void oneThatCannotBeSlowedDownIsTold() {
        Measure last = Measure.NONE;
        int seconds = 0;
        for (int i = 0; i <= 70 && last != Measure.STUBBORN; i++) {
            last = limit.measure(i * SECOND, i * SECOND, 200, 60 * SECOND);
            seconds = i;
        }
        assertEquals(Measure.STUBBORN, last);
        assertTrue(seconds >= 60 && seconds <= 63, seconds + " s");
    }

    @Test
    void coolsDownWhenTheContainerDoes() {
        limit.measure(0, 0, 500, 60 * SECOND);
        assertEquals(Measure.PAUSE, limit.measure(SECOND, SECOND, 500, 60 * SECOND));
        assertTrue(limit.hot());
        assertEquals(Measure.UNPAUSE, limit.measure(3 * SECOND, SECOND, 500, 60 * SECOND));
        assertEquals(Measure.UNPAUSE, limit.measure(9 * SECOND, SECOND, 500, 60 * SECOND));
        assertFalse(limit.hot());
    }
}
