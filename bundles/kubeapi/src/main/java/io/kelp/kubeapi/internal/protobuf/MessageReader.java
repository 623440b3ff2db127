package io.kelp.kubeapi.internal.protobuf;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.kelp.kubeapi.internal.protobuf.MessageTable.Field;
import io.kelp.kubeapi.internal.protobuf.MessageTable.Items;
import io.kelp.kubeapi.internal.protobuf.MessageTable.ListOf;
import io.kelp.kubeapi.internal.protobuf.MessageTable.MapOf;
import io.kelp.kubeapi.internal.protobuf.MessageTable.Message;
import io.kelp.kubeapi.internal.protobuf.MessageTable.Scalar;
import io.kelp.kubeapi.internal.protobuf.MessageTable.Type;
import io.kelp.kubeapi.internal.resource.NumberText;

/**
 * Reads one message into a tree as Go would write it in JSON. Fields that are not known are passed over. What comes twice
 * counts the last time, messages are merged. Bounded in depth and in the number of values, since a value of two bytes
 * takes a hundred times as much in memory.
 */
final class MessageReader {

    /** Deeper trees are refused, as in JSON. */
    private static final int MAX_DEPTH = 256;

    /** Objects with more values are refused; a pod with a hundred containers has some thousands. */
    static final int MAX_VALUES = 250_000;

    /** Any value that is empty or zero. */
    private static final byte[] ZEROS = new byte[Long.BYTES];

    private final ProtobufBody.JsonReader json;
    private int values;

    MessageReader(ProtobufBody.JsonReader json) {
        this.json = json;
    }

    void read(Message message, Wire from, JsonObject into) throws MalformedProtobufException {
        read(message, from, into, 0);
    }

    static void check(Wire.Tag tag, int expected, String field) throws MalformedProtobufException {
        if (tag.type() != expected) {
            throw new MalformedProtobufException("proto: wrong wireType = " + tag.type() + " for field " + field);
        }
    }

    private void read(Message message, Wire from, JsonObject into, int depth) throws MalformedProtobufException {
        if (depth > MAX_DEPTH) {
            throw new MalformedProtobufException("exceeded max depth of " + MAX_DEPTH);
        }
        while (from.hasMore()) {
            Wire.Tag tag = from.tag(message.shortName());
            Field field = message.field(tag.number());
            if (field == null) {
                from.skip(tag.type());
            } else if (field.embedded()) {
                check(tag, Wire.LENGTH, field.goName());
                read((Message) field.type(), from.part(), into, depth + 1);
            } else {
                field(field, tag, from, into, depth);
            }
        }
    }

    private void field(Field field, Wire.Tag tag, Wire from, JsonObject into, int depth) throws MalformedProtobufException {
        if (field.type() instanceof ListOf list) {
            JsonArray array = into.get(field.name()) instanceof JsonArray known ? known : new JsonArray();
            into.add(field.name(), array);
            if (tag.type() == Wire.LENGTH && wireType(list.element()) != Wire.LENGTH) {
                Wire packed = from.part();
                while (packed.hasMore()) {
                    array.add(value(list.element(), packed, null, depth));
                }
            } else {
                check(tag, wireType(list.element()), field.goName());
                array.add(value(list.element(), from, null, depth));
            }
            return;
        }
        check(tag, wireType(field.type()), field.goName());
        if (field.type() instanceof MapOf map) {
            JsonObject object = into.get(field.name()) instanceof JsonObject known ? known : new JsonObject();
            into.add(field.name(), object);
            entry(map.value(), from.part(), object, depth);
            return;
        }
        JsonElement value = value(field.type(), from, into.get(field.name()), depth);
        if (field.omitEmpty() && isEmpty(value)) {
            into.remove(field.name());
        } else {
            into.add(field.name(), value);
        }
    }

    private static int wireType(Type type) {
        return !(type instanceof Scalar scalar) ? Wire.LENGTH : switch (scalar) {
            case BOOL, INT32, INT64 -> Wire.VARINT;
            case FLOAT64 -> Wire.FIXED64;
            default -> Wire.LENGTH;
        };
    }

