package io.kelp.kubeapi.internal.rest;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import com.google.gson.Strictness;
import com.google.gson.ToNumberPolicy;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import java.io.EOFException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads JSON of strangers: strict (RFC 8259), limited in depth, and telling members that come twice. */
final class JsonBody {

    private final List<String> duplicates = new ArrayList<>();

    private JsonBody() {
    }

    static Body read(byte[] body) throws Body.MalformedException {
        JsonBody reading = new JsonBody();
        try (JsonReader reader = new JsonReader(new StringReader(decode(body)))) {
            reader.setStrictness(Strictness.STRICT);
            JsonElement tree = reading.value(reader, "", 0);
            if (reader.peek() != JsonToken.END_DOCUMENT) {
                throw new Body.MalformedException("invalid character after top-level value");
            }
            return new Body(tree, reading.duplicates);
        } catch (EOFException e) {
            throw new Body.MalformedException("unexpected end of JSON input");
        } catch (MalformedJsonException | NumberFormatException e) {
            String message = firstLine(e.getMessage());
            throw new Body.MalformedException(message.startsWith("Unterminated") ? "unexpected end of JSON input" : "invalid JSON: " + message);
        } catch (IOException e) {
            throw new Body.MalformedException(firstLine(e.getMessage()));
        }
    }

    private static String decode(byte[] body) throws Body.MalformedException {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
        } catch (CharacterCodingException e) {
            throw new Body.MalformedException("the text is not UTF-8");
        }
    }

    private JsonElement value(JsonReader reader, String path, int depth) throws IOException, Body.MalformedException {
        if (depth > Body.MAX_DEPTH) {
            throw new Body.MalformedException("exceeded max depth");
        }
        switch (reader.peek()) {
            case BEGIN_OBJECT:
                return object(reader, path, depth);
            case BEGIN_ARRAY:
                JsonArray array = new JsonArray();
                reader.beginArray();
                while (reader.hasNext()) {
                    array.add(value(reader, path + "[" + array.size() + "]", depth + 1));
                }
                reader.endArray();
                return array;
            case STRING:
                return new JsonPrimitive(reader.nextString());
            case NUMBER:
                return new JsonPrimitive(ToNumberPolicy.LAZILY_PARSED_NUMBER.readNumber(reader));
            case BOOLEAN:
                return new JsonPrimitive(reader.nextBoolean());
            default:
                reader.nextNull();
                return JsonNull.INSTANCE;
        }
    }

    private JsonObject object(JsonReader reader, String path, int depth) throws IOException, Body.MalformedException {
        JsonObject object = new JsonObject();
        reader.beginObject();
        while (reader.hasNext()) {
            String name = reader.nextName();
            String member = path.isEmpty() ? name : path + "." + name;
            if (object.has(name) && duplicates.size() < Body.MAX_DUPLICATES) {
                duplicates.add(member);
            }
            object.add(name, value(reader, member, depth + 1));
        }
        reader.endObject();
        return object;
    }

    private static String firstLine(String message) {
        int end = message == null ? -1 : message.indexOf('\n');
        return end < 0 ? String.valueOf(message) : message.substring(0, end);
    }
}
