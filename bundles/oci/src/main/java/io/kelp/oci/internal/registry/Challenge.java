package io.kelp.oci.internal.registry;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What a registry wants to see (RFC 9110 §11.6.1, {@code WWW-Authenticate}).
 *
 * @param scheme in lower case, for example {@code bearer}
 * @param parameters names in lower case
 */
record Challenge(String scheme, Map<String, String> parameters) {

    private static final int MAX_LENGTH = 8192;

    /** The first of a scheme among all header lines. */
    static Optional<Challenge> find(List<String> lines, String scheme) {
        return lines.stream().flatMap(line -> parse(line).stream()).filter(each -> each.scheme.equals(scheme)).findFirst();
    }

    /** All challenges of a line; what cannot be read is left out. */
    static List<Challenge> parse(String line) {
        List<Challenge> all = new ArrayList<>();
        if (line.length() > MAX_LENGTH) {
            return all;
        }
        Scanner scanner = new Scanner(line);
        String word = scanner.token();
        while (!word.isEmpty()) {
            Challenge challenge = new Challenge(word.toLowerCase(Locale.ROOT), new HashMap<>());
            all.add(challenge);
            word = "";
            while (true) {
                String name = scanner.token();
                if (name.isEmpty() || !scanner.skip('=')) {
                    word = name; // no parameter, so the next scheme
                    break;
                }
                challenge.parameters.put(name.toLowerCase(Locale.ROOT), scanner.value());
            }
        }
        return all;
    }

    String parameter(String name) {
        return parameters.getOrDefault(name, "");
    }

    private static final class Scanner {

        private final String text;
        private int at;

        Scanner(String text) {
            this.text = text;
        }

        String token() {
            while (at < text.length() && (text.charAt(at) == ',' || Character.isWhitespace(text.charAt(at)))) {
                at++;
            }
            int start = at;
            while (at < text.length() && "=,\" \t".indexOf(text.charAt(at)) < 0) {
                at++;
            }
            return text.substring(start, at);
        }

        boolean skip(char expected) {
            int next = at;
            while (next < text.length() && text.charAt(next) == ' ') {
                next++;
            }
            if (next < text.length() && text.charAt(next) == expected) {
                at = next + 1;
                return true;
            }
            return false;
        }

        String value() {
            while (at < text.length() && text.charAt(at) == ' ') {
                at++;
            }
            if (at >= text.length() || text.charAt(at) != '"') {
                int start = at;
                while (at < text.length() && ", \t".indexOf(text.charAt(at)) < 0) {
                    at++;
                }
                return text.substring(start, at);
            }
            StringBuilder value = new StringBuilder();
            for (at++; at < text.length() && text.charAt(at) != '"'; at++) {
                if (text.charAt(at) == '\\' && at + 1 < text.length()) {
                    at++;
                }
                value.append(text.charAt(at));
            }
            at = Math.min(at + 1, text.length()); // the end of the line ends an open quotation, too
            return value.toString();
        }
    }
}
