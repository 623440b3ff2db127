package io.kelp.mapper.mqtt.internal.payload;

import com.google.gson.JsonElement;
import io.kelp.mapper.ConfigurationException;
import io.kelp.mapper.DeviceProperty;
import io.kelp.mapper.PropertyType;
import io.kelp.mapper.PropertyValue;
import io.kelp.mapper.Reading;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** How the value of one property stands in messages, in both directions. Immutable. */
public final class ValueFormat {

    private static final int MOST_REGEX_INPUT = 4096;
    private static final Set<String> YES = Set.of("on", "yes", "true", "1");
    private static final Set<String> NO = Set.of("off", "no", "false", "0");

    /** Forms of a payload. */
    enum Form {
        /** JSON when it looks like an object or array, text otherwise. */
        AUTO,
        JSON,
        TEXT,
        BINARY
    }

    private final DeviceProperty property;
    private final Form form;
    private final JsonPath path;
    private final BinaryField binary;
    private final Pattern regex; // null: none
    private final double scale;
    private final double add;
    private final String onValue;
    private final String offValue;
    private final SourceTime time;
    private final Form setForm;
    private final JsonPath setPath;
    private final Template setTemplate; // null: none
    private final Map<String, String> places;
    private final InstantSource clock;

    /**
     * @param settings the property's over the device's
     * @param places names that templates may use, with what stands for them
     */
    public ValueFormat(DeviceProperty property, Layers settings, Map<String, String> places, InstantSource clock) throws ConfigurationException {
        this.property = property;
        this.places = places;
        this.clock = clock;
        this.form = settings.holder("format").oneOf("format", Form.class, settings.has("path") ? Form.JSON : settings.has("dataType") ? Form.BINARY : Form.AUTO);
        this.path = settings.has("path") ? settings.path("path") : JsonPath.member(property.name());
        this.binary = form == Form.BINARY ? binary(settings) : null;
        this.regex = regex(settings);
        this.scale = settings.real("scale", 1, -1e12, 1e12);
        if (scale == 0) {
            throw settings.holder("scale").refused("scale", "0", "a number other than 0");
        }
        this.add = settings.real("add", 0, -1e12, 1e12);
        this.onValue = settings.text("onValue", "");
        this.offValue = settings.text("offValue", "");
        this.time = SourceTime.of(settings);
        this.setForm = settings.holder("setFormat").oneOf("setFormat", Form.class, settings.has("path") ? Form.JSON : form);
        this.setPath = settings.has("setPath") ? settings.path("setPath") : path;
        this.setTemplate = settings.has("setTemplate") ? template(settings.text("setTemplate", "")) : null;
    }

    private Template template(String text) {
        Set<String> known = new LinkedHashSet<>(places.keySet());
        known.add("value");
        known.add("time");
        return Template.of(text, known);
    }

    private static BinaryField binary(Layers settings) throws ConfigurationException {
        var type = settings.holder("dataType").oneOf("dataType", BinaryField.Type.class, BinaryField.Type.BYTES);
        String order = settings.has("byteOrder") ? settings.holder("byteOrder").oneOf("byteOrder", "big", "little") : "big";
        int bit = (int) settings.whole("bit", -1, -1, 63);
        if (bit >= 0 && (!type.whole() || bit >= type.size() * 8)) {
            throw settings.holder("bit").refused("bit", bit, "the number of a bit of dataType " + type);
        }
        return new BinaryField(type, order.equals("big") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN,
                (int) settings.whole("byteOffset", 0, 0, 65_535), (int) settings.whole("length", 0, 0, 65_535), bit);
    }

    private static Pattern regex(Layers settings) throws ConfigurationException {
        String text = settings.text("regex", "");
        try {
            return text.isEmpty() ? null : Pattern.compile(text);
        } catch (PatternSyntaxException e) {
            throw settings.holder("regex").refused("regex", text, "a regular expression: " + e.getDescription());
        }
    }

    /** @return empty when the message does not tell of this property */
    public Optional<Reading> read(Message message) {
        try {
            Optional<PropertyValue> found = form == Form.BINARY ? Optional.of(binary.read(message.payload())) : readText(message);
            return found.map(this::fit).map(value -> Reading.of(value).at(time.read(message)));
        } catch (MalformedPayloadException | IllegalArgumentException e) {
            return Optional.of(Reading.bad(e.getMessage()));
        }
    }

