package io.kelp.kubeapi.internal.resource;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.kubeapi.FieldError;
import io.kelp.kubeapi.internal.patch.FieldManagement;
import io.kelp.kubeapi.internal.schema.Schema;
import io.kelp.kubeapi.internal.schema.SchemaRules;
import java.util.List;
import java.util.Set;

/** Kinds with only those rules that upkeep relies on, and what objects need beside them. */
public final class TestTypes {

    private static final List<String> VERBS = List.of("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch");
    private static final String RBAC = "rbac.authorization.k8s.io";

    public static final ResourceType CONFIG_MAPS = type("", "configmaps", "ConfigMap", true, new ResourceRules() { });
    public static final ResourceType SECRETS = type("", "secrets", "Secret", true, new ResourceRules() { });
    public static final ResourceType ACCOUNTS = type("", "serviceaccounts", "ServiceAccount", true, new ResourceRules() { });
    public static final ResourceType PODS = type("", "pods", "Pod", true, new ResourceRules() { });
    public static final ResourceType EVENTS = type("", "events", "Event", true, new ResourceRules() { });
    public static final ResourceType NODES = type("", "nodes", "Node", false, new ResourceRules() { });
    public static final ResourceType ROLES = type(RBAC, "roles", "Role", true, rbacRules());
    public static final ResourceType BINDINGS = type(RBAC, "rolebindings", "RoleBinding", true, rbacRules());
    public static final ResourceType CLUSTER_ROLES = type(RBAC, "clusterroles", "ClusterRole", false, rbacRules());
    public static final ResourceType CLUSTER_BINDINGS = type(RBAC, "clusterrolebindings", "ClusterRoleBinding", false, rbacRules());
    public static final ResourceType NAMESPACES = type("", "namespaces", "Namespace", false, new ResourceRules() {
        @Override
        public void prepareForCreate(JsonObject object, AdmissionContext context) {
            object.add("spec", json("{'finalizers':['kubernetes']}"));
            object.add("status", json("{'phase':'Active'}"));
        }
    });

    private TestTypes() {
    }

    public static ResourceCatalog catalog() {
        return new ResourceCatalog(List.of(NAMESPACES, CONFIG_MAPS, SECRETS, ACCOUNTS, PODS, EVENTS, NODES, ROLES, BINDINGS, CLUSTER_ROLES,
                CLUSTER_BINDINGS));
    }

    public static ResourceType type(String group, String plural, String kind, boolean namespaced, ResourceRules rules) {
        Set<String> subresources = plural.equals("namespaces") ? Set.of("status", "finalize") : Set.of();
        return new ResourceType(group, "v1", plural, plural, kind, kind + "List", namespaced, List.of(), List.of(), VERBS, subresources, "v1",
                Schema.ANY, List.of(), rules, false);
    }

    /** JSON with single quotes. */
    public static JsonObject json(String text) {
        return JsonParser.parseString(text.replace('\'', '"')).getAsJsonObject();
    }

    /** Roles may have colons in their names. */
    private static ResourceRules rbacRules() {
        return new ResourceRules() {
            @Override
            public String nameProblem(String name, boolean prefix) {
                return null;
            }
        };
    }

    /** Schemas that let everything pass. */
    public static final class NoSchemas implements SchemaRules {
        @Override
        public List<String> unknownFields(JsonObject object, Schema schema, int limit) {
            return List.of();
        }

        @Override
        public void prune(JsonObject object, Schema schema) {}

        @Override
        public void setDefaults(JsonObject object, Schema schema) {}

        @Override
        public List<FieldError> validate(JsonObject object, Schema schema) {
            return List.of();
        }

        @Override
        public List<FieldError> validateUpdate(JsonObject object, JsonObject old, Schema schema) {
            return List.of();
        }
    }

    /** Nobody owns fields. */
    public static final class NoManagers implements FieldManagement {
        @Override
        public JsonObject apply(JsonObject live, JsonObject applied, ResourceType type, String manager, boolean force, String subresource, String now) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void track(JsonObject before, JsonObject after, ResourceType type, String manager, String subresource, String now) {}
    }
}
