package io.kelp.kubeapi.internal.auth;

import io.kelp.kubeapi.ApiStore;
import io.kelp.kubeapi.ApiStore.Change;
import io.kelp.kubeapi.ApiStore.Kind;
import io.kelp.kubeapi.User;
import io.kelp.kubeapi.internal.auth.RoleBinding.RoleReference;
import io.kelp.kubeapi.internal.auth.RoleBinding.Subject;
import io.kelp.kubeapi.internal.resource.StoreFollower;
import io.kelp.kubeapi.internal.resource.Trees;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * Role-based access control over the roles and bindings in the store, kept in memory. Nothing is allowed that no binding
 * allows, except that group {@code system:masters} may do everything. Safe for use by several threads; decisions don't block.
 */
public final class RbacAuthorizer implements Authorizer, AutoCloseable {

    static final String GROUP = "rbac.authorization.k8s.io";
    static final String MASTERS = "system:masters";
    private static final String ROLES = GROUP + "/roles";
    private static final String CLUSTER_ROLES = GROUP + "/clusterroles";
    private static final String ROLE_BINDINGS = GROUP + "/rolebindings";
    private static final String CLUSTER_ROLE_BINDINGS = GROUP + "/clusterrolebindings";

    /** What somebody may do in a namespace; {@code errors} name roles that are bound but missing. */
    record Rules(List<PolicyRule> rules, List<String> errors) {}

    private interface Visitor {
        /** @return whether to go on */
        boolean visit(RoleBinding binding, Subject subject, PolicyRule rule);
    }

    private final Map<RoleKey, List<PolicyRule>> roles = new ConcurrentHashMap<>();
    private final Map<String, SortedMap<String, RoleBinding>> bindings = new ConcurrentHashMap<>(); // by namespace, empty for cluster
    private final StoreFollower follower;

    /** @param namespace empty for a ClusterRole */
    private record RoleKey(String namespace, String name) {}

    /** Reads what is in the store before it returns. */
    public RbacAuthorizer(ApiStore store) {
        follower = new StoreFollower(store, List.of(ROLES, CLUSTER_ROLES, ROLE_BINDINGS, CLUSTER_ROLE_BINDINGS), this::changed);
    }

    private void changed(Change change) {
        String namespace = change.key().namespace();
        String name = change.key().name();
        switch (change.key().collection()) {
            case ROLES, CLUSTER_ROLES -> {
                if (change.kind() == Kind.DELETED) {
                    roles.remove(new RoleKey(namespace, name));
                } else {
                    roles.put(new RoleKey(namespace, name), PolicyRule.ofRole(Trees.parse(change.value())));
                }
            }
            case ROLE_BINDINGS, CLUSTER_ROLE_BINDINGS -> {
                SortedMap<String, RoleBinding> there = bindings.computeIfAbsent(namespace, key -> new ConcurrentSkipListMap<>());
                if (change.kind() == Kind.DELETED) {
                    there.remove(name);
                } else {
                    there.put(name, RoleBinding.of(namespace, Trees.parse(change.value())));
                }
                if (there.isEmpty()) {
                    bindings.remove(namespace);
                }
            }
            default -> { } // says nothing about access
        }
    }

    @Override
    public Decision decide(User user, Action action) {
        if (user.groups().contains(MASTERS)) {
            return new Decision(true, "");
        }
        String[] because = new String[1];
        List<String> errors = visit(user, action.resource().isEmpty() ? "" : action.namespace(), (binding, subject, rule) -> {
            if (!rule.allows(action)) {
                return true;
            }
            because[0] = "RBAC: allowed by " + binding.describe(subject);
            return false;
        });
        if (because[0] != null) {
            return new Decision(true, because[0]);
        }
        return new Decision(false, errors.isEmpty() ? "" : "RBAC: " + sentence(errors));
    }

    /** What somebody may do in a namespace, cluster-wide permissions included. */
    Rules rulesFor(User user, String namespace) {
        Set<PolicyRule> rules = new LinkedHashSet<>();
        if (user.groups().contains(MASTERS)) {
            rules.addAll(PolicyRule.FULL_AUTHORITY);
        }
        List<String> errors = visit(user, namespace, (binding, subject, rule) -> rules.add(rule) || true);
        return new Rules(List.copyOf(rules), errors);
    }

    /** The rules of a role; empty when there is no such role. */
    Optional<List<PolicyRule>> rulesOf(RoleReference role, String namespace) {
        return Optional.ofNullable(roles.get(new RoleKey(role.isCluster() ? "" : namespace, role.name())));
    }

    /** Goes through the rules that apply to somebody, cluster-wide ones first; answers which roles are missing. */
    private List<String> visit(User user, String namespace, Visitor visitor) {
        Set<String> errors = new LinkedHashSet<>();
        if (visitBindings("", user, visitor, errors) && !namespace.isEmpty()) {
            visitBindings(namespace, user, visitor, errors);
        }
        return new ArrayList<>(errors);
    }

    private boolean visitBindings(String namespace, User user, Visitor visitor, Set<String> errors) {
        SortedMap<String, RoleBinding> there = bindings.get(namespace);
        if (there == null) {
            return true;
        }
        for (RoleBinding binding : there.values()) {
            Optional<Subject> subject = binding.subjectFor(user);
            if (subject.isEmpty()) {
                continue;
            }
            Optional<List<PolicyRule>> rules = rulesOf(binding.role(), namespace);
            if (rules.isEmpty()) {
                errors.add(binding.role().kind().toLowerCase(Locale.ROOT) + "." + GROUP + " \"" + binding.role().name() + "\" not found");
                continue;
            }
            for (PolicyRule rule : rules.get()) {
                if (!visitor.visit(binding, subject.get(), rule)) {
                    return false;
                }
            }
        }
        return true;
    }

    static String sentence(List<String> errors) {
        return errors.size() == 1 ? errors.get(0) : "[" + String.join(", ", errors) + "]";
    }

    @Override
    public void close() {
        follower.close();
    }
}
