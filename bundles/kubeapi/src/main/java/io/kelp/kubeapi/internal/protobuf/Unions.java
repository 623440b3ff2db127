package io.kelp.kubeapi.internal.protobuf;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.kelp.kubeapi.internal.protobuf.MessageTable.Message;

/** Messages of which JSON shows one field instead of an object: schemas in CustomResourceDefinitions. */
final class Unions {

    private Unions() {
    }

    static boolean contains(Message message) {
        return message.name().startsWith("apiextensions.v1.JSONSchemaPropsOr");
    }

    /** @param object as read; the same comes back when the message is an ordinary one */
    static JsonElement unwrap(Message message, JsonObject object) {
        return switch (message.name()) {
            case "apiextensions.v1.JSONSchemaPropsOrArray" -> list(object, "JSONSchemas");
            case "apiextensions.v1.JSONSchemaPropsOrStringArray" -> list(object, "Property");
            case "apiextensions.v1.JSONSchemaPropsOrBool" -> object.has("Schema") ? object.get("Schema")
                    : object.has("Allows") ? object.get("Allows") : new JsonPrimitive(false);
            default -> object;
        };
    }

    private static JsonElement list(JsonObject object, String name) {
        if (object.get(name) instanceof JsonArray list && !list.isEmpty()) {
            return list;
        }
        return object.has("Schema") ? object.get("Schema") : JsonNull.INSTANCE;
    }
}