    private void entry(Type type, Wire from, JsonObject into, int depth) throws MalformedProtobufException {
        String key = "";
        JsonElement value = null;
        while (from.hasMore()) {
            Wire.Tag tag = from.tag("Entry");
            switch (tag.number()) {
                case 1 -> {
                    check(tag, Wire.LENGTH, "Key");
                    key = from.part().text();
                }
                case 2 -> {
                    check(tag, wireType(type), "Value");
                    value = value(type, from, value, depth);
                }
                default -> from.skip(tag.type());
            }
        }
        into.add(key, value == null ? value(type, new Wire(ZEROS, 0), null, depth) : value);
    }

    /** @param known what was read before of the same value, {@code null} for nothing */
    private JsonElement value(Type type, Wire from, JsonElement known, int depth) throws MalformedProtobufException {
        count();
        if (type instanceof Message message) {
            JsonObject object = known instanceof JsonObject before && !Unions.contains(message) ? before : new JsonObject();
            read(message, from.part(), object, depth + 1);
            return Unions.unwrap(message, object);
        }
        if (type instanceof Items items) {
            return items(items, from.part(), depth);
        }
        return switch ((Scalar) type) {
            case STRING -> new JsonPrimitive(from.part().text());
            case BOOL -> new JsonPrimitive(from.varint() != 0);
            case INT32 -> number(Integer.toString((int) from.varint()));
            case INT64 -> number(Long.toString(from.varint()));
            case FLOAT64 -> number(Scalars.decimal(Double.longBitsToDouble(from.fixed64())));
            case BYTES -> Scalars.base64(from.part().rest());
            case QUANTITY -> Scalars.quantity(from.part());
            case TIME -> Scalars.time(from.part(), false);
            case MICROTIME -> Scalars.time(from.part(), true);
            case INTORSTRING -> Scalars.intOrString(from.part());
            case RAW -> raw(from.part());
        };
    }

    static JsonPrimitive number(String text) {
        return new JsonPrimitive(new NumberText(text));
    }

    private JsonArray items(Items type, Wire from, int depth) throws MalformedProtobufException {
        JsonArray array = new JsonArray();
        while (from.hasMore()) {
            Wire.Tag tag = from.tag("Items");
            if (tag.number() == 1) {
                check(tag, wireType(type.element()), "Items");
                array.add(value(type.element(), from, null, depth));
            } else {
                from.skip(tag.type());
            }
        }
        return array;
    }

    /** JSON that a message carries as text in its first field. */
    private JsonElement raw(Wire from) throws MalformedProtobufException {
        byte[] text = new byte[0];
        while (from.hasMore()) {
            Wire.Tag tag = from.tag("Raw");
            if (tag.number() == 1) {
                check(tag, Wire.LENGTH, "Raw");
                text = from.part().rest();
            } else {
                from.skip(tag.type());
            }
        }
        if (text.length == 0) {
            return JsonNull.INSTANCE;
        }
        JsonElement tree = json.read(text);
        if (tree == null) {
            throw new MalformedProtobufException("a field of raw JSON holds " + text.length + " bytes that are no JSON");
        }
        count(tree);
        return tree;
    }

    private void count(JsonElement tree) throws MalformedProtobufException {
        count();
        if (tree instanceof JsonArray array) {
            for (JsonElement item : array) {
                count(item);
            }
        } else if (tree instanceof JsonObject object) {
            for (String name : object.keySet()) {
                count(object.get(name));
            }
        }
    }

    private void count() throws MalformedProtobufException {
        if (++values > MAX_VALUES) {
            throw new MalformedProtobufException("the object has more than " + MAX_VALUES + " values");
        }
    }

    private static boolean isEmpty(JsonElement value) {
        if (value instanceof JsonPrimitive p) {
            return p.isString() ? p.getAsString().isEmpty() : p.isBoolean() ? !p.getAsBoolean() : p.getAsDouble() == 0;
        }
        return value.isJsonNull();
    }
}
