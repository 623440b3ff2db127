package io.kelp.metamanager.internal;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.kelp.metamanager.MetaStore.MetaObject;
import io.kelp.store.RecordCodec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * Objects as JSON text: where they belong, and the object as Kubernetes has it; of Secrets the object
 * is sealed. Reads Secrets that an earlier version stored in the clear.
 */
final class MetaCodec implements RecordCodec<MetaCodec.Record> {

    static final String SECRET = "secret";

    /**
     * What is stored.
     *
     * @param object the object; without content when it is locked
     * @param locked why it cannot be opened, empty when it was
     * @param current whether it is stored as it would be stored today
     */
    record Record(MetaObject object, String locked, boolean current) {

        static Record of(MetaObject object) {
            return new Record(object, "", true);
        }
    }

    private final Sealer sealer;

    MetaCodec(Sealer sealer) {
        this.sealer = sealer;
    }

    /** @throws UncheckedIOException when there is no key to seal with */
    @Override
    public byte[] write(Record record) {
        MetaObject object = record.object();
        JsonObject json = new JsonObject();
        json.addProperty("type", object.type());
        json.addProperty("namespace", object.namespace());
        json.addProperty("name", object.name());
        if (object.type().equals(SECRET)) {
            try {
                json.add("sealed", sealer.seal(place(object.type(), object.namespace(), object.name()), object.json()));
            } catch (Sealer.LockedException e) {
                throw new UncheckedIOException(e);
            }
        } else {
            json.add("object", object.json());
        }
        return json.toString().getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public Record read(byte[] bytes) throws IOException {
        try {
            JsonObject json = JsonParser.parseString(new String(bytes, StandardCharsets.UTF_8)).getAsJsonObject();
            String type = json.get("type").getAsString();
            String namespace = json.get("namespace").getAsString();
            String name = json.get("name").getAsString();
            if (!json.has("sealed")) {
                if (type.equals(SECRET) && sealer.refusesClear()) {
                    return new Record(object(type, namespace, name, new JsonObject()),
                            "it is stored in the clear, which the gateway never does: somebody else has put it there", true);
                }
                return new Record(object(type, namespace, name, json.getAsJsonObject("object")), "", !type.equals(SECRET));
            }
            JsonObject sealed = json.getAsJsonObject("sealed");
            try {
                return new Record(object(type, namespace, name, sealer.open(place(type, namespace, name), sealed)), "",
                        sealer.isCurrent(sealed));
            } catch (Sealer.LockedException e) {
                return new Record(object(type, namespace, name, new JsonObject()), e.getMessage(), true);
            }
        } catch (JsonParseException | IllegalStateException | NullPointerException | UnsupportedOperationException
                | ClassCastException e) { // what Gson throws for JSON of another shape
            throw new IOException("not a stored object: " + e.getMessage(), e);
        }
    }

    private static String place(String type, String namespace, String name) {
        return "object\n" + type + "\n" + namespace + "\n" + name;
    }

    /** The object with its uid and resourceVersion, each empty when it has none. */
    static MetaObject object(String type, String namespace, String name, JsonObject json) {
        return new MetaObject(type, namespace, name, metadata(json, "uid"), metadata(json, "resourceVersion"), json);
    }

    /** The object without what only the API server needs: often half of it. The given one is not changed. */
    static JsonObject withoutManagedFields(JsonObject json) {
        if (!(json.get("metadata") instanceof JsonObject metadata) || !metadata.has("managedFields")) {
            return json;
        }
        JsonObject less = new JsonObject();
        metadata.entrySet().stream().filter(e -> !e.getKey().equals("managedFields")).forEach(e -> less.add(e.getKey(), e.getValue()));
        JsonObject copy = new JsonObject();
        json.entrySet().forEach(e -> copy.add(e.getKey(), e.getKey().equals("metadata") ? less : e.getValue()));
        return copy;
    }

    /** A text in the metadata of an object, empty when it is not there. */
    static String metadata(JsonObject json, String member) {
        JsonElement metadata = json.get("metadata");
        JsonElement value = metadata != null && metadata.isJsonObject() ? metadata.getAsJsonObject().get(member) : null;
        return value != null && value.isJsonPrimitive() ? value.getAsString() : "";
    }
}
