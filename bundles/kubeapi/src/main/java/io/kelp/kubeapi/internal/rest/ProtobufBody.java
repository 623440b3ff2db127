package io.kelp.kubeapi.internal.rest;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads objects of built-in kinds that clients such as kubectl send as protobuf: the bytes {@code k8s\0}, then
 * {@code runtime.Unknown} with the kind and the object's message (Kubernetes, "Kubernetes Protobuf encoding"). Answers are
 * JSON, which those clients accept, too.
 */
final class ProtobufBody {

    static final String MEDIA_TYPE = "application/vnd.kubernetes.protobuf";

    private static final byte[] MAGIC = {'k', '8', 's', 0};
    private static final DateTimeFormatter MICROS = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

    /** Fields of messages that are part of the object around them in JSON. */
    private static final Set<String> INLINE = Set.of("volumeSource", "localObjectReference", "ephemeralContainerCommon");

    private final WireMessages messages;

    ProtobufBody(WireMessages messages) {
        this.messages = messages;
    }

    Body read(byte[] body) throws Body.MalformedException {
        if (body.length < MAGIC.length || !Arrays.equals(MAGIC, 0, MAGIC.length, body, 0, MAGIC.length)) {
            throw new Body.MalformedException("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]");
        }
        String apiVersion = "";
        String kind = "";
        ByteBuffer raw = ByteBuffer.allocate(0);
        ByteBuffer unknown = ByteBuffer.wrap(body, MAGIC.length, body.length - MAGIC.length).slice();
        while (unknown.hasRemaining()) {
            long tag = varint(unknown);
            if (tag == (1 << 3 | 2)) {
                ByteBuffer type = chunk(unknown);
                while (type.hasRemaining()) {
                    long part = varint(type);
                    if (part == (1 << 3 | 2)) {
                        apiVersion = text(chunk(type));
                    } else if (part == (2 << 3 | 2)) {
                        kind = text(chunk(type));
                    } else {
                        skip(type, part);
                    }
                }
            } else if (tag == (2 << 3 | 2)) {
                raw = chunk(unknown);
            } else {
                skip(unknown, tag);
            }
        }
        String message = messages.message(apiVersion, kind);
        if (message == null) {
            throw new Body.MalformedException("no kind \"" + kind + "\" of \"" + apiVersion + "\" is known in protobuf");
        }
        JsonObject object = new JsonObject();
        object.addProperty("apiVersion", apiVersion);
        object.addProperty("kind", kind);
        fill(object, raw, message, 0);
        return new Body(object, List.of(), List.of());
    }

    private void fill(JsonObject object, ByteBuffer from, String message, int depth) throws Body.MalformedException {
        if (depth > Body.MAX_DEPTH) {
            throw new Body.MalformedException("exceeded max depth");
        }
        Map<Integer, WireMessages.Field> fields = messages.fields(message);
        while (from.hasRemaining()) {
            long tag = varint(from);
            WireMessages.Field field = fields == null ? null : fields.get((int) (tag >>> 3));
            if (field == null) {
                skip(from, tag);
            } else if (field.count() == WireMessages.Count.MAP) {
                entry(child(object, field.name()), chunk(from), field.type(), depth);
            } else if (field.count() == WireMessages.Count.MANY) {
                if (!object.has(field.name())) {
                    object.add(field.name(), new JsonArray());
                }
                object.getAsJsonArray(field.name()).add(value(from, tag, field.type(), depth));
            } else if (INLINE.contains(field.name()) || field.type().equals("core.v1.ProbeHandler")) {
                fill(object, chunk(from), field.type(), depth + 1);
            } else {
                object.add(field.name(), value(from, tag, field.type(), depth));
            }
        }
    }

    private static JsonObject child(JsonObject object, String name) {
        if (!object.has(name)) {
            object.add(name, new JsonObject());
        }
        return object.getAsJsonObject(name);
    }

    private void entry(JsonObject map, ByteBuffer from, String type, int depth) throws Body.MalformedException {
        String key = "";
        JsonElement value = null;
        while (from.hasRemaining()) {
            long tag = varint(from);
            if (tag >>> 3 == 1) {
                key = text(chunk(from));
            } else if (tag >>> 3 == 2) {
                value = value(from, tag, type, depth);
            } else {
                skip(from, tag);
            }
        }
        map.add(key, value == null ? new JsonPrimitive("") : value);
    }

