package io.kelp.kubeapi.internal.crd;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.internal.crd.DefinitionShape.Field;
import io.kelp.kubeapi.internal.schema.GoText;
import java.util.Map;

/** Reads a definition as an API server does: what has the wrong type is refused, what is empty or unknown goes. */
final class DefinitionCodec {

    /** Go's limit, and what keeps the recursion here within the stack. */
    private static final int DEEPEST = 1000;

    private static final class MisfitException extends Exception {
        private static final long serialVersionUID = 1L;

        MisfitException(String message) {
            super(message);
        }
    }

    private DefinitionCodec() {
    }

    /** @throws ApiException 400 when something has the wrong type */
    static JsonObject normalize(JsonObject object) throws ApiException {
        try {
            JsonObject read = struct(object, "CustomResourceDefinition", "", 0);
            read.add("metadata", object.has("metadata") ? object.get("metadata") : new JsonObject());
            return read;
        } catch (MisfitException e) {
            throw ApiException.badRequest("CustomResourceDefinition in version \"v1\" cannot be handled as a CustomResourceDefinition: " + e.getMessage());
        }
    }

    private static JsonObject struct(JsonObject from, String name, String path, int depth) throws MisfitException {
        if (depth > DEEPEST) {
            throw new MisfitException("exceeded max depth");
        }
        JsonObject to = new JsonObject();
        for (Field field : DefinitionShape.STRUCTS.get(name)) {
            JsonElement value = from.get(field.name());
            String below = path.isEmpty() ? field.name() : path + "." + field.name();
            if (value == null || value.isJsonNull()) {
                if (field.always() || field.type().equals("CustomResourceDefinitionStatus")) {
                    to.add(field.name(), zero(field.type()));
                }
                continue;
            }
            JsonElement read = value(value, field.type(), name, below, field.goType(), depth + 1);
            if (!read.isJsonNull() && (field.always() || field.pointer() || !isEmpty(read))) {
                to.add(field.name(), read);
            }
        }
        return to;
    }

    private static JsonElement zero(String type) throws MisfitException {
        return switch (type) {
            case "string" -> new JsonPrimitive("");
            case "bool" -> new JsonPrimitive(false);
            default -> DefinitionShape.STRUCTS.containsKey(type) ? struct(new JsonObject(), type, "", 0) : JsonNull.INSTANCE;
        };
    }

    private static boolean isEmpty(JsonElement value) {
        if (value.isJsonPrimitive()) {
            JsonPrimitive p = value.getAsJsonPrimitive();
            return p.isString() ? p.getAsString().isEmpty() : p.isBoolean() ? !p.getAsBoolean() : p.getAsDouble() == 0;
        }
        return value.isJsonArray() ? value.getAsJsonArray().isEmpty() : value.isJsonObject() && value.getAsJsonObject().isEmpty();
    }

    private static JsonElement value(JsonElement from, String type, String struct, String path, String goType, int depth) throws MisfitException {
        if (type.startsWith("[]")) {
            if (!from.isJsonArray()) {
                throw misfit(from, struct, path, goName(type, goType));
            }
            JsonArray to = new JsonArray();
            for (JsonElement item : from.getAsJsonArray()) {
                to.add(item.isJsonNull() && !type.equals("[]JSON") ? zero(type.substring(2))
                        : value(item, type.substring(2), struct, path, "", depth));
            }
            return to;
        }
        if (type.startsWith("{}")) {
            if (!from.isJsonObject()) {
                throw misfit(from, struct, path, goName(type, goType));
            }
            JsonObject to = new JsonObject();
            for (Map.Entry<String, JsonElement> member : from.getAsJsonObject().entrySet()) {
                to.add(member.getKey(), member.getValue().isJsonNull() ? zero(type.substring(2))
                        : value(member.getValue(), type.substring(2), struct, path, "", depth));
            }
            return to;
        }
        if (DefinitionShape.STRUCTS.containsKey(type)) {
            if (!from.isJsonObject()) {
                throw misfit(from, struct, path, "v1." + type);
            }
            return struct(from.getAsJsonObject(), type, path, depth);
        }
        boolean fits = switch (type) {
            case "string", "bytes", "time" -> from.isJsonPrimitive() && from.getAsJsonPrimitive().isString();
            case "bool" -> from.isJsonPrimitive() && from.getAsJsonPrimitive().isBoolean();
            case "int64" -> isNumber(from) && GoText.isInteger(from.getAsJsonPrimitive());
            case "int32" -> isNumber(from) && GoText.isInteger(from.getAsJsonPrimitive()) && from.getAsLong() == (int) from.getAsLong();
            case "float64" -> isNumber(from);
            default -> true;
        };
        if (!fits) {
            throw misfit(from, struct, path, goName(type, goType));
        }
        return schemaOr(from, type, path, depth);
    }

    /** A schema, or what may stand in its place. */
    private static JsonElement schemaOr(JsonElement from, String type, String path, int depth) throws MisfitException {
        if (from.isJsonObject() && type.startsWith("Or")) {
            return struct(from.getAsJsonObject(), "JSONSchemaProps", path, depth);
        }
        if (type.equals("OrBool") && !(from.isJsonPrimitive() && from.getAsJsonPrimitive().isBoolean())) {
            throw new MisfitException("boolean or JSON schema expected");
        }
        if (type.equals("OrArray") && from.isJsonArray()) {
            return value(from, "[]JSONSchemaProps", "JSONSchemaProps", path, "", depth);
        }
        return type.equals("OrArray") ? JsonNull.INSTANCE : from;
    }

    private static String goName(String type, String goType) {
        if (!goType.isEmpty()) {
            return goType;
        }
        if (type.startsWith("[]")) {
            return "[]" + goName(type.substring(2), "");
        }
        if (type.startsWith("{}")) {
            return "map[string]" + goName(type.substring(2), "");
        }
        return DefinitionShape.STRUCTS.containsKey(type) || type.equals("JSON") ? "v1." + type : type.equals("bytes") ? "[]uint8" : type;
    }

    private static MisfitException misfit(JsonElement from, String struct, String path, String goType) {
        String word = from.isJsonObject() ? "object" : from.isJsonArray() ? "array" : isNumber(from)
                ? goType.startsWith("int") ? "number " + from.getAsString() : "number" : from.getAsJsonPrimitive().isBoolean() ? "bool" : "string";
        return new MisfitException("json: cannot unmarshal " + word + " into Go struct field " + struct + "." + path + " of type " + goType);
    }

    private static boolean isNumber(JsonElement value) {
        return value.isJsonPrimitive() && value.getAsJsonPrimitive().isNumber();
    }
}
