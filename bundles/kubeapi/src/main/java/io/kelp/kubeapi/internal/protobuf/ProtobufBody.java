package io.kelp.kubeapi.internal.protobuf;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.Arrays;

/**
 * Reads what clients written in Go send as {@code application/vnd.kubernetes.protobuf}: four bytes, then a message that says
 * what is in it (apimachinery {@code runtime.Unknown}), then the object. The result is the tree that the same client would
 * have sent as JSON. Messages are known of built-in kinds, of what is sent to their subresources, and of {@code DeleteOptions}.
 *
 * <p>Safe for use by several threads. The messages are read from the class path when the first object comes.
 */
public final class ProtobufBody {

    /** The media type, without parameters. */
    public static final String MEDIA_TYPE = "application/vnd.kubernetes.protobuf";

    private static final byte[] PREFIX = {'k', '8', 's', 0};

    /** Reads JSON that a message carries. */
    public interface JsonReader {

        /** @return {@code null} when the bytes are no JSON */
        JsonElement read(byte[] json);
    }

    private final JsonReader json;
    private volatile MessageTable messages;

    public ProtobufBody(JsonReader json) {
        this.json = json;
    }

    /**
     * An object with {@code apiVersion} and {@code kind}. When no message is known of them they are all that it has: then
     * nobody serves the kind either.
     *
     * @param apiVersion what it is when the bytes do not say it
     * @param kind what it is when the bytes do not say it
     * @throws MalformedProtobufException when the bytes are no object
     */
    public JsonObject read(byte[] body, String apiVersion, String kind) throws MalformedProtobufException {
        Envelope envelope = Envelope.read(body);
        String ownVersion = envelope.apiVersion.isEmpty() ? apiVersion : envelope.apiVersion;
        String ownKind = envelope.kind.isEmpty() ? kind : envelope.kind;
        JsonObject object = new JsonObject();
        object.addProperty("apiVersion", ownVersion);
        object.addProperty("kind", ownKind);
        MessageTable.Message message = messages().kind(ownVersion, ownKind);
        if (message != null) {
            try {
                new MessageReader(json).read(message, envelope.object, object);
            } catch (MalformedProtobufException e) {
                throw e.in(ownVersion, ownKind);
            }
        }
        return object;
    }

    private MessageTable messages() {
        MessageTable loaded = messages;
        if (loaded == null) {
            loaded = MessageTable.load(); // twice, should two come first at once
            messages = loaded;
        }
        return loaded;
    }

    private record Envelope(String apiVersion, String kind, Wire object) {

        static Envelope read(byte[] body) throws MalformedProtobufException {
            if (body.length == 0) {
                throw new MalformedProtobufException("empty data");
            }
            if (body.length < PREFIX.length || !Arrays.equals(body, 0, PREFIX.length, PREFIX, 0, PREFIX.length)) {
                throw new MalformedProtobufException("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]");
            }
            if (body.length == PREFIX.length) {
                throw new MalformedProtobufException("empty body");
            }
            Wire wire = new Wire(body, PREFIX.length);
            String[] type = {"", ""};
            Wire object = new Wire(body, body.length);
            while (wire.hasMore()) {
                Wire.Tag tag = wire.tag("Unknown");
                switch (tag.number()) {
                    case 1 -> type(part(wire, tag, "TypeMeta"), type);
                    case 2 -> object = part(wire, tag, "Raw");
                    default -> wire.skip(tag.type()); // encoding and type of the content, which nobody sets
                }
            }
            return new Envelope(type[0], type[1], object);
        }

        private static void type(Wire wire, String[] type) throws MalformedProtobufException {
            while (wire.hasMore()) {
                Wire.Tag tag = wire.tag("TypeMeta");
                switch (tag.number()) {
                    case 1 -> type[0] = part(wire, tag, "APIVersion").text();
                    case 2 -> type[1] = part(wire, tag, "Kind").text();
                    default -> wire.skip(tag.type());
                }
            }
        }

        private static Wire part(Wire wire, Wire.Tag tag, String field) throws MalformedProtobufException {
            MessageReader.check(tag, Wire.LENGTH, field);
            return wire.part();
        }
    }
}
