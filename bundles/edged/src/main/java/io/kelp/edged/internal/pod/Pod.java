package io.kelp.edged.internal.pod;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.metamanager.MetaStore.MetaObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A pod as the cloud or a manifest says it should be.
 *
 * @param namespace its namespace
 * @param name its name
 * @param uid its uid; of a static pod the hash of its manifest
 * @param resourceVersion empty for a static pod
 * @param json the object as Kubernetes has it; not to be changed
 */
public record Pod(String namespace, String name, String uid, String resourceVersion, JsonObject json) {

    /** Of an object of type {@code pod}. */
    public static Pod of(MetaObject object) {
        return new Pod(object.namespace(), object.name(), object.uid(), object.resourceVersion(), object.json());
    }

    public JsonObject metadata() {
        return object(json, "metadata");
    }

    public JsonObject spec() {
        return object(json, "spec");
    }

    /** The status that came with the object, empty if none did. */
    public JsonObject status() {
        return object(json, "status");
    }

    public Map<String, String> labels() {
        return texts(metadata(), "labels");
    }

    public Map<String, String> annotations() {
        return texts(metadata(), "annotations");
    }

    /** Whether somebody wants it gone. */
    public boolean isDeleted() {
        return metadata().has("deletionTimestamp") && !metadata().get("deletionTimestamp").isJsonNull();
    }

    public List<JsonObject> initContainers() {
        return objects(spec(), "initContainers");
    }

    public List<JsonObject> containers() {
        return objects(spec(), "containers");
    }

    /** A member that is an object; an empty one when it is not there. */
    public static JsonObject object(JsonObject parent, String member) {
        return parent.get(member) instanceof JsonObject object ? object : new JsonObject();
    }

    /** The objects in a member that is an array; none when it is not there. */
    public static List<JsonObject> objects(JsonObject parent, String member) {
        List<JsonObject> all = new ArrayList<>();
        if (parent.get(member) instanceof JsonArray array) {
            for (JsonElement each : array) {
                if (each instanceof JsonObject object) {
                    all.add(object);
                }
            }
        }
        return all;
    }

    /** A member that is a text, number or boolean, as text; empty when it is not there. */
    public static String text(JsonObject parent, String member) {
        JsonElement value = parent.get(member);
        return value != null && value.isJsonPrimitive() ? value.getAsString() : "";
    }

    private static Map<String, String> texts(JsonObject parent, String member) {
        Map<String, String> all = new LinkedHashMap<>();
        object(parent, member).entrySet().forEach(e -> {
            if (e.getValue().isJsonPrimitive()) {
                all.put(e.getKey(), e.getValue().getAsString());
            }
        });
        return all;
    }

    @Override
    public String toString() {
        return namespace + "/" + name;
    }
}
