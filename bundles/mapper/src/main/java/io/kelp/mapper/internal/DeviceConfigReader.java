package io.kelp.mapper.internal;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.devicetwin.DeviceTwins.Device;
import io.kelp.devicetwin.DeviceTwins.Generation;
import io.kelp.devicetwin.DeviceTwins.Twin;
import io.kelp.mapper.ConfigurationException;
import io.kelp.mapper.DeviceConfig;
import io.kelp.mapper.DeviceMethod;
import io.kelp.mapper.DeviceProperty;
import io.kelp.mapper.DeviceProperty.AccessMode;
import io.kelp.mapper.PropertyType;
import io.kelp.mapper.Settings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Makes what a driver needs to know from a Device and its DeviceModel, of either API generation
 * (device specification, sections 1.2 to 1.7).
 */
final class DeviceConfigReader {

    /** Cycle of properties that name none (mapper framework: 1 s). */
    static final Duration DEFAULT_CYCLE = Duration.ofSeconds(1);

    private static final Duration LONGEST_CYCLE = Duration.ofDays(1);
    private static final long NANOS_PER_MILLI = 1_000_000;

    /** As milliseconds 11 days; written by people who mean nanoseconds, the unit until release 1.17. */
    private static final long SURELY_NANOS = 1_000_000_000;

    private static final int MOST_METHODS = 256;

    private final Duration shortestCycle;
    private final ReportRule.Defaults defaults;

    DeviceConfigReader(Duration shortestCycle, ReportRule.Defaults defaults) {
        this.shortestCycle = shortestCycle;
        this.defaults = defaults;
    }

    /** Name of the model that the device refers to, empty if none. */
    static String modelName(Device device) {
        return Json.text(Json.object(spec(device.object()), "deviceModelRef"), "name");
    }

    /** @throws ConfigurationException when a property of the model has a type or bound that does not exist, or a rule of reporting is wrong */
    DevicePlan read(Device device) throws ConfigurationException {
        JsonObject spec = spec(device.object());
        JsonObject model = spec(device.model());
        boolean classic = device.generation() == Generation.CLASSIC;
        String where = "device " + device.id();

        Map<String, Object> settings = new LinkedHashMap<>();
        String protocol = protocol(device, settings);

        Map<String, JsonObject> modelProperties = Json.byName(Json.array(model, "properties"), "name");
        Map<String, JsonObject> deviceProperties = classic
                ? Json.byName(Json.array(spec, "propertyVisitors"), "propertyName")
                : Json.byName(Json.array(spec, "properties"), "name");
        List<DeviceProperty> properties = new ArrayList<>();
        Map<String, ReportRule> rules = new LinkedHashMap<>();
        for (String name : names(device, classic, modelProperties, deviceProperties)) {
            properties.add(property(where + ", property " + name, name, classic,
                    modelProperties.get(name), deviceProperties.get(name), device.twins().get(name), rules));
        }
        return new DevicePlan(new DeviceConfig(device.id().namespace(), device.id().name(), modelName(device), protocol,
                new Settings(where, settings), properties, methods(spec)), rules);
    }

    /** The protocol that the device names, or else its model; empty if neither does. */
    static String protocol(Device device) {
        return protocol(device, new LinkedHashMap<>());
    }

    private static String protocol(Device device, Map<String, Object> settings) {
        JsonObject spec = spec(device.object());
        JsonObject model = spec(device.model());
        boolean classic = device.generation() == Generation.CLASSIC;
        JsonObject section = Json.object(spec, "protocol");
        String protocol;
        if (classic) {
            protocol = ClassicSections.protocol(section, settings);
        } else {
            Json.putAll(settings, Json.object(model, "protocolConfigData"));
            Json.putAll(settings, Json.object(section, "configData"));
            protocol = Json.text(section, "protocolName");
        }
        if (protocol.isEmpty()) {
            protocol = protocolOfVisitors(spec, classic);
        }
        return protocol.isEmpty() ? Json.text(model, "protocol") : protocol;
    }

    private static List<DeviceMethod> methods(JsonObject spec) {
        List<DeviceMethod> methods = new ArrayList<>();
        Json.byName(Json.array(spec, "methods"), "name").values().stream().limit(MOST_METHODS).forEach(method -> {
            List<String> properties = new ArrayList<>();
            for (JsonElement name : Json.array(method, "propertyNames")) {
                if (name.isJsonPrimitive()) {
                    properties.add(name.getAsString());
                }
            }
            methods.add(new DeviceMethod(Json.text(method, "name"), Json.text(method, "description"), properties));
        });
        return methods;
    }

    private static JsonObject spec(JsonObject object) {
        return Json.object(object, "spec");
    }

    /** Modern devices list what they have; classic ones have what the model has, and what they have a twin or visitor for. */
    private static Set<String> names(
            Device device, boolean classic, Map<String, JsonObject> ofModel, Map<String, JsonObject> ofDevice) {
        Set<String> names = new LinkedHashSet<>(ofDevice.keySet());
        if (classic || names.isEmpty()) {
            names.addAll(ofModel.keySet());
            names.addAll(device.twins().keySet());
        }
        return names;
    }

