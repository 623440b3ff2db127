package io.kelp.edged.internal.env;

import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * References {@code $(NAME)} in values, commands and arguments, as Kubernetes defines them: an unknown
 * one stays as it is, {@code $$} is a dollar sign and {@code $$(NAME)} therefore the text {@code $(NAME)}.
 */
public final class Expansion {

    private Expansion() {}

    /**
     * The text with every reference to a variable in the map replaced; what is put in is not looked at again.
     *
     * @return empty when it would have more than {@code most} characters
     */
    public static Optional<String> expand(String text, Map<String, String> variables, int most) {
        return expand(text, variables::get, most);
    }

    /** Whether the text has a reference to a variable that is not in the map. */
    public static boolean hasUnknown(String text, Map<String, String> variables) {
        boolean[] unknown = {false};
        expand(text, name -> {
            unknown[0] |= !variables.containsKey(name);
            return "";
        }, Integer.MAX_VALUE);
        return unknown[0];
    }

    private static Optional<String> expand(String text, UnaryOperator<String> variables, int most) {
        if (text.indexOf('$') < 0) {
            return text.length() > most ? Optional.empty() : Optional.of(text);
        }
        StringBuilder result = new StringBuilder(text.length());
        int at = 0;
        while (at < text.length()) {
            if (result.length() > most) {
                return Optional.empty();
            }
            char c = text.charAt(at);
            if (c != '$' || at + 1 == text.length()) {
                result.append(c);
                at++;
                continue;
            }
            char next = text.charAt(at + 1);
            int close = next == '(' ? text.indexOf(')', at + 2) : -1;
            if (next == '$') {
                result.append('$');
                at += 2;
            } else if (close >= 0) {
                String name = text.substring(at + 2, close);
                String value = variables.apply(name);
                result.append(value == null ? "$(" + name + ")" : value);
                at = close + 1;
            } else {
                result.append(c).append(next);
                at += 2;
            }
        }
        return result.length() > most ? Optional.empty() : Optional.of(result.toString());
    }
}
