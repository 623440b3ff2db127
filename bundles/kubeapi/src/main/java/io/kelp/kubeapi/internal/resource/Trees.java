package io.kelp.kubeapi.internal.resource;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads trees of objects: what is missing or of another type than expected counts as empty. */
public final class Trees {

    private Trees() {
    }

    /** A stored object. */
    public static JsonObject parse(byte[] value) {
        return JsonParser.parseString(new String(value, StandardCharsets.UTF_8)).getAsJsonObject();
    }

    /** A member, {@code null} when there is none. */
    public static JsonElement at(JsonObject object, String... path) {
        JsonElement here = object;
        for (String step : path) {
            if (!(here instanceof JsonObject parent)) {
                return null;
            }
            here = parent.get(step);
        }
        return here == null || here.isJsonNull() ? null : here;
    }

    /** The object at a path; a new, detached one when there is none. */
    public static JsonObject object(JsonObject object, String... path) {
        return at(object, path) instanceof JsonObject found ? found : new JsonObject();
    }

    public static String text(JsonObject object, String... path) {
        return at(object, path) instanceof JsonPrimitive found && found.isString() ? found.getAsString() : "";
    }

    public static boolean flag(JsonObject object, String... path) {
        return at(object, path) instanceof JsonPrimitive found && found.isBoolean() && found.getAsBoolean();
    }

    public static List<String> texts(JsonObject object, String... path) {
        List<String> texts = new ArrayList<>();
        if (at(object, path) instanceof JsonArray found) {
            for (JsonElement element : found) {
                if (element instanceof JsonPrimitive text && text.isString()) {
                    texts.add(text.getAsString());
                }
            }
        }
        return texts;
    }

    public static List<JsonObject> objects(JsonObject object, String... path) {
        List<JsonObject> objects = new ArrayList<>();
        if (at(object, path) instanceof JsonArray found) {
            for (JsonElement element : found) {
                if (element instanceof JsonObject member) {
                    objects.add(member);
                }
            }
        }
        return objects;
    }

    public static JsonArray array(Iterable<String> texts) {
        JsonArray array = new JsonArray();
        texts.forEach(array::add);
        return array;
    }
}
