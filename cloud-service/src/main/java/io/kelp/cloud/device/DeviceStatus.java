package io.kelp.cloud.device;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;

/**
 * What is kept of a DeviceStatus.
 *
 * @param ownerUid uid of the Device that it belongs to, empty when nobody said
 * @param text its {@code status} as JSON text
 */
record DeviceStatus(String namespace, String name, String uid, String resourceVersion, String ownerUid, String text) {

    static DeviceStatus of(JsonObject object) {
        JsonObject metadata = Json.object(object, "metadata");
        return new DeviceStatus(Json.text(metadata, "namespace"), Json.text(metadata, "name"), Json.text(metadata, "uid"),
                Json.text(metadata, "resourceVersion"), ownerUid(metadata), Json.object(object, "status").toString());
    }

    JsonObject status() {
        return JsonParser.parseString(text).getAsJsonObject();
    }

    private static String ownerUid(JsonObject metadata) {
        for (JsonElement owner : Json.array(metadata, "ownerReferences")) {
            if (owner instanceof JsonObject reference && Json.text(reference, "kind").equals("Device")) {
                return Json.text(reference, "uid");
            }
        }
        return "";
    }
}
