package io.kelp.kubeapi.internal.rest;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import com.google.gson.stream.JsonWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Trees of JSON and their bytes. */
final class Json {

    /** Below this each integer is a floating-point number of its own. */
    private static final double EXACT = 1L << 53;

    private Json() {
    }

    /** Reads what this server has written itself. */
    static JsonObject read(byte[] stored) {
        return JsonParser.parseString(new String(stored, StandardCharsets.UTF_8)).getAsJsonObject();
    }

    static byte[] bytes(JsonElement tree) {
        return tree.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** As people like to read it: with line breaks and two blanks per level. */
    static byte[] pretty(JsonElement tree) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (Writer text = new OutputStreamWriter(out, StandardCharsets.UTF_8); JsonWriter writer = new JsonWriter(text)) {
            writer.setIndent("  ");
            writer.setHtmlSafe(false);
            writer.setSerializeNulls(true);
            write(writer, tree);
            writer.flush();
            text.write('\n');
        } catch (IOException e) {
            throw new UncheckedIOException("Memory refused to be written to", e);
        }
        return out.toByteArray();
    }

    private static void write(JsonWriter writer, JsonElement tree) throws IOException {
        if (tree instanceof JsonObject object) {
            writer.beginObject();
            for (Map.Entry<String, JsonElement> member : object.entrySet()) {
                writer.name(member.getKey());
                write(writer, member.getValue());
            }
            writer.endObject();
        } else if (tree instanceof JsonArray array) {
            writer.beginArray();
            for (JsonElement item : array) {
                write(writer, item);
            }
            writer.endArray();
        } else if (tree.isJsonNull()) {
            writer.nullValue();
        } else if (tree.getAsJsonPrimitive().isBoolean()) {
            writer.value(tree.getAsBoolean());
        } else if (tree.getAsJsonPrimitive().isNumber()) {
            writer.value(tree.getAsNumber());
        } else {
            writer.value(tree.getAsString());
        }
    }

    /** A member that is a text; empty when it is missing or something else. */
    static String text(JsonObject object, String name) {
        JsonElement value = object == null ? null : object.get(name);
        return value != null && value.isJsonPrimitive() && value.getAsJsonPrimitive().isString() ? value.getAsString() : "";
    }

    /** A member that is an object; {@code null} when it is missing or something else. */
    static JsonObject object(JsonObject object, String name) {
        return object != null && object.get(name) instanceof JsonObject member ? member : null;
    }

    /** A member that is an array; empty when it is missing or something else. */
    static JsonArray array(JsonObject object, String name) {
        return object != null && object.get(name) instanceof JsonArray member ? member : new JsonArray();
    }

    /** Removes {@code null}s in objects at any depth: for kinds whose decoder does not know them. */
    static void dropNulls(JsonElement tree) {
        if (tree instanceof JsonObject object) {
            object.entrySet().removeIf(member -> member.getValue().isJsonNull());
            object.entrySet().forEach(member -> dropNulls(member.getValue()));
        } else if (tree instanceof JsonArray array) {
            array.forEach(Json::dropNulls);
        }
    }

    /** As {@code equals}, and integers that are alike only as floating-point numbers are different. */
    static boolean same(JsonElement one, JsonElement other) {
        if (one instanceof JsonObject object && other instanceof JsonObject second) {
            return object.size() == second.size()
                    && object.entrySet().stream().allMatch(member -> same(member.getValue(), second.get(member.getKey())));
        }
        if (one instanceof JsonArray array && other instanceof JsonArray second) {
            boolean same = array.size() == second.size();
            for (int i = 0; same && i < array.size(); i++) {
                same = same(array.get(i), second.get(i));
            }
            return same;
        }
        return one.equals(other) && (!(one instanceof JsonPrimitive number) || !number.isNumber()
                || Math.abs(number.getAsDouble()) < EXACT || number.getAsString().equals(other.getAsString()));
    }
}
