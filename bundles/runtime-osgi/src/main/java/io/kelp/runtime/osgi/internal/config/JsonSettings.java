package io.kelp.runtime.osgi.internal.config;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonPrimitive;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.util.LinkedHashMap;
import java.util.Map;

/** Values of a configuration as a JSON object, in the form of the gateway's own {@code etc/PID.json}. */
final class JsonSettings {

    private static final Gson GSON = new Gson();

    private JsonSettings() {}

    /** @throws IllegalArgumentException that says what is wrong */
    static Map<String, Object> read(String text) {
        Map<String, Object> values = new LinkedHashMap<>();
        for (Map.Entry<String, JsonElement> member : parse(text).entrySet()) {
            values.put(member.getKey(), value(member.getKey(), member.getValue()));
        }
        return values;
    }

    private static JsonObject parse(String text) {
        try (JsonReader reader = new JsonReader(new StringReader(text))) {
            reader.setStrictness(Strictness.STRICT);
            JsonElement root = GSON.getAdapter(JsonElement.class).read(reader);
            if (!root.isJsonObject() || reader.peek() != JsonToken.END_DOCUMENT) {
                throw new IllegalArgumentException("it is not one JSON object: { \"key\": value, … }");
            }
            return root.getAsJsonObject();
        } catch (IOException | JsonParseException e) {
            throw new IllegalArgumentException("it is not JSON: " + String.valueOf(e.getMessage()).lines().findFirst().orElse(""), e);
        }
    }

    private static Object value(String key, JsonElement value) {
        if (value instanceof JsonArray items) {
            String[] texts = new String[items.size()];
            for (int i = 0; i < texts.length; i++) {
                texts[i] = String.valueOf(value(key, items.get(i)));
            }
            return texts;
        }
        if (!(value instanceof JsonPrimitive primitive)) {
            throw new IllegalArgumentException("key \"" + key + "\" is neither a text, a number, true, false nor a list of these");
        }
        if (primitive.isBoolean()) {
            return primitive.getAsBoolean();
        }
        if (!primitive.isNumber()) {
            return primitive.getAsString();
        }
        double number = primitive.getAsDouble();
        return number == Math.rint(number) && Math.abs(number) < 1e15 ? (Object) (long) number : (Object) number;
    }
}
