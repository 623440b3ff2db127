package io.kelp.devicetwin.internal;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.devicetwin.DeviceTwins.Generation;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Reads Device and DeviceModel objects of both generations (device specification, sections 1.2 to 1.5). A member
 * of the wrong type counts as absent: the API server has checked what matters. Stateless.
 */
final class DeviceObject {

    private static final int MAX_PROPERTIES = 4096;

    private DeviceObject() {}

    /**
     * What the cloud wants of a property.
     *
     * @param value {@code null} when it wants nothing
     * @param type type of the twin, one that MQTT clients know
     */
    record Desired(String value, String type) {}

    /** Generation by the fields present, since a device may have lost its apiVersion on the way (section 5.6 of the channel). */
    static Generation generation(JsonObject device) {
        JsonObject spec = object(device, "spec");
        if (has(spec, "nodeName") || has(spec, "properties") || has(spec, "methods")) {
            return Generation.MODERN;
        }
        if (has(spec, "nodeSelector") || has(spec, "propertyVisitors") || has(spec, "data") || hasClassicTwins(device)) {
            return Generation.CLASSIC;
        }
        return text(device, "apiVersion").endsWith("/v1alpha2") ? Generation.CLASSIC : Generation.MODERN;
    }

    private static boolean hasClassicTwins(JsonObject device) {
        for (JsonElement twin : array(object(device, "status"), "twins")) {
            if (twin.isJsonObject() && twin.getAsJsonObject().has("desired")) {
                return true;
            }
        }
        return false;
    }

    /** Property name → what the cloud wants, for all properties of the device, in the order of the object. */
    static Map<String, Desired> desired(JsonObject device, JsonObject model, Generation generation) {
        Map<String, Desired> desired = new LinkedHashMap<>();
        boolean classic = generation == Generation.CLASSIC;
        JsonArray list = classic ? array(object(device, "status"), "twins") : array(object(device, "spec"), "properties");
        Map<String, JsonObject> ofModel = new HashMap<>(); // a device may have thousands of properties
        for (JsonElement element : array(object(model, "spec"), "properties")) {
            if (element.isJsonObject()) {
                ofModel.putIfAbsent(text(element.getAsJsonObject(), "name"), element.getAsJsonObject());
            }
        }
        for (JsonElement element : list) {
            JsonObject property = element.isJsonObject() ? element.getAsJsonObject() : new JsonObject();
            String name = text(property, classic ? "propertyName" : "name");
            if (ValueRules.isName(name) && desired.size() < MAX_PROPERTIES) {
                JsonObject wish = object(property, "desired");
                String value = text(wish, "value");
                String type = text(object(wish, "metadata"), "type");
                desired.put(name, new Desired(value.isEmpty() ? null : value,
                        twinType(type.isEmpty() ? type(ofModel.getOrDefault(name, new JsonObject())) : type)));
            }
        }
        return desired;
    }

    /** Type of a property as the model has it, in the words of twins; {@code string} when it does not say. */
    static String modelType(JsonObject model, String property) {
        return type(modelProperty(model, property));
    }

    private static String type(JsonObject modelProperty) {
        JsonElement type = modelProperty.get("type");
        if (type == null || type.isJsonNull()) {
            return TwinState.DEFAULT_TYPE;
        }
        if (type.isJsonObject()) { // classic: one sub-object named after the type
            return type.getAsJsonObject().keySet().stream().findFirst().orElse(TwinState.DEFAULT_TYPE);
        }
        return type.isJsonPrimitive() ? type.getAsString() : TwinState.DEFAULT_TYPE;
    }

    /** The property in the model, empty when the model does not have it. */
    static JsonObject modelProperty(JsonObject model, String property) {
        for (JsonElement element : array(object(model, "spec"), "properties")) {
            if (element.isJsonObject() && text(element.getAsJsonObject(), "name").equals(property)) {
                return element.getAsJsonObject();
            }
        }
        return new JsonObject();
    }

    /** Twins know fewer types than models; a stock gateway drops the others without a word (trap 8). */
    private static String twinType(String type) {
        return switch (type.toLowerCase(java.util.Locale.ROOT)) {
            case "int", "integer" -> "int";
            case "float", "double" -> "float";
            case "boolean" -> "boolean";
            default -> TwinState.DEFAULT_TYPE;
        };
    }

    static String modelName(JsonObject device) {
        return text(object(object(device, "spec"), "deviceModelRef"), "name");
    }

    static String description(JsonObject device) {
        return text(object(object(device, "metadata"), "labels"), "description");
    }

    /** The same object without what only the API server needs. */
    static JsonObject slim(JsonObject object) {
        JsonObject slim = object.deepCopy();
        object(slim, "metadata").remove("managedFields");
        return slim;
    }

    /**
     * The object without what changes by itself: reported values, versions and their bookkeeping. Two objects that
     * are equal in this mean the same to the gateway, so the later one need not be written to the disk.
     */
    static JsonObject material(JsonObject device) {
        JsonObject material = slim(device);
        JsonObject metadata = object(material, "metadata");
        metadata.remove("resourceVersion");
        metadata.remove("generation");
        material.remove("kind");
        material.remove("apiVersion");
        for (JsonElement twin : array(object(material, "status"), "twins")) {
            if (twin.isJsonObject()) {
                twin.getAsJsonObject().remove("reported");
                twin.getAsJsonObject().remove("observedDesired");
            }
        }
        return material;
    }

    static JsonObject object(JsonObject json, String name) {
        JsonElement member = json == null ? null : json.get(name);
        return member != null && member.isJsonObject() ? member.getAsJsonObject() : new JsonObject();
    }

    static JsonArray array(JsonObject json, String name) {
        JsonElement member = json.get(name);
        return member != null && member.isJsonArray() ? member.getAsJsonArray() : new JsonArray();
    }

    static String text(JsonObject json, String name) {
        JsonElement member = json.get(name);
        return member != null && member.isJsonPrimitive() ? member.getAsString() : "";
    }

    private static boolean has(JsonObject json, String name) {
        return json.has(name) && !json.get(name).isJsonNull();
    }
}
