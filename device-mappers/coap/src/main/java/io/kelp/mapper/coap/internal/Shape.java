package io.kelp.mapper.coap.internal;

import io.kelp.mapper.PropertyType;
import io.kelp.mapper.PropertyValue;
import io.kelp.mapper.PropertyValue.Bytes;
import io.kelp.mapper.PropertyValue.Flag;
import io.kelp.mapper.PropertyValue.Real;
import io.kelp.mapper.PropertyValue.Text;
import io.kelp.mapper.PropertyValue.Whole;
import io.kelp.mapper.Reading;
import io.kelp.mapper.coap.internal.codec.Cbor;
import io.kelp.mapper.coap.internal.codec.Format;
import io.kelp.mapper.coap.internal.codec.Json;
import io.kelp.mapper.coap.internal.codec.JsonText;
import io.kelp.mapper.coap.internal.codec.MalformedPayloadException;
import io.kelp.mapper.coap.internal.codec.Pointer;
import io.kelp.mapper.coap.internal.codec.Senml;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How the value of a property lies in a payload.
 *
 * @param property name of the property
 * @param type of its values
 * @param format of payloads whatever they say of themselves; empty to believe them
 * @param pointer to the value in JSON and CBOR
 * @param name of the SenML record; empty for the property's, or the only record
 * @param scale value = number in the payload × scale + offset
 * @param offset see {@code scale}
 */
record Shape(String property, PropertyType type, Optional<Format> format, Pointer pointer, String name, double scale, double offset) {

    /** What a written number may be off by and still counts as whole. */
    private static final double NEARLY = 1e-9;

    /**
     * @param contentFormat of the payload, -1 when it does not say
     * @param nowMillis Unix time
     * @return bad, with the reason, when there is no value of the property in it
     */
    Reading decode(byte[] payload, int contentFormat, long nowMillis) {
        Optional<Format> found = format.or(() -> contentFormat >= 0 ? Format.ofNumber(contentFormat)
                : Optional.of(pointer.tokens().isEmpty() ? Format.TEXT : Format.JSON));
        if (found.isEmpty()) {
            return Reading.bad("content format " + contentFormat + " is not understood; set the key format if the payload is one of the known formats");
        }
        try {
            return switch (found.get()) {
                case TEXT -> reading(type == PropertyType.BYTES ? payload : text(payload));
                case OCTETS -> reading(type == PropertyType.BYTES ? payload : text(payload));
                case JSON -> pointed(Json.decode(payload));
                case CBOR -> pointed(Cbor.decode(payload));
                case SENML_JSON, SENML_CBOR -> measured(Senml.decode(found.get(), payload, nowMillis));
            };
        } catch (MalformedPayloadException e) {
            return Reading.bad("payload of format " + found.get().word() + ": " + e.getMessage());
        }
    }

    private static String text(byte[] payload) throws MalformedPayloadException {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(payload)).toString();
        } catch (CharacterCodingException e) {
            throw new MalformedPayloadException("text that is not UTF-8", e);
        }
    }

    private Reading pointed(Object document) {
        return pointer.find(document).map(found -> reading(found.value()))
                .orElseGet(() -> Reading.bad("the payload has nothing at " + pointer));
    }

    private Reading measured(List<Senml.Entry> entries) {
        Optional<Senml.Entry> entry = name.isEmpty()
                ? Senml.pick(entries, property).or(() -> Senml.pick(entries, "")) : Senml.pick(entries, name);
        return entry.map(e -> {
            Reading reading = reading(e.value());
            return reading.quality() == Reading.Quality.BAD || e.unixMillis() == 0 ? reading : reading.at(e.unixMillis());
        }).orElseGet(() -> Reading.bad("the SenML pack has no record " + (name.isEmpty() ? property : name)));
    }

    private Reading reading(Object value) {
        if (value == null) {
            return Reading.bad("the device has null for it");
        }
        PropertyValue raw;
        if (value instanceof Long whole) {
            raw = PropertyValue.of(whole);
        } else if (value instanceof Double real) {
            raw = PropertyValue.of(real);
        } else if (value instanceof Boolean flag) {
            raw = PropertyValue.of(flag);
        } else if (value instanceof byte[] bytes) {
            raw = PropertyValue.of(bytes);
        } else if (value instanceof Map || value instanceof List) {
            if (type.numeric() || type == PropertyType.BOOLEAN) {
                return Reading.bad("there is an array or an object, not a value; set the key pointer");
            }
            try {
                raw = PropertyValue.of(JsonText.of(value));
            } catch (IllegalArgumentException e) {
                return Reading.bad(e.getMessage());
            }
        } else {
            raw = PropertyValue.of(String.valueOf(value));
        }
        try {
            if (type.numeric() && raw instanceof Text t) {
                raw = number(t.value().trim());
            }
            if (type.numeric() && (scale != 1 || offset != 0)) {
                raw = PropertyValue.of(raw.asReal() * scale + offset);
            }
            return Reading.of(type.convert(raw));
        } catch (IllegalArgumentException e) {
            String why = String.valueOf(e.getMessage());
            return Reading.bad(why.length() > 120 ? why.substring(0, 120) + "…" : why);
        }
    }

    /** Text "23.0" is a number for a property of whole numbers, too. */
    private static PropertyValue number(String text) {
        return text.matches("[+-]?[0-9]{1,19}") ? PropertyType.INT.parse(text) : PropertyType.DOUBLE.parse(text);
    }

    /**
     * A payload with this value and nothing else.
     *
     * @param as what it is written as
     */
    byte[] encode(PropertyValue value, Format as) {
        Object plain = plain(value);
        return switch (as) {
            case TEXT, OCTETS -> plain instanceof byte[] bytes ? bytes : textOf(plain).getBytes(StandardCharsets.UTF_8);
            case JSON -> JsonText.of(pointer.wrap(plain)).getBytes(StandardCharsets.UTF_8);
            case CBOR -> Cbor.encode(pointer.wrap(plain));
            case SENML_JSON, SENML_CBOR -> Senml.encode(as, name.isEmpty() ? property : name, plain);
        };
    }

    /** The value as it goes into a text template. */
    String text(PropertyValue value) {
        return textOf(plain(value));
    }

    private static String textOf(Object plain) {
        return plain instanceof Double real ? PropertyType.DOUBLE.format(PropertyValue.of(real))
                : plain instanceof byte[] bytes ? PropertyValue.of(bytes).asText() : String.valueOf(plain);
    }

    private Object plain(PropertyValue value) {
        if (type.numeric() && (scale != 1 || offset != 0)) {
            double raw = (value.asReal() - offset) / scale;
            double nearest = Math.rint(raw);
            return Math.abs(raw - nearest) <= NEARLY * Math.max(1, Math.abs(raw)) && Math.abs(nearest) < 1L << 53 ? (Object) (long) nearest : (Object) raw;
        }
        return toPlain(value);
    }

    /** As the codecs have it. */
    static Object toPlain(PropertyValue value) {
        if (value instanceof Whole w) {
            return w.value();
        }
        if (value instanceof Real r) {
            return r.value();
        }
        if (value instanceof Flag f) {
            return f.value();
        }
        return value instanceof Bytes b ? b.value() : ((Text) value).value();
    }
}
