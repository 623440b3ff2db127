package io.kelp.edged.internal.env;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Environment, command and arguments of one container while they grow. They have as much room as Linux gives a
 * program: a value 128 KiB, all together 1 MiB. Without a bound forty variables that each name the one before twice fill any heap.
 */
final class ArgumentSpace {

    static final int MOST_EACH = 128 << 10;
    static final int MOST = 1 << 20;

    private final Map<String, String> env = new LinkedHashMap<>();
    private int used;

    /** What is there by now, in order. */
    Map<String, String> env() {
        return env;
    }

    /** @throws IllegalArgumentException when there is no room for it */
    void put(String variable, String value) {
        env.put(variable, take("variable " + variable, value));
    }

    /** The text with its references replaced by what is there. @throws IllegalArgumentException when it gets too long */
    String expand(String what, String text) {
        return Expansion.expand(text, env, MOST_EACH).orElseThrow(() -> tooLong(what));
    }

    /** The same for a word of the command or an argument, which needs room, too. */
    String word(String what, String text) {
        return take(what, expand(what, text));
    }

    private String take(String what, String text) {
        if (text.length() > MOST_EACH) {
            throw tooLong(what);
        }
        used += text.length();
        if (used > MOST) {
            throw new IllegalArgumentException("argument list too long: environment, command and arguments have more than " + MOST + " characters");
        }
        return text;
    }

    private static IllegalArgumentException tooLong(String what) {
        return new IllegalArgumentException("argument list too long: " + what + " has more than " + MOST_EACH + " characters");
    }
}
