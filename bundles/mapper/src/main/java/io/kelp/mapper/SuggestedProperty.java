package io.kelp.mapper;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Something that a device says it has, in the words of a DeviceModel and a visitor.
 *
 * @param name a name for the property
 * @param type best guess at its type
 * @param access best guess at its access
 * @param description what the device says of it, may be empty
 * @param visitor {@code visitors.configData} by which the driver would find it; key → text, number or boolean
 */
public record SuggestedProperty(
        String name, PropertyType type, DeviceProperty.AccessMode access, String description, Map<String, Object> visitor) {

    public SuggestedProperty {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(access, "access");
        Objects.requireNonNull(description, "description");
        visitor = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(visitor));
    }
}
