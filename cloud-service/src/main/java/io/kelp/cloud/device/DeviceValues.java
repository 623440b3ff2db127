package io.kelp.cloud.device;

import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/**
 * The current values of all devices, from memory: newer than the API server, which gets them
 * coalesced. Safe for use by several threads.
 */
public interface DeviceValues {

    /**
     * A value and what is known of it.
     *
     * @param type as the edge gave it, for example {@code int}; empty when it gave none
     * @param timestampMillis wall clock of the gateway, 0 when unknown
     * @param quality {@code uncertain} or {@code bad}; empty when it is good
     * @param error a sentence about a write that the device refused, or about why it is not read; empty when there is none
     */
    record Value(String value, String type, long timestampMillis, String quality, String error) {}

    /**
     * A device as it is known now.
     *
     * @param classic whether it was written for v1alpha2
     * @param node the node it is bound to, empty when none
     * @param state what the edge says about it, for example {@code online}; empty when it said nothing
     * @param lastOnlineTime RFC 3339, empty when unknown
     * @param desired by property
     * @param reported by property
     */
    record Snapshot(String namespace, String name, boolean classic, String node, String state, String lastOnlineTime,
            Map<String, Value> desired, Map<String, Value> reported) {}

    /**
     * A device in a list: what costs nothing to tell.
     *
     * @param node the node it is bound to, empty when none
     * @param model name of its model, empty when none
     */
    record Summary(String namespace, String name, String node, String model) {}

    /** Told of changes by the thread that made them; must not block. */
    interface Listener {

        /** Something about the device is new: a value, its state, its object, its model; or it is gone. */
        void changed(String namespace, String name);
    }

    Optional<Snapshot> device(String namespace, String name);

    /** All devices, in no particular order. */
    Collection<Snapshot> devices();

    /** All devices without their values, in no particular order; cheap. */
    Collection<Summary> summaries();

    /** What the object and its model say about the device and its properties; empty when there is no such device. */
    Optional<DeviceDescription> describe(String namespace, String name);

    /**
     * Calls the listener after each change from now on.
     *
     * @return ends it
     */
    Runnable listen(Listener listener);
}
