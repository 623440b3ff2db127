package io.kelp.mapper.internal;

import io.kelp.mapper.DeviceProperty;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * When the properties of one device are to be read. Cycles keep their raster: a late read moves
 * neither itself nor others. Properties whose turns lie within a few milliseconds are read together.
 * The turns of all devices begin on a common raster, so that a gateway with hundreds of them wakes up twenty times a second and not
 * hundreds of times.
 */
final class PollPlan {

    private static final long TOGETHER_NANOS = 5_000_000;
    private static final long RASTER_NANOS = 50_000_000;
    private static final int RASTER_PART = 20; // of a cycle, when that is less

    private final List<Group> groups = new ArrayList<>();

    /** The properties of one cycle. */
    private static final class Group {
        final long cycleNanos;
        final List<DeviceProperty> properties = new ArrayList<>();
        long next;

        Group(long cycleNanos, long next) {
            this.cycleNanos = cycleNanos;
            this.next = next;
        }
    }

    /** A plan whose first turns come one cycle from now, or up to 50 ms or a twentieth of the cycle later. Properties with cycle zero have no turn. */
    PollPlan(List<DeviceProperty> properties, long now) {
        Map<Long, Group> byCycle = new LinkedHashMap<>();
        for (DeviceProperty property : properties) {
            long cycle = property.collectCycle().toNanos();
            if (cycle > 0) {
                byCycle.computeIfAbsent(cycle, c -> new Group(c, onRaster(now + c, c))).properties.add(property);
            }
        }
        groups.addAll(byCycle.values());
    }

    private static long onRaster(long time, long cycle) {
        long raster = Math.max(1, Math.min(RASTER_NANOS, cycle / RASTER_PART));
        return time + Math.floorMod(-time, raster);
    }

    boolean isEmpty() {
        return groups.isEmpty();
    }

    /** Nanoseconds from now to the next turn, 0 if it has come. Not for an empty plan. */
    long untilNext(long now) {
        long least = Long.MAX_VALUE;
        for (Group group : groups) {
            least = Math.min(least, group.next - now);
        }
        return Math.max(0, least);
    }

    /**
     * Takes the turns that have come.
     *
     * @param waiting tells whether a property still waits for its read
     * @param due receives what is to be read
     * @return turns that passed without a read: skipped because this call is late, or still waiting
     */
    int take(long now, Predicate<DeviceProperty> waiting, List<DeviceProperty> due) {
        int missed = 0;
        for (Group group : groups) {
            long late = now + TOGETHER_NANOS - group.next;
            if (late < 0) {
                continue;
            }
            long turns = late / group.cycleNanos + 1;
            group.next += turns * group.cycleNanos;
            missed += (int) Math.min(turns - 1, Integer.MAX_VALUE / 2);
            if (group.properties.stream().anyMatch(waiting)) {
                missed++;
            }
            due.addAll(group.properties);
        }
        return missed;
    }
}
