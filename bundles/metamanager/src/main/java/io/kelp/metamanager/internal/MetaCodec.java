package io.kelp.metamanager.internal;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.kelp.metamanager.MetaStore.MetaObject;
import io.kelp.store.RecordCodec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Objects as JSON text: where they belong, and the object as Kubernetes has it. */
final class MetaCodec implements RecordCodec<MetaObject> {

    @Override
    public byte[] write(MetaObject record) {
        JsonObject json = new JsonObject();
        json.addProperty("type", record.type());
        json.addProperty("namespace", record.namespace());
        json.addProperty("name", record.name());
        json.add("object", record.json());
        return json.toString().getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public MetaObject read(byte[] bytes) throws IOException {
        try {
            JsonObject json = JsonParser.parseString(new String(bytes, StandardCharsets.UTF_8)).getAsJsonObject();
            return object(json.get("type").getAsString(), json.get("namespace").getAsString(),
                    json.get("name").getAsString(), json.getAsJsonObject("object"));
        } catch (JsonParseException | IllegalStateException | NullPointerException | UnsupportedOperationException
                | ClassCastException e) { // what Gson throws for JSON of another shape
            throw new IOException("not a stored object: " + e.getMessage(), e);
        }
    }

    /** The object with its uid and resourceVersion, each empty when it has none. */
    static MetaObject object(String type, String namespace, String name, JsonObject json) {
        return new MetaObject(type, namespace, name, metadata(json, "uid"), metadata(json, "resourceVersion"), json);
    }

    /** A text in the metadata of an object, empty when it is not there. */
    static String metadata(JsonObject json, String member) {
        JsonElement metadata = json.get("metadata");
        JsonElement value = metadata != null && metadata.isJsonObject() ? metadata.getAsJsonObject().get(member) : null;
        return value != null && value.isJsonPrimitive() ? value.getAsString() : "";
    }
}
