package io.kelp.cloud.standalone;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonArray;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Which Nodes a pod may run on: {@code nodeSelector} and {@code requiredDuringSchedulingIgnoredDuringExecution} (core/v1).
 *
 * @param terms one of them has to match; empty when there is no affinity
 * @param restricted whether there is an affinity: then no term matches nothing
 */
record NodeSelection(Map<String, String> labels, List<Term> terms, boolean restricted) {

    /** All expressions have to match; a term without any matches nothing. */
    record Term(List<Expression> labels, List<Expression> fields) {}

    record Expression(String key, String operator, List<String> values) {

        boolean matches(Map<String, String> labels) {
            String value = labels.get(key);
            return switch (operator) {
                case "In" -> value != null && values.contains(value);
                case "NotIn" -> value == null || !values.contains(value);
                case "Exists" -> value != null;
                case "DoesNotExist" -> value == null;
                case "Gt" -> value != null && values.size() == 1 && compares(value, values.get(0)) > 0;
                case "Lt" -> value != null && values.size() == 1 && compares(value, values.get(0)) < 0;
                default -> false;
            };
        }

        /** 0 as well when one of them is no integer: that matches neither. */
        private static int compares(String one, String other) {
            try {
                return new BigInteger(one).compareTo(new BigInteger(other));
            } catch (NumberFormatException e) {
                return 0;
            }
        }
    }

    static NodeSelection of(JsonObject podSpec) {
        JsonObject nodeAffinity = Tree.object(Tree.object(podSpec, "affinity"), "nodeAffinity");
        String name = "requiredDuringSchedulingIgnoredDuringExecution";
        List<Term> terms = new ArrayList<>();
        for (JsonObject term : Tree.objects(Tree.object(nodeAffinity, name), "nodeSelectorTerms")) {
            terms.add(new Term(expressions(term, "matchExpressions"), expressions(term, "matchFields")));
        }
        return new NodeSelection(Map.copyOf(Tree.texts(podSpec, "nodeSelector")), List.copyOf(terms), nodeAffinity.has(name));
    }

    private static List<Expression> expressions(JsonObject term, String name) {
        List<Expression> expressions = new ArrayList<>();
        for (JsonObject expression : Tree.objects(term, name)) {
            List<String> values = new ArrayList<>();
            if (expression.get("values") instanceof JsonArray list) {
                for (JsonElement value : list) {
                    values.add(value.getAsString());
                }
            }
            expressions.add(new Expression(Tree.text(expression, "key"), Tree.text(expression, "operator"), List.copyOf(values)));
        }
        return List.copyOf(expressions);
    }

    boolean matches(NodeState node) {
        if (!node.labels().entrySet().containsAll(labels.entrySet())) {
            return false;
        }
        return !restricted || terms.stream().anyMatch(term -> matches(term, node));
    }

    private static boolean matches(Term term, NodeState node) {
        if (term.labels().isEmpty() && term.fields().isEmpty()) {
            return false;
        }
        Map<String, String> fields = Map.of("metadata.name", node.name());
        return term.labels().stream().allMatch(expression -> expression.matches(node.labels()))
                && term.fields().stream().allMatch(expression -> expression.matches(fields));
    }
}
