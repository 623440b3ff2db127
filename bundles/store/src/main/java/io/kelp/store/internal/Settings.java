package io.kelp.store.internal;

import java.time.Duration;

/** The configuration in the terms of the code. */
record Settings(Duration foldEvery, long journalBytes, int queueWrites, long queueBytes, int recordBytes,
        Duration seriesFlushEvery, Duration snapshotEvery, int brokenFilesKept) {

    static Settings of(StoreConfig config) {
        return new Settings(
                Duration.ofSeconds(within("foldSeconds", config.foldSeconds(), 1, 3600)),
                within("journalKibibytes", config.journalKibibytes(), 64, 65_536) * 1024L,
                within("queueWrites", config.queueWrites(), 100, 1_000_000),
                within("queueKibibytes", config.queueKibibytes(), 256, 262_144) * 1024L,
                within("recordKibibytes", config.recordKibibytes(), 16, 65_536) * 1024,
                Duration.ofSeconds(within("seriesFlushSeconds", config.seriesFlushSeconds(), 1, 30)),
                Duration.ofHours(within("snapshotHours", config.snapshotHours(), 1, 720)),
                within("brokenFilesKept", config.brokenFilesKept(), 0, 10));
    }

    private static int within(String key, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException("io.kelp.store: " + key + " is " + value
                    + ", allowed are " + min + " to " + max + "; correct the configuration");
        }
        return value;
    }
}
