package io.kelp.cloud.device;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;

/** Reading of trees whose parts may be missing or of another type: the empty value stands for both. */
final class Json {

    private Json() {}

    static JsonObject object(JsonObject parent, String name) {
        return parent.get(name) instanceof JsonObject object ? object : new JsonObject();
    }

    static JsonArray array(JsonObject parent, String name) {
        return parent.get(name) instanceof JsonArray array ? array : new JsonArray();
    }

    static String text(JsonObject parent, String name) {
        JsonElement value = parent.get(name);
        return value instanceof JsonPrimitive primitive ? primitive.getAsString() : "";
    }
}
