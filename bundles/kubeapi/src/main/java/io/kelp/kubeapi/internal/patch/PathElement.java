package io.kelp.kubeapi.internal.patch;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonPrimitive;
import java.math.BigDecimal;
import java.util.List;
import java.util.TreeMap;

/**
 * One step of a field path in the text that FieldsV1 uses, so that equal steps are equal strings: {@code f:} and the name of a
 * member, {@code k:} and the keys of a list item as JSON in alphabetical order, {@code v:} and the value of a set item as JSON,
 * {@code i:} and an index.
 */
final class PathElement {

    private static final int LONGEST_NUMBER = 400;

    private PathElement() {
    }

    static String field(String name) {
        return "f:" + name;
    }

    static String value(JsonElement value) {
        return "v:" + StrictJson.write(canonical(value));
    }

    static String key(TreeMap<String, JsonElement> key) {
        JsonObject object = new JsonObject();
        key.forEach((name, value) -> object.add(name, canonical(value)));
        return "k:" + StrictJson.write(object);
    }

    /** Brings what a client wrote into the one form. @throws IllegalArgumentException when it is no path element */
    static String parse(String text) {
        if (text.length() < 2 || text.charAt(1) != ':') {
            throw new IllegalArgumentException("missing colon");
        }
        String rest = text.substring(2);
        return switch (text.charAt(0)) {
            case 'f' -> text;
            case 'v' -> isPlainString(rest) ? text : value(json(rest));
            case 'k' -> {
                if (!(json(rest) instanceof JsonObject object)) {
                    throw new IllegalArgumentException("a key is a JSON object");
                }
                TreeMap<String, JsonElement> key = new TreeMap<>();
                object.entrySet().forEach(entry -> key.put(entry.getKey(), entry.getValue()));
                yield key(key);
            }
            case 'i' -> "i:" + Integer.parseInt(rest);
            default -> throw new IllegalArgumentException("unknown kind of path element");
        };
    }

    private static boolean isPlainString(String json) {
        int last = json.length() - 1;
        if (last < 1 || json.charAt(0) != '"' || json.charAt(last) != '"') {
            return false;
        }
        for (int i = 1; i < last; i++) {
            char c = json.charAt(i);
            if (c < ' ' || c > '~' || c == '"' || c == '\\') {
                return false;
            }
        }
        return true;
    }

    private static JsonElement json(String text) {
        try {
            return StrictJson.parse(text);
        } catch (JsonParseException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /** 80, 80.0 and 8e1 are one key. */
    private static JsonElement canonical(JsonElement value) {
        if (!(value instanceof JsonPrimitive primitive) || !primitive.isNumber()) {
            return value;
        }
        String text = primitive.getAsString();
        if (isPlainInteger(text) || text.length() > LONGEST_NUMBER) {
            return value;
        }
        try {
            BigDecimal number = new BigDecimal(text).stripTrailingZeros();
            if (Math.abs((long) number.scale()) > LONGEST_NUMBER) {
                return value;
            }
            return new JsonPrimitive(number.scale() < 0 ? number.setScale(0) : number);
        } catch (NumberFormatException e) {
            return value; // an exponent that no number has; it equals only itself
        }
    }

    private static boolean isPlainInteger(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return true;
    }

    /** As messages show it: {@code .spec.containers[name="a"].image}. */
    static String show(List<String> path) {
        StringBuilder text = new StringBuilder();
        for (String element : path) {
            String rest = element.substring(2);
            switch (element.charAt(0)) {
                case 'f' -> text.append('.').append(rest);
                case 'i' -> text.append('[').append(rest).append(']');
                case 'v' -> text.append("[=").append(rest).append(']');
                default -> text.append(showKey(rest));
            }
        }
        return text.toString();
    }

    private static String showKey(String json) {
        StringBuilder text = new StringBuilder("[");
        StrictJson.parse(json).getAsJsonObject().entrySet().forEach(entry -> text.append(text.length() == 1 ? "" : ",")
                .append(entry.getKey()).append('=').append(entry.getValue()));
        return text.append(']').toString();
    }
}
