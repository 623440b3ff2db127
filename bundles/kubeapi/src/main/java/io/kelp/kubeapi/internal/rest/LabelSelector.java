package io.kelp.kubeapi.internal.rest;

import io.kelp.kubeapi.ApiException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** {@code labelSelector}: requirements that all have to be met. Immutable. */
final class LabelSelector {

    static final LabelSelector ALL = new LabelSelector(List.of());

    private enum Operator { IN, NOT_IN, EXISTS, MISSING, GREATER, LESS }

    private record Requirement(String key, Operator operator, Set<String> values) {

        boolean matches(Map<String, String> labels) {
            String value = labels.get(key);
            return switch (operator) {
                case IN -> value != null && values.contains(value);
                case NOT_IN -> value == null || !values.contains(value);
                case EXISTS -> value != null;
                case MISSING -> value == null;
                case GREATER, LESS -> value != null && compares(value);
            };
        }

        private boolean compares(String value) {
            try {
                int order = Long.compare(Long.parseLong(value), Long.parseLong(values.iterator().next()));
                return operator == Operator.GREATER ? order > 0 : order < 0;
            } catch (NumberFormatException e) {
                return false; // a label that is no number is neither above nor below one
            }
        }
    }

    private final List<Requirement> requirements;

    private LabelSelector(List<Requirement> requirements) {
        this.requirements = List.copyOf(requirements);
    }

    boolean isEmpty() {
        return requirements.isEmpty();
    }

    boolean matches(Map<String, String> labels) {
        for (Requirement requirement : requirements) {
            if (!requirement.matches(labels)) {
                return false;
            }
        }
        return true;
    }

    static LabelSelector parse(String text) throws ApiException {
        if (text.isBlank()) {
            return ALL;
        }
        return new LabelSelector(new Parser(tokens(text)).requirements());
    }

    private static List<String> tokens(String text) {
        List<String> tokens = new ArrayList<>();
        int i = 0;
        while (i < text.length()) {
            char c = text.charAt(i);
            if (Character.isWhitespace(c)) {
                i++;
            } else if (c == '=' || c == '!') {
                boolean two = i + 1 < text.length() && text.charAt(i + 1) == '=';
                tokens.add(text.substring(i, i + (two ? 2 : 1)));
                i += two ? 2 : 1;
            } else if ("(),<>".indexOf(c) >= 0) {
                tokens.add(String.valueOf(c));
                i++;
            } else {
                int start = i;
                while (i < text.length() && !Character.isWhitespace(text.charAt(i)) && "=!(),<>".indexOf(text.charAt(i)) < 0) {
                    i++;
                }
                tokens.add(text.substring(start, i));
            }
        }
        return tokens;
    }

    private static final class Parser {

        private static final Set<String> SYMBOLS = Set.of("=", "==", "!=", "!", "(", ")", ",", "<", ">");
        private final List<String> tokens;
        private int position;

        Parser(List<String> tokens) {
            this.tokens = tokens;
        }

        List<Requirement> requirements() throws ApiException {
            List<Requirement> result = new ArrayList<>();
            while (true) {
                result.add(requirement());
                if (peek().isEmpty()) {
                    return result;
                }
                if (!next().equals(",")) {
                    throw misplaced("found '" + tokens.get(position - 1) + "', expected: ',' or 'end of string'");
                }
                if (peek().isEmpty() || SYMBOLS.contains(peek()) && !peek().equals("!")) {
                    throw misplaced("found '" + peek() + "', expected: identifier after ','");
                }
            }
        }

        private Requirement requirement() throws ApiException {
            boolean not = peek().equals("!");
            if (not) {
                next();
            }
            String key = next();
            if (key.isEmpty() || SYMBOLS.contains(key)) {
                throw not ? refuse("found '" + key + "', expected: identifier") : misplaced("found '" + key + "', expected: !, identifier, or 'end of string'");
            }
            checkKey(key);
            String operator = peek();
            if (not || operator.isEmpty() || operator.equals(",")) {
                if (not && !operator.isEmpty() && !operator.equals(",")) {
                    throw misplaced("found '" + operator + "', expected: ',' or 'end of string'");
                }
                return new Requirement(key, not ? Operator.MISSING : Operator.EXISTS, Set.of());
            }
            next();
            switch (operator) {
                case "in":
                    return new Requirement(key, Operator.IN, values(key));
                case "notin":
                    return new Requirement(key, Operator.NOT_IN, values(key));
                case "=", "==":
                    return new Requirement(key, Operator.IN, Set.of(value(key, 0)));
                case "!=":
                    return new Requirement(key, Operator.NOT_IN, Set.of(value(key, 0)));
                case ">", "gt":
                    return new Requirement(key, Operator.GREATER, Set.of(number(key)));
                case "<", "lt":
                    return new Requirement(key, Operator.LESS, Set.of(number(key)));
                default:
                    throw refuse("found '" + operator + "', expected: in, notin, =, ==, !=, gt, lt");
            }
        }

        private Set<String> values(String key) throws ApiException {
            if (!next().equals("(")) {
                throw refuse("found '" + (position > tokens.size() ? "" : tokens.get(position - 1)) + "' expected: '('");
            }
            Set<String> values = new LinkedHashSet<>();
            while (true) {
                String token = peek();
                if (token.equals(")") || token.equals(",")) {
                    values.add("");
                } else if (token.isEmpty() || SYMBOLS.contains(token)) {
                    throw refuse("found '" + token + "', expected: ',', ')' or identifier");
                } else {
                    values.add(checkValue(key, next(), values.size()));
                }
                String end = next();
                if (end.equals(")")) {
                    return values;
                }
                if (!end.equals(",")) {
                    throw refuse("found '" + end + "', expected: ',' or ')'");
                }
            }
        }

        private String value(String key, int index) throws ApiException {
            String token = peek();
            if (token.isEmpty() || token.equals(",")) {
                return "";
            }
            if (SYMBOLS.contains(token)) {
                throw refuse("found '" + token + "', expected: identifier");
            }
            return checkValue(key, next(), index);
        }

        private String number(String key) throws ApiException {
            String value = value(key, 0);
            if (!value.matches("-?[0-9]{1,18}")) {
                throw refuse("values[0]: Invalid value: " + MetadataRules.quoted(value) + ": for 'Gt', 'Lt' operators, the value must be an integer");
            }
            return value;
        }

        private void checkKey(String key) throws ApiException {
            List<String> problems = MetadataRules.qualifiedProblems(key);
            if (!problems.isEmpty()) {
                throw refuse("<nil>: Invalid value: " + MetadataRules.quoted(key) + ": " + String.join("; ", problems));
            }
        }

        private String checkValue(String key, String value, int index) throws ApiException {
            List<String> problems = MetadataRules.labelValueProblems(value);
            if (!problems.isEmpty()) {
                throw refuse("values[" + index + "][" + key + "]: Invalid value: " + MetadataRules.quoted(value) + ": " + String.join("; ", problems));
            }
            return value;
        }

        private String peek() {
            return position < tokens.size() ? tokens.get(position) : "";
        }

        private String next() {
            String token = peek();
            position++;
            return token;
        }

        private static ApiException refuse(String detail) {
            return ApiException.badRequest("unable to parse requirement: " + detail);
        }

        private static ApiException misplaced(String detail) {
            return ApiException.badRequest(detail);
        }
    }
}
