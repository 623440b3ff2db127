package io.kelp.cloud.workload;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;

/** Reads members of Kubernetes objects that may be absent. */
final class Objects {

    private Objects() {}

    static String text(JsonObject object, String... path) {
        JsonElement at = object;
        for (String name : path) {
            at = at instanceof JsonObject o ? o.get(name) : null;
        }
        return at != null && at.isJsonPrimitive() ? at.getAsString() : "";
    }

    static JsonObject object(JsonObject object, String... path) {
        JsonElement at = object;
        for (String name : path) {
            at = at instanceof JsonObject o ? o.get(name) : null;
        }
        return at instanceof JsonObject found ? found : new JsonObject();
    }

    /** The objects of a list; what is none is left out. */
    static List<JsonObject> list(JsonObject parent, String name) {
        List<JsonObject> found = new ArrayList<>();
        if (parent.get(name) instanceof JsonArray array) {
            for (JsonElement element : array) {
                if (element instanceof JsonObject object) {
                    found.add(object);
                }
            }
        }
        return found;
    }

    static JsonObject of(String name, JsonElement value) {
        JsonObject object = new JsonObject();
        object.add(name, value);
        return object;
    }
}
