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
     * The value of a property as it was reported last when this device was opened, by this or an
     * earlier connection, also before a restart of the gateway; as text. Empty if never.
     */
    Optional<String> lastReported(String property);
}