    private static String protocolOfVisitors(JsonObject spec, boolean classic) {
        Set<String> found = new LinkedHashSet<>();
        for (JsonElement element : Json.array(spec, classic ? "propertyVisitors" : "properties")) {
            JsonObject property = Json.object(element);
            found.add(classic
                    ? ClassicSections.visitor(property, new LinkedHashMap<>())
                    : Json.text(Json.object(property, "visitors"), "protocolName"));
        }
        found.remove("");
        return found.size() == 1 ? found.iterator().next() : "";
    }

    private DeviceProperty property(String where, String name, boolean classic, JsonObject ofModel, JsonObject ofDevice, Twin twin,
            Map<String, ReportRule> rules) throws ConfigurationException {
        Map<String, Object> visitor = new LinkedHashMap<>();
        JsonObject traits = new JsonObject(); // accessMode, minimum, maximum, unit
        String type = twin == null ? "" : twin.type();
        if (classic) {
            ClassicSections.visitor(ofDevice, visitor);
            JsonObject types = Json.object(ofModel, "type");
            if (!types.keySet().isEmpty()) {
                type = types.keySet().iterator().next();
                traits = Json.object(types, type);
            }
        } else {
            Json.putAll(visitor, Json.object(Json.object(ofModel, "visitors"), "configData"));
            Json.putAll(visitor, Json.object(Json.object(ofDevice, "visitors"), "configData"));
            if (ofModel != null) {
                traits = ofModel;
                type = Json.text(ofModel, "type");
            }
        }
        Settings bounds = new Settings(where, Json.map(traits));
        Double minimum = bound(bounds, "minimum");
        Double maximum = bound(bounds, "maximum");
        if (minimum != null && minimum.equals(maximum) && minimum == 0) {
            // Both zero is how some writers spell "no bounds".
            minimum = null;
            maximum = null;
        }
        PropertyType known = type(where, type, ofModel != null);
        Duration reportCycle = cycle(ofDevice, "reportCycle", classic, Duration.ZERO);
        rules.put(name, ReportRule.take(where, visitor, known, reportCycle, Json.flag(ofDevice, "reportToCloud"), defaults));
        return new DeviceProperty(name, known,
                "ReadOnly".equalsIgnoreCase(Json.text(traits, "accessMode")) ? AccessMode.READ_ONLY : AccessMode.READ_WRITE,
                minimum, maximum, Json.text(traits, "unit"),
                cycle(ofDevice, "collectCycle", classic, DEFAULT_CYCLE),
                reportCycle,
                new Settings(where, visitor));
    }

    private static PropertyType type(String where, String name, boolean ofModel) throws ConfigurationException {
        if (name.isEmpty()) {
            return PropertyType.STRING;
        }
        try {
            return PropertyType.named(name);
        } catch (IllegalArgumentException e) {
            if (ofModel) {
                throw new ConfigurationException(where + ", key type: " + e.getMessage(), e);
            }
            return PropertyType.STRING; // a twin's type may be anything, see trap 5
        }
    }

    private static Double bound(Settings traits, String key) throws ConfigurationException {
        return traits.text(key, "").isBlank() ? null : Double.valueOf(traits.real(key, -Double.MAX_VALUE, Double.MAX_VALUE));
    }

    /** Nanoseconds in classic objects, milliseconds in modern ones; values that make sense only in the other unit are taken so. */
    private Duration cycle(JsonObject property, String key, boolean classic, Duration absent) {
        long raw = Json.whole(property, key);
        if (raw == 0) {
            return absent;
        }
        if (raw < 0) {
            return Duration.ZERO;
        }
        boolean nanos = classic ? raw >= NANOS_PER_MILLI : raw >= SURELY_NANOS;
        Duration cycle = nanos ? Duration.ofNanos(raw) : Duration.ofMillis(raw);
        return cycle.compareTo(shortestCycle) < 0 ? shortestCycle : cycle.compareTo(LONGEST_CYCLE) > 0 ? LONGEST_CYCLE : cycle;
    }

    /** The sections of {@code v1alpha2} for protocol and visitors, as the flat maps of {@code v1beta1}. */
    private static final class ClassicSections {

        /** Puts the settings; returns the protocol's name, empty if there is none. */
        static String protocol(JsonObject protocol, Map<String, Object> settings) {
            JsonObject common = Json.object(protocol, "common");
            Json.map(common).forEach((key, value) -> {
                if (value instanceof Map<?, ?> part) { // com, tcp, customizedValues
                    part.forEach((k, v) -> settings.put(String.valueOf(k), v));
                } else {
                    settings.put(key, value);
                }
            });
            return section(protocol, settings);
        }

        static String visitor(JsonObject visitor, Map<String, Object> settings) {
            Json.putAll(settings, Json.object(visitor, "customizedValues"));
            return section(visitor, settings);
        }

        private static String section(JsonObject parent, Map<String, Object> settings) {
            JsonObject customized = Json.object(parent, "customizedProtocol");
            if (!customized.keySet().isEmpty()) {
                Json.putAll(settings, Json.object(customized, "configData"));
                return Json.text(customized, "protocolName");
            }
            for (String name : List.of("modbus", "opcua", "bluetooth")) {
                if (parent != null && parent.has(name) && parent.get(name).isJsonObject()) {
                    Json.putAll(settings, parent.getAsJsonObject(name));
                    return name;
                }
            }
            return "";
        }
    }
}
