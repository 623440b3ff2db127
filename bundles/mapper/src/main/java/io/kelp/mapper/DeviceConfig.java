package io.kelp.mapper;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A device as its driver needs to know it, made from the Device and its DeviceModel of either API
 * generation. Values only: two of the same content are equal.
 *
 * @param namespace of the device
 * @param name of the device
 * @param model name of its model, empty when it names none
 * @param protocol name of the protocol it asks for, empty when it names none
 * @param settings protocol settings of the device over those of the model ({@code
 *     spec.protocol.configData}; of {@code v1alpha2}: protocol section and {@code common} as one flat map)
 * @param properties in the order of the device
 * @param methods in the order of the device
 */
public record DeviceConfig(String namespace, String name, String model, String protocol, Settings settings,
        List<DeviceProperty> properties, List<DeviceMethod> methods) {

    /** A device without methods. */
    public DeviceConfig(String namespace, String name, String model, String protocol, Settings settings, List<DeviceProperty> properties) {
        this(namespace, name, model, protocol, settings, properties, List.of());
    }

    public DeviceConfig {
        Objects.requireNonNull(namespace, "namespace");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(model, "model");
        Objects.requireNonNull(protocol, "protocol");
        Objects.requireNonNull(settings, "settings");
        properties = List.copyOf(properties);
        methods = List.copyOf(methods);
    }

    /** {@code namespace/name}, as in messages for people. */
    public String id() {
        return namespace + "/" + name;
    }

    public Optional<DeviceProperty> property(String propertyName) {
        return properties.stream().filter(p -> p.name().equals(propertyName)).findFirst();
    }

    /**
     * A property that the driver cannot do without.
     *
     * @throws ConfigurationException when the device has none of that name
     */
    public DeviceProperty requiredProperty(String propertyName) throws ConfigurationException {
        return property(propertyName).orElseThrow(() -> new ConfigurationException("device " + id()
                + " has no property " + propertyName + ", which its mapper needs"));
    }
}
