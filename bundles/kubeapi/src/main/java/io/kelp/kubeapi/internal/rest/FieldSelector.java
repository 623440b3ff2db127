package io.kelp.kubeapi.internal.rest;

import io.kelp.kubeapi.ApiException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** {@code fieldSelector}: fields that have, or do not have, a value. Immutable. */
final class FieldSelector {

    static final FieldSelector ALL = new FieldSelector(List.of());

    private record Term(String field, boolean equal, String value) {}

    private final List<Term> terms;

    private FieldSelector(List<Term> terms) {
        this.terms = List.copyOf(terms);
    }

    static FieldSelector named(String name) {
        return new FieldSelector(List.of(new Term("metadata.name", true, name)));
    }

    boolean isEmpty() {
        return terms.isEmpty();
    }

    /** Whether more than name and namespace are looked at. */
    boolean needsObject() {
        return terms.stream().anyMatch(term -> !term.field.equals("metadata.name") && !term.field.equals("metadata.namespace"));
    }

    /** The one name that is looked for; empty when there may be several. */
    String exactly(String field) {
        return terms.stream().filter(term -> term.equal && term.field.equals(field)).map(Term::value).findFirst().orElse("");
    }

    boolean matches(Function<String, String> fields) {
        for (Term term : terms) {
            String value = fields.apply(term.field);
            if (term.equal != term.value.equals(value == null ? "" : value)) {
                return false;
            }
        }
        return true;
    }

    /** @param supported beside {@code metadata.name} and {@code metadata.namespace} */
    static FieldSelector parse(String text, Set<String> supported, boolean custom) throws ApiException {
        List<Term> terms = new ArrayList<>();
        for (String part : split(text)) {
            if (!part.isEmpty()) {
                terms.add(term(part, text, supported, custom));
            }
        }
        return terms.isEmpty() ? ALL : new FieldSelector(terms);
    }

    private static Term term(String part, String whole, Set<String> supported, boolean custom) throws ApiException {
        for (int i = 0; i < part.length(); i++) {
            if (part.charAt(i) == '\\') {
                i++;
            } else if (part.startsWith("!=", i) || part.startsWith("==", i) || part.charAt(i) == '=') {
                int length = part.charAt(i) == '=' && !part.startsWith("==", i) ? 1 : 2;
                String field = part.substring(0, i);
                check(field, supported, custom);
                return new Term(field, part.charAt(i) != '!', unescape(part.substring(i + length)));
            }
        }
        throw ApiException.badRequest("invalid selector: '" + whole + "'; can't understand '" + part + "'");
    }

    private static void check(String field, Set<String> supported, boolean custom) throws ApiException {
        if (field.equals("metadata.name") || field.equals("metadata.namespace") || supported.contains(field)) {
            return;
        }
        if (supported.isEmpty() && !custom) {
            throw ApiException.badRequest("\"" + field + "\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"");
        }
        throw ApiException.badRequest("field label not supported: " + field);
    }

    private static List<String> split(String text) {
        List<String> parts = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) == '\\') {
                i++;
            } else if (text.charAt(i) == ',') {
                parts.add(text.substring(start, i));
                start = i + 1;
            }
        }
        parts.add(text.substring(start));
        return parts;
    }

    private static String unescape(String value) throws ApiException {
        StringBuilder result = new StringBuilder();
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '=' || c == ',') {
                throw ApiException.badRequest("invalid field selector: unescaped character in value: " + (int) c);
            }
            if (c == '\\') {
                if (++i == value.length() || "\\,=".indexOf(value.charAt(i)) < 0) {
                    throw ApiException.badRequest("invalid field selector: invalid escape sequence: " + value.substring(i - 1, Math.min(i + 1, value.length())));
                }
                c = value.charAt(i);
            }
            result.append(c);
        }
        return result.toString();
    }
}
