package io.kelp.kubeapi.internal.types;

import com.google.gson.JsonObject;
import io.kelp.kubeapi.FieldError;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Runtime classes: the handler stays what it was. */
final class RuntimeClassRules extends BuiltInRules {

    RuntimeClassRules(BuiltInCodec codec) {
        super(codec);
    }

    @Override
    public List<FieldError> validate(JsonObject object) {
        Problems problems = new Problems();
        String handler = Tree.text(object, "handler");
        problems.invalid("handler", handler, Formats.label(handler));
        JsonObject limits = new JsonObject();
        limits.add("limits", Tree.object(object, "overhead", "podFixed"));
        Resources.check(problems, limits, "overhead");
        LabelSelectors.checkLabels(problems, Tree.object(object, "scheduling", "nodeSelector"), "scheduling.nodeSelector");
        List<JsonObject> tolerations = Tree.objects(object, "scheduling", "tolerations");
        Taints.checkTolerations(problems, tolerations, "scheduling.tolerations.tolerations");
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < tolerations.size(); i++) {
            JsonObject t = tolerations.get(i);
            String key = "{\"Key\":" + Problems.quoted(Tree.text(t, "key")) + ",\"Operator\":" + Problems.quoted(Tree.text(t, "operator")) + ",\"Value\":"
                    + Problems.quoted(Tree.text(t, "value")) + ",\"Effect\":" + Problems.quoted(Tree.text(t, "effect"));
            if (!seen.add(key)) {
                String seconds = Tree.has(t, "tolerationSeconds") ? t.get("tolerationSeconds").toString() : "null";
                problems.duplicate("scheduling.tolerations[" + i + "]", key + ",\"TolerationSeconds\":" + seconds + "}", "");
            }
        }
        return problems.list();
    }

    @Override
    public List<FieldError> validateUpdate(JsonObject object, JsonObject old, String subresource) {
        Problems problems = new Problems();
        if (!Tree.text(object, "handler").equals(Tree.text(old, "handler"))) {
            problems.invalid("handler", Tree.text(object, "handler"), Problems.IMMUTABLE);
        }
        return problems.list();
    }
}
