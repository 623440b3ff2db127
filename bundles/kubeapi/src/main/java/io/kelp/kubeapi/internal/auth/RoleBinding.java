package io.kelp.kubeapi.internal.auth;

import com.google.gson.JsonObject;
import io.kelp.kubeapi.User;
import io.kelp.kubeapi.internal.resource.Trees;
import java.util.List;
import java.util.Optional;

/**
 * A RoleBinding or ClusterRoleBinding.
 *
 * @param namespace empty for a ClusterRoleBinding
 */
record RoleBinding(String namespace, String name, RoleReference role, List<Subject> subjects) {

    /** @param kind {@code Role} or {@code ClusterRole} */
    record RoleReference(String kind, String name) {

        static RoleReference of(JsonObject binding) {
            return new RoleReference(Trees.text(binding, "roleRef", "kind"), Trees.text(binding, "roleRef", "name"));
        }

        boolean isCluster() {
            return kind.equals("ClusterRole");
        }
    }

    /** @param kind {@code User}, {@code Group} or {@code ServiceAccount} */
    record Subject(String kind, String namespace, String name) {}

    static RoleBinding of(String namespace, JsonObject binding) {
        List<Subject> subjects = Trees.objects(binding, "subjects").stream()
                .map(subject -> new Subject(Trees.text(subject, "kind"), Trees.text(subject, "namespace"), Trees.text(subject, "name")))
                .toList();
        return new RoleBinding(namespace, Trees.text(binding, "metadata", "name"), RoleReference.of(binding), subjects);
    }

    Optional<Subject> subjectFor(User user) {
        return subjects.stream().filter(subject -> covers(subject, user)).findFirst();
    }

    private boolean covers(Subject subject, User user) {
        return switch (subject.kind()) {
            case "User" -> user.name().equals(subject.name());
            case "Group" -> user.groups().contains(subject.name());
            case "ServiceAccount" -> {
                String in = subject.namespace().isEmpty() ? namespace : subject.namespace();
                yield !in.isEmpty() && user.name().equals(ServiceAccountTokens.PREFIX + in + ":" + subject.name());
            }
            default -> false;
        };
    }

    /** As the API server gives it as the reason why something is allowed. */
    String describe(Subject subject) {
        String what = namespace.isEmpty() ? "ClusterRoleBinding \"" + name : "RoleBinding \"" + name + "/" + namespace;
        String in = subject.namespace().isEmpty() ? namespace : subject.namespace();
        String who = subject.kind().equals("ServiceAccount") ? subject.name() + "/" + in : subject.name();
        return what + "\" of " + role.kind() + " \"" + role.name() + "\" to " + subject.kind() + " \"" + who + "\"";
    }
}
