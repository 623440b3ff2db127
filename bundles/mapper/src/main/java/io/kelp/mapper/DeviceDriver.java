package io.kelp.mapper;

import java.io.IOException;
import java.util.Set;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Speaks one device protocol. A device mapper is a bundle that registers this as a service; the
 * runtime does the rest: it finds the devices, opens them, reads at their cycles, applies desired
 * values, reports, backs off from dead devices and goes back to them.
 *
 * <p>One driver serves all devices of its protocol, so it keeps no state of a device; that belongs
 * to the {@link DeviceConnection}. Methods are called by several threads, {@link #open} for
 * different devices at the same time. A driver starts no thread for a device: a protocol that
 * blocks implements {@link BlockingConnection} and is called on the runtime's threads, one that
 * does not implements {@link AsyncConnection}.
 */
@ConsumerType
public interface DeviceDriver {

    /**
     * Name of the protocol, compared without regard to case with {@code spec.protocol.protocolName}
     * of a {@code v1beta1} device and, of a {@code v1alpha2} device, with the name of its protocol
     * section ({@code modbus}, {@code opcua}, {@code bluetooth}) or {@code customizedProtocol.protocolName}.
     */
    String protocol();

    /** Other names under which devices ask for the same protocol. */
    default Set<String> aliases() {
        return Set.of();
    }

    /**
     * Whether this driver takes a device although it does not name this protocol, for example by
     * its model. Asked only when no driver answers to the protocol that the device names, or it
     * names none. Must answer at once and have no effect.
     */
    default boolean claims(DeviceConfig device) {
        return false;
    }

    /**
     * The lane of a device: devices with the same {@linkplain Lane#bus() bus} are never served at
     * the same time. Called once before each {@link #open}; must answer at once.
     *
     * @throws ConfigurationException as {@link #open}
     */
    default Lane lane(DeviceConfig device) throws ConfigurationException {
        return Lane.own(device);
    }

    /**
     * Connects to a device. Called on a thread of the runtime, which is interrupted at the
     * {@linkplain Lane#deadline() deadline}.
     *
     * @param device what it is; does not change as long as the connection is open, for it is
     *     closed and opened anew when the configuration changes
     * @param context where to tell what the device sends by itself
     * @throws ConfigurationException when the device cannot be driven as it is configured; not tried
     *     again before the configuration changes
     * @throws IOException when the device does not answer; tried again after a growing pause
     */
    DeviceConnection open(DeviceConfig device, DeviceContext context)
            throws ConfigurationException, IOException, InterruptedException;
}
