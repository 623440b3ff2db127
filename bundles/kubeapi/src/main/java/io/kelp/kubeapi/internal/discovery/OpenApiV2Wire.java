package io.kelp.kubeapi.internal.discovery;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * OpenAPI 2.0 as protobuf, which is the only form that kubectl asks for when version 3 does not help it, for example with
 * a {@code List}. Numbers of fields: {@code openapi.v2} of gnostic-models, {@code OpenAPIv2.proto}. Written is what
 * clients read of it: definitions, and of each path the operations with their parameters and extensions.
 */
final class OpenApiV2Wire {

    /** What clients ask for … */
    static final String ASKED = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
    /** … and what they are told that they get: the name asked for is no media type of RFC 9110. */
    static final String TYPE = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

    private static final Map<String, Integer> OPERATIONS = Map.of("get", 2, "put", 3, "post", 4, "delete", 5, "patch", 8);
    private static final Map<String, Integer> SCHEMA_TEXTS = Map.of("$ref", 1, "format", 2, "title", 3, "description", 4, "pattern", 13);
    private static final Map<String, Integer> SCHEMA_NUMBERS = Map.of("maxLength", 11, "minLength", 12, "maxItems", 14, "minItems", 15,
            "maxProperties", 17, "minProperties", 18);

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private OpenApiV2Wire() {}

    static byte[] bytes(JsonObject document) {
        OpenApiV2Wire to = new OpenApiV2Wire();
        to.text(1, document.get("swagger"));
        JsonObject info = document.getAsJsonObject("info");
        to.message(2, new OpenApiV2Wire().text(1, info.get("title")).text(2, info.get("version")));
        OpenApiV2Wire paths = new OpenApiV2Wire();
        document.getAsJsonObject("paths").entrySet().forEach(path -> paths.message(2, named(path.getKey(), path(path.getValue().getAsJsonObject()))));
        to.message(8, paths);
        to.message(9, schemas(document.getAsJsonObject("definitions")));
        return to.out.toByteArray();
    }

    private static OpenApiV2Wire path(JsonObject path) {
        OpenApiV2Wire to = new OpenApiV2Wire();
        for (String method : List.of("get", "put", "post", "delete", "patch")) {
            if (path.has(method)) {
                to.message(OPERATIONS.get(method), operation(path.getAsJsonObject(method)));
            }
        }
        to.parameters(9, path.get("parameters"));
        return to;
    }

    private static OpenApiV2Wire operation(JsonObject operation) {
        OpenApiV2Wire to = new OpenApiV2Wire();
        to.text(3, operation.get("description")).text(5, operation.get("operationId")).texts(6, operation.get("produces")).texts(7, operation.get("consumes"));
        return to.parameters(8, operation.get("parameters")).extensions(13, operation);
    }

    private OpenApiV2Wire parameters(int field, JsonElement parameters) {
        if (parameters != null) {
            parameters.getAsJsonArray().forEach(p -> message(field, new OpenApiV2Wire().message(1, parameter(p.getAsJsonObject()))));
        }
        return this;
    }

    private static OpenApiV2Wire parameter(JsonObject parameter) {
        String in = parameter.get("in").getAsString();
        OpenApiV2Wire to = new OpenApiV2Wire();
        if (in.equals("body")) {
            to.text(1, parameter.get("description")).text(2, parameter.get("name")).text(3, parameter.get("in")).flag(4, parameter.get("required"));
            if (parameter.has("schema")) {
                to.message(5, schema(parameter.getAsJsonObject("schema")));
            }
            return new OpenApiV2Wire().message(1, to);
        }
        boolean query = in.equals("query");
        to.flag(1, parameter.get("required")).text(2, parameter.get("in")).text(3, parameter.get("description")).text(4, parameter.get("name"))
                .text(query ? 6 : 5, parameter.get("type"));
        return new OpenApiV2Wire().message(2, new OpenApiV2Wire().message(query ? 3 : 4, to));
    }

    private static OpenApiV2Wire schemas(JsonObject byName) {
        OpenApiV2Wire to = new OpenApiV2Wire();
        byName.entrySet().forEach(each -> to.message(1, named(each.getKey(), schema(each.getValue().getAsJsonObject()))));
        return to;
    }

    private static OpenApiV2Wire schema(JsonObject schema) {
        OpenApiV2Wire to = new OpenApiV2Wire();
        SCHEMA_TEXTS.forEach((name, field) -> to.text(field, schema.get(name)));
        SCHEMA_NUMBERS.forEach((name, field) -> to.number(field, schema.get(name)));
        to.real(6, schema.get("multipleOf")).real(7, schema.get("maximum")).flag(8, schema.get("exclusiveMaximum")).real(9, schema.get("minimum"))
                .flag(10, schema.get("exclusiveMinimum")).flag(16, schema.get("uniqueItems")).texts(19, schema.get("required"));
        if (schema.get("enum") instanceof JsonArray values) {
            values.forEach(value -> to.message(20, new OpenApiV2Wire().raw(2, value.toString())));
        }
        if (schema.get("additionalProperties") instanceof JsonObject values) {
            to.message(21, new OpenApiV2Wire().message(1, schema(values)));
        }
        if (schema.has("type")) {
            to.message(22, new OpenApiV2Wire().text(1, schema.get("type")));
        }
        if (schema.get("items") instanceof JsonObject items) {
            to.message(23, new OpenApiV2Wire().message(1, schema(items)));
        }
        if (schema.get("properties") instanceof JsonObject properties) {
            to.message(25, schemas(properties));
        }
        return to.extensions(31, schema);
    }

    private OpenApiV2Wire extensions(int field, JsonObject of) {
        for (Map.Entry<String, JsonElement> member : of.entrySet()) {
            if (member.getKey().startsWith("x-")) {
                message(field, named(member.getKey(), new OpenApiV2Wire().raw(2, member.getValue().toString()))); // JSON is YAML
            }
        }
        return this;
    }

    private static OpenApiV2Wire named(String name, OpenApiV2Wire value) {
        return new OpenApiV2Wire().raw(1, name).message(2, value);
    }

    private OpenApiV2Wire message(int field, OpenApiV2Wire message) {
        return bytes(field, message.out.toByteArray());
    }

    private OpenApiV2Wire texts(int field, JsonElement texts) {
        if (texts != null) {
            texts.getAsJsonArray().forEach(text -> text(field, text));
        }
        return this;
    }

    private OpenApiV2Wire text(int field, JsonElement text) {
        return text == null || text.getAsString().isEmpty() ? this : raw(field, text.getAsString());
    }

    private OpenApiV2Wire raw(int field, String text) {
        return bytes(field, text.getBytes(StandardCharsets.UTF_8));
    }

    private OpenApiV2Wire bytes(int field, byte[] content) {
        varint((long) field << 3 | 2);
        varint(content.length);
        out.writeBytes(content);
        return this;
    }

    private OpenApiV2Wire flag(int field, JsonElement flag) {
        if (flag != null && flag.getAsBoolean()) {
            varint((long) field << 3);
            varint(1);
        }
        return this;
    }

    private OpenApiV2Wire number(int field, JsonElement number) {
        if (number != null) {
            varint((long) field << 3);
            varint(number.getAsLong());
        }
        return this;
    }

    private OpenApiV2Wire real(int field, JsonElement number) {
        if (number != null) {
            varint((long) field << 3 | 1);
            long bits = Double.doubleToLongBits(number.getAsDouble());
            for (int shift = 0; shift < 64; shift += 8) {
                out.write((int) (bits >>> shift));
            }
        }
        return this;
    }

    private void varint(long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            out.write((int) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }
}
