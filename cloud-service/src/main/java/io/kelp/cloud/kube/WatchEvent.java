package io.kelp.cloud.kube;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * One line of a watch.
 *
 * @param type {@code ADDED}, {@code MODIFIED}, {@code DELETED}, {@code BOOKMARK} or {@code ERROR}
 * @param object the object with metadata; a Status when the type is {@code ERROR}
 */
record WatchEvent(String type, JsonObject object) {

    /** @throws IOException when the line is not an event */
    static WatchEvent read(byte[] line) throws IOException {
        try {
            JsonObject event = JsonParser.parseString(new String(line, StandardCharsets.UTF_8)).getAsJsonObject();
            if (event.get("type") instanceof JsonPrimitive type
                    && event.get("object") instanceof JsonObject object
                    && (type.getAsString().equals("ERROR") || hasMetadata(object))) {
                return new WatchEvent(type.getAsString(), object);
            }
        } catch (JsonParseException | IllegalStateException e) {
            throw new IOException("A watch event is not a JSON object.", e);
        }
        throw new IOException("A watch event has no type or no object with metadata.");
    }

    String resourceVersion() {
        return object.getAsJsonObject("metadata").get("resourceVersion").getAsString();
    }

    KubeException refusal() {
        JsonElement code = object.get("code");
        return new KubeException(code == null || !code.isJsonPrimitive() ? 500 : code.getAsInt(), object);
    }

    private static boolean hasMetadata(JsonObject object) {
        return object.get("metadata") instanceof JsonObject metadata
                && metadata.get("resourceVersion") instanceof JsonPrimitive;
    }
}
