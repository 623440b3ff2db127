package io.kelp.kubeapi.internal.patch;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.StringJoiner;
import java.util.TreeMap;

/** How Kubernetes' messages show values: the {@code %v} and {@code %#v} of Go. */
final class GoText {

    private GoText() {
    }

    /** {@code %v}: {@code map[a:1 b:[x y]]}. */
    static String plain(JsonElement value) {
        if (value instanceof JsonObject object) {
            StringJoiner text = new StringJoiner(" ", "map[", "]");
            sorted(object).forEach((name, member) -> text.add(name + ":" + plain(member)));
            return text.toString();
        }
        if (value instanceof JsonArray array) {
            StringJoiner text = new StringJoiner(" ", "[", "]");
            array.forEach(item -> text.add(plain(item)));
            return text.toString();
        }
        return value == null || value.isJsonNull() ? "<nil>" : value.getAsString();
    }

    /** {@code %#v}: {@code map[string]interface {}{"a":1}}. */
    static String source(JsonElement value) {
        if (value instanceof JsonObject object) {
            StringJoiner text = new StringJoiner(", ", "map[string]interface {}{", "}");
            sorted(object).forEach((name, member) -> text.add(StrictJson.write(new JsonPrimitive(name)) + ":" + source(member)));
            return text.toString();
        }
        if (value instanceof JsonArray array) {
            StringJoiner text = new StringJoiner(", ", "[]interface {}{", "}");
            array.forEach(item -> text.add(source(item)));
            return text.toString();
        }
        return value == null || value instanceof JsonNull ? "interface {}(nil)" : StrictJson.write(value);
    }

    /** {@code %T}: {@code string}. */
    static String type(JsonElement value) {
        if (value instanceof JsonObject) {
            return "map[string]interface {}";
        }
        if (value instanceof JsonArray) {
            return "[]interface {}";
        }
        if (value instanceof JsonPrimitive primitive && !primitive.isString()) {
            return primitive.isBoolean() ? "bool" : isInteger(primitive) ? "int64" : "float64";
        }
        return value instanceof JsonPrimitive ? "string" : "<nil>";
    }

    /** As a decoder names it: {@code number}. */
    static String jsonType(JsonElement value) {
        if (value instanceof JsonPrimitive primitive) {
            return primitive.isString() ? "string" : primitive.isBoolean() ? "bool" : "number";
        }
        return value instanceof JsonArray ? "array" : "object";
    }

    /** Whether two values have one type in Go. */
    static boolean sameKind(JsonElement one, JsonElement other) {
        return type(one).equals(type(other));
    }

    private static boolean isInteger(JsonPrimitive number) {
        return number.getAsString().chars().allMatch(c -> c == '-' || c >= '0' && c <= '9');
    }

    private static TreeMap<String, JsonElement> sorted(JsonObject object) {
        TreeMap<String, JsonElement> members = new TreeMap<>();
        object.entrySet().forEach(entry -> members.put(entry.getKey(), entry.getValue()));
        return members;
    }
}
