package io.kelp.oci.internal;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads JSON of strangers piece by piece: what nobody asks for is skipped and takes no memory. */
final class Json {

    /** Takes the value of one field, or skips it. */
    interface Fields {
        void read(String name, JsonReader in) throws IOException;
    }

    /** Takes one element of a list. */
    interface Elements {
        void read(JsonReader in) throws IOException;
    }

    private Json() {}

    /** Reads a text that is one object. */
    static void document(byte[] text, String what, Fields fields) throws MalformedImageException {
        try (JsonReader in = new JsonReader(new StringReader(utf8(text)))) {
            in.setStrictness(Strictness.STRICT);
            object(in, fields);
            if (in.peek() != JsonToken.END_DOCUMENT) {
                throw new MalformedImageException(what + " has something behind its end");
            }
        } catch (MalformedImageException e) {
            throw e;
        } catch (IOException | IllegalStateException | NumberFormatException e) {
            throw new MalformedImageException(what + " is not the JSON it should be: " + firstLine(e), e);
        }
    }

    static void object(JsonReader in, Fields fields) throws IOException {
        in.beginObject();
        while (in.hasNext()) {
            String name = in.nextName();
            if (in.peek() == JsonToken.NULL) {
                in.nextNull();
            } else {
                fields.read(name, in);
            }
        }
        in.endObject();
    }

    static void list(JsonReader in, int limit, Elements elements) throws IOException {
        in.beginArray();
        for (int i = 0; in.hasNext(); i++) {
            if (i >= limit) {
                throw new MalformedImageException("a list at " + in.getPath() + " has more than " + limit + " elements");
            }
            elements.read(in);
        }
        in.endArray();
    }

    static List<String> strings(JsonReader in, int limit) throws IOException {
        List<String> all = new ArrayList<>();
        list(in, limit, each -> all.add(each.nextString()));
        return all;
    }

    static Map<String, String> map(JsonReader in, int limit) throws IOException {
        Map<String, String> all = new LinkedHashMap<>();
        object(in, (name, value) -> {
            if (all.size() >= limit) {
                throw new MalformedImageException("an object at " + value.getPath() + " has more than " + limit + " fields");
            }
            all.put(name, value.nextString());
        });
        return all;
    }

    private static String utf8(byte[] text) throws CharacterCodingException {
        return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text)).toString();
    }

    private static String firstLine(Exception e) {
        String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        return message.length() > 120 ? message.substring(0, 120) + "…" : message;
    }
}
