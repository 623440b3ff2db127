package io.kelp.mapper.internal;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reading JSON in which anything may be missing or of another kind than it should be. */
final class Json {

    private static final int DEEPEST = 16;

    static JsonObject object(JsonElement element) {
        return element != null && element.isJsonObject() ? element.getAsJsonObject() : new JsonObject();
    }

    static JsonObject object(JsonObject parent, String key) {
        return object(parent == null ? null : parent.get(key));
    }

    static JsonArray array(JsonObject parent, String key) {
        JsonElement element = parent == null ? null : parent.get(key);
        return element != null && element.isJsonArray() ? element.getAsJsonArray() : new JsonArray();
    }

    static String text(JsonObject parent, String key) {
        JsonElement element = parent == null ? null : parent.get(key);
        return element != null && element.isJsonPrimitive() ? element.getAsString() : "";
    }

    static long whole(JsonObject parent, String key) {
        String text = text(parent, key);
        return text.matches("-?\\d{1,18}") ? Long.parseLong(text) : 0;
    }

    /** {@code null} when it is neither. */
    static Boolean flag(JsonObject parent, String key) {
        return switch (text(parent, key)) {
            case "true" -> Boolean.TRUE;
            case "false" -> Boolean.FALSE;
            default -> null;
        };
    }

    static Map<String, JsonObject> byName(JsonArray list, String key) {
        Map<String, JsonObject> found = new LinkedHashMap<>();
        for (JsonElement element : list) {
            String name = text(object(element), key);
            if (!name.isEmpty()) {
                found.putIfAbsent(name, object(element));
            }
        }
        return found;
    }

    static void putAll(Map<String, Object> target, JsonObject source) {
        target.putAll(map(source));
    }

    static Map<String, Object> map(JsonObject source) {
        return map(source, 0);
    }

    private static Map<String, Object> map(JsonObject source, int depth) {
        Map<String, Object> map = new LinkedHashMap<>();
        if (source != null) {
            source.entrySet().forEach(e -> {
                Object value = plain(e.getValue(), depth + 1);
                if (value != null) {
                    map.put(e.getKey(), value);
                }
            });
        }
        return map;
    }

    /** Maps, lists, texts, numbers and booleans; {@code null} for null and for what is nested too deeply. */
    private static Object plain(JsonElement element, int depth) {
        if (element.isJsonNull() || depth > DEEPEST) {
            return null;
        }
        if (element.isJsonObject()) {
            return map(element.getAsJsonObject(), depth);
        }
        if (element.isJsonArray()) {
            List<Object> list = new ArrayList<>();
            element.getAsJsonArray().forEach(item -> {
                Object value = plain(item, depth + 1);
                if (value != null) {
                    list.add(value);
                }
            });
            return list;
        }
        if (element.getAsJsonPrimitive().isBoolean()) {
            return element.getAsBoolean();
        }
        String text = element.getAsString();
        if (element.getAsJsonPrimitive().isNumber()) {
            return text.matches("-?\\d{1,18}") ? (Object) Long.valueOf(text) : text.length() > 40 ? text : (Object) Double.valueOf(text);
        }
        return text;
    }

    private Json() {}
}
