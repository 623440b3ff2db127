package io.kelp.kubeapi.internal.schema;

import com.google.gson.JsonElement;
import com.google.gson.JsonPrimitive;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Map;
import java.util.TreeMap;

/** Values as a Kubernetes API server shows them in messages: the forms of Go's {@code %q}, {@code %v} and {@code json.Marshal}. */
public final class GoText {

    private static final int LONG_DIGITS = 19;

    private GoText() {
    }

    /** As {@code field.Error} shows a bad value: strings in quotes, numbers plain, the rest as JSON. */
    public static String value(JsonElement value) {
        if (value.isJsonPrimitive()) {
            JsonPrimitive primitive = value.getAsJsonPrimitive();
            return primitive.isString() ? quote(primitive.getAsString()) : primitive.isNumber() ? number(primitive) : primitive.toString();
        }
        return json(value);
    }

    /** A string in double quotes with Go's escapes. */
    public static String quote(String text) {
        StringBuilder out = new StringBuilder(text.length() + 2).append('"');
        text.codePoints().forEach(c -> quote(c, out));
        return out.append('"').toString();
    }

    private static void quote(int c, StringBuilder out) {
        int simple = "\u0007\b\f\n\r\t\u000b\\\"".indexOf(c);
        if (simple >= 0) {
            out.append('\\').append("abfnrtv\\\"".charAt(simple));
        } else if (c < ' ' || c == 0x7f) {
            out.append(String.format("\\x%02x", c));
        } else if (isPrintable(c)) {
            out.appendCodePoint(c);
        } else {
            out.append(c > 0xffff ? String.format("\\U%08x", c) : String.format("\\u%04x", c));
        }
    }

    /** Whether Go calls a character printable: letters, marks, numbers, punctuation, symbols, and the ASCII space. */
    public static boolean isPrintable(int c) {
        return c == ' ' || switch (Character.getType(c)) {
            case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.PRIVATE_USE, Character.UNASSIGNED,
                    Character.SPACE_SEPARATOR, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }

    /** Whether Kubernetes reads a number as an integer: no fraction, no exponent, 64 bits. */
    public static boolean isInteger(JsonPrimitive number) {
        String text = number.getAsString();
        int digits = text.startsWith("-") ? text.length() - 1 : text.length();
        if (digits == 0 || digits > LONG_DIGITS || text.chars().skip(text.length() - digits).anyMatch(c -> c < '0' || c > '9')) {
            return false;
        }
        return digits < LONG_DIGITS || new BigDecimal(text).toBigInteger().bitLength() < Long.SIZE;
    }

    /** {@code %v} of a number. */
    public static String number(JsonPrimitive number) {
        return isInteger(number) ? number.getAsString() : number(number.getAsDouble(), -4, 6, 2);
    }

    /** {@code %v} of a number that Go keeps as floating point, like the bounds of a schema: a million is {@code 1e+06}. */
    static String floating(double number) {
        return number(number, -4, 6, 2);
    }

    /** A number as Go writes it into JSON: a fraction only where there is one. */
    public static String json(JsonPrimitive number) {
        return isInteger(number) ? number.getAsString() : number(number.getAsDouble(), -6, 21, 1);
    }

    /** Compact JSON with members in alphabetical order. */
    public static String json(JsonElement value) {
        StringBuilder out = new StringBuilder();
        json(value, out);
        return out.toString();
    }

    private static void json(JsonElement value, StringBuilder out) {
        if (value.isJsonObject()) {
            out.append('{');
            boolean first = true;
            for (Map.Entry<String, JsonElement> member : new TreeMap<>(value.getAsJsonObject().asMap()).entrySet()) {
                if (!first) {
                    out.append(',');
                }
                first = false;
                jsonString(member.getKey(), out);
                out.append(':');
                json(member.getValue(), out);
            }
            out.append('}');
        } else if (value.isJsonArray()) {
            out.append('[');
            boolean first = true;
            for (JsonElement item : value.getAsJsonArray()) {
                if (!first) {
                    out.append(',');
                }
                first = false;
                json(item, out);
            }
            out.append(']');
        } else if (value.isJsonPrimitive() && value.getAsJsonPrimitive().isString()) {
            jsonString(value.getAsString(), out);
        } else if (value.isJsonPrimitive() && value.getAsJsonPrimitive().isNumber() && !isInteger(value.getAsJsonPrimitive())) {
            out.append(json(value.getAsJsonPrimitive()));
        } else {
            out.append(value);
        }
    }

    private static void jsonString(String text, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            int simple = "\b\f\n\r\t\\\"".indexOf(c);
            if (simple >= 0) {
                out.append('\\').append("bfnrt\\\"".charAt(simple));
            } else if (c < ' ' || c == '<' || c == '>' || c == '&' || c == '\u2028' || c == '\u2029') {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }

    /** The shortest digits that mean the same; with an exponent below {@code low} and from {@code high} on. */
    private static String number(double value, int low, int high, int exponentDigits) {
        if (value == 0) {
            return "0";
        }
        if (Double.isInfinite(value) || Double.isNaN(value)) {
            return value > 0 ? "+Inf" : value < 0 ? "-Inf" : "NaN";
        }
        BigDecimal exact = new BigDecimal(value);
        BigDecimal shortest = exact;
        for (int digits = 1; digits <= 17; digits++) {
            shortest = exact.round(new MathContext(digits));
            if (shortest.doubleValue() == value) {
                break;
            }
        }
        shortest = shortest.stripTrailingZeros();
        int exponent = shortest.precision() - shortest.scale() - 1;
        if (exponent >= low && exponent < high) {
            return shortest.toPlainString();
        }
        String digits = shortest.unscaledValue().abs().toString();
        String power = Integer.toString(Math.abs(exponent));
        return (value < 0 ? "-" : "") + digits.charAt(0) + (digits.length() > 1 ? "." + digits.substring(1) : "") + 'e'
                + (exponent < 0 ? '-' : '+') + (power.length() < exponentDigits ? "0" + power : power);
    }
}
