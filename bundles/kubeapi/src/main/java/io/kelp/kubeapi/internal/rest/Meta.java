package io.kelp.kubeapi.internal.rest;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The {@code metadata} of an object. */
final class Meta {

    static final String ORPHAN = "orphan";
    static final String FOREGROUND = "foregroundDeletion";

    private Meta() {
    }

    /** Puts an empty one in when there is none. */
    static JsonObject of(JsonObject object) {
        JsonObject metadata = Json.object(object, "metadata");
        if (metadata == null) {
            metadata = new JsonObject();
            object.add("metadata", metadata);
        }
        return metadata;
    }

    static String text(JsonObject object, String field) {
        return Json.text(Json.object(object, "metadata"), field);
    }

    static String name(JsonObject object) {
        return text(object, "name");
    }

    static Map<String, String> labels(JsonObject object) {
        JsonObject labels = Json.object(Json.object(object, "metadata"), "labels");
        if (labels == null) {
            return Map.of();
        }
        Map<String, String> result = new LinkedHashMap<>();
        labels.entrySet().forEach(label -> result.put(label.getKey(), label.getValue().isJsonNull() ? "" : label.getValue().getAsString()));
        return result;
    }

    static List<String> finalizers(JsonObject object) {
        List<String> result = new ArrayList<>();
        Json.array(Json.object(object, "metadata"), "finalizers").forEach(f -> result.add(f.getAsString()));
        return result;
    }

    static void setFinalizers(JsonObject object, List<String> finalizers) {
        if (finalizers.isEmpty()) {
            of(object).remove("finalizers");
        } else {
            JsonArray array = new JsonArray();
            finalizers.forEach(array::add);
            of(object).add("finalizers", array);
        }
    }

    static boolean deleting(JsonObject object) {
        return !text(object, "deletionTimestamp").isEmpty();
    }

    /** @return 0 when there is none */
    static long number(JsonObject object, String field) {
        JsonObject metadata = Json.object(object, "metadata");
        return metadata != null && metadata.get(field) instanceof JsonPrimitive value && value.isNumber() ? value.getAsLong() : 0;
    }

    /** Takes a field over from another object, also its absence. */
    static void take(JsonObject object, JsonObject from, String field) {
        JsonElement value = of(from).get(field);
        if (value == null) {
            of(object).remove(field);
        } else {
            of(object).add(field, value);
        }
    }
}
