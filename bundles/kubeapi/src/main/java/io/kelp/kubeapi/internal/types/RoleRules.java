package io.kelp.kubeapi.internal.types;

import com.google.gson.JsonObject;
import io.kelp.kubeapi.FieldError;
import java.util.List;

/** Roles and cluster roles. */
final class RoleRules extends BuiltInRules {

    private final boolean namespaced;

    RoleRules(BuiltInCodec codec, boolean namespaced) {
        super(codec);
        this.namespaced = namespaced;
    }

    @Override
    public List<FieldError> validate(JsonObject role) {
        Problems problems = new Problems();
        List<JsonObject> rules = Tree.objects(role, "rules");
        for (int i = 0; i < rules.size(); i++) {
            checkRule(problems, rules.get(i), "rules[" + i + "]");
        }
        if (Tree.has(role, "aggregationRule")) {
            List<JsonObject> selectors = Tree.objects(role, "aggregationRule", "clusterRoleSelectors");
            if (selectors.isEmpty()) {
                problems.required("aggregationRule.clusterRoleSelectors", "at least one clusterRoleSelector required if aggregationRule is non-nil");
            }
            for (int i = 0; i < selectors.size(); i++) {
                String path = "aggregationRule.clusterRoleSelectors[" + i + "]";
                int before = problems.count();
                LabelSelectors.check(problems, selectors.get(i), path);
                if (problems.count() > before) {
                    problems.invalidJson(path, "null", "invalid label selector.");
                }
            }
        }
        return problems.list();
    }

    /** The original says it twice. */
    @Override
    public List<FieldError> validateUpdate(JsonObject role, JsonObject old, String subresource) {
        return validate(role);
    }

    private void checkRule(Problems problems, JsonObject rule, String path) {
        if (Tree.texts(rule, "verbs").isEmpty()) {
            problems.required(path + ".verbs", "verbs must contain at least one value");
        }
        boolean groups = !Tree.texts(rule, "apiGroups").isEmpty();
        boolean resources = !Tree.texts(rule, "resources").isEmpty();
        if (!Tree.texts(rule, "nonResourceURLs").isEmpty()) {
            String urls = rule.get("nonResourceURLs").toString();
            if (namespaced) {
                problems.invalidJson(path + ".nonResourceURLs", urls, "namespaced rules cannot apply to non-resource URLs");
            }
            if (groups || resources || !Tree.texts(rule, "resourceNames").isEmpty()) {
                problems.invalidJson(path + ".nonResourceURLs", urls, "rules cannot apply to both regular resources and non-resource URLs");
            }
            return;
        }
        if (!groups) {
            problems.required(path + ".apiGroups", "resource rules must supply at least one api group");
        }
        if (!resources) {
            problems.required(path + ".resources", "resource rules must supply at least one resource");
        }
    }

    @Override
    public String nameProblem(String name, boolean prefix) {
        return Formats.pathSegmentProblem(name, prefix);
    }
}
