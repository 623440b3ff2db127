package io.kelp.kubeapi.internal.crd;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.kelp.kubeapi.internal.schema.GoText;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * The part of Kubernetes' JSONPath (https://kubernetes.io/docs/reference/kubectl/jsonpath/) that printer columns use: members, escaped
 * dots, quoted members, indexes, slices, {@code [*]}, {@code ..} and filters that compare with a literal. Immutable.
 */
final class JsonPath {

    private interface Step {
        void from(JsonElement value, List<JsonElement> found);
    }

    /** Deeper paths are refused. */
    private static final int MOST_STEPS = 50;
    private static final int MOST_RESULTS = 10_000;

    private final List<Step> steps = new ArrayList<>();
    private final String text;
    private int at;

    private JsonPath(String text) {
        this.text = text;
    }

    /** Whether a definition may have it: it begins with a dot; more an API server does not look at. */
    static boolean isSimple(String path) {
        return path.startsWith(".");
    }

    /** @return empty when it cannot be understood */
    static Optional<JsonPath> parse(String text) {
        JsonPath path = new JsonPath(text);
        return path.steps() ? Optional.of(path) : Optional.empty();
    }

    /** The values that the path leads to. */
    List<JsonElement> find(JsonElement root) {
        List<JsonElement> now = List.of(root);
        for (Step step : steps) {
            List<JsonElement> next = new ArrayList<>();
            for (JsonElement value : now) {
                if (next.size() < MOST_RESULTS) {
                    step.from(value, next);
                }
            }
            now = next;
        }
        return now;
    }

    private boolean steps() {
        while (at < text.length()) {
            if (steps.size() == MOST_STEPS || !step()) {
                return false;
            }
        }
        return true;
    }

    private boolean step() {
        char c = text.charAt(at);
        if (c == '[') {
            return bracket();
        }
        if (text.startsWith("..", at)) {
            at++;
            steps.add(JsonPath::descend);
            return at + 1 < text.length();
        }
        if (c != '.') {
            return false;
        }
        at++;
        if (at == text.length() || text.charAt(at) == '[') {
            return true;
        }
        StringBuilder name = new StringBuilder();
        while (at < text.length() && ".[".indexOf(text.charAt(at)) < 0) {
            if (text.charAt(at) == '\\' && at + 1 < text.length()) {
                at++;
            }
            name.append(text.charAt(at++));
        }
        member(name.toString());
        return name.length() > 0;
    }

    private void member(String name) {
        if (name.equals("*")) {
            steps.add(JsonPath::children);
            return;
        }
        steps.add((value, found) -> {
            if (value.isJsonObject() && value.getAsJsonObject().has(name)) {
                found.add(value.getAsJsonObject().get(name));
            }
        });
    }

    private static void children(JsonElement value, List<JsonElement> found) {
        if (value.isJsonObject()) {
            found.addAll(new TreeMap<>(value.getAsJsonObject().asMap()).values());
        } else if (value.isJsonArray()) {
            value.getAsJsonArray().forEach(found::add);
        }
    }

    private static void descend(JsonElement value, List<JsonElement> found) {
        List<JsonElement> children = new ArrayList<>();
        children(value, children);
        if (value.isJsonObject() || value.isJsonArray()) {
            found.add(value);
        }
        for (JsonElement child : children) {
            if (found.size() < MOST_RESULTS) {
                descend(child, found);
            }
        }
    }

    private boolean bracket() {
        int close = end(at + 1);
        if (close < 0) {
            return false;
        }
        String inside = text.substring(at + 1, close).trim();
        at = close + 1;
        if (inside.equals("*")) {
            steps.add(JsonPath::children);
            return true;
        }
        if (inside.length() >= 2 && "'\"".indexOf(inside.charAt(0)) >= 0 && inside.charAt(inside.length() - 1) == inside.charAt(0)) {
            member(inside.substring(1, inside.length() - 1).replace("\\", ""));
            return true;
        }
        if (inside.startsWith("?(") && inside.endsWith(")")) {
            return filter(inside.substring(2, inside.length() - 1).trim());
        }
        if (inside.matches("-?\\d{1,9}")) {
            int index = Integer.parseInt(inside);
            steps.add((value, found) -> slice(value, index, index == -1 ? Integer.MAX_VALUE : index + 1, found));
            return true;
        }
        if (!inside.matches("(-?\\d{1,9})?:(-?\\d{1,9})?")) {
            return false;
        }
        String[] bounds = inside.split(":", -1);
        int from = bounds[0].isEmpty() ? 0 : Integer.parseInt(bounds[0]);
        int to = bounds[1].isEmpty() ? Integer.MAX_VALUE : Integer.parseInt(bounds[1]);
        steps.add((value, found) -> slice(value, from, to, found));
        return true;
    }

