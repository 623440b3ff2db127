package io.kelp.mapper;

import java.io.IOException;
import java.util.Set;

/**
 * An open device, in one of two manners: {@link BlockingConnection} or {@link AsyncConnection}.
 *
 * <p>The runtime makes one call at a time per connection and, for devices that share a bus, per
 * bus. What further abilities a connection has it says by implementing further interfaces of this package.
 *
 * <p>An {@link IOException} from any call means that the device is lost: the connection is closed
 * and opened again after a pause, and desired values are then applied again. A
 * {@link RequestRefusedException} means that the device is well but will not do this.
 *
 * <p>Not {@link AutoCloseable}: only the runtime closes it, and closing may be interrupted.
 */
public sealed interface DeviceConnection permits BlockingConnection, AsyncConnection {

    /**
     * Names of the properties that this connection tells of by itself through
     * {@link DeviceContext#publish}. They are read once after opening and after each write, and
     * not at their cycle. Called once, after opening.
     */
    default Set<String> published() {
        return Set.of();
    }

    /**
     * Whether the value read from a property is the one written to it. If so, it is compared after
     * each write, and written again, a few times, when it differs. Properties whose reading means
     * something else answer {@code false}.
     */
    default boolean readsBack(DeviceProperty property) {
        return true;
    }

    /**
     * Ends the connection and frees what it holds. Called exactly once, as the last call, also
     * after a failure; on a thread of the runtime that is interrupted at the deadline.
     */
    void close() throws IOException, InterruptedException;
}
