package io.kelp.mapper.coap.internal.codec;

import com.google.gson.Strictness;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** JSON (RFC 8259) to the plain Java values of {@link Cbor}. */
public final class Json {

    private static final int LONGEST_NUMBER = 400;

    private final JsonReader in;
    private final Limits limits = new Limits();

    private Json(JsonReader in) {
        this.in = in;
    }

    /** @throws MalformedPayloadException when it is not exactly one JSON value within the {@link Limits} */
    public static Object decode(byte[] utf8) throws MalformedPayloadException {
        String text;
        try {
            text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
        } catch (CharacterCodingException e) {
            throw new MalformedPayloadException("JSON that is not UTF-8", e);
        }
        try (JsonReader in = new JsonReader(new StringReader(text))) {
            in.setStrictness(Strictness.STRICT);
            in.setNestingLimit(Limits.DEPTH + 1);
            Object value = new Json(in).value(0);
            if (in.peek() != JsonToken.END_DOCUMENT) {
                throw new MalformedPayloadException("JSON with something behind its end");
            }
            return value;
        } catch (EOFException e) {
            throw new MalformedPayloadException("JSON ends too early", e);
        } catch (MalformedJsonException | NumberFormatException e) {
            throw new MalformedPayloadException("not JSON", e);
        } catch (IOException e) {
            throw new MalformedPayloadException("JSON that cannot be read", e);
        }
    }

    private Object value(int depth) throws IOException, MalformedPayloadException {
        Limits.requireDepth(depth);
        limits.count();
        switch (in.peek()) {
            case BEGIN_ARRAY -> {
                List<Object> list = new ArrayList<>();
                in.beginArray();
                while (in.hasNext()) {
                    list.add(value(depth + 1));
                }
                in.endArray();
                return list;
            }
            case BEGIN_OBJECT -> {
                Map<Object, Object> map = new LinkedHashMap<>();
                in.beginObject();
                while (in.hasNext()) {
                    map.put(in.nextName(), value(depth + 1));
                }
                in.endObject();
                return map;
            }
            case STRING -> {
                return in.nextString();
            }
            case NUMBER -> {
                return number(in.nextString());
            }
            case BOOLEAN -> {
                return in.nextBoolean();
            }
            case NULL -> {
                in.nextNull();
                return null;
            }
            default -> throw new MalformedPayloadException("not JSON");
        }
    }

    private static Object number(String text) throws MalformedPayloadException {
        if (text.length() > LONGEST_NUMBER) {
            throw new MalformedPayloadException("JSON with a number of " + text.length() + " digits");
        }
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            return Double.parseDouble(text);
        }
    }
}
