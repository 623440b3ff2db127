package io.kelp.kubeapi.internal.types;

import com.google.gson.JsonObject;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Checks taints of nodes and tolerations of pods. */
final class Taints {

    private static final List<String> EFFECTS = List.of("NoSchedule", "PreferNoSchedule", "NoExecute");

    private Taints() {
    }

    static void check(Problems problems, List<JsonObject> taints, String path) {
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < taints.size(); i++) {
            JsonObject taint = taints.get(i);
            String at = path + "[" + i + "]";
            String key = Tree.text(taint, "key");
            String value = Tree.text(taint, "value");
            String effect = Tree.text(taint, "effect");
            problems.invalid(at + ".key", key, Formats.qualifiedName(key));
            List<String> wrong = Formats.labelValue(value);
            if (!wrong.isEmpty()) {
                problems.invalid(at + ".value", value, String.join(";", wrong));
            }
            if (effect.isEmpty()) {
                problems.required(at + ".effect", "");
            } else if (!EFFECTS.contains(effect)) {
                problems.notSupported(at + ".effect", effect, EFFECTS);
            }
            if (!seen.add(effect + " " + key)) {
                problems.duplicate(at, "{\"Key\":" + Problems.quoted(key) + ",\"Value\":" + Problems.quoted(value) + ",\"Effect\":" + Problems.quoted(effect)
                        + ",\"TimeAdded\":" + (Tree.has(taint, "timeAdded") ? taint.get("timeAdded").toString() : "null") + "}",
                        "taints must be unique by key and effect pair");
            }
        }
    }

    static void checkTolerations(Problems problems, List<JsonObject> tolerations, String path) {
        for (int i = 0; i < tolerations.size(); i++) {
            JsonObject toleration = tolerations.get(i);
            String at = path + "[" + i + "]";
            String key = Tree.text(toleration, "key");
            String operator = Tree.text(toleration, "operator");
            String value = Tree.text(toleration, "value");
            String effect = Tree.text(toleration, "effect");
            if (!key.isEmpty()) {
                problems.invalid(at + ".key", key, Formats.qualifiedName(key));
            } else if (!operator.equals("Exists")) {
                problems.invalid(at + ".operator", operator,
                        "operator must be Exists when `key` is empty, which means \"match all values and all keys\"");
            }
            if (Tree.has(toleration, "tolerationSeconds") && !effect.equals("NoExecute")) {
                problems.invalid(at + ".effect", effect, "effect must be 'NoExecute' when `tolerationSeconds` is set");
            }
            switch (operator) {
                case "Equal", "" -> {
                    List<String> wrong = Formats.labelValue(value);
                    if (!wrong.isEmpty()) {
                        problems.invalid(at + ".operator", value, String.join(";", wrong));
                    }
                }
                case "Exists" -> {
                    if (!value.isEmpty()) {
                        problems.invalid(at + ".operator", value, "value must be empty when `operator` is 'Exists'");
                    }
                }
                default -> problems.notSupported(at + ".operator", operator, List.of("Equal", "Exists"));
            }
            if (!effect.isEmpty() && !EFFECTS.contains(effect)) {
                problems.notSupported(at + ".effect", effect, EFFECTS);
            }
        }
    }
}
