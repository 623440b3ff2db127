package io.kelp.kubeapi.internal.patch;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.util.Map;

/** Takes fields out of an object. Results share branches with the input. */
final class FieldRemoval {

    private FieldRemoval() {
    }

    /** @return {@link JsonNull} when nothing is left of a list or an object */
    static JsonElement remove(JsonElement value, FieldSet fields, FieldType type) {
        if (fields.isEmpty() || type == null) {
            return value;
        }
        return switch (type.form(value)) {
            case SCALAR -> value;
            case LIST -> value instanceof JsonArray list && !list.isEmpty() && !type.isAtomicList() ? fromList(list, fields, type)
                    : JsonNull.INSTANCE;
            case MAP -> value instanceof JsonObject object && !object.isEmpty() && !type.isAtomicMap() ? fromMap(object, fields, type)
                    : JsonNull.INSTANCE;
        };
    }

    private static JsonElement fromMap(JsonObject object, FieldSet fields, FieldType type) {
        JsonObject rest = new JsonObject();
        for (Map.Entry<String, JsonElement> entry : object.entrySet()) {
            String element = PathElement.field(entry.getKey());
            if (!fields.has(element)) {
                rest.add(entry.getKey(), remove(entry.getValue(), fields.below(element), type.member(entry.getKey())));
            }
        }
        return rest.isEmpty() ? JsonNull.INSTANCE : rest;
    }

    private static JsonElement fromList(JsonArray list, FieldSet fields, FieldType type) {
        JsonArray rest = new JsonArray();
        for (JsonElement item : list) {
            String element = ListItems.elementOrNull(item, type);
            if (element == null || !fields.has(element)) {
                rest.add(element == null ? item : remove(item, fields.below(element), type.item()));
            }
        }
        return rest.isEmpty() ? JsonNull.INSTANCE : rest;
    }
}
