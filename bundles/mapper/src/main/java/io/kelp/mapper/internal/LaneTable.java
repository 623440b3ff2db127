package io.kelp.mapper.internal;

import java.util.HashMap;
import java.util.Map;

/** The buses in use. Confined to the timeline. */
final class LaneTable {

    private record Key(DriverRef driver, String bus) {}

    private static final class Entry {
        final BusLane lane;
        int users;

        Entry(BusLane lane) {
            this.lane = lane;
        }
    }

    private final Timeline timeline;
    private final Map<Key, Entry> lanes = new HashMap<>();

    LaneTable(Timeline timeline) {
        this.timeline = timeline;
    }

    BusLane take(DriverRef driver, String bus) {
        Entry entry = lanes.computeIfAbsent(new Key(driver, bus), k -> new Entry(new BusLane(timeline)));
        entry.users++;
        return entry.lane;
    }

    void give(DriverRef driver, String bus) {
        lanes.computeIfPresent(new Key(driver, bus), (k, entry) -> --entry.users == 0 ? null : entry);
    }

    int size() {
        return lanes.size();
    }
}
