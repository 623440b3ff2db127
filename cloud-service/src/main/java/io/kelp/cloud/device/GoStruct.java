package io.kelp.cloud.device;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.math.BigDecimal;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How a stock cloud writes one of its structs: it reads an object into typed fields and writes those,
 * so empty values disappear and embedded structs appear although nobody gave them. Edges were built
 * against that form. What a struct does not know is kept at its end, for newer edges.
 */
final class GoStruct {

    /** When a field is written. */
    private enum Kind { NON_EMPTY, ALWAYS_TEXT, GIVEN, STRUCT, STRUCT_IF_GIVEN, LIST }

    /** One field of a struct. */
    record Field(String name, Kind kind, GoStruct type) {}

    private final List<Field> fields;
    private final Set<String> names;

    private GoStruct(List<Field> fields) {
        this.fields = fields;
        this.names = fields.stream().map(Field::name).collect(Collectors.toUnmodifiableSet());
    }

    static GoStruct of(Field... fields) {
        return new GoStruct(List.of(fields));
    }

    /** A value, a map or a list that is left out when it is empty, zero or false. */
    static Field nonEmpty(String name) {
        return new Field(name, Kind.NON_EMPTY, null);
    }

    /** A text that is always written. */
    static Field alwaysText(String name) {
        return new Field(name, Kind.ALWAYS_TEXT, null);
    }

    /** A pointer: written as it is if it was given. */
    static Field given(String name) {
        return new Field(name, Kind.GIVEN, null);
    }

    /** An embedded struct: always written. */
    static Field struct(String name, GoStruct type) {
        return new Field(name, Kind.STRUCT, type);
    }

    /** A pointer to a struct. */
    static Field ifGiven(String name, GoStruct type) {
        return new Field(name, Kind.STRUCT_IF_GIVEN, type);
    }

    static Field list(String name, GoStruct type) {
        return new Field(name, Kind.LIST, type);
    }

    /** @param object what was read; may be {@code null} for an embedded struct that nobody gave */
    JsonObject write(JsonElement object) {
        JsonObject in = object instanceof JsonObject given ? given : new JsonObject();
        JsonObject out = new JsonObject();
        for (Field field : fields) {
            JsonElement value = in.get(field.name());
            boolean isGiven = value != null && !value.isJsonNull();
            switch (field.kind()) {
                case NON_EMPTY -> addIf(out, field, value, isGiven && !isEmpty(value));
                case ALWAYS_TEXT -> out.add(field.name(), isGiven ? value : new JsonPrimitive(""));
                case GIVEN -> addIf(out, field, value, isGiven);
                case STRUCT -> out.add(field.name(), field.type().write(value));
                case STRUCT_IF_GIVEN -> addIf(out, field, isGiven ? field.type().write(value) : null, isGiven);
                case LIST -> addIf(out, field, isGiven ? writeAll(value, field.type()) : null, isGiven && !isEmpty(value));
            }
        }
        in.entrySet().stream().filter(e -> !names.contains(e.getKey())).forEach(e -> out.add(e.getKey(), e.getValue()));
        return out;
    }

    private static void addIf(JsonObject out, Field field, JsonElement value, boolean condition) {
        if (condition) {
            out.add(field.name(), value);
        }
    }

    private static JsonElement writeAll(JsonElement list, GoStruct type) {
        if (!(list instanceof JsonArray elements)) {
            return list;
        }
        JsonArray out = new JsonArray(elements.size());
        elements.forEach(element -> out.add(type.write(element)));
        return out;
    }

    private static boolean isEmpty(JsonElement value) {
        if (value instanceof JsonPrimitive primitive) {
            return primitive.isString() && primitive.getAsString().isEmpty()
                    || primitive.isBoolean() && !primitive.getAsBoolean()
                    || primitive.isNumber() && new BigDecimal(primitive.getAsString()).signum() == 0;
        }
        return value instanceof JsonObject object ? object.isEmpty() : value.getAsJsonArray().isEmpty();
    }
}
