package io.kelp.kubeapi.internal.schema;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.math.BigDecimal;

/** Compares JSON by meaning: numbers by value, members in any order. */
final class JsonValues {

    private JsonValues() {
    }

    static boolean same(JsonElement a, JsonElement b) {
        if (a.isJsonObject() && b.isJsonObject()) {
            JsonObject left = a.getAsJsonObject();
            JsonObject right = b.getAsJsonObject();
            return left.size() == right.size()
                    && left.entrySet().stream().allMatch(member -> right.has(member.getKey()) && same(member.getValue(), right.get(member.getKey())));
        }
        if (a.isJsonArray() && b.isJsonArray()) {
            JsonArray left = a.getAsJsonArray();
            JsonArray right = b.getAsJsonArray();
            if (left.size() != right.size()) {
                return false;
            }
            for (int i = 0; i < left.size(); i++) {
                if (!same(left.get(i), right.get(i))) {
                    return false;
                }
            }
            return true;
        }
        if (isNumber(a) && isNumber(b)) {
            return number(a.getAsJsonPrimitive()).compareTo(number(b.getAsJsonPrimitive())) == 0;
        }
        return a.equals(b);
    }

    /** What two values have in common exactly if they are the same. */
    static String key(JsonElement value) {
        return GoText.json(value);
    }

    private static boolean isNumber(JsonElement value) {
        return value.isJsonPrimitive() && value.getAsJsonPrimitive().isNumber();
    }

    private static BigDecimal number(JsonPrimitive value) {
        if (GoText.isInteger(value)) {
            return new BigDecimal(value.getAsString());
        }
        double number = value.getAsDouble();
        return new BigDecimal(Math.max(-Double.MAX_VALUE, Math.min(Double.MAX_VALUE, number)));
    }
}
