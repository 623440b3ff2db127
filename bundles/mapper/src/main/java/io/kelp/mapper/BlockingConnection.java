package io.kelp.mapper;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A connection whose calls wait for the device. They run on a thread of the runtime, which is
 * interrupted at the {@linkplain Lane#deadline() deadline}; a call that does not end then keeps
 * its bus to itself, but delays no other.
 */
@ConsumerType
public non-sealed interface BlockingConnection extends DeviceConnection {

    /**
     * Reads properties, all that are due at this moment, so that a driver can put neighbours into one request.
     *
     * @param properties in the order of the device; never empty
     * @return property name → reading; a property may be left out when there is nothing new to say
     * @throws RequestRefusedException when the device refuses the whole request; for a single
     *     property return {@link Reading#bad(String)}
     * @throws IOException when the device is lost
     */
    Map<String, Reading> read(List<DeviceProperty> properties) throws IOException, InterruptedException;

    /**
     * Writes a property. The value has the property's type and lies within its bounds. The same
     * value may come several times.
     *
     * @return what the property is now, when the answer of the device says so; the runtime reads it otherwise
     * @throws RequestRefusedException when the device will not take it
     * @throws IOException when the device is lost
     */
    Optional<Reading> write(DeviceProperty property, PropertyValue value) throws IOException, InterruptedException;
}
