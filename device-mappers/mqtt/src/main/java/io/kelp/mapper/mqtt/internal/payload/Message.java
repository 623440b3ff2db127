package io.kelp.mapper.mqtt.internal.payload;

import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * A message as it came from the broker. Text and JSON are made once, however many properties and devices look at it. For one
 * thread at a time: it is looked at while it is handed round, and not kept.
 */
public final class Message {

    private final String topic;
    private final byte[] payload;
    private final boolean retained;
    private String text;
    private JsonElement json;
    private MalformedPayloadException malformed;

    public Message(String topic, byte[] payload, boolean retained) {
        this.topic = topic;
        this.payload = payload;
        this.retained = retained;
    }

    public String topic() {
        return topic;
    }

    /** Not copied; not to be changed. */
    public byte[] payload() {
        return payload;
    }

    /** Whether the broker kept it from before we subscribed. */
    public boolean retained() {
        return retained;
    }

    /** The payload as UTF-8. */
    public String text() throws MalformedPayloadException {
        if (text == null) {
            try {
                text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(payload)).toString();
            } catch (CharacterCodingException e) {
                throw new MalformedPayloadException("the message on " + topic + " is no text in UTF-8");
            }
        }
        return text;
    }

    /** The payload as one JSON value (RFC 8259). */
    public JsonElement json() throws MalformedPayloadException {
        if (malformed != null) {
            throw malformed;
        }
        if (json == null) {
            try {
                json = parse(text());
            } catch (IOException | JsonParseException | StackOverflowError e) {
                malformed = new MalformedPayloadException("the message on " + topic + " is no JSON");
                throw malformed;
            }
        }
        return json;
    }

    /** Whether it looks like a JSON object or array. */
    public boolean looksLikeJson() {
        for (byte b : payload) {
            if (b != ' ' && b != '\t' && b != '\r' && b != '\n') {
                return b == '{' || b == '[';
            }
        }
        return false;
    }

    private static JsonElement parse(String document) throws IOException {
        JsonReader reader = new JsonReader(new StringReader(document));
        reader.setStrictness(Strictness.STRICT); // otherwise every text would be JSON
        JsonElement parsed = JsonParser.parseReader(reader);
        if (reader.peek() != JsonToken.END_DOCUMENT) {
            throw new IOException("more than one value");
        }
        return parsed;
    }
}
