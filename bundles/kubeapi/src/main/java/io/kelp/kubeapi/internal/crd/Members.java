package io.kelp.kubeapi.internal.crd;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;

/** Reads members of an object; one that is missing or of another type is empty. */
final class Members {

    private Members() {
    }

    static String text(JsonObject object, String name) {
        JsonElement value = object.get(name);
        return value == null || !value.isJsonPrimitive() ? "" : value.getAsString();
    }

    static boolean flag(JsonObject object, String name) {
        JsonElement value = object.get(name);
        return value != null && value.isJsonPrimitive() && value.getAsBoolean();
    }

    static JsonObject object(JsonObject object, String name) {
        JsonElement value = object.get(name);
        return value == null || !value.isJsonObject() ? new JsonObject() : value.getAsJsonObject();
    }

    static JsonArray array(JsonObject object, String name) {
        JsonElement value = object.get(name);
        return value == null || !value.isJsonArray() ? new JsonArray() : value.getAsJsonArray();
    }

    static List<String> texts(JsonObject object, String name) {
        List<String> texts = new ArrayList<>();
        array(object, name).forEach(item -> texts.add(item.isJsonPrimitive() ? item.getAsString() : item.toString()));
        return texts;
    }

    static List<JsonObject> objects(JsonObject object, String name) {
        List<JsonObject> objects = new ArrayList<>();
        array(object, name).forEach(item -> objects.add(item.isJsonObject() ? item.getAsJsonObject() : new JsonObject()));
        return objects;
    }
}
