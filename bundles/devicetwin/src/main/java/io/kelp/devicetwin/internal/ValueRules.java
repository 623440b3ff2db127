package io.kelp.devicetwin.internal;

import java.util.regex.Pattern;

/** What names and values of twins may look like (device specification, section 3.5). Immutable. */
final class ValueRules {

    /** How much of Unicode a value may use. */
    enum Charset {
        /** What stock gateways accept: no blank, no {@code %}, no {@code °}, at most 512 characters. */
        STRICT,
        /** Anything but control characters, at most {@link #RELAXED_LENGTH} characters. */
        RELAXED
    }

    static final int NAME_LENGTH = 128;
    static final int STRICT_LENGTH = 512;
    static final int RELAXED_LENGTH = 4096;

    static final String BAD_NAME = refusal("key", NAME_LENGTH);
    static final String BAD_VALUE = refusal("value", STRICT_LENGTH);
    static final String BAD_RELAXED_VALUE =
            "The value of twin must not include control characters and its length must not exceed " + RELAXED_LENGTH;

    private final Charset charset;

    ValueRules(Charset charset) {
        this.charset = charset;
    }

    static boolean isName(String name) {
        return !name.isEmpty() && name.length() <= NAME_LENGTH && isPlain(name);
    }

    boolean isValue(String value) {
        return charset == Charset.STRICT ? value.length() <= STRICT_LENGTH && isPlain(value) : isRelaxedValue(value);
    }

    static boolean isRelaxedValue(String value) {
        return value.length() <= RELAXED_LENGTH && value.chars().noneMatch(Character::isISOControl);
    }

    String badValue() {
        return charset == Charset.STRICT ? BAD_VALUE : BAD_RELAXED_VALUE;
    }

    /** Why a value does not fit a type, {@code null} when it does. The texts are what stock gateways answer. */
    static String misfit(String type, String value) {
        return switch (type) {
            case "", "string", TwinState.DELETED -> null;
            case "int", "integer" -> isInt64(value) ? null : "the value is not int or integer";
            case "float" -> isFloat(value) ? null : "the value is not float";
            case "boolean" -> value.equals("true") || value.equals("false") ? null : "the bool value must be true or false";
            default -> "the value type is not allowed";
        };
    }

    private static final Pattern DECIMAL = Pattern.compile("[+-]?[0-9]{1,40}");

    // A length bound first: the parsers below are linear, but a value may be 4096 characters long.
    private static final Pattern FLOAT = Pattern.compile(
            "[+-]?(?:(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:[eE][+-]?[0-9]+)?|(?i:inf|infinity|nan))");

    private static boolean isInt64(String value) {
        if (!DECIMAL.matcher(value).matches()) {
            return false;
        }
        try {
            Long.parseLong(value);
            return true;
        } catch (NumberFormatException e) {
            return false; // more than 64 bits
        }
    }

    private static boolean isFloat(String value) {
        if (value.length() > STRICT_LENGTH || !FLOAT.matcher(value).matches()) {
            return false;
        }
        String word = value.toLowerCase(java.util.Locale.ROOT);
        return word.endsWith("inf") || word.endsWith("infinity") || word.endsWith("nan")
                || !Double.isInfinite(Double.parseDouble(value));
    }

    private static boolean isPlain(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean letterOrDigit = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
            if (!letterOrDigit && "-_.,:/@#".indexOf(c) < 0) {
                return false;
            }
        }
        return true;
    }

    private static String refusal(String what, int length) {
        return "The " + what + " of twin must only include upper or lowercase letters, number, english, and special letter"
                + " - _ . , : / @ # and the length of " + what + " should be less than " + length + " bytes";
    }
}
