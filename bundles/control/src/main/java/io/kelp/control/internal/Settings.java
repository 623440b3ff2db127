package io.kelp.control.internal;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonPrimitive;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import java.io.IOException;
import java.io.StringReader;
import java.lang.reflect.Array;
import java.util.Dictionary;
import java.util.Enumeration;
import java.util.Hashtable;
import java.util.Map;
import java.util.TreeMap;

/** Turns the text of {@code etc/PID.json} into the dictionary of a configuration, and back. */
final class Settings {

    private static final Gson GSON = new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

    /**
     * What a file says.
     *
     * @param unknown sentence on keys that nobody knows, {@code null} when all are known
     */
    record Read(Hashtable<String, Object> values, String unknown) {}

    private Settings() {}

    /**
     * Reads the text of a file.
     *
     * @param rules key → rule; {@code null} while no bundle that knows the PID is here
     * @throws IllegalArgumentException that says which key is wrong and what is allowed
     */
    static Read read(String text, Map<String, SettingRule> rules) {
        Hashtable<String, Object> values = new Hashtable<>();
        StringBuilder unknown = new StringBuilder();
        for (Map.Entry<String, JsonElement> member : parse(text).entrySet()) {
            String key = member.getKey();
            SettingRule rule = rules == null ? null : rules.get(key);
            if (rules != null && rule == null) {
                unknown.append(unknown.length() == 0 ? "key \"" : ", \"").append(key).append('"');
            }
            try {
                values.put(key, rule == null ? guess(member.getValue()) : rule.convert(member.getValue()));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("key \"" + key + "\" is " + e.getMessage(), e);
            }
        }
        return new Read(values, unknown.length() == 0 ? null
                : unknown + " is not known here, allowed are " + String.join(", ", new TreeMap<>(rules).keySet()));
    }

    private static JsonObject parse(String text) {
        try (JsonReader reader = new JsonReader(new StringReader(text))) {
            reader.setStrictness(Strictness.STRICT);
            JsonElement root = GSON.getAdapter(JsonElement.class).read(reader);
            if (!root.isJsonObject()) {
                throw new IllegalArgumentException("it is not a JSON object: { \"key\": value, … }");
            }
            return root.getAsJsonObject();
        } catch (IOException | JsonParseException e) {
            String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
            throw new IllegalArgumentException("it is not JSON: " + message, e);
        }
    }

    /** The type when no rule says it. */
    private static Object guess(JsonElement value) {
        if (value.isJsonArray()) {
            JsonArray items = value.getAsJsonArray();
            String[] texts = new String[items.size()];
            for (int i = 0; i < texts.length; i++) {
                texts[i] = String.valueOf(guess(items.get(i)));
            }
            return texts;
        }
        if (!value.isJsonPrimitive()) {
            throw new IllegalArgumentException(value + ", allowed is a text, a number, true, false or a list of these");
        }
        JsonPrimitive primitive = value.getAsJsonPrimitive();
        if (primitive.isBoolean()) {
            return primitive.getAsBoolean();
        }
        if (!primitive.isNumber()) {
            return primitive.getAsString();
        }
        double number = primitive.getAsDouble();
        return number == Math.rint(number) && Math.abs(number) < 1e15 ? (Object) (long) number : (Object) number;
    }

    /** The text of the file for a configuration; what Config Admin adds of its own is left out. */
    static String write(Map<String, Object> values) {
        JsonObject object = new JsonObject();
        new TreeMap<>(values).forEach((key, value) -> object.add(key, json(value)));
        return GSON.toJson(object) + "\n";
    }

    private static JsonElement json(Object value) {
        if (value.getClass().isArray()) {
            JsonArray items = new JsonArray();
            for (int i = 0; i < Array.getLength(value); i++) {
                items.add(json(Array.get(value, i)));
            }
            return items;
        }
        if (value instanceof Iterable<?> list) {
            JsonArray items = new JsonArray();
            list.forEach(item -> items.add(json(item)));
            return items;
        }
        if (value instanceof Number number) {
            return new JsonPrimitive(number);
        }
        return value instanceof Boolean flag ? new JsonPrimitive(flag) : new JsonPrimitive(value.toString());
    }

    /** A configuration's own values: without {@code service.*} and the like. */
    static Map<String, Object> own(Dictionary<String, Object> properties) {
        Map<String, Object> own = new TreeMap<>();
        if (properties != null) {
            for (Enumeration<String> keys = properties.keys(); keys.hasMoreElements();) {
                String key = keys.nextElement();
                if (!key.startsWith("service.") && !key.startsWith(":") && !key.startsWith("felix.") && !key.startsWith(".")) {
                    own.put(key, properties.get(key));
                }
            }
        }
        return own;
    }
}
