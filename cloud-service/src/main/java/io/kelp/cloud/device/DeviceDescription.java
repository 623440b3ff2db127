package io.kelp.cloud.device;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What the Device and its DeviceModel say, the same for both generations (specification sections 1.2 to 1.5).
 *
 * @param uid of the Device
 * @param model name of its model, empty when it names none
 * @param hasModel whether that model exists
 * @param protocol as the Device names it, else the model; empty when neither does
 * @param description the Device's label {@code description}; may be empty
 * @param created creationTimestamp, RFC 3339; may be empty
 * @param desiredSinceMillis Unix time of the last write of a desired value, to the second; 0 when the object does not tell
 * @param properties in the order of the Device
 * @param methods in the order of the Device; v1alpha2 has none
 */
public record DeviceDescription(String uid, String model, boolean hasModel, String protocol, String description,
        String created, long desiredSinceMillis, List<Property> properties, List<Method> methods) {

    /** Prefix of annotations that list what a property may be; for Device and DeviceModel, the Device's counts first. */
    public static final String OPTIONS_ANNOTATION = "values.kelp.io/";

    private static final int MAX_OPTIONS = 100;

    /** What a value is; v1alpha2 and v1beta1 name the same types in different cases. */
    public enum Type { INT, FLOAT, DOUBLE, STRING, BOOLEAN, BYTES, STREAM, UNKNOWN }

    /**
     * A property.
     *
     * @param writable unless the model says {@code ReadOnly}; streams are never
     * @param minimum as the model says, empty when it says nothing
     * @param maximum as the model says, empty when it says nothing
     * @param defaultValue of a v1alpha2 model; empty when there is none
     * @param options what the value may be: an array {@code enum} in the visitor's {@code configData}, or the
     *     annotation {@value DeviceDescription#OPTIONS_ANNOTATION} + name, separated by commas; empty when neither is there
     */
    public record Property(String name, String description, Type type, boolean writable, String minimum, String maximum,
            String unit, String defaultValue, List<String> options) {}

    /** What a device can be asked to do. @param properties names of those for which values may be given */
    public record Method(String name, String description, List<String> properties) {}

    /** @param model may be {@code null} */
    static DeviceDescription of(Device device, DeviceModel model) {
        JsonObject tree = device.tree();
        JsonObject modelTree = model == null ? new JsonObject() : model.tree();
        boolean classic = device.generation() == Generation.CLASSIC;
        JsonObject spec = Json.object(tree, "spec");
        Map<String, JsonObject> modelProperties = byName(Json.array(Json.object(modelTree, "spec"), "properties"), "name");
        List<Property> properties = new ArrayList<>();
        String key = classic ? "propertyName" : "name";
        byName(classic ? Json.array(Json.object(tree, "status"), "twins") : Json.array(spec, "properties"), key)
                .forEach((name, own) -> properties.add(property(name, own, modelProperties.getOrDefault(name, new JsonObject()), tree, modelTree)));
        return new DeviceDescription(device.uid(), device.model(), model != null, protocol(spec, modelTree), device.description(),
                device.created(), classic ? 0 : desiredSince(tree), List.copyOf(properties), classic ? List.of() : methods(spec));
    }

    private static List<Method> methods(JsonObject spec) {
        return byName(Json.array(spec, "methods"), "name").entrySet().stream().map(entry -> {
            List<String> names = new ArrayList<>();
            for (JsonElement name : Json.array(entry.getValue(), "propertyNames")) {
                if (name instanceof JsonPrimitive text) {
                    names.add(text.getAsString());
                }
            }
            return new Method(entry.getKey(), Json.text(entry.getValue(), "description"), List.copyOf(names));
        }).toList();
    }

    private static Map<String, JsonObject> byName(JsonArray list, String key) {
        Map<String, JsonObject> byName = new LinkedHashMap<>();
        for (JsonElement element : list) {
            if (element instanceof JsonObject object && !Json.text(object, key).isEmpty()) {
                byName.putIfAbsent(Json.text(object, key), object);
            }
        }
        return byName;
    }

    private static Property property(String name, JsonObject own, JsonObject model, JsonObject device, JsonObject modelTree) {
        JsonObject traits = model;
        String type = Json.text(model, "type");
        if (model.get("type") instanceof JsonObject classicType && !classicType.isEmpty()) {
            type = classicType.keySet().iterator().next();
            traits = Json.object(classicType, type);
        }
        Type known = type(type);
        boolean writable = known != Type.STREAM && !Json.text(traits, "accessMode").equalsIgnoreCase("ReadOnly");
        String minimum = Json.text(traits, "minimum");
        String maximum = Json.text(traits, "maximum");
        if (minimum.equals("0") && maximum.equals("0")) {
            minimum = ""; // what programs write that leave both out
            maximum = "";
        }
        return new Property(name, Json.text(model, "description"), known, writable, minimum, maximum, Json.text(traits, "unit"),
                Json.text(traits, "defaultValue"), options(name, own, model, device, modelTree));
    }

    private static Type type(String name) {
        return Arrays.stream(Type.values()).filter(t -> t.name().equals(name.toUpperCase(Locale.ROOT))).findAny().orElse(Type.UNKNOWN);
    }

    private static List<String> options(String name, JsonObject own, JsonObject model, JsonObject device, JsonObject modelTree) {
        for (JsonObject tree : List.of(device, modelTree)) {
            String text = Json.text(Json.object(Json.object(tree, "metadata"), "annotations"), OPTIONS_ANNOTATION + name);
            List<String> options = Arrays.stream(text.split(",")).map(String::strip).filter(o -> !o.isEmpty()).limit(MAX_OPTIONS).toList();
            if (!options.isEmpty()) {
                return options;
            }
        }
        for (JsonObject property : List.of(own, model)) {
            List<String> options = new ArrayList<>();
            for (JsonElement option : Json.array(Json.object(Json.object(property, "visitors"), "configData"), "enum")) {
                if (option instanceof JsonPrimitive value && options.size() < MAX_OPTIONS) {
                    options.add(value.getAsString());
                }
            }
            if (!options.isEmpty()) {
                return List.copyOf(options);
            }
        }
        return List.of();
    }

    static String protocol(JsonObject spec, JsonObject model) {
        JsonObject protocol = Json.object(spec, "protocol");
        String name = Json.text(protocol, "protocolName");
        if (name.isEmpty()) {
            name = Json.text(Json.object(protocol, "customizedProtocol"), "protocolName");
        }
        if (name.isEmpty()) {
            name = protocol.keySet().stream().filter(key -> !key.equals("common")).findFirst().orElse("");
        }
        return name.isEmpty() ? Json.text(Json.object(model, "spec"), "protocol") : name;
    }

    /** The newest of the managers that have set {@code spec.properties}, which is owned as a whole. */
    private static long desiredSince(JsonObject device) {
        long newest = 0;
        for (JsonElement element : Json.array(Json.object(device, "metadata"), "managedFields")) {
            if (element instanceof JsonObject entry
                    && Json.object(Json.object(entry, "fieldsV1"), "f:spec").has("f:properties")) {
                newest = Math.max(newest, millis(Json.text(entry, "time")));
            }
        }
        return newest;
    }

    private static long millis(String time) {
        try {
            return Instant.parse(time).toEpochMilli();
        } catch (DateTimeParseException e) {
            return 0; // a manager without a time
        }
    }
}
