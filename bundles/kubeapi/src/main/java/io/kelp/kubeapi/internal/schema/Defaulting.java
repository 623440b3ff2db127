package io.kelp.kubeapi.internal.schema;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonNull;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Fills in the defaults of a schema. A {@code null} where none may be counts as missing. */
final class Defaulting {

    private Defaulting() {
    }

    static void apply(JsonElement value, Schema schema) {
        dropNulls(value, schema);
        fill(value, schema);
    }

    private static void dropNulls(JsonElement value, Schema schema) {
        if (value.isJsonObject()) {
            List<String> gone = new ArrayList<>();
            for (Map.Entry<String, JsonElement> member : value.getAsJsonObject().entrySet()) {
                Schema below = schema.member(member.getKey());
                if (below == null) {
                    continue;
                }
                if (!member.getValue().isJsonNull()) {
                    dropNulls(member.getValue(), below);
                } else if (isMissing(member.getValue(), below) && below.defaultValue() == null) {
                    gone.add(member.getKey());
                }
            }
            gone.forEach(value.getAsJsonObject()::remove);
        } else if (value.isJsonArray() && schema.items() != null) {
            value.getAsJsonArray().forEach(item -> dropNulls(item, schema.items()));
        }
    }

    private static void fill(JsonElement value, Schema schema) {
        if (value.isJsonObject()) {
            JsonObject object = value.getAsJsonObject();
            schema.properties().forEach((name, property) -> {
                JsonElement present = object.get(name);
                if (property.defaultValue() != null && (present == null || isMissing(present, property))) {
                    object.add(name, property.defaultValue().deepCopy());
                }
            });
            for (String name : List.copyOf(object.keySet())) {
                Schema below = schema.member(name);
                if (below == null) {
                    continue;
                }
                if (isMissing(object.get(name), below)) {
                    object.add(name, fallback(below));
                }
                fill(object.get(name), below);
            }
        } else if (value.isJsonArray() && schema.items() != null) {
            JsonArray array = value.getAsJsonArray();
            for (int i = 0; i < array.size(); i++) {
                if (isMissing(array.get(i), schema.items())) {
                    array.set(i, fallback(schema.items()));
                }
                fill(array.get(i), schema.items());
            }
        }
    }

    private static JsonElement fallback(Schema schema) {
        return schema.defaultValue() == null ? JsonNull.INSTANCE : schema.defaultValue().deepCopy();
    }

    /** Whether a value is there in word only. */
    private static boolean isMissing(JsonElement value, Schema schema) {
        return value.isJsonNull() && !schema.nullable();
    }
}
