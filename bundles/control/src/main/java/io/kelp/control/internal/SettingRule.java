package io.kelp.control.internal;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonPrimitive;
import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.util.List;

/**
 * What Metatype says of one setting (OSGi Compendium 105.7, element AD).
 *
 * @param type {@code Integer}, {@code Long}, {@code Short}, {@code Byte}, {@code Double}, {@code Float},
 *     {@code Boolean}, {@code Character}, {@code Password} or {@code String}
 * @param list whether it is an array
 * @param min bound for numbers, for strings their length; {@code null} when there is none
 * @param max likewise
 * @param options allowed values; empty when all are
 */
record SettingRule(String key, String type, boolean list, String min, String max, List<String> options) {

    /**
     * Converts a value of a JSON file to the type that Config Admin hands to the component.
     *
     * @throws IllegalArgumentException with a message of the form {@code "abc", allowed is …}
     */
    Object convert(JsonElement value) {
        if (!list) {
            return one(value);
        }
        if (!value.isJsonArray()) {
            throw wrong(value);
        }
        JsonArray items = value.getAsJsonArray();
        Object array = Array.newInstance(javaType(), items.size());
        for (int i = 0; i < items.size(); i++) {
            Array.set(array, i, one(items.get(i)));
        }
        return array;
    }

    private Object one(JsonElement value) {
        if (!value.isJsonPrimitive()) {
            throw wrong(value);
        }
        JsonPrimitive primitive = value.getAsJsonPrimitive();
        if (!options.isEmpty() && !options.contains(primitive.getAsString())) {
            throw wrong(value);
        }
        try {
            return switch (type) {
                case "Boolean" -> {
                    if (!primitive.isBoolean()) {
                        throw wrong(value);
                    }
                    yield primitive.getAsBoolean();
                }
                case "Integer" -> number(primitive, value).intValueExact();
                case "Long" -> number(primitive, value).longValueExact();
                case "Short" -> number(primitive, value).shortValueExact();
                case "Byte" -> number(primitive, value).byteValueExact();
                case "Double" -> number(primitive, value).doubleValue();
                case "Float" -> number(primitive, value).floatValue();
                default -> text(primitive, value);
            };
        } catch (ArithmeticException e) {
            throw wrong(value); // not whole, or too large for the type
        }
    }

    private BigDecimal number(JsonPrimitive primitive, JsonElement value) {
        if (!primitive.isNumber()) {
            throw wrong(value);
        }
        BigDecimal number = primitive.getAsBigDecimal();
        if (min != null && number.compareTo(new BigDecimal(min)) < 0 || max != null && number.compareTo(new BigDecimal(max)) > 0) {
            throw wrong(value);
        }
        return number;
    }

    private Object text(JsonPrimitive primitive, JsonElement value) {
        if (!primitive.isString()) {
            throw wrong(value);
        }
        String text = primitive.getAsString();
        if (min != null && text.length() < Integer.parseInt(min) || max != null && text.length() > Integer.parseInt(max)) {
            throw wrong(value);
        }
        if (!type.equals("Character")) {
            return text;
        }
        if (text.length() != 1) {
            throw wrong(value);
        }
        return text.charAt(0);
    }

    private Class<?> javaType() {
        return switch (type) {
            case "Boolean" -> Boolean.class;
            case "Integer" -> Integer.class;
            case "Long" -> Long.class;
            case "Short" -> Short.class;
            case "Byte" -> Byte.class;
            case "Double" -> Double.class;
            case "Float" -> Float.class;
            case "Character" -> Character.class;
            default -> String.class;
        };
    }

    private IllegalArgumentException wrong(JsonElement value) {
        String shown = type.equals("Password") ? "a value that is not shown" : value.toString();
        return new IllegalArgumentException((shown.length() > 100 ? shown.substring(0, 100) + "…" : shown) + ", allowed is " + allowed());
    }

    /** For people: {@code a whole number from 1 to 65535}. */
    String allowed() {
        if (!options.isEmpty()) {
            return (list ? "a list of " : "one of ") + String.join(", ", options);
        }
        String what = switch (type) {
            case "Boolean" -> "true or false";
            case "Integer", "Long", "Short", "Byte" -> "a whole number";
            case "Double", "Float" -> "a number";
            default -> "a text in quotes" + (min == null && max == null ? "" : " with a length");
        };
        String bounds = (min == null ? "" : " from " + min) + (max == null ? "" : (min == null ? " up to " : " to ") + max);
        return (list ? "a list, each item " : "") + what + bounds;
    }
}
