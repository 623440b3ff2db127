package io.kelp.kubeapi.internal.control;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.ApiStore.Change;
import io.kelp.kubeapi.internal.resource.Objects;
import io.kelp.kubeapi.internal.resource.ResourceCatalog;
import io.kelp.kubeapi.internal.resource.ResourceType;
import io.kelp.kubeapi.internal.resource.Trees;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Keeps the rules of ClusterRoles that have an {@code aggregationRule} equal to those of the roles it selects, in order of their names. */
final class RoleAggregation {

    private static final String MANAGER = "clusterrole-aggregation-controller";
    private static final String GROUP = "rbac.authorization.k8s.io";

    private record Aggregate(RoleAggregation aggregation) implements Task {
        @Override
        public Duration run() throws ApiException {
            aggregation.run();
            return null;
        }

        @Override
        public String toString() {
            return "Aggregation of ClusterRoles";
        }
    }

    private final Objects objects;
    private final ResourceCatalog catalog;
    private final WorkQueue queue;

    RoleAggregation(Objects objects, ResourceCatalog catalog, WorkQueue queue) {
        this.objects = objects;
        this.catalog = catalog;
        this.queue = queue;
    }

    /** Takes note of a change; called by one thread at a time. */
    void changed(Change change) {
        if (change.key().collection().equals(GROUP + "/clusterroles")) {
            queue.add(new Aggregate(this));
        }
    }

    /** Brings all of them up to date but for what others that select them make of it; answers whether there was anything to do. */
    boolean run() throws ApiException {
        Optional<ResourceType> type = catalog.stored(GROUP, "clusterroles");
        if (type.isEmpty()) {
            return false;
        }
        boolean changed = false;
        SortedMap<String, JsonObject> roles = new TreeMap<>();
        objects.forEach(type.get(), "", role -> roles.put(Trees.text(role, "metadata", "name"), role));
        for (Map.Entry<String, JsonObject> entry : roles.entrySet()) {
            List<JsonObject> selectors = Trees.objects(entry.getValue(), "aggregationRule", "clusterRoleSelectors");
            if (!selectors.isEmpty()) {
                JsonArray rules = rules(entry.getKey(), selectors, roles);
                if (!rules.equals(currentRules(entry.getValue()))) {
                    changed |= objects.update(type.get(), "", entry.getKey(), "", MANAGER, current -> {
                        if (rules.equals(currentRules(current)) || Trees.at(current, "aggregationRule") == null) {
                            return null;
                        }
                        current.add("rules", rules);
                        return current;
                    }).isPresent();
                }
            }
        }
        return changed;
    }

    private static JsonArray currentRules(JsonObject role) {
        return role.get("rules") instanceof JsonArray rules ? rules : new JsonArray();
    }

    private static JsonArray rules(String name, List<JsonObject> selectors, SortedMap<String, JsonObject> roles) {
        Set<JsonObject> rules = new LinkedHashSet<>();
        for (JsonObject selector : selectors) {
            roles.forEach((other, role) -> {
                if (!other.equals(name) && matches(selector, Trees.object(role, "metadata", "labels"))) {
                    rules.addAll(Trees.objects(role, "rules"));
                }
            });
        }
        JsonArray array = new JsonArray();
        rules.forEach(rule -> array.add(rule.deepCopy()));
        return array;
    }

    /** Whether a {@code metav1.LabelSelector} selects labels; an empty one selects everything. */
    private static boolean matches(JsonObject selector, JsonObject labels) {
        for (Map.Entry<String, JsonElement> wanted : Trees.object(selector, "matchLabels").entrySet()) {
            if (!wanted.getValue().equals(labels.get(wanted.getKey()))) {
                return false;
            }
        }
        return Trees.objects(selector, "matchExpressions").stream().allMatch(expression -> {
            String key = Trees.text(expression, "key");
            boolean listed = labels.has(key) && Trees.texts(expression, "values").contains(Trees.text(labels, key));
            return switch (Trees.text(expression, "operator")) {
                case "In" -> listed;
                case "NotIn" -> !listed;
                case "Exists" -> labels.has(key);
                case "DoesNotExist" -> !labels.has(key);
                default -> false;
            };
        });
    }
}
