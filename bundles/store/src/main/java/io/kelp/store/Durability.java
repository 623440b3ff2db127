package io.kelp.store;

/** What a write survives once its stage has completed. */
public enum Durability {

    /**
     * A power cut at that moment: committed to {@code meta.db} and synced before the write
     * completes. For desired values, objects from the cloud, settings, installed bundles.
     */
    POWER,

    /**
     * {@code kill -9} of the gateway: appended to a bounded journal in memory-backed storage,
     * folded newest-wins into {@code meta.db} from time to time. For reported values, status, counters.
     */
    PROCESS,

    /** A power cut but for the last 30 s: batched into the disposable {@code series.db}. For history and what is queued upward. */
    SERIES
}
