package io.kelp.kubeapi.internal.auth;

import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.User;
import io.kelp.kubeapi.internal.auth.Authorizer.Action;
import io.kelp.kubeapi.internal.auth.RoleBinding.RoleReference;
import io.kelp.kubeapi.internal.resource.ResourceType;
import io.kelp.kubeapi.internal.resource.Trees;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * Keeps users from giving away permissions that they don't have themselves: a role may only contain, and a binding only refer
 * to, what its writer may do, unless the writer has the verb {@code escalate} on the role or {@code bind} on the role referred to.
 */
public final class EscalationCheck {

    private final RbacAuthorizer authorizer;

    public EscalationCheck(RbacAuthorizer authorizer) {
        this.authorizer = authorizer;
    }

    /**
     * To be asked before an object is written, after its update is merged and before it is validated; does nothing for other kinds.
     *
     * @param namespace of the object, empty for cluster-scoped kinds
     * @param object as it would be written
     * @param old the object before, {@code null} when it is created
     * @throws ApiException 403 when it would give away too much, 404 when it binds a role that does not exist
     */
    public void check(User user, ResourceType type, String namespace, JsonObject object, JsonObject old) throws ApiException {
        if (!type.group().equals(RbacAuthorizer.GROUP) || user.groups().contains(RbacAuthorizer.MASTERS)
                || old != null && onlyGarbageCollection(object, old)) {
            return;
        }
        switch (type.plural()) {
            case "roles", "clusterroles" -> checkRole(user, type, namespace, object, old);
            case "rolebindings", "clusterrolebindings" -> checkBinding(user, type, namespace, object);
            default -> { } // gives nothing away
        }
    }

    private void checkRole(User user, ResourceType type, String namespace, JsonObject object, JsonObject old) throws ApiException {
        String name = Trees.text(object, "metadata", "name");
        if (authorizer.decide(user, new Action("escalate", type.group(), type.plural(), namespace, name, "")).allowed()) {
            return;
        }
        if (!missing(user, namespace, PolicyRule.FULL_AUTHORITY).isEmpty() && (aggregates(object) || old != null && aggregates(old))) {
            throw ApiException.forbidden(type.qualified(), name, "must have cluster-admin privileges to use the aggregationRule");
        }
        refuseMissing(user, type, namespace, name, PolicyRule.ofRole(object));
    }

    private void checkBinding(User user, ResourceType type, String namespace, JsonObject object) throws ApiException {
        RoleReference role = RoleReference.of(object);
        Action bind = new Action("bind", RbacAuthorizer.GROUP, role.isCluster() ? "clusterroles" : "roles", namespace, role.name(), "");
        if (authorizer.decide(user, bind).allowed()) {
            return;
        }
        List<PolicyRule> rules = authorizer.rulesOf(role, namespace)
                .orElseThrow(() -> ApiException.notFound(type.qualified(), role.name()));
        refuseMissing(user, type, namespace, Trees.text(object, "metadata", "name"), rules);
    }

    private void refuseMissing(User user, ResourceType type, String namespace, String name, List<PolicyRule> rules) throws ApiException {
        Set<String> missing = missing(user, namespace, rules);
        if (missing.isEmpty()) {
            return;
        }
        String groups = String.join(" ", user.groups().stream().map(group -> '"' + group + '"').toList());
        throw ApiException.forbidden(type.qualified(), name, "user \"" + user.name() + "\" (groups=[" + groups
                + "]) is attempting to grant RBAC permissions not currently held:\n" + String.join("\n", missing));
    }

    /** What is in the rules and not in those of the user, one line each. */
    private Set<String> missing(User user, String namespace, List<PolicyRule> rules) {
        List<PolicyRule> held = authorizer.rulesFor(user, namespace).rules();
        Map<PolicyRule, Set<String>> verbs = new LinkedHashMap<>();
        List<PolicyRule> single = new ArrayList<>();
        for (PolicyRule rule : rules) {
            for (PolicyRule part : rule.parts()) {
                if (held.stream().anyMatch(have -> have.covers(part))) {
                    continue;
                }
                if (part.urls().isEmpty()) {
                    PolicyRule verbless = new PolicyRule(List.of(), part.groups(), part.resources(), part.names(), List.of());
                    verbs.computeIfAbsent(verbless, key -> new LinkedHashSet<>()).addAll(part.verbs());
                } else {
                    single.add(part);
                }
            }
        }
        Set<String> lines = new TreeSet<>();
        verbs.forEach((rule, all) ->
                lines.add(new PolicyRule(List.copyOf(all), rule.groups(), rule.resources(), rule.names(), List.of()).toString()));
        single.forEach(rule -> lines.add(rule.toString()));
        return lines;
    }

    private static boolean aggregates(JsonObject role) {
        return !Trees.objects(role, "aggregationRule", "clusterRoleSelectors").isEmpty();
    }

    /** Whether only owner references and finalizers differ, which gives nothing away. */
    private static boolean onlyGarbageCollection(JsonObject object, JsonObject old) {
        return !object.equals(old) && Objects.equals(withoutOwners(object), withoutOwners(old));
    }

    private static JsonObject withoutOwners(JsonObject object) {
        JsonObject copy = object.deepCopy();
        JsonObject metadata = Trees.object(copy, "metadata");
        List.of("ownerReferences", "finalizers", "managedFields", "resourceVersion").forEach(metadata::remove);
        return copy;
    }
}
