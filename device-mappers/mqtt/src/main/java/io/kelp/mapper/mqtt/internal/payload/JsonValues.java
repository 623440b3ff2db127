package io.kelp.mapper.mqtt.internal.payload;

import com.google.gson.JsonElement;
import com.google.gson.JsonPrimitive;
import io.kelp.mapper.PropertyValue;

/** Property values as JSON and back. */
public final class JsonValues {

    private static final int LONGEST_NUMBER = 400;

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

    /** Not through BigDecimal, which takes hours for 1e999999999. The reader has made sure that it is a JSON number. */
    private static PropertyValue number(String text) {
        if (text.length() > LONGEST_NUMBER) {
            throw new IllegalArgumentException("a number of " + text.length() + " digits is too long");
        }
        if (text.length() <= 19 && whole(text)) {
            try {
                return PropertyValue.of(Long.parseLong(text));
            } catch (NumberFormatException e) {
                return PropertyValue.of(Double.parseDouble(text)); // 19 digits, but more than 64 bits hold
            }
        }
        double number = Double.parseDouble(text);
        if (!Double.isFinite(number)) {
            throw new IllegalArgumentException("\"" + text + "\" is not a finite number");
        }
        return PropertyValue.of(number);
    }

    private static boolean whole(String text) {
        for (int i = text.charAt(0) == '-' ? 1 : 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return true;
    }
}
