package io.kelp.kubeapi.internal.rest;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads JSON of strangers (RFC 8259): strict, limited in depth, telling members that come twice, and refusing with the
 * sentences of Go's decoder, which clients of Kubernetes know.
 */
final class JsonBody {

    private static final String VALUE = "looking for beginning of value";

    private final byte[] text;
    private final List<String> duplicates = new ArrayList<>();
    private int at;
    private int values;

    private JsonBody(byte[] text) {
        this.text = text;
    }

    static Body read(byte[] text) throws Body.MalformedException {
        JsonBody reading = new JsonBody(text);
        JsonElement tree = reading.value(Body.Place.top(), 0);
        reading.blanks();
        if (reading.at < text.length) {
            throw reading.unexpected("after top-level value");
        }
        return new Body(tree, reading.duplicates, List.of());
    }

    private JsonElement value(Body.Place place, int depth) throws Body.MalformedException {
        if (depth > Body.MAX_DEPTH) {
            throw new Body.MalformedException("exceeded max depth");
        }
        if (++values > Body.MAX_VALUES) {
            throw new Body.MalformedException("more than " + Body.MAX_VALUES + " values");
        }
        blanks();
        switch (peek()) {
            case '{':
                return object(place, depth);
            case '[':
                return array(place, depth);
            case '"':
                return new JsonPrimitive(string());
            case 't':
                return literal("true", new JsonPrimitive(true));
            case 'f':
                return literal("false", new JsonPrimitive(false));
            case 'n':
                return literal("null", JsonNull.INSTANCE);
            default:
                return number();
        }
    }

    private JsonObject object(Body.Place place, int depth) throws Body.MalformedException {
        JsonObject object = new JsonObject();
        at++;
        blanks();
        if (peek() == '}') {
            at++;
            return object;
        }
        while (true) {
            blanks();
            if (peek() != '"') {
                throw unexpected("looking for beginning of object key string");
            }
            String name = string();
            Body.Place member = place.member(name);
            if (object.has(name) && duplicates.size() < Body.MAX_DUPLICATES) {
                duplicates.add(member.toString());
            }
            blanks();
            if (peek() != ':') {
                throw unexpected("after object key");
            }
            at++;
            object.add(name, value(member, depth + 1));
            blanks();
            if (peek() == '}') {
                at++;
                return object;
            }
            if (peek() != ',') {
                throw unexpected("after object key:value pair");
            }
            at++;
        }
    }

    private JsonArray array(Body.Place place, int depth) throws Body.MalformedException {
        JsonArray array = new JsonArray();
        at++;
        blanks();
        if (peek() == ']') {
            at++;
            return array;
        }
        while (true) {
            array.add(value(place.item(array.size()), depth + 1));
            blanks();
            if (peek() == ']') {
                at++;
                return array;
            }
            if (peek() != ',') {
                throw unexpected("after array element");
            }
            at++;
        }
    }

    private JsonElement literal(String word, JsonElement meaning) throws Body.MalformedException {
        for (int i = 1; i < word.length(); i++) {
            at++;
            if (peek() != word.charAt(i)) {
                throw unexpected("in literal " + word + " (expecting '" + word.charAt(i) + "')");
            }
        }
        at++;
        return meaning;
    }

    /** The number keeps its text. */
    private JsonElement number() throws Body.MalformedException {
        int start = at;
        if (peek() == '-') {
            at++;
        }
        if (!digit(peek())) {
            throw unexpected(at > start ? "in numeric literal" : VALUE);
        }
        if (text[at] == '0') {
            at++;
        } else {
            digits();
        }
        if (at < text.length && text[at] == '.') {
            at++;
            if (!digit(peek())) {
                throw unexpected("after decimal point in numeric literal");
            }
            digits();
        }
        if (at < text.length && (text[at] == 'e' || text[at] == 'E')) {
            at++;
            if (peek() == '+' || text[at] == '-') {
                at++;
            }
            if (!digit(peek())) {
                throw unexpected("in exponent of numeric literal");
            }
            digits();
        }
        return Body.number(new String(text, start, at - start, StandardCharsets.US_ASCII));
    }

    private void digits() {
        while (at < text.length && digit(text[at])) {
            at++;
        }
    }

    private static boolean digit(int c) {
        return c >= '0' && c <= '9';
    }

    private String string() throws Body.MalformedException {
        at++;
        int start = at;
        while (peek() != '"' && text[at] != '\\') {
            plain();
        }
        if (text[at] == '"') {
            return new String(text, start, at++ - start, StandardCharsets.UTF_8);
        }
        StringBuilder result = new StringBuilder(new String(text, start, at - start, StandardCharsets.UTF_8));
        while (peek() != '"') {
            if (text[at] == '\\') {
                at++;
                result.append(escaped());
            } else {
                int from = at;
                while (peek() != '"' && text[at] != '\\') {
                    plain();
                }
                result.append(new String(text, from, at - from, StandardCharsets.UTF_8));
            }
        }
        at++;
        return wellFormed(result);
    }

    private void plain() throws Body.MalformedException {
        if ((text[at] & 0xff) < ' ') {
            throw unexpected("in string literal");
        }
        at++;
    }

    private char escaped() throws Body.MalformedException {
        int c = peek();
        if (c == 'u') {
            int code = 0;
            for (int i = 0; i < 4; i++) {
                at++;
                int digit = Character.digit(peek(), 16);
                if (digit < 0) {
                    throw unexpected("in \\u hexadecimal character escape");
                }
                code = code * 16 + digit;
            }
            at++;
            return (char) code;
        }
        int known = "\"\\/bfnrt".indexOf(c);
        if (known < 0) {
            throw unexpected("in string escape code");
        }
        at++;
        return "\"\\/\b\f\n\r\t".charAt(known);
    }

    /** Halves of surrogate pairs cannot be written as UTF-8 again. */
    private static String wellFormed(StringBuilder text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean pair = Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1));
            if (pair) {
                i++;
            } else if (Character.isSurrogate(c)) {
                text.setCharAt(i, '\uFFFD');
            }
        }
        return text.toString();
    }

    private void blanks() {
        while (at < text.length && (text[at] == ' ' || text[at] == '\n' || text[at] == '\r' || text[at] == '\t')) {
            at++;
        }
    }

    private int peek() throws Body.MalformedException {
        if (at >= text.length) {
            throw new Body.MalformedException("unexpected end of JSON input");
        }
        return text[at] & 0xff;
    }

    private Body.MalformedException unexpected(String where) {
        int c = text[at] & 0xff;
        String shown = switch (c) {
            case '\'' -> "\\'";
            case '"' -> "\"";
            case '\\' -> "\\\\";
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            default -> c < ' ' || c >= 0x7f && c < 0xa1 ? String.format("\\x%02x", c) : String.valueOf((char) c);
        };
        return new Body.MalformedException("invalid character '" + shown + "' " + where);
    }
}
