package io.kelp.mapper.internal;

import io.kelp.mapper.DeviceConfig;
import io.kelp.mapper.DeviceDriver;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A driver service and what it said about itself when it came.
 *
 * @param driver the service
 * @param protocol its protocol
 * @param names protocol and aliases, in lower case
 * @param ranking of the service; the highest wins
 * @param serviceId of the service; among equals the oldest wins
 */
record DriverRef(DeviceDriver driver, String protocol, Set<String> names, int ranking, long serviceId) {

    static DriverRef of(DeviceDriver driver, int ranking, long serviceId) {
        String protocol = driver.protocol();
        Set<String> names = Stream.concat(Stream.of(protocol), driver.aliases().stream())
                .map(n -> n.toLowerCase(Locale.ROOT)).collect(Collectors.toUnmodifiableSet());
        return new DriverRef(driver, protocol, names, ranking, serviceId);
    }

    boolean speaks(DeviceConfig device) {
        return speaks(device.protocol());
    }

    boolean speaks(String otherProtocol) {
        return names.contains(otherProtocol.toLowerCase(Locale.ROOT));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof DriverRef ref && ref.driver == driver;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(driver);
    }
}
