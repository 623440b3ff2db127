package io.kelp.mapper;

import java.util.List;
import java.util.Objects;

/**
 * What a device can be asked to do ({@code spec.methods} of a Device, specification of devices, section 1.4). A method without
 * code of its driver's sets its properties.
 *
 * @param name of the method
 * @param description for people, may be empty
 * @param propertyNames properties that a call gives values for
 */
public record DeviceMethod(String name, String description, List<String> propertyNames) {

    public DeviceMethod {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(description, "description");
        propertyNames = List.copyOf(propertyNames);
    }
}
