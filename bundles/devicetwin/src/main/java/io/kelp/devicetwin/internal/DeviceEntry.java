package io.kelp.devicetwin.internal;

import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** A device and what goes on with it. Belongs to the thread of the engine. */
final class DeviceEntry {

    private volatile DeviceState state;

    /** What the cloud must still hear. */
    final Upward upward = new Upward();
    /** Whether MQTT clients use the other form of the device's id, too (trap 2). */
    boolean aliasUsed;
    /** A comparison with the object is due. */
    boolean comparing;
    /** Properties whose stored record says that the cloud has yet to confirm them. */
    final Set<String> storedDirty = new HashSet<>();
    boolean storedStateDirty;
    /** Desired values of the object that cannot be taken over: property → why. Replaced as a whole, may be read by any thread. */
    volatile Map<String, String> refusedDesired = Map.of();
    /** Since when, by the gateway's clock. */
    volatile Instant refusedSince = Instant.EPOCH;
    /** Completes when all that was written of the device is as safe as promised. */
    volatile CompletableFuture<Void> stored = CompletableFuture.completedFuture(null);
    /** Completes when the last publication has been handed over. */
    CompletableFuture<Void> published = CompletableFuture.completedFuture(null);

    DeviceEntry(DeviceState state) {
        this.state = state;
    }

    /** May be read by any thread. */
    DeviceState state() {
        return state;
    }

    void state(DeviceState newState) {
        state = newState;
    }

    /** Whether the stored records may be older than the state, because the last write failed. */
    boolean isUnstored() {
        return stored.isCompletedExceptionally();
    }

    String key() {
        return state.id().toString();
    }
}
