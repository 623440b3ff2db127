package io.kelp.devicetwin.internal;

/**
 * Says what is wrong with a text that is no JSON in the words of Go's {@code encoding/json}, because stock gateways
 * put them into their answers and scripts look for them.
 */
final class GoJsonSyntax {

    private final String text;
    private int at;
    private String problem;

    private GoJsonSyntax(String text) {
        this.text = text;
    }

    static String describe(String text) {
        GoJsonSyntax syntax = new GoJsonSyntax(text);
        syntax.value("looking for beginning of value", 0);
        if (syntax.problem == null) {
            syntax.blanks();
            if (syntax.at < text.length()) {
                syntax.fail("after top-level value");
            }
        }
        if (syntax.problem == null) {
            return "the body is not an object with the members of the request";
        }
        return "&json.SyntaxError{msg:\"" + syntax.problem.replace("\"", "\\\"") + "\", Offset:" + syntax.offset() + "}";
    }

    private int offset() {
        return Math.min(at + 1, text.length());
    }

    private void value(String place, int depth) {
        blanks();
        char c = peek();
        if (c == '{' && depth < 32) {
            at++;
            members(depth);
        } else if (c == '[' && depth < 32) {
            at++;
            elements(depth);
        } else if (c == '"') {
            at++;
            string();
        } else if (c == '-' || c >= '0' && c <= '9') {
            number();
        } else if (c == 't' || c == 'f' || c == 'n') {
            literal(c == 't' ? "true" : c == 'f' ? "false" : "null");
        } else {
            fail(place);
        }
    }

    private void members(int depth) {
        blanks();
        if (take('}')) {
            return;
        }
        do {
            blanks();
            if (!take('"')) {
                fail("looking for beginning of object key string");
                return;
            }
            string();
            blanks();
            if (problem == null && !take(':')) {
                fail("after object key");
            }
            if (problem == null) {
                value("looking for beginning of value", depth + 1);
                blanks();
            }
        } while (problem == null && take(','));
        if (problem == null && !take('}')) {
            fail("after object key:value pair");
        }
    }

    private void elements(int depth) {
        blanks();
        if (take(']')) {
            return;
        }
        do {
            value("looking for beginning of value", depth + 1);
            blanks();
        } while (problem == null && take(','));
        if (problem == null && !take(']')) {
            fail("after array element");
        }
    }

    private void string() {
        while (problem == null && !take('"')) {
            char c = peek();
            if (at >= text.length() || c < ' ') {
                fail("in string literal");
            } else if (c == '\\') {
                at++;
                if ("\"\\/bfnrtu".indexOf(peek()) < 0) {
                    fail("in string escape code");
                }
            }
            at += problem == null ? 1 : 0;
        }
    }

    private void number() {
        while ("+-.eE0123456789".indexOf(peek()) >= 0 && at < text.length()) {
            at++;
        }
    }

    private void literal(String word) {
        for (int i = 0; i < word.length() && problem == null; i++) {
            if (!take(word.charAt(i))) {
                fail("in literal " + word + " (expecting '" + word.charAt(i) + "')");
            }
        }
    }

    private void blanks() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private boolean take(char c) {
        if (at < text.length() && text.charAt(at) == c) {
            at++;
            return true;
        }
        return false;
    }

    private char peek() {
        return at < text.length() ? text.charAt(at) : 0;
    }

    private void fail(String place) {
        if (problem == null) {
            problem = at >= text.length() ? "unexpected end of JSON input" : "invalid character '" + text.charAt(at) + "' " + place;
        }
    }
}
