package io.kelp.cloud.device;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.List;

/**
 * The two device APIs (specification section 0). Both are read through the same stored version, so
 * the fields that are there tell which one an object was written for.
 */
enum Generation {

    /** v1alpha2: node selector, desired and reported in {@code status.twins}. */
    CLASSIC("v1alpha2"),
    /** v1beta1: node name, desired in {@code spec.properties}, reported in DeviceStatus. */
    MODERN("v1beta1");

    private static final List<String> CLASSIC_PROTOCOLS = List.of("opcua", "modbus", "bluetooth", "common", "customizedProtocol");

    private final String version;

    Generation(String version) {
        this.version = version;
    }

    String apiVersion() {
        return "devices.kubeedge.io/" + version;
    }

    static Generation ofDevice(JsonObject device) {
        JsonObject spec = Json.object(device, "spec");
        if (!Json.text(spec, "nodeName").isEmpty() || !Json.array(spec, "properties").isEmpty()) {
            return MODERN;
        }
        boolean classic = spec.has("nodeSelector") || spec.has("propertyVisitors") || spec.has("data")
                || CLASSIC_PROTOCOLS.stream().anyMatch(Json.object(spec, "protocol")::has)
                || hasDesired(Json.array(Json.object(device, "status"), "twins"));
        return classic ? CLASSIC : MODERN;
    }

    static Generation ofModel(JsonObject model) {
        for (JsonElement property : Json.array(Json.object(model, "spec"), "properties")) {
            if (property instanceof JsonObject object && object.get("type") instanceof JsonObject) {
                return CLASSIC;
            }
        }
        return MODERN;
    }

    private static boolean hasDesired(JsonArray twins) {
        for (JsonElement twin : twins) {
            if (twin instanceof JsonObject object && object.has("desired")) {
                return true;
            }
        }
        return false;
    }
}
