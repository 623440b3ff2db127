package io.kelp.cloud.standalone;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;

/** Reads Kubernetes objects, in which everything may be missing. */
final class Tree {

    private Tree() {}

    /** A scalar as text; empty when it is missing. */
    static String text(JsonObject object, String name) {
        JsonElement value = object.get(name);
        return value == null || !value.isJsonPrimitive() ? "" : value.getAsString();
    }

    /** A part; an empty one of its own when it is missing. */
    static JsonObject object(JsonObject object, String name) {
        return object.get(name) instanceof JsonObject part ? part : new JsonObject();
    }

    /** The objects in a list; none when it is missing. */
    static List<JsonObject> objects(JsonObject object, String name) {
        return object.get(name) instanceof JsonArray list
                ? StreamSupport.stream(list.spliterator(), false).filter(JsonElement::isJsonObject).map(JsonElement::getAsJsonObject).toList()
                : List.of();
    }

    static Map<String, String> texts(JsonObject object, String name) {
        Map<String, String> texts = new LinkedHashMap<>();
        object(object, name).entrySet().forEach(entry -> {
            if (entry.getValue().isJsonPrimitive()) {
                texts.put(entry.getKey(), entry.getValue().getAsString());
            }
        });
        return texts;
    }

    static String meta(JsonObject object, String name) {
        return text(object(object, "metadata"), name);
    }
}
