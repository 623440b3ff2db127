package io.kelp.kubeapi.internal.types;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.internal.resource.NumberText;
import io.kelp.kubeapi.internal.schema.Schema;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;

/**
 * Reads an object into the Go types of its kind and writes it again, as an API server does with built-in kinds: fields that
 * are not known vanish, empty ones too where their type says so, quantities and times get their canonical form, and values
 * that do not fit are refused with the sentences of Go's decoder. Safe for use by several threads.
 */
public final class BuiltInCodec {

    private static final GoType.Scalar BYTE = new GoType.Scalar("uint8", GoType.Base.INTEGER, 9, Schema.ANY);

    private final GoType.Struct root;

    BuiltInCodec(GoType.Struct root) {
        this.root = root;
    }

    /**
     * The object as it would be stored. The given one is not changed, but may share parts with the result.
     *
     * @throws ApiException 400 when a value does not fit its type
     */
    public JsonObject normalize(JsonObject object) throws ApiException {
        Reader reader = new Reader(root.name());
        try {
            JsonObject read = reader.struct(object, root, "");
            if (reader.first != null) {
                throw new MisfitException(reader.first);
            }
            return read;
        } catch (MisfitException e) {
            JsonElement version = object.get("apiVersion");
            String shown = version == null || !version.isJsonPrimitive() ? "v1" : version.getAsString();
            throw ApiException.badRequest(root.name() + " in version \"" + shown.substring(shown.indexOf('/') + 1) + "\" cannot be handled as a "
                    + root.name() + ": " + e.getMessage());
        }
    }

    /** Whether Go leaves a value out that is marked so. */
    private static boolean isEmpty(JsonElement value) {
        if (value == null || value.isJsonNull()) {
            return true;
        }
        if (value.isJsonArray()) {
            return value.getAsJsonArray().isEmpty();
        }
        if (value.isJsonObject()) {
            return value.getAsJsonObject().isEmpty();
        }
        JsonPrimitive p = value.getAsJsonPrimitive();
        return p.isBoolean() ? !p.getAsBoolean() : p.isNumber() ? p.getAsLong() == 0 : p.getAsString().isEmpty();
    }

    /** The value that a field has when nothing is said about it. */
    private static JsonElement zero(GoType type) {
        if (type instanceof GoType.Struct struct) {
            JsonObject empty = new JsonObject();
            struct.fields().forEach(field -> add(empty, field, null));
            return empty;
        }
        if (type instanceof GoType.Scalar scalar) {
            return switch (scalar.base()) {
                case STRING -> new JsonPrimitive("");
                case BOOL -> new JsonPrimitive(false);
                case INTEGER, INT_OR_STRING -> new JsonPrimitive(0);
                case QUANTITY -> new JsonPrimitive("0");
                case BYTES, TIME, MICRO_TIME, RAW -> JsonNull.INSTANCE;
            };
        }
        return JsonNull.INSTANCE;
    }

    /** @param value already normalised; {@code null} when the client said nothing */
    private static void add(JsonObject to, GoType.Field field, JsonElement value) {
        if (field.pointer()) {
            if (value != null || !field.omitEmpty()) {
                to.add(field.name(), value == null ? JsonNull.INSTANCE : value);
            }
            return;
        }
        boolean always = field.type() instanceof GoType.Struct || isStruct(field.type());
        if (field.omitEmpty() && !always && (value == null || isEmpty(value)) || field.omitZero() && (value == null || value.isJsonNull())) {
            return;
        }
        boolean gone = value == null || value.isJsonArray() && value.getAsJsonArray().isEmpty();
        to.add(field.name(), gone ? zero(field.type()) : value);
    }

    /** Scalars that are structs for Go, which are never empty. */
    private static boolean isStruct(GoType type) {
        return type instanceof GoType.Scalar s && switch (s.base()) {
            case TIME, MICRO_TIME, QUANTITY, INT_OR_STRING -> true;
            default -> false;
        };
    }

    /** A value that ends the decoding at once. */
    private static final class MisfitException extends Exception {
        private static final long serialVersionUID = 1L;

        MisfitException(String message) {
            super(message);
        }
    }

    /** One pass over an object. Go goes on after a wrong type and reports the first, but stops at values that parse themselves. */
    private static final class Reader {

        private String owner;
        private String first;

        Reader(String owner) {
            this.owner = owner;
        }

        JsonObject struct(JsonObject from, GoType.Struct type, String path) throws MisfitException {
            String outer = owner;
            owner = type.name();
            Map<String, JsonElement> read = new HashMap<>();
            // In the order of the text, so that the first misfit is the one a reader of the text meets first.
            for (Map.Entry<String, JsonElement> member : from.entrySet()) {
                GoType.Field field = field(type, member.getKey());
                if (field != null && !member.getValue().isJsonNull()) {
                    JsonElement value = value(member.getValue(), field.type(), path.isEmpty() ? field.name() : path + "." + field.name());
                    if (value != null) {
                        read.put(field.name(), value);
                    }
                }
            }
            JsonObject to = new JsonObject();
            type.fields().forEach(field -> add(to, field, read.get(field.name())));
            owner = outer;
            return to;
        }

