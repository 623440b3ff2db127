package io.kelp.mapper;

import io.kelp.mapper.PropertyValue.Bytes;
import io.kelp.mapper.PropertyValue.Flag;
import io.kelp.mapper.PropertyValue.Real;
import io.kelp.mapper.PropertyValue.Text;
import io.kelp.mapper.PropertyValue.Whole;
import java.math.BigDecimal;
import java.util.Base64;
import java.util.Locale;

/** Type of a property in its model (device specification, 1.3 and 1.5). */
public enum PropertyType {
    /** 64-bit signed. */
    INT,
    /** 32-bit. */
    FLOAT,
    /** 64-bit. */
    DOUBLE,
    STRING,
    /** {@code true} or {@code false}; {@code 1} and {@code 0} are understood. */
    BOOLEAN,
    /** Travels as text in Base64 (RFC 4648 §4). */
    BYTES,
    /** A stream is described by text. */
    STREAM;

    private static final int LONGEST_NUMBER = 400;

    public boolean numeric() {
        return this == INT || this == FLOAT || this == DOUBLE;
    }

    /**
     * The type of a name as in a model or a twin: {@code INT}, {@code integer}, {@code float}, …
     *
     * @throws IllegalArgumentException that says which names there are
     */
    public static PropertyType named(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "int", "integer" -> INT;
            case "float" -> FLOAT;
            case "double" -> DOUBLE;
            case "string" -> STRING;
            case "boolean", "bool" -> BOOLEAN;
            case "bytes" -> BYTES;
            case "stream" -> STREAM;
            default -> throw new IllegalArgumentException(
                    "type \"" + name + "\" is not one of INT, FLOAT, DOUBLE, STRING, BOOLEAN, BYTES, STREAM");
        };
    }

    /**
     * A value of this type from its text in a twin.
     *
     * @throws IllegalArgumentException with the text at fault and what is expected
     */
    public PropertyValue parse(String text) {
        return convert(new Text(text));
    }

    /**
     * The text of a value in a twin, after {@linkplain #convert conversion} to this type.
     *
     * @throws IllegalArgumentException as {@link #convert}
     */
    public String format(PropertyValue value) {
        PropertyValue converted = convert(value);
        if (this == FLOAT && converted instanceof Real r) {
            return plain(new BigDecimal(Float.toString((float) r.value())));
        }
        return text(converted);
    }

    /**
     * A value in the form of this type: {@link Whole} for {@link #INT}, {@link Real} for
     * {@link #FLOAT} and {@link #DOUBLE}, and so on.
     *
     * @throws IllegalArgumentException when the value has no such form: text that is no number, a
     *     number beyond the range, NaN, infinity
     */
    public PropertyValue convert(PropertyValue value) {
        return switch (this) {
            case INT -> whole(value);
            case FLOAT -> real(value, Float.MAX_VALUE);
            case DOUBLE -> real(value, Double.MAX_VALUE);
            case STRING, STREAM -> new Text(text(value));
            case BOOLEAN -> flag(value);
            case BYTES -> bytes(value);
        };
    }

    private PropertyValue whole(PropertyValue value) {
        if (value instanceof Whole) {
            return value;
        }
        if (value instanceof Flag f) {
            return new Whole(f.value() ? 1 : 0);
        }
        if (value instanceof Text t) {
            return new Whole(parseWhole(t.value()));
        }
        double number = ((Real) real(value, Double.MAX_VALUE)).value();
        double nearest = Math.floor(number + 0.5);
        if (nearest < Long.MIN_VALUE || nearest >= 0x1p63) {
            throw unfit(number, "a whole number of 64 bits");
        }
        return new Whole((long) nearest);
    }

    private static long parseWhole(String text) {
        String trimmed = text.trim();
        try {
            return Long.parseLong(trimmed);
        } catch (NumberFormatException e) {
            throw unfit('"' + text + '"', "a whole number of 64 bits");
        }
    }

    private PropertyValue real(PropertyValue value, double most) {
        double number;
        if (value instanceof Real r) {
            number = r.value();
        } else if (value instanceof Whole w) {
            number = w.value();
        } else if (value instanceof Flag f) {
            number = f.value() ? 1 : 0;
        } else if (value instanceof Text t) {
            number = parseReal(t.value());
        } else {
            throw unfit(value, "a number");
        }
        if (!(Math.abs(number) <= most)) { // also when NaN
            throw unfit(number, this == FLOAT ? "a number of 32 bits" : "a finite number");
        }
        return new Real(number);
    }

    private static double parseReal(String text) {
        String trimmed = text.trim();
        // Double.parseDouble also takes "1d", "0x1p3" and "NaN", which no peer would understand.
        if (trimmed.length() <= LONGEST_NUMBER && trimmed.matches("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d{1,4})?")) {
            return Double.parseDouble(trimmed);
        }
        throw unfit('"' + text + '"', "a number");
    }

    private static PropertyValue flag(PropertyValue value) {
        if (value instanceof Flag) {
            return value;
        }
        String text = text(value).trim().toLowerCase(Locale.ROOT);
        return switch (text) {
            case "true", "1", "1.0" -> new Flag(true);
            case "false", "0", "0.0" -> new Flag(false);
            default -> throw unfit('"' + text + '"', "true or false");
        };
    }

    private static PropertyValue bytes(PropertyValue value) {
        if (value instanceof Bytes) {
            return value;
        }
        if (value instanceof Text t) {
            try {
                return new Bytes(Base64.getDecoder().decode(t.value().trim()));
            } catch (IllegalArgumentException e) {
                throw unfit('"' + t.value() + '"', "Base64");
            }
        }
        throw unfit(value, "bytes");
    }

    private static String text(PropertyValue value) {
        if (value instanceof Whole w) {
            return Long.toString(w.value());
        }
        if (value instanceof Real r) {
            return Double.isFinite(r.value()) ? plain(BigDecimal.valueOf(r.value())) : Double.toString(r.value());
        }
        if (value instanceof Flag f) {
            return Boolean.toString(f.value());
        }
        if (value instanceof Bytes b) {
            return Base64.getEncoder().encodeToString(b.value());
        }
        return ((Text) value).value();
    }

    /** Without exponent, because the character {@code +} is not allowed in twin values. */
    private static String plain(BigDecimal number) {
        return number.toPlainString();
    }

    private static IllegalArgumentException unfit(Object value, String expected) {
        return new IllegalArgumentException(value + " is not " + expected);
    }
}