    /** Where the bracket closes; quotes and nested brackets are stepped over. */
    private int end(int from) {
        char quote = 0;
        int depth = 0;
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quote != 0) {
                quote = c == quote ? 0 : quote;
            } else if (c == '\'' || c == '"') {
                quote = c;
            } else if (c == '[') {
                depth++;
            } else if (c == ']' && depth-- == 0) {
                return i;
            }
        }
        return -1;
    }

    private static void slice(JsonElement value, int from, int to, List<JsonElement> found) {
        if (!value.isJsonArray()) {
            return;
        }
        JsonArray array = value.getAsJsonArray();
        int first = from < 0 ? from + array.size() : from;
        int last = Math.min(array.size(), to < 0 ? to + array.size() : to);
        for (int i = Math.max(0, first); i < last; i++) {
            found.add(array.get(i));
        }
    }

    private boolean filter(String condition) {
        String operator = null;
        int where = -1;
        for (String one : List.of("==", "!=", ">=", "<=", ">", "<")) {
            int index = condition.indexOf(one);
            if (index >= 0 && (where < 0 || index < where)) {
                operator = one;
                where = index;
            }
        }
        String left = (where < 0 ? condition : condition.substring(0, where)).trim();
        if (!left.startsWith("@")) {
            return false;
        }
        Optional<JsonPath> path = parse(left.substring(1));
        if (path.isEmpty()) {
            return false;
        }
        if (operator == null) {
            steps.add((value, found) -> select(value, item -> !path.get().find(item).isEmpty(), found));
            return true;
        }
        Optional<JsonPrimitive> right = literal(condition.substring(where + operator.length()).trim());
        String comparison = operator;
        right.ifPresent(literal -> steps.add((value, found) -> select(value, item -> {
            List<JsonElement> results = path.get().find(item);
            return !results.isEmpty() && compare(results.get(0), comparison, literal);
        }, found)));
        return right.isPresent();
    }

    private static void select(JsonElement value, Predicate<JsonElement> good, List<JsonElement> found) {
        List<JsonElement> children = new ArrayList<>();
        children(value, children);
        children.stream().filter(good).forEach(found::add);
    }

    private static Optional<JsonPrimitive> literal(String text) {
        if (text.length() >= 2 && "'\"".indexOf(text.charAt(0)) >= 0 && text.charAt(text.length() - 1) == text.charAt(0)) {
            return Optional.of(new JsonPrimitive(text.substring(1, text.length() - 1)));
        }
        if (text.equals("true") || text.equals("false")) {
            return Optional.of(new JsonPrimitive(text.equals("true")));
        }
        return text.matches("-?\\d{1,18}(\\.\\d{1,18})?") ? Optional.of(new JsonPrimitive(new BigDecimal(text))) : Optional.empty();
    }

    private static boolean compare(JsonElement value, String operator, JsonPrimitive with) {
        if (!value.isJsonPrimitive()) {
            return false;
        }
        JsonPrimitive primitive = value.getAsJsonPrimitive();
        if (primitive.isNumber() != with.isNumber() || primitive.isBoolean() != with.isBoolean()) {
            return false;
        }
        int order = with.isNumber() ? Double.compare(primitive.getAsDouble(), with.getAsDouble()) : primitive.getAsString().compareTo(with.getAsString());
        return switch (operator) {
            case "==" -> order == 0;
            case "!=" -> order != 0;
            case ">" -> order > 0;
            case "<" -> order < 0;
            case ">=" -> order >= 0;
            default -> order <= 0;
        };
    }

    /** A value as a template prints it. */
    static String print(JsonElement value) {
        if (value.isJsonPrimitive()) {
            JsonPrimitive primitive = value.getAsJsonPrimitive();
            return primitive.isNumber() ? GoText.number(primitive) : primitive.getAsString();
        }
        return value.isJsonNull() ? "<nil>" : GoText.json(value);
    }

    /** A member by a plain path like {@code .spec.replicas}; {@code null} when it is missing. */
    static JsonElement plain(JsonObject object, String path) {
        JsonElement at = object;
        for (String name : path.substring(path.startsWith(".") ? 1 : 0).split("\\.")) {
            at = at != null && at.isJsonObject() ? at.getAsJsonObject().get(name) : null;
        }
        return at;
    }
}
