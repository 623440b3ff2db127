package io.kelp.cloud.standalone;

import java.time.Duration;

/**
 * Bounds of the object store.
 *
 * @param historyLife how long old versions can be listed and watched from; above 0
 * @param historyBytes most bytes of values that changes within that time may have, before the oldest are dropped early
 * @param readers most connections that read at the same time
 * @param queue most writes that wait for the disk
 * @param patience how long a call waits for its turn before it fails
 * @param recentChanges most changes kept in memory for watches that begin again
 * @param recentBytes most bytes that those changes may take
 */
public record StoreSettings(Duration historyLife, long historyBytes, int readers, int queue, Duration patience, int recentChanges,
        long recentBytes) {

    public StoreSettings {
        if (historyLife.isNegative() || historyLife.isZero() || historyBytes < 1 || readers < 1 || queue < 1 || recentChanges < 1) {
            throw new IllegalArgumentException("All bounds of the store must be above 0");
        }
    }

    /** History as Kubernetes keeps it (5 min), at most 256 MiB of it. */
    public static StoreSettings defaults() {
        return new StoreSettings(Duration.ofMinutes(5), 256L << 20, 4, 1024, Duration.ofSeconds(30), 4096, 4L << 20);
    }

    public StoreSettings withHistoryLife(Duration life) {
        return new StoreSettings(life, historyBytes, readers, queue, patience, recentChanges, recentBytes);
    }
}
