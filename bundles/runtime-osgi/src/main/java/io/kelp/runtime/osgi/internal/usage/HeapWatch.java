package io.kelp.runtime.osgi.internal.usage;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import javax.management.ListenerNotFoundException;
import javax.management.NotificationEmitter;
import javax.management.NotificationListener;

/**
 * How full the heap is after a collection, and who has allocated most since it was not. That is a guess at who
 * keeps it full: one that allocates and lets go looks the same. So one is ended after the other until the heap
 * is free again. Not safe for use by several threads but for the listener.
 */
final class HeapWatch implements AutoCloseable {

    private static final int CALM_PERCENT = 60;
    private static final long GUILTY_BYTES = 1 << 20;

    private final MemoryPoolMXBean pool;
    private final NotificationListener listener;
    private final Map<Subject, Long> calmBytes = new WeakHashMap<>();

    /** @param full told, on a thread of the Java machine, when the heap was found that full after a collection */
    HeapWatch(int percent, Runnable full) {
        pool = ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(p -> p.getType() == MemoryType.HEAP && p.isCollectionUsageThresholdSupported() && p.getUsage().getMax() > 0)
                .max(Comparator.comparingLong(p -> p.getUsage().getMax())).orElse(null);
        listener = (notification, source) -> full.run();
        if (pool != null) {
            pool.setCollectionUsageThreshold(pool.getUsage().getMax() / 100 * percent);
            ((NotificationEmitter) ManagementFactory.getMemoryMXBean()).addNotificationListener(listener, null, null);
        }
    }

    /** Of the old generation, in use after the last collection, in percent; 0 when that is not known. */
    int percent() {
        MemoryUsage after = pool == null ? null : pool.getCollectionUsage();
        return after == null ? 0 : percent(after.getUsed());
    }

    /** Of the old generation, with what could be collected. */
    int percentNow() {
        return pool == null ? 0 : percent(pool.getUsage().getUsed());
    }

    private int percent(long used) {
        return (int) (used * 100 / pool.getUsage().getMax());
    }

    /** To be told of each measurement: as long as the heap has room, what was allocated does no harm. */
    void measured(Collection<? extends Subject> containers) {
        boolean calm = percent() < CALM_PERCENT && percentNow() < CALM_PERCENT;
        for (Subject container : containers) {
            long bytes = container.meter().usage().allocatedBytes();
            if (calm) {
                calmBytes.put(container, bytes);
            } else {
                calmBytes.putIfAbsent(container, 0L); // it came while the heap was filling
            }
        }
    }

    /** What it has allocated since the heap had room. */
    long guilt(Subject container) {
        return container.meter().usage().allocatedBytes() - calmBytes.getOrDefault(container, 0L);
    }

    /** Those that may have filled the heap, the likeliest first. */
    List<Subject> suspects(Collection<? extends Subject> containers) {
        return containers.stream().<Subject>map(c -> c).filter(c -> guilt(c) > GUILTY_BYTES)
                .sorted(Comparator.comparingLong(this::guilt).reversed()).toList();
    }

    @Override
    public void close() {
        if (pool != null) {
            try {
                ((NotificationEmitter) ManagementFactory.getMemoryMXBean()).removeNotificationListener(listener);
            } catch (ListenerNotFoundException e) {
                throw new IllegalStateException("was added", e);
            }
            pool.setCollectionUsageThreshold(0);
        }
    }
}
