package io.kelp.kubeapi.internal.types;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.ArrayList;
import java.util.List;

/** Reads parts of normalised objects; what is missing or null is empty. */
final class Tree {

    private Tree() {
    }

    /** @return {@code null} when there is nothing */
    static JsonElement at(JsonObject object, String... path) {
        JsonElement found = object;
        for (String name : path) {
            if (found == null || !found.isJsonObject()) {
                return null;
            }
            found = found.getAsJsonObject().get(name);
        }
        return found == null || found.isJsonNull() ? null : found;
    }

    static boolean has(JsonObject object, String... path) {
        return at(object, path) != null;
    }

    static String text(JsonObject object, String... path) {
        JsonElement found = at(object, path);
        return found != null && found.isJsonPrimitive() ? found.getAsString() : "";
    }

    static long number(JsonObject object, String... path) {
        JsonElement found = at(object, path);
        return found instanceof JsonPrimitive p && p.isNumber() ? p.getAsLong() : 0;
    }

    static boolean flag(JsonObject object, String... path) {
        JsonElement found = at(object, path);
        return found instanceof JsonPrimitive p && p.isBoolean() && p.getAsBoolean();
    }

    /** @return an object of its own when there is none */
    static JsonObject object(JsonObject object, String... path) {
        JsonElement found = at(object, path);
        return found instanceof JsonObject o ? o : new JsonObject();
    }

    /** The object members of a list. */
    static List<JsonObject> objects(JsonObject object, String... path) {
        List<JsonObject> members = new ArrayList<>();
        if (at(object, path) instanceof JsonArray array) {
            array.forEach(e -> members.add(e instanceof JsonObject o ? o : new JsonObject()));
        }
        return members;
    }

    static List<String> texts(JsonObject object, String... path) {
        List<String> members = new ArrayList<>();
        if (at(object, path) instanceof JsonArray array) {
            array.forEach(e -> members.add(e.isJsonPrimitive() ? e.getAsString() : ""));
        }
        return members;
    }

    /** The object there, made when it is missing. */
    static JsonObject make(JsonObject object, String name) {
        if (at(object, name) instanceof JsonObject there) {
            return there;
        }
        JsonObject made = new JsonObject();
        object.add(name, made);
        return made;
    }

    static JsonArray makeList(JsonObject object, String name) {
        if (at(object, name) instanceof JsonArray there) {
            return there;
        }
        JsonArray made = new JsonArray();
        object.add(name, made);
        return made;
    }

    static void setDefault(JsonObject object, String name, String value) {
        if (text(object, name).isEmpty()) {
            object.addProperty(name, value);
        }
    }

    static void setDefault(JsonObject object, String name, Number value) {
        if (!has(object, name)) {
            object.addProperty(name, value);
        }
    }

    static void setDefault(JsonObject object, String name, boolean value) {
        if (!has(object, name)) {
            object.addProperty(name, value);
        }
    }
}
