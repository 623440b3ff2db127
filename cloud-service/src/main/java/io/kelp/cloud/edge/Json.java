package io.kelp.cloud.edge;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;

/** Reads members of Kubernetes objects that may be absent. */
final class Json {

    private Json() {}

    static String string(JsonObject object, String... path) {
        JsonElement at = object;
        for (String name : path) {
            at = at instanceof JsonObject o ? o.get(name) : null;
        }
        return at != null && at.isJsonPrimitive() ? at.getAsString() : "";
    }

    static String resourceVersion(JsonObject object) {
        return string(object, "metadata", "resourceVersion");
    }
}