    private JsonElement value(ByteBuffer from, long tag, String type, int depth) throws Body.MalformedException {
        int wire = (int) (tag & 7);
        switch (type) {
            case "string":
                return new JsonPrimitive(text(chunk(from, wire)));
            case "bytes":
                return new JsonPrimitive(Base64.getEncoder().encodeToString(bytes(chunk(from, wire))));
            case "bool":
                return new JsonPrimitive(number(from, wire) != 0);
            case "int32":
                return new JsonPrimitive((int) number(from, wire));
            case "int64":
                return new JsonPrimitive(number(from, wire));
            case "double":
                return new JsonPrimitive(Double.longBitsToDouble(fixed(from, wire)));
            default:
                return message(chunk(from, wire), type, depth);
        }
    }

    private JsonElement message(ByteBuffer from, String type, int depth) throws Body.MalformedException {
        JsonObject object = new JsonObject();
        switch (type) {
            case "meta.v1.FieldsV1", "runtime.RawExtension":
                return raw(from);
            default:
                fill(object, from, type, depth + 1);
        }
        return switch (type) {
            case "meta.v1.Time" -> time(object, false);
            case "meta.v1.MicroTime" -> time(object, true);
            case "resource.Quantity" -> object.has("string") ? object.get("string") : new JsonPrimitive("0");
            case "intstr.IntOrString" -> object.has("type") && object.get("type").getAsLong() == 1 ? object.get("strVal") : object.get("intVal");
            case "authentication.v1.ExtraValue", "authorization.v1.ExtraValue" -> object.has("items") ? object.get("items") : new JsonArray();
            default -> object;
        };
    }

    /** The one field of these is JSON in bytes. */
    private static JsonElement raw(ByteBuffer from) throws Body.MalformedException {
        JsonElement tree = JsonNull.INSTANCE;
        while (from.hasRemaining()) {
            long tag = varint(from);
            if (tag == (1 << 3 | 2)) {
                tree = JsonBody.read(bytes(chunk(from))).tree();
            } else {
                skip(from, tag);
            }
        }
        return tree;
    }

    private static JsonElement time(JsonObject parts, boolean micros) throws Body.MalformedException {
        if (parts.isEmpty()) {
            return JsonNull.INSTANCE;
        }
        try {
            Instant time = Instant.ofEpochSecond(parts.has("seconds") ? parts.get("seconds").getAsLong() : 0,
                    micros && parts.has("nanos") ? parts.get("nanos").getAsLong() : 0);
            return new JsonPrimitive(micros ? MICROS.format(time) : time.toString());
        } catch (DateTimeException e) {
            throw new Body.MalformedException("proto: a time is out of range");
        }
    }

    private static long number(ByteBuffer from, int wire) throws Body.MalformedException {
        if (wire != 0) {
            throw new Body.MalformedException("proto: wrong wireType = " + wire);
        }
        return varint(from);
    }

    private static long fixed(ByteBuffer from, int wire) throws Body.MalformedException {
        if (wire != 1 || from.remaining() < Long.BYTES) {
            throw new Body.MalformedException(wire != 1 ? "proto: wrong wireType = " + wire : "unexpected EOF");
        }
        return from.order(ByteOrder.LITTLE_ENDIAN).getLong();
    }

    private static ByteBuffer chunk(ByteBuffer from, int wire) throws Body.MalformedException {
        if (wire != 2) {
            throw new Body.MalformedException("proto: wrong wireType = " + wire);
        }
        return chunk(from);
    }

    private static ByteBuffer chunk(ByteBuffer from) throws Body.MalformedException {
        long length = varint(from);
        if (length < 0 || length > from.remaining()) {
            throw new Body.MalformedException("unexpected EOF");
        }
        ByteBuffer chunk = from.slice(from.position(), (int) length);
        from.position(from.position() + (int) length);
        return chunk;
    }

    private static long varint(ByteBuffer from) throws Body.MalformedException {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (!from.hasRemaining()) {
                throw new Body.MalformedException("unexpected EOF");
            }
            byte next = from.get();
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new Body.MalformedException("proto: integer overflow");
    }

    private static void skip(ByteBuffer from, long tag) throws Body.MalformedException {
        switch ((int) (tag & 7)) {
            case 0 -> varint(from);
            case 1 -> forward(from, Long.BYTES);
            case 2 -> chunk(from);
            case 5 -> forward(from, Integer.BYTES);
            default -> throw new Body.MalformedException("proto: illegal wireType " + (tag & 7));
        }
    }

    private static void forward(ByteBuffer from, int count) throws Body.MalformedException {
        if (from.remaining() < count) {
            throw new Body.MalformedException("unexpected EOF");
        }
        from.position(from.position() + count);
    }

    private static byte[] bytes(ByteBuffer chunk) {
        byte[] bytes = new byte[chunk.remaining()];
        chunk.get(bytes);
        return bytes;
    }

    private static String text(ByteBuffer chunk) {
        return new String(bytes(chunk), StandardCharsets.UTF_8);
    }
}
