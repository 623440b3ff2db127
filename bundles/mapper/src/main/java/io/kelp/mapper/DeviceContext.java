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
     * The device has gone (its last will, silence, the broker between is down), but this connection stays open, because it is by it
     * that one hears of the device's return. Until then there are no reads and no writes; what is desired waits. May be called while
     * the device is being opened. {@link #back} or a value that is {@linkplain #publish published} ends it.
     *
     * @since 1.1
     */
    default void away(String reason) {
        lost(reason);
    }

    /**
     * The device is there again after {@link #away}: desired values are written again, properties that are published are read once,
     * polls go on. Without effect otherwise.
     *
     * @since 1.1
     */
    default void back() {}

    /**
     * The value of a property as it was reported last when this device was opened, by this or an
     * earlier connection, also before a restart of the gateway; as text. Empty if never.
     */
    Optional<String> lastReported(String property);
}
