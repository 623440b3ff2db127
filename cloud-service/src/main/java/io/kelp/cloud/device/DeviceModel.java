package io.kelp.cloud.device;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.cloud.hub.GatewayObject;

/**
 * What is kept of a DeviceModel.
 *
 * @param protocol as its spec says, empty when it does not
 * @param text the whole object as JSON text
 */
record DeviceModel(String namespace, String name, String uid, String resourceVersion, Generation generation, String protocol, String text) {

    static final String TYPE = "devicemodel";

    static DeviceModel of(JsonObject object) {
        JsonObject metadata = Json.object(object, "metadata");
        return new DeviceModel(Json.text(metadata, "namespace"), Json.text(metadata, "name"), Json.text(metadata, "uid"),
                Json.text(metadata, "resourceVersion"), Generation.ofModel(object), Json.text(Json.object(object, "spec"), "protocol"),
                object.toString());
    }

    JsonObject tree() {
        return JsonParser.parseString(text).getAsJsonObject();
    }

    GatewayObject forDelivery(String source) {
        return new GatewayObject(source, generation.apiVersion(), "DeviceModel", TYPE, namespace, name, uid, resourceVersion,
                () -> WireForms.model(tree(), generation));
    }
}