    private Optional<PropertyValue> readText(Message message) throws MalformedPayloadException {
        PropertyValue value;
        if (form == Form.JSON || form == Form.AUTO && message.looksLikeJson()) {
            JsonElement found = path.find(message.json());
            if (found == null) {
                return Optional.empty();
            }
            value = JsonValues.of(found);
        } else if (property.type() == PropertyType.BYTES) {
            value = PropertyValue.of(message.payload());
        } else {
            value = PropertyValue.of(message.text());
        }
        if (regex == null) {
            return Optional.of(value);
        }
        String text = value.asText();
        if (text.length() > MOST_REGEX_INPUT) {
            throw new IllegalArgumentException("a text of " + text.length() + " characters is too long for a regular expression; at most "
                    + MOST_REGEX_INPUT + " are looked at");
        }
        Matcher matcher = regex.matcher(text);
        return matcher.find() ? Optional.ofNullable(matcher.group(matcher.groupCount() > 0 ? 1 : 0)).map(PropertyValue::of) : Optional.empty();
    }

    /** Gives a value the form of the property's type. */
    private PropertyValue fit(PropertyValue value) {
        PropertyValue mapped = value;
        if (value instanceof PropertyValue.Text text) {
            String trimmed = text.value().trim();
            if (trimmed.equals(onValue) || trimmed.equals(offValue)) {
                mapped = PropertyValue.of(trimmed.equals(onValue));
            } else if (property.type() == PropertyType.BOOLEAN && onValue.isEmpty() && offValue.isEmpty()) {
                String lower = trimmed.toLowerCase(java.util.Locale.ROOT);
                mapped = YES.contains(lower) ? PropertyValue.of(true) : NO.contains(lower) ? PropertyValue.of(false) : value;
            } else if (property.type() == PropertyType.INT) {
                mapped = PropertyType.DOUBLE.parse(trimmed).asReal() % 1 == 0 && trimmed.matches("[+-]?\\d+")
                        ? PropertyType.INT.parse(trimmed) : PropertyType.DOUBLE.parse(trimmed);
            }
        }
        if (property.type().numeric() && (scale != 1 || add != 0)) {
            mapped = PropertyValue.of(scaled(mapped.asReal()));
        }
        return property.type().convert(mapped);
    }

    private double scaled(double raw) {
        double value = raw * scale + add;
        // 235 × 0.1 is 23.5 for people, and 23.500000000000004 for a processor.
        return Double.isFinite(value) ? new java.math.BigDecimal(value).round(new java.math.MathContext(12)).doubleValue() : value;
    }

    /**
     * The payload that sets a value.
     *
     * @throws IllegalArgumentException when the value has no such payload
     */
    public byte[] write(PropertyValue value) {
        PropertyValue raw = raw(value);
        if (setTemplate != null) {
            return template(raw).getBytes(StandardCharsets.UTF_8);
        }
        return switch (setForm) {
            case BINARY -> (binary != null ? binary : new BinaryField(BinaryField.Type.BYTES, ByteOrder.BIG_ENDIAN, 0, 0, -1)).write(raw);
            case JSON -> setPath.documentWith(JsonValues.of(raw)).toString().getBytes(StandardCharsets.UTF_8);
            case AUTO, TEXT -> raw instanceof PropertyValue.Bytes bytes ? bytes.value() : raw.asText().getBytes(StandardCharsets.UTF_8);
        };
    }

    private String template(PropertyValue raw) {
        String plain = setTemplate.fill(name -> "");
        boolean json = setForm == Form.JSON || plain.stripLeading().startsWith("{") || plain.stripLeading().startsWith("[");
        return json ? setTemplate.fillJson(name -> place(name, raw)) : setTemplate.fill(name -> place(name, raw).asText());
    }

    private PropertyValue place(String name, PropertyValue raw) {
        return switch (name) {
            case "value" -> raw;
            case "time" -> PropertyValue.of(clock.millis());
            default -> PropertyValue.of(places.get(name));
        };
    }

    private PropertyValue raw(PropertyValue value) {
        if (property.type() == PropertyType.BOOLEAN) {
            String text = value.asFlag() ? onValue : offValue;
            return text.isEmpty() ? value : PropertyValue.of(text);
        }
        if (property.type().numeric() && (scale != 1 || add != 0)) {
            double raw = new java.math.BigDecimal((value.asReal() - add) / scale).round(new java.math.MathContext(12)).doubleValue();
            return raw == Math.rint(raw) && Math.abs(raw) < 1e15 ? PropertyValue.of((long) raw) : PropertyValue.of(raw);
        }
        return value;
    }
}
