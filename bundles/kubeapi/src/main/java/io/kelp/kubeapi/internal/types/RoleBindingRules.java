package io.kelp.kubeapi.internal.types;

import com.google.gson.JsonObject;
import io.kelp.kubeapi.FieldError;
import java.util.ArrayList;
import java.util.List;

/** Role bindings and cluster role bindings; the role they give cannot be changed. */
final class RoleBindingRules extends BuiltInRules {

    private static final String GROUP = "rbac.authorization.k8s.io";

    private final boolean namespaced;

    RoleBindingRules(BuiltInCodec codec, boolean namespaced) {
        super(codec);
        this.namespaced = namespaced;
    }

    @Override
    public void setDefaults(JsonObject binding) {
        Tree.setDefault(Tree.make(binding, "roleRef"), "apiGroup", GROUP);
        for (JsonObject subject : Tree.objects(binding, "subjects")) {
            String kind = Tree.text(subject, "kind");
            if (kind.equals("User") || kind.equals("Group")) {
                Tree.setDefault(subject, "apiGroup", GROUP);
            }
        }
    }

    @Override
    public List<FieldError> validate(JsonObject binding) {
        Problems problems = new Problems();
        JsonObject role = Tree.object(binding, "roleRef");
        if (!Tree.text(role, "apiGroup").equals(GROUP)) {
            problems.notSupported("roleRef.apiGroup", Tree.text(role, "apiGroup"), List.of(GROUP));
        }
        List<String> kinds = namespaced ? List.of("Role", "ClusterRole") : List.of("ClusterRole");
        if (!kinds.contains(Tree.text(role, "kind"))) {
            problems.notSupported("roleRef.kind", Tree.text(role, "kind"), kinds);
        }
        String name = Tree.text(role, "name");
        if (name.isEmpty()) {
            problems.required("roleRef.name", "");
        } else if (Formats.pathSegmentProblem(name, false) != null) {
            problems.invalid("roleRef.name", name, Formats.pathSegmentProblem(name, false));
        }
        List<JsonObject> subjects = Tree.objects(binding, "subjects");
        for (int i = 0; i < subjects.size(); i++) {
            checkSubject(problems, subjects.get(i), "subjects[" + i + "]");
        }
        return problems.list();
    }

    private void checkSubject(Problems problems, JsonObject subject, String path) {
        String name = Tree.text(subject, "name");
        String group = Tree.text(subject, "apiGroup");
        if (name.isEmpty()) {
            problems.required(path + ".name", "");
        }
        switch (Tree.text(subject, "kind")) {
            case "ServiceAccount" -> {
                if (!name.isEmpty()) {
                    problems.invalid(path + ".name", name, Formats.subdomain(name));
                }
                if (!group.isEmpty()) {
                    problems.notSupported(path + ".apiGroup", group, List.of(""));
                }
                if (!namespaced && Tree.text(subject, "namespace").isEmpty()) {
                    problems.required(path + ".namespace", "");
                }
            }
            case "User", "Group" -> {
                if (!group.equals(GROUP)) {
                    problems.notSupported(path + ".apiGroup", group, List.of(GROUP));
                }
            }
            default -> problems.notSupported(path + ".kind", Tree.text(subject, "kind"), List.of("ServiceAccount", "User", "Group"));
        }
    }

    @Override
    public List<FieldError> validateUpdate(JsonObject binding, JsonObject old, String subresource) {
        Problems problems = new Problems();
        JsonObject role = Tree.object(binding, "roleRef");
        if (!role.equals(Tree.object(old, "roleRef"))) {
            String shown = "{\"APIGroup\":" + Problems.quoted(Tree.text(role, "apiGroup")) + ",\"Kind\":" + Problems.quoted(Tree.text(role, "kind")) + ",\"Name\":"
                    + Problems.quoted(Tree.text(role, "name")) + "}";
            problems.invalidJson("roleRef", shown, "cannot change roleRef");
        }
        List<FieldError> twice = new ArrayList<>(validate(binding)); // the original says it twice
        twice.addAll(problems.list());
        return twice;
    }

    @Override
    public String nameProblem(String name, boolean prefix) {
        return Formats.pathSegmentProblem(name, prefix);
    }
}
