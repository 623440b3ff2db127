package io.kelp.message;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.Strictness;
import com.google.gson.TypeAdapter;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;

/**
 * Writes messages as the JSON documents of the channel and reads them (specification sections 2.2
 * and 3.1).
 *
 * <p>Stateless; safe for use by several threads.
 */
public final class MessageCodec {

    /** Objects and arrays nested deeper than this are refused: a reader must not run out of stack. */
    public static final int MAX_DEPTH = 128;

    private static final int TYPICAL_LENGTH = 512;
    private static final TypeAdapter<JsonElement> TREE = new Gson().getAdapter(JsonElement.class);

    private MessageCodec() {}

    /** One JSON document followed by a line feed, members in the order that stock peers write. */
    public static String encode(Message message) {
        StringWriter text = new StringWriter(TYPICAL_LENGTH);
        try {
            JsonWriter json = new JsonWriter(text);
            json.setStrictness(Strictness.STRICT);
            json.setHtmlSafe(true); // what Go's encoder does, too: < > & and the line separators are escaped
            json.setSerializeNulls(true);
            write(json, message);
            json.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("writing into memory", e);
        }
        return text.append('\n').toString();
    }

    private static void write(JsonWriter json, Message m) throws IOException {
        json.beginObject().name("header").beginObject();
        json.name("msg_id").value(m.id());
        optional(json, "parent_msg_id", m.parentId());
        json.name("timestamp").value(m.header().timestampMillis());
        optional(json, "resourceversion", m.resourceVersion());
        json.endObject().name("route").beginObject();
        optional(json, "source", m.source());
        optional(json, "group", m.group());
        optional(json, "operation", m.operation());
        optional(json, "resource", m.resource());
        json.endObject().name("content");
        TREE.write(json, m.content());
        json.endObject();
    }

    private static void optional(JsonWriter json, String name, String value) throws IOException {
        if (!value.isEmpty()) {
            json.name(name).value(value);
        }
    }

    /**
     * Reads the first JSON value of the text; what follows it is ignored, as stock readers do.
     * Unknown members are skipped, missing ones count as empty.
     *
     * @throws MalformedMessageException when the text does not begin with a JSON object, a known
     *     member has the wrong type, or the nesting exceeds {@link #MAX_DEPTH}
     */
    public static Message decode(String text) throws MalformedMessageException {
        JsonReader json = new JsonReader(new StringReader(text));
        json.setStrictness(Strictness.STRICT);
        json.setNestingLimit(MAX_DEPTH);
        try {
            return read(json);
        } catch (IOException | RuntimeException e) {
            // The parser reports bad input by unchecked exceptions of several kinds.
            throw new MalformedMessageException("not a channel message: " + e.getMessage(), e);
        }
    }

    private static Message read(JsonReader json) throws IOException {
        Message.Header header = null;
        Message.Route route = null;
        JsonElement content = JsonNull.INSTANCE;
        json.beginObject();
        while (json.hasNext()) {
            switch (json.nextName()) {
                case "header" -> header = readHeader(json);
                case "route" -> route = readRoute(json);
                case "content" -> content = TREE.read(json);
                default -> json.skipValue();
            }
        }
        json.endObject();
        if (header == null || route == null) {
            throw new IOException("member \"" + (header == null ? "header" : "route") + "\" is missing");
        }
        return new Message(header, route, content);
    }

    private static Message.Header readHeader(JsonReader json) throws IOException {
        String id = "";
        String parent = "";
        long timestamp = 0;
        String resourceVersion = "";
        json.beginObject();
        while (json.hasNext()) {
            switch (json.nextName()) {
                case "msg_id" -> id = string(json);
                case "parent_msg_id" -> parent = string(json);
                case "timestamp" -> timestamp = json.nextLong();
                case "resourceversion" -> resourceVersion = string(json);
                default -> json.skipValue();
            }
        }
        json.endObject();
        return new Message.Header(id, parent, timestamp, resourceVersion);
    }

    private static Message.Route readRoute(JsonReader json) throws IOException {
        String source = "";
        String group = "";
        String operation = "";
        String resource = "";
        json.beginObject();
        while (json.hasNext()) {
            switch (json.nextName()) {
                case "source" -> source = string(json);
                case "group" -> group = string(json);
                case "operation" -> operation = string(json);
                case "resource" -> resource = string(json);
                default -> json.skipValue();
            }
        }
        json.endObject();
        return new Message.Route(source, group, operation, resource);
    }

    private static String string(JsonReader json) throws IOException {
        if (json.peek() == JsonToken.NULL) {
            json.nextNull();
            return "";
        }
        if (json.peek() != JsonToken.STRING) {
            throw new IOException("a string is expected at " + json.getPath());
        }
        return json.nextString();
    }

    /** The JSON object in the content of a message. */
    public static JsonObject object(Message message) throws MalformedMessageException {
        try {
            JsonElement json = message.contentAsJson();
            if (json.isJsonObject()) {
                return json.getAsJsonObject();
            }
        } catch (RuntimeException e) {
            throw new MalformedMessageException("content of " + message.resource() + " is not JSON", e);
        }
        throw new MalformedMessageException("content of " + message.resource() + " is not a JSON object");
    }
}
