package io.kelp.kubeapi.internal.protobuf;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonPrimitive;
import io.kelp.kubeapi.internal.schema.GoText;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;

/** Values that are messages or bytes on the wire and text or a number in JSON. */
final class Scalars {

    private static final DateTimeFormatter SECONDS = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss'Z'").withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter MICRO = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);
    private static final Instant FIRST = Instant.parse("0000-01-01T00:00:00Z");
    private static final Instant LAST = Instant.parse("9999-12-31T23:59:59.999999999Z");
    /** Go's zero time, which JSON shows as {@code null}. */
    private static final Instant NONE = Instant.parse("0001-01-01T00:00:00Z");

    private Scalars() {
    }

    static JsonPrimitive base64(byte[] bytes) {
        return new JsonPrimitive(Base64.getEncoder().encodeToString(bytes));
    }

    /** {@code Timestamp {seconds = 1, nanos = 2}}; the fraction is of no concern to times that show seconds. */
    static JsonElement time(Wire from, boolean micro) throws MalformedProtobufException {
        if (!from.hasMore()) {
            return JsonNull.INSTANCE;
        }
        long seconds = 0;
        int nanos = 0;
        while (from.hasMore()) {
            Wire.Tag tag = from.tag("Timestamp");
            switch (tag.number()) {
                case 1 -> {
                    MessageReader.check(tag, Wire.VARINT, "Seconds");
                    seconds = from.varint();
                }
                case 2 -> {
                    MessageReader.check(tag, Wire.VARINT, "Nanos");
                    nanos = (int) from.varint();
                }
                default -> from.skip(tag.type());
            }
        }
        Instant time;
        try {
            time = Instant.ofEpochSecond(seconds, micro ? nanos : 0);
        } catch (DateTimeException e) {
            time = Instant.MAX;
        }
        if (time.isBefore(FIRST) || time.isAfter(LAST)) {
            throw new MalformedProtobufException("a time " + seconds + " s after 1970 is outside the years 0 to 9999");
        }
        return time.equals(NONE) ? JsonNull.INSTANCE : new JsonPrimitive((micro ? MICRO : SECONDS).format(time));
    }

    /** {@code Quantity {string = 1}}. */
    static JsonPrimitive quantity(Wire from) throws MalformedProtobufException {
        String text = "";
        while (from.hasMore()) {
            Wire.Tag tag = from.tag("Quantity");
            if (tag.number() == 1) {
                MessageReader.check(tag, Wire.LENGTH, "String_");
                text = from.part().text();
            } else {
                from.skip(tag.type());
            }
        }
        return new JsonPrimitive(text.isEmpty() ? "0" : text);
    }

    /** {@code IntOrString {type = 1, intVal = 2, strVal = 3}}. */
    static JsonPrimitive intOrString(Wire from) throws MalformedProtobufException {
        long type = 0;
        int number = 0;
        String text = "";
        while (from.hasMore()) {
            Wire.Tag tag = from.tag("IntOrString");
            switch (tag.number()) {
                case 1 -> {
                    MessageReader.check(tag, Wire.VARINT, "Type");
                    type = from.varint();
                }
                case 2 -> {
                    MessageReader.check(tag, Wire.VARINT, "IntVal");
                    number = (int) from.varint();
                }
                case 3 -> {
                    MessageReader.check(tag, Wire.LENGTH, "StrVal");
                    text = from.part().text();
                }
                default -> from.skip(tag.type());
            }
        }
        if (type != 0 && type != 1) {
            throw new MalformedProtobufException("impossible IntOrString.Type");
        }
        return type == 1 ? new JsonPrimitive(text) : MessageReader.number(Integer.toString(number));
    }

    /** The shortest digits that mean the same, as Go writes them in JSON. */
    static String decimal(double value) throws MalformedProtobufException {
        if (Double.isInfinite(value) || Double.isNaN(value)) {
            throw new MalformedProtobufException("json: unsupported value: " + (Double.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf"));
        }
        return GoText.json(new JsonPrimitive(value));
    }
}
