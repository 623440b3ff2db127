package io.kelp.kubeapi.internal.types;

import com.google.gson.JsonObject;
import java.util.List;

/** Checks affinities of a pod, and how it is spread. */
final class AffinityChecks {

    private static final String REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution";
    private static final String PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution";
    private static final List<String> UNSATISFIABLE = List.of("DoNotSchedule", "ScheduleAnyway");

    private final Problems problems;

    AffinityChecks(Problems problems) {
        this.problems = problems;
    }

    void check(JsonObject affinity, String path) {
        JsonObject node = Tree.object(affinity, "nodeAffinity");
        if (Tree.has(node, REQUIRED)) {
            String at = path + ".nodeAffinity." + REQUIRED + ".nodeSelectorTerms";
            List<JsonObject> terms = Tree.objects(node, REQUIRED, "nodeSelectorTerms");
            if (terms.isEmpty()) {
                problems.required(at, "must have at least one node selector term");
            }
            for (int i = 0; i < terms.size(); i++) {
                nodeTerm(terms.get(i), true, at + "[" + i + "]");
            }
        }
        List<JsonObject> preferred = Tree.objects(node, PREFERRED);
        for (int i = 0; i < preferred.size(); i++) {
            String at = path + ".nodeAffinity." + PREFERRED + "[" + i + "]";
            weight(preferred.get(i), at);
            nodeTerm(Tree.object(preferred.get(i), "preference"), false, at + ".preference");
        }
        for (String kind : List.of("podAffinity", "podAntiAffinity")) {
            List<JsonObject> terms = Tree.objects(affinity, kind, REQUIRED);
            for (int i = 0; i < terms.size(); i++) {
                podTerm(terms.get(i), path + "." + kind + "." + REQUIRED + "[" + i + "]");
            }
            List<JsonObject> weighted = Tree.objects(affinity, kind, PREFERRED);
            for (int i = 0; i < weighted.size(); i++) {
                String at = path + "." + kind + "." + PREFERRED + "[" + i + "]";
                weight(weighted.get(i), at);
                podTerm(Tree.object(weighted.get(i), "podAffinityTerm"), at + ".podAffinityTerm");
            }
        }
    }

    void checkSpread(List<JsonObject> constraints, String path) {
        for (int i = 0; i < constraints.size(); i++) {
            JsonObject constraint = constraints.get(i);
            String at = path + "[" + i + "]";
            if (Tree.number(constraint, "maxSkew") <= 0) {
                problems.invalid(at + ".maxSkew", Tree.number(constraint, "maxSkew"), "must be greater than zero");
            }
            String key = Tree.text(constraint, "topologyKey");
            if (key.isEmpty()) {
                problems.required(at + ".topologyKey", "can not be empty");
            } else {
                problems.invalid(at + ".topologyKey", key, Formats.qualifiedName(key));
            }
            String otherwise = Tree.text(constraint, "whenUnsatisfiable");
            if (!UNSATISFIABLE.contains(otherwise)) {
                problems.notSupported(at + ".whenUnsatisfiable", otherwise, UNSATISFIABLE);
            }
            for (JsonObject other : constraints.subList(i + 1, constraints.size())) {
                if (Tree.text(other, "topologyKey").equals(key) && Tree.text(other, "whenUnsatisfiable").equals(otherwise)) {
                    problems.duplicate(at + ".{topologyKey, whenUnsatisfiable}", Problems.quoted("{" + key + ", " + otherwise + "}"), "");
                }
            }
            LabelSelectors.check(problems, Tree.object(constraint, "labelSelector"), at + ".labelSelector");
        }
    }

    private void weight(JsonObject term, String path) {
        long weight = Tree.number(term, "weight");
        if (weight <= 0 || weight > 100) {
            problems.invalid(path + ".weight", weight, "must be in the range 1-100");
        }
    }

    private void nodeTerm(JsonObject term, boolean checkValues, String path) {
        List<JsonObject> expressions = Tree.objects(term, "matchExpressions");
        for (int i = 0; i < expressions.size(); i++) {
            nodeExpression(expressions.get(i), checkValues, path + ".matchExpressions[" + i + "]");
        }
        List<JsonObject> fields = Tree.objects(term, "matchFields");
        for (int i = 0; i < fields.size(); i++) {
            nodeField(fields.get(i), path + ".matchFields[" + i + "]");
        }
    }

    private void nodeExpression(JsonObject expression, boolean checkValues, String path) {
        List<String> values = Tree.texts(expression, "values");
        String operator = Tree.text(expression, "operator");
        switch (operator) {
            case "In", "NotIn" -> {
                if (values.isEmpty()) {
                    problems.required(path + ".values", "must be specified when `operator` is 'In' or 'NotIn'");
                }
            }
            case "Exists", "DoesNotExist" -> {
                if (!values.isEmpty()) {
                    problems.forbidden(path + ".values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
                }
            }
            case "Gt", "Lt" -> {
                if (values.size() != 1) {
                    problems.required(path + ".values", "must be specified single value when `operator` is 'Lt' or 'Gt'");
                }
            }
            default -> problems.invalid(path + ".operator", operator, "not a valid selector operator");
        }
        problems.invalid(path + ".key", Tree.text(expression, "key"), Formats.qualifiedName(Tree.text(expression, "key")));
        for (int i = 0; checkValues && i < values.size(); i++) {
            problems.invalid(path + ".values[" + i + "]", values.get(i), Formats.labelValue(values.get(i)));
        }
    }

    private void nodeField(JsonObject field, String path) {
        List<String> values = Tree.texts(field, "values");
        String operator = Tree.text(field, "operator");
        if (!operator.equals("In") && !operator.equals("NotIn")) {
            problems.invalid(path + ".operator", operator, "not a valid selector operator");
        } else if (values.size() != 1) {
            problems.required(path + ".values", "must be only one value when `operator` is 'In' or 'NotIn' for node field selector");
        }
        String key = Tree.text(field, "key");
        if (!key.equals("metadata.name")) {
            problems.invalid(path + ".key", key, "not a valid field selector key");
            return;
        }
        for (int i = 0; i < values.size(); i++) {
            problems.invalid(path + ".values[" + i + "]", values.get(i), Formats.subdomain(values.get(i)));
        }
    }

    private void podTerm(JsonObject term, String path) {
        LabelSelectors.check(problems, Tree.object(term, "labelSelector"), path + ".labelSelector");
        LabelSelectors.check(problems, Tree.object(term, "namespaceSelector"), path + ".namespaceSelector");
        for (String namespace : Tree.texts(term, "namespaces")) {
            problems.invalid(path + ".namespace", namespace, Formats.label(namespace));
        }
        String key = Tree.text(term, "topologyKey");
        if (key.isEmpty()) {
            problems.required(path + ".topologyKey", "can not be empty");
        }
        problems.invalid(path + ".topologyKey", key, Formats.qualifiedName(key));
    }
}
