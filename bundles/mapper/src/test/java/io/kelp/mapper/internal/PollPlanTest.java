package io.kelp.mapper.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.mapper.DeviceProperty;
import io.kelp.mapper.DeviceProperty.AccessMode;
import io.kelp.mapper.PropertyType;
import io.kelp.mapper.Settings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When devices that were opened at any time have their turns. */
class PollPlanTest {

    private static final long MILLI = 1_000_000L;

    @ParameterizedTest
    @ValueSource(longs = {20, 100, 1000, 10_000, 3_600_000})
    void theTurnsOfAllDevicesLieOnARasterAndKeepTheirCycle(long cycleMillis) {
        Random random = new Random(7);
        long cycle = cycleMillis * MILLI;
        long raster = Math.min(50 * MILLI, cycle / 20);
        Set<Long> phases = new HashSet<>();
        for (int device = 0; device < 500; device++) {
            long now = random.nextLong() / 4; // the clock may be anywhere
            PollPlan plan = new PollPlan(List.of(property(cycleMillis)), now);
            long first = plan.untilNext(now);
            assertTrue(first >= cycle && first < cycle + raster, first + " ns");
            phases.add(Math.floorMod(now + first, raster));
            List<DeviceProperty> due = new ArrayList<>();
            plan.take(now + first, p -> false, due);
            assertEquals(1, due.size());
            assertEquals(cycle, plan.untilNext(now + first));
        }
        assertEquals(Set.of(0L), phases);
    }

    private static DeviceProperty property(long cycleMillis) {
        return new DeviceProperty("p", PropertyType.INT, AccessMode.READ_ONLY, null, null, "", Duration.ofMillis(cycleMillis), Duration.ZERO,
                new Settings("visitor", Map.of()));
    }
}
