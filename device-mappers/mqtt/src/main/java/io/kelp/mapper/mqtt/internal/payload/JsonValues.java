package io.kelp.mapper.mqtt.internal.payload;

import com.google.gson.JsonElement;
import com.google.gson.JsonPrimitive;
import io.kelp.mapper.PropertyType;
import io.kelp.mapper.PropertyValue;

/** Property values as JSON and back. */
public final class JsonValues {

    private JsonValues() {}

    public static JsonElement of(PropertyValue value) {
        if (value instanceof PropertyValue.Whole w) {
            return new JsonPrimitive(w.value());
        }
        if (value instanceof PropertyValue.Real r) {
            return new JsonPrimitive(r.value());
        }
        if (value instanceof PropertyValue.Flag f) {
            return new JsonPrimitive(f.value());
        }
        return new JsonPrimitive(value.asText());
    }

    /**
     * An object or array becomes its text.
     *
     * @throws IllegalArgumentException for null, and for a number beyond the range
     */
    public static PropertyValue of(JsonElement element) {
        if (element.isJsonNull()) {
            throw new IllegalArgumentException("null is no value");
        }
        if (!(element instanceof JsonPrimitive primitive)) {
            return PropertyValue.of(element.toString());
        }
        if (primitive.isBoolean()) {
            return PropertyValue.of(primitive.getAsBoolean());
        }
        return primitive.isNumber() ? number(primitive.getAsString()) : PropertyValue.of(primitive.getAsString());
    }

    /** Not through BigDecimal, which takes hours for 1e999999999. */
    private static PropertyValue number(String text) {
        if (text.length() <= 19 && text.matches("-?\\d+")) {
            try {
                return PropertyValue.of(Long.parseLong(text));
            } catch (NumberFormatException e) {
                return PropertyType.DOUBLE.parse(text);
            }
        }
        return PropertyType.DOUBLE.parse(text);
    }
}
