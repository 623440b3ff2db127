package io.kelp.edged.internal.eviction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.edged.internal.eviction.EvictionOrder.Candidate;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class EvictionTest {

    private static List<String> order(Candidate... pods) {
        return EvictionOrder.of(List.of(pods)).stream().map(Candidate::uid).toList();
    }

    @Test
    void whoUsesMoreThanItAskedForGoesFirstWhateverItsPriority() {
        assertEquals(List.of("greedy", "modest"), order(new Candidate("modest", 0, 5, 10, false), new Candidate("greedy", 1000, 11, 10, false)));
    }

    @Test
    void ofEquallyGreedyPodsTheLessImportantGoesAndThenTheGreedier() {
        assertEquals(List.of("low", "high-much", "high-little"), order(new Candidate("high-little", 10, 12, 10, false),
                new Candidate("low", 1, 11, 10, false), new Candidate("high-much", 10, 50, 10, false)));
    }

    @Test
    void criticalAndStaticPodsStay() {
        assertEquals(List.of("plain"), order(new Candidate("critical", 2_000_000_000, 100, 0, false),
                new Candidate("static", 0, 100, 0, true), new Candidate("plain", 0, 1, 0, false)));
    }

    @Test
    void aShortageCountsUntilItHasBeenOverForTheTransitionPeriod() {
        Pressure pressure = new Pressure();
        long start = Long.MAX_VALUE - 1000; // nanoTime may overflow at any moment
        pressure.observe(EnumSet.of(Signal.DISK), start);
        assertTrue(pressure.holds(Signal.DISK));
        assertFalse(pressure.holds(Signal.MEMORY));

        pressure.observe(Set.of(), start + Pressure.TRANSITION.toNanos() - 1);
        assertTrue(pressure.holds(Signal.DISK));
        assertTrue(pressure.shortNow().isEmpty());

        pressure.observe(Set.of(), start + Pressure.TRANSITION.toNanos());
        assertFalse(pressure.holds(Signal.DISK));
    }
}
