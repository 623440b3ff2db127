package io.kelp.launcher.internal;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads JSON (RFC 8259) with comments of the forms {@code //} and {@code /* *}{@code /}, which the
 * OSGi Feature format allows. Objects become maps in the order of the text, arrays lists, numbers
 * {@link Double}, the rest their Java counterparts.
 *
 * <p>Here because the launcher must not need a library: what is on its class path cannot be
 * swapped, and each jar there costs start time and memory.
 */
final class Json {

    private static final int MAX_DEPTH = 32;

    private final String text;
    private final String file;
    private int at;

    private Json(String text, String file) {
        this.text = text;
        this.file = file;
    }

    /**
     * Reads one value.
     *
     * @param file name for messages
     * @throws IOException with file and line when the text is not JSON
     */
    static Object read(String text, String file) throws IOException {
        Json json = new Json(text, file);
        Object value = json.value(0);
        json.blank();
        if (json.at < text.length()) {
            throw json.wrong("nothing more after the value");
        }
        return value;
    }

    private Object value(int depth) throws IOException {
        if (depth > MAX_DEPTH) {
            throw wrong("at most " + MAX_DEPTH + " levels");
        }
        blank();
        return switch (peek()) {
            case '{' -> object(depth);
            case '[' -> array(depth);
            case '"' -> string();
            default -> literal();
        };
    }

    private Map<String, Object> object(int depth) throws IOException {
        Map<String, Object> members = new LinkedHashMap<>();
        at++;
        blank();
        if (take('}')) {
            return members;
        }
        do {
            blank();
            if (peek() != '"') {
                throw wrong("a member name in quotes");
            }
            String name = string();
            blank();
            if (!take(':')) {
                throw wrong("':' after \"" + name + "\"");
            }
            if (members.put(name, value(depth + 1)) != null) {
                throw wrong("\"" + name + "\" only once");
            }
            blank();
        } while (take(','));
        if (!take('}')) {
            throw wrong("',' or '}'");
        }
        return members;
    }

    private List<Object> array(int depth) throws IOException {
        List<Object> items = new ArrayList<>();
        at++;
        blank();
        if (take(']')) {
            return items;
        }
        do {
            items.add(value(depth + 1));
            blank();
        } while (take(','));
        if (!take(']')) {
            throw wrong("',' or ']'");
        }
        return items;
    }

    private String string() throws IOException {
        StringBuilder out = new StringBuilder();
        at++;
        while (true) {
            char c = peek();
            if (c < ' ') {
                throw wrong("the end of the string");
            }
            at++;
            if (c == '"') {
                return out.toString();
            }
            out.append(c == '\\' ? escaped() : c);
        }
    }

    private char escaped() throws IOException {
        char c = peek();
        at++;
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> {
                try {
                    char unit = (char) Integer.parseInt(text, at, Math.min(at + 4, text.length()), 16);
                    at += 4;
                    yield unit;
                } catch (NumberFormatException e) {
                    throw wrong("four hexadecimal digits");
                }
            }
            default -> throw wrong("an escape that JSON knows");
        };
    }

    private Object literal() throws IOException {
        int start = at;
        while (at < text.length() && "+-.".indexOf(text.charAt(at)) >= 0
                || at < text.length() && Character.isLetterOrDigit(text.charAt(at))) {
            at++;
        }
        String word = text.substring(start, at);
        switch (word) {
            case "true":
                return Boolean.TRUE;
            case "false":
                return Boolean.FALSE;
            case "null":
                return null;
            default:
                break;
        }
        if (word.matches("-?(0|[1-9]\\d*)(\\.\\d+)?([eE][+-]?\\d+)?")) {
            return Double.valueOf(word);
        }
        at = start;
        throw wrong("a value");
    }

    private void blank() throws IOException {
        while (at < text.length()) {
            if (Character.isWhitespace(text.charAt(at))) {
                at++;
            } else if (text.startsWith("//", at)) {
                int end = text.indexOf('\n', at);
                at = end < 0 ? text.length() : end;
            } else if (text.startsWith("/*", at)) {
                int end = text.indexOf("*/", at + 2);
                if (end < 0) {
                    throw wrong("the end of the comment");
                }
                at = end + 2;
            } else {
                return;
            }
        }
    }

    /** The next character, or NUL at the end of the text, which no JSON token begins with. */
    private char peek() {
        return at < text.length() ? text.charAt(at) : '\0';
    }

    private boolean take(char wanted) {
        if (peek() != wanted) {
            return false;
        }
        at++;
        return true;
    }

    private IOException wrong(String expected) {
        long line = text.substring(0, Math.min(at, text.length())).chars().filter(c -> c == '\n').count() + 1;
        return new IOException(file + " line " + line + ": expected " + expected);
    }
}