        /** @return {@code null} when the value does not fit, which is noted */
        private JsonElement value(JsonElement from, GoType type, String path) throws MisfitException {
            if (from.isJsonNull()) {
                return type instanceof GoType.Scalar s && s.base() == GoType.Base.BYTES ? new JsonPrimitive("") : zero(type);
            }
            if (type instanceof GoType.Struct struct) {
                return from.isJsonObject() ? struct(from.getAsJsonObject(), struct, path) : misfit(from, type, path);
            }
            if (type instanceof GoType.ListOf list) {
                if (!from.isJsonArray()) {
                    return misfit(from, type, path);
                }
                JsonArray to = new JsonArray();
                for (JsonElement element : from.getAsJsonArray()) {
                    JsonElement value = value(element, list.element(), path);
                    to.add(value == null ? zero(list.element()) : value);
                }
                return to;
            }
            if (type instanceof GoType.MapOf map) {
                if (!from.isJsonObject()) {
                    return misfit(from, type, path);
                }
                JsonObject to = new JsonObject();
                for (Map.Entry<String, JsonElement> member : from.getAsJsonObject().entrySet()) {
                    JsonElement value = value(member.getValue(), map.value(), path);
                    to.add(member.getKey(), value == null ? zero(map.value()) : value);
                }
                return to;
            }
            return scalar(from, (GoType.Scalar) type, path);
        }

        private JsonElement scalar(JsonElement from, GoType.Scalar type, String path) throws MisfitException {
            return switch (type.base()) {
                case STRING -> isString(from) ? from : misfit(from, type, path);
                case BOOL -> from.isJsonPrimitive() && from.getAsJsonPrimitive().isBoolean() ? from : misfit(from, type, path);
                case INTEGER -> integer(from, type, path, false);
                case INT_OR_STRING -> isString(from) ? from : integer(from, type, path, true);
                case QUANTITY -> quantity(from);
                case TIME, MICRO_TIME -> time(from, type, path);
                case BYTES -> bytes(from, type, path);
                case RAW -> from;
            };
        }

        private JsonElement integer(JsonElement from, GoType.Scalar type, String path, boolean stop) throws MisfitException {
            String shown = null;
            if (from.isJsonPrimitive() && from.getAsJsonPrimitive().isNumber()) {
                String text = from.getAsString();
                if (text.matches("-?\\d{1,20}") && new BigInteger(text).bitLength() < type.bits()) {
                    return text.equals("-0") ? new JsonPrimitive(new NumberText("0")) : from;
                }
                shown = "number " + text;
            }
            String message = message(shown == null ? kind(from) : shown, type, path);
            if (stop) {
                throw new MisfitException(message);
            }
            return note(message);
        }

        private static JsonElement quantity(JsonElement from) throws MisfitException {
            try {
                return new JsonPrimitive(Quantity.parse(from.isJsonPrimitive() ? from.getAsString().trim() : from.toString()).toString());
            } catch (NumberFormatException e) {
                throw new MisfitException(e.getMessage());
            }
        }

        private JsonElement time(JsonElement from, GoType.Scalar type, String path) throws MisfitException {
            if (!isString(from)) {
                throw new MisfitException(message(kind(from), type, path));
            }
            String text = from.getAsString();
            boolean micro = type.base() == GoType.Base.MICRO_TIME;
            if (text.isEmpty() && !micro) {
                return JsonNull.INSTANCE;
            }
            try {
                return new JsonPrimitive(micro ? Times.micro(text) : Times.seconds(text));
            } catch (DateTimeException e) {
                throw new MisfitException(Times.problem(text, micro));
            }
        }

        private JsonElement bytes(JsonElement from, GoType.Scalar type, String path) throws MisfitException {
            if (from.isJsonArray()) {
                return numbered(from.getAsJsonArray(), path);
            }
            if (!isString(from)) {
                return misfit(from, type, path);
            }
            String text = from.getAsString().replace("\r", "").replace("\n", "");
            int bad = Base64Text.firstIllegal(text);
            if (bad >= 0) {
                return note("illegal base64 data at input byte " + bad);
            }
            return new JsonPrimitive(Base64.getEncoder().encodeToString(Base64.getDecoder().decode(text)));
        }

        /** Bytes may also be told one by one. */
        private JsonElement numbered(JsonArray from, String path) throws MisfitException {
            byte[] bytes = new byte[from.size()];
            for (int i = 0; i < bytes.length; i++) {
                JsonElement number = from.get(i).isJsonNull() ? null : integer(from.get(i), BYTE, path, false);
                if (number != null && number.getAsLong() < 0) {
                    note(message("number " + number, BYTE, path));
                } else if (number != null) {
                    bytes[i] = (byte) number.getAsInt();
                }
            }
            return new JsonPrimitive(Base64.getEncoder().encodeToString(bytes));
        }

        private JsonElement misfit(JsonElement from, GoType type, String path) {
            return note(message(kind(from), type, path));
        }

        private JsonElement note(String message) {
            first = first == null ? message : first;
            return null;
        }

        private String message(String what, GoType type, String path) {
            return "json: cannot unmarshal " + what + " into Go struct field " + owner + "." + path + " of type " + type.goName();
        }

        private static GoType.Field field(GoType.Struct type, String name) {
            for (GoType.Field field : type.fields()) {
                if (field.name().equals(name)) {
                    return field;
                }
            }
            return null;
        }

        private static boolean isString(JsonElement value) {
            return value.isJsonPrimitive() && value.getAsJsonPrimitive().isString();
        }

        private static String kind(JsonElement value) {
            if (value.isJsonObject()) {
                return "object";
            }
            if (value.isJsonArray()) {
                return "array";
            }
            JsonPrimitive p = value.getAsJsonPrimitive();
            return p.isString() ? "string" : p.isBoolean() ? "bool" : "number";
        }
    }
}
