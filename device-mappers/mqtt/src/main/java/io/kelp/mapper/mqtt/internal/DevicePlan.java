package io.kelp.mapper.mqtt.internal;

import io.kelp.mapper.ConfigurationException;
import io.kelp.mapper.DeviceConfig;
import io.kelp.mapper.DeviceProperty;
import io.kelp.mapper.Settings;
import io.kelp.mapper.mqtt.internal.payload.Availability;
import io.kelp.mapper.mqtt.internal.payload.Layers;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A device with topics of its own, as its configuration says.
 *
 * @param offlineAfter without any message it counts as gone; zero for never
 * @param answerTimeout how long an answer is waited for
 */
record DevicePlan(DeviceConfig device, Map<String, PropertyPlan> properties, Availability availability, Duration offlineAfter, Duration answerTimeout) {

    private static final Set<String> OF_PROPERTIES = lower("topic", "setTopic", "getTopic", "getMessage", "poll", "qos", "setQos", "retain", "retained",
            "timeout", "format", "path", "dataType", "byteOrder", "byteOffset", "length", "bit", "regex", "scale", "add", "onValue", "offValue",
            "timePath", "timeUnit", "timeZone", "setFormat", "setPath", "setTemplate");

    /** The last ones are keys of KubeEdge's own MQTT mapper that mean nothing here. */
    private static final Set<String> OF_DEVICES = lower("preset", "id", "deviceID", "base", "availabilityTopic", "availabilityPath", "online", "offline",
            "offlineAfter", "answerTimeout", "message", "lastMessage", "connectionTTL");

    /** Keys of visitors that the runtime or other parts understand, or that stock samples carry without need. */
    private static final Set<String> OF_OTHERS = lower("clientId", "username", "password", "cleanSession", "keepAlive", "protocolName");

    /** @param unknown told of each key that means nothing, which may be a slip of the pen */
    static DevicePlan of(DeviceConfig device, InstantSource clock, Consumer<String> unknown) throws ConfigurationException {
        Settings preset = Presets.of(device);
        Layers common = new Layers(device.settings(), preset);
        Map<String, PropertyPlan> properties = new LinkedHashMap<>();
        for (DeviceProperty property : device.properties()) {
            properties.put(property.name(), PropertyPlan.of(device, property, new Layers(property.visitor(), device.settings(), preset), clock));
            tellUnknown(property.visitor(), "device " + device.id() + ", property " + property.name(), unknown, List.of(OF_PROPERTIES, OF_OTHERS));
        }
        tellUnknown(device.settings(), "device " + device.id(), unknown,
                List.of(OF_PROPERTIES, OF_DEVICES, OF_OTHERS, BrokerSettings.KEYS));
        return new DevicePlan(device, Collections.unmodifiableMap(properties), Availability.of(common, PropertyPlan.places(device, null, common)),
                Duration.ofMillis(common.whole("offlineAfter", 0, 0, Duration.ofDays(31).toMillis())),
                Duration.ofMillis(common.whole("answerTimeout", 2_000, 50, 30_000)));
    }

    /** Tells of keys that mean nothing, for devices of another kind at a broker. */
    static void remarkUnknown(DeviceConfig device, Consumer<String> unknown, Set<String> ofDevices, Set<String> ofProperties) {
        tellUnknown(device.settings(), "device " + device.id(), unknown, List.of(ofDevices, OF_OTHERS, BrokerSettings.KEYS));
        for (DeviceProperty property : device.properties()) {
            tellUnknown(property.visitor(), "device " + device.id() + ", property " + property.name(), unknown, List.of(ofProperties, OF_OTHERS));
        }
    }

    private static void tellUnknown(Settings settings, String where, Consumer<String> unknown, List<Set<String>> known) {
        for (String key : settings.keys()) {
            if (known.stream().noneMatch(set -> set.contains(key.toLowerCase(Locale.ROOT)))) {
                unknown.accept(where + ": key " + key + " means nothing to the MQTT mapper; it knows "
                        + known.stream().flatMap(Set::stream).collect(Collectors.toCollection(TreeSet::new)));
            }
        }
    }

    static Set<String> lower(String... keys) {
        return Stream.of(keys).map(k -> k.toLowerCase(Locale.ROOT)).collect(Collectors.toUnmodifiableSet());
    }
}
