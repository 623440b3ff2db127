package io.kelp.kubeapi.internal.types;

import com.google.gson.JsonObject;
import java.util.List;
import java.util.TreeSet;

/** Checks labels and label selectors. */
final class LabelSelectors {

    private LabelSelectors() {
    }

    static void checkLabels(Problems problems, JsonObject labels, String path) {
        for (String key : new TreeSet<>(labels.keySet())) {
            problems.invalid(path, key, Formats.qualifiedName(key));
            String value = labels.get(key).getAsString();
            problems.invalid(path, value, Formats.labelValue(value));
        }
    }

    static void check(Problems problems, JsonObject selector, String path) {
        checkLabels(problems, Tree.object(selector, "matchLabels"), path + ".matchLabels");
        List<JsonObject> expressions = Tree.objects(selector, "matchExpressions");
        for (int i = 0; i < expressions.size(); i++) {
            JsonObject expression = expressions.get(i);
            String at = path + ".matchExpressions[" + i + "]";
            List<String> values = Tree.texts(expression, "values");
            String operator = Tree.text(expression, "operator");
            switch (operator) {
                case "In", "NotIn" -> {
                    if (values.isEmpty()) {
                        problems.required(at + ".values", "must be specified when `operator` is 'In' or 'NotIn'");
                    }
                }
                case "Exists", "DoesNotExist" -> {
                    if (!values.isEmpty()) {
                        problems.forbidden(at + ".values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
                    }
                }
                default -> problems.invalid(at + ".operator", operator, "not a valid selector operator");
            }
            String key = Tree.text(expression, "key");
            problems.invalid(at + ".key", key, Formats.qualifiedName(key));
            for (int j = 0; j < values.size(); j++) {
                problems.invalid(at + ".values[" + j + "]", values.get(j), Formats.labelValue(values.get(j)));
            }
        }
    }
}
