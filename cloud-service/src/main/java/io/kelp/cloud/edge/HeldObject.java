package io.kelp.cloud.edge;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.cloud.hub.GatewayObject;
import java.nio.charset.StandardCharsets;

/**
 * What is kept of an object that may go to gateways: its identity and its JSON as bytes, a tenth of
 * the size of the tree.
 *
 * @param namespace empty for cluster-scoped objects
 * @param json UTF-8; {@code null} when the content is not kept because no gateway needs it
 */
record HeldObject(String kind, String type, String namespace, String name, String uid, String resourceVersion, byte[] json) {

    static HeldObject of(String kind, String type, JsonObject object, boolean withContent) {
        return new HeldObject(kind, type, Json.string(object, "metadata", "namespace"), Json.string(object, "metadata", "name"),
                Json.string(object, "metadata", "uid"), Json.resourceVersion(object),
                withContent ? typed(kind, object).toString().getBytes(StandardCharsets.UTF_8) : null);
    }

    /** Lists of the API server leave kind and apiVersion of their items out; edges need them first of all. */
    private static JsonObject typed(String kind, JsonObject object) {
        JsonObject typed = new JsonObject();
        typed.addProperty("kind", kind);
        typed.addProperty("apiVersion", "v1");
        object.entrySet().forEach(e -> typed.add(e.getKey(), e.getValue()));
        typed.addProperty("kind", kind);
        typed.addProperty("apiVersion", "v1");
        return typed;
    }

    GatewayObject gatewayObject() {
        byte[] bytes = json;
        return new GatewayObject("edgecontroller", "v1", kind, type, namespace.isEmpty() ? "null" : namespace, name, uid,
                resourceVersion, () -> JsonParser.parseString(new String(bytes, StandardCharsets.UTF_8)).getAsJsonObject());
    }

    String key() {
        return type + "/" + namespace + "/" + name;
    }
}
