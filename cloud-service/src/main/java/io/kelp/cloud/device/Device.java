package io.kelp.cloud.device;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.cloud.hub.GatewayObject;

/**
 * What is kept of a Device.
 *
 * @param node the node that it is bound to, empty when none
 * @param model name of its model, empty when it has none
 * @param description its label {@code description}, empty when there is none
 * @param created creationTimestamp, which orders devices
 * @param protocol as its spec says, in whatever form; empty when it does not
 * @param namesProtocol whether the spec has it as {@code protocol.protocolName}
 * @param columns what its status has for lists
 * @param text the whole object as JSON text, an eighth of what a tree takes
 */
record Device(String namespace, String name, String uid, String resourceVersion, Generation generation, String node,
        String model, String description, String created, String protocol, boolean namesProtocol, StatusColumns columns, String text) {

    static final String TYPE = "device";

    /** Reads an object of the API server; any of either generation. */
    static Device of(JsonObject object) {
        JsonObject metadata = Json.object(object, "metadata");
        JsonObject spec = Json.object(object, "spec");
        Generation generation = Generation.ofDevice(object);
        return new Device(Json.text(metadata, "namespace"), Json.text(metadata, "name"), Json.text(metadata, "uid"),
                Json.text(metadata, "resourceVersion"), generation,
                generation == Generation.MODERN ? Json.text(spec, "nodeName") : selectedNode(spec),
                Json.text(Json.object(spec, "deviceModelRef"), "name"),
                Json.text(Json.object(metadata, "labels"), "description"), Json.text(metadata, "creationTimestamp"),
                DeviceDescription.protocol(spec, new JsonObject()), !Json.text(Json.object(spec, "protocol"), "protocolName").isEmpty(),
                StatusColumns.of(object), object.toString());
    }

    /** {@code <namespace>/<name>}. */
    String key() {
        return namespace + "/" + name;
    }

    /** The id that its generation has on the wire and in MQTT topics. */
    String id() {
        return generation == Generation.CLASSIC ? name : key();
    }

    JsonObject tree() {
        return JsonParser.parseString(text).getAsJsonObject();
    }

    /** The object for delivery with the given source of the message. */
    GatewayObject forDelivery(String source) {
        return new GatewayObject(source, generation.apiVersion(), "Device", TYPE, namespace, name, uid, resourceVersion,
                () -> WireForms.device(tree(), generation));
    }

    /** Only the first value of the first expression counts, as in the original. */
    private static String selectedNode(JsonObject spec) {
        JsonObject term = first(Json.array(Json.object(spec, "nodeSelector"), "nodeSelectorTerms"));
        JsonArray values = Json.array(first(Json.array(term, "matchExpressions")), "values");
        return values.isEmpty() || !values.get(0).isJsonPrimitive() ? "" : values.get(0).getAsString();
    }

    private static JsonObject first(JsonArray array) {
        JsonElement element = array.isEmpty() ? null : array.get(0);
        return element instanceof JsonObject object ? object : new JsonObject();
    }
}
