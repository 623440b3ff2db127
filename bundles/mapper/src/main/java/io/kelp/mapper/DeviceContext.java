package io.kelp.mapper;

import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/**
 * What a connection tells the runtime without being asked. Safe for use by several threads; no
 * method blocks. Once the connection is closed, calls do nothing.
 */
@ProviderType
public interface DeviceContext {

    /**
     * Takes a value that the device has sent by itself. If values of a property come faster than
     * they can be passed on, the newest wins.
     */
    void publish(String property, Reading reading);

    /** The device has gone (connection reset, last will): closes this connection, opens a new one after a pause. */
    void lost(String reason);

    /**
     * The device has gone, but this connection stays, for it is through it that its return is told (last will, silence, broker
     * away). It counts as offline and is neither read nor written until {@link #back} or {@link #publish}. May be called while
     * the device is still being opened.
     */
    default void away(String reason) {
        lost(reason);
    }

    /** The device is there again: desired values are applied again, and what it publishes is read once. Does nothing when it was not away. */
    default void back() {}

    /**
     * The value of a property as it was reported last when this device was opened, by this or an
     * earlier connection, also before a restart of the gateway; as text. Empty if never.
     */
    Optional<String> lastReported(String property);
}
