package io.kelp.mapper.coap.internal;

import io.kelp.mapper.ConfigurationException;
import io.kelp.mapper.DeviceProperty;
import io.kelp.mapper.Settings;
import io.kelp.mapper.coap.internal.codec.Format;
import io.kelp.mapper.coap.internal.codec.Pointer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * How a property is found in its device: the visitor of the property, checked.
 *
 * @param property the property itself
 * @param read what is asked for
 * @param accept content format number that is asked for, -1 to leave it to the device
 * @param shape how the value lies in the payload
 * @param readable whether it can be read at all
 * @param observe whether the device shall tell of it by itself
 * @param write what is written to
 * @param post whether it is written by POST instead of PUT
 * @param writeFormat format of what is written; empty for that which was read
 * @param template text around the written value, with {@code {value}} in it; empty for none
 */
record Access(DeviceProperty property, Resource read, int accept, Shape shape, boolean readable, boolean observe,
        Resource write, boolean post, Optional<Format> writeFormat, String template) {

    /** Every key of a visitor, ours and those of the reporting rules. */
    static final List<String> KEYS = List.of("path", "query", "observe", "format", "accept", "pointer", "name", "scale", "offset", "writeOnly",
            "method", "writePath", "writeFormat", "template",
            "deadBand", "heartbeat", "protocolName", "propertyName", "collectCycle", "reportCycle", "customizedValues", "customizedProtocol");

    private static final String PLACE = "{value}";

    /** What is asked for with one request. */
    record Question(Resource resource, int accept) {}

    Question question() {
        return new Question(read, accept);
    }

    static Access of(DeviceProperty property) throws ConfigurationException {
        Settings visitor = property.visitor();
        Resource read = resource(visitor, "path", visitor.text("path"));
        if (visitor.has("query")) {
            read = query(read, visitor);
        }
        Shape shape = new Shape(property.name(), property.type(), format(visitor, "format"), pointer(visitor), visitor.text("name", ""),
                scale(visitor), visitor.real("offset", 0, -1e15, 1e15));
        boolean writeOnly = visitor.flag("writeOnly", false);
        boolean observe = visitor.flag("observe", false);
        if (writeOnly && observe) {
            throw visitor.refused("observe", true, "possible together with writeOnly");
        }
        String template = visitor.text("template", "");
        if (!template.isEmpty() && !template.contains(PLACE)) {
            throw visitor.refused("template", template, "a text with " + PLACE + " in it");
        }
        return new Access(property, read, accept(visitor), shape, !writeOnly, observe,
                visitor.has("writePath") ? resource(visitor, "writePath", visitor.text("writePath")) : read,
                visitor.has("method") && visitor.oneOf("method", "PUT", "POST").equals("POST"),
                visitor.has("writeFormat") ? format(visitor, "writeFormat") : shape.format(), template);
    }

    private static Resource resource(Settings visitor, String key, String text) throws ConfigurationException {
        try {
            return Resource.parse(text);
        } catch (IllegalArgumentException e) {
            throw visitor.refused(key, text, "a path like /sensors/temp, of at most 32 parts of at most 255 bytes");
        }
    }

    private static Resource query(Resource resource, Settings visitor) throws ConfigurationException {
        try {
            return resource.withQuery(visitor.text("query"));
        } catch (IllegalArgumentException e) {
            throw visitor.refused("query", visitor.text("query"), "a query like a=1&b=2, of at most 32 parts of at most 255 bytes");
        }
    }

    private static Pointer pointer(Settings visitor) throws ConfigurationException {
        String text = visitor.text("pointer", "");
        try {
            return Pointer.parse(text);
        } catch (IllegalArgumentException e) {
            throw visitor.refused("pointer", text, "a JSON pointer (RFC 6901) like /sensors/0/temp");
        }
    }

    private static double scale(Settings visitor) throws ConfigurationException {
        double scale = visitor.real("scale", 1, -1e15, 1e15);
        if (scale == 0) {
            throw visitor.refused("scale", 0, "a number other than 0");
        }
        return scale;
    }

    private static String[] words() {
        return Arrays.stream(Format.values()).map(Format::word).toArray(String[]::new);
    }

    static Optional<Format> format(Settings settings, String key) throws ConfigurationException {
        if (!settings.has(key)) {
            return Optional.empty();
        }
        String word = settings.oneOf(key, words());
        return Arrays.stream(Format.values()).filter(f -> f.word().equals(word)).findFirst();
    }

    private static int accept(Settings visitor) throws ConfigurationException {
        if (!visitor.has("accept")) {
            return -1;
        }
        return visitor.text("accept").matches("[0-9. ]+") ? (int) visitor.whole("accept", 0, 65535) : format(visitor, "accept").orElseThrow().number();
    }

    /** What is written for a value. */
    byte[] payload(io.kelp.mapper.PropertyValue value, Format as) {
        return template.isEmpty() ? shape.encode(value, as)
                : template.replace(PLACE, shape.text(value)).getBytes(java.nio.charset.StandardCharsets.UTF_8);
    }

    /** Whether what is read is what was written. */
    boolean readsBack() {
        return readable && read.equals(write);
    }
}
