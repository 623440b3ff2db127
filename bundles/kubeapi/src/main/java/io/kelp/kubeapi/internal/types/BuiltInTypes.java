package io.kelp.kubeapi.internal.types;

import com.google.gson.JsonObject;
import io.kelp.kubeapi.internal.resource.Column;
import io.kelp.kubeapi.internal.resource.ResourceRules;
import io.kelp.kubeapi.internal.resource.ResourceType;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/** The built-in kinds that are stored: those that somebody acts on. */
public final class BuiltInTypes {

    private static final List<String> VERBS = List.of("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch");

    private final BuiltInSchemas schemas;

    private BuiltInTypes(BuiltInSchemas schemas) {
        this.schemas = schemas;
    }

    /** Reads their schemas from the class path, which takes some milliseconds and some hundred kilobytes. */
    public static List<ResourceType> all() {
        return all(BuiltInSchemas.load());
    }

    /** @param schemas keeps the structs that the kinds are made of, for documents that refer to them by name */
    public static List<ResourceType> all(BuiltInSchemas schemas) {
        return new BuiltInTypes(schemas).list();
    }

    /**
     * A kind that can only be created and is not stored.
     *
     * @param structs package of its Go type, for example {@code authorization.v1}
     * @param defaults fills them in
     */
    public static ResourceType createOnly(BuiltInSchemas schemas, String group, String structs, String plural, String kind, boolean namespaced,
            Consumer<JsonObject> defaults) {
        return new BuiltInTypes(schemas).type(group, structs, plural, kind, namespaced, List.of(), List.of(), List.of("create"), Set.of(), List.of(),
                codec -> new BuiltInRules(codec) {
                    @Override
                    public void setDefaults(JsonObject object) {
                        defaults.accept(object);
                    }
                });
    }

    private List<ResourceType> list() {
        return List.of(
                core("namespaces", "Namespace", false, "ns", Set.of("status", "finalize"), Columns.namespaces(), NamespaceRules::new),
                core("nodes", "Node", false, "no", Set.of("status"), Columns.nodes(), NodeRules::new),
                core("pods", "Pod", true, "po", Set.of("status", "binding", "eviction"), PodColumns.columns(), PodRules::new),
                core("configmaps", "ConfigMap", true, "cm", Set.of(), Columns.configMaps(), ConfigMapRules::new),
                core("secrets", "Secret", true, "", Set.of(), Columns.secrets(), SecretRules::new),
                core("serviceaccounts", "ServiceAccount", true, "sa", Set.of("token"), Columns.serviceAccounts(), ServiceAccountRules::new),
                core("events", "Event", true, "ev", Set.of(), Columns.events(), EventRules::new),
                type("coordination.k8s.io", "coordination.v1", "leases", "Lease", true, Columns.leases(), LeaseRules::new),
                type("rbac.authorization.k8s.io", "rbac.v1", "roles", "Role", true, Columns.roles(), codec -> new RoleRules(codec, true)),
                type("rbac.authorization.k8s.io", "rbac.v1", "clusterroles", "ClusterRole", false, Columns.roles(), codec -> new RoleRules(codec, false)),
                type("rbac.authorization.k8s.io", "rbac.v1", "rolebindings", "RoleBinding", true, Columns.bindings(), codec -> new RoleBindingRules(codec, true)),
                type("rbac.authorization.k8s.io", "rbac.v1", "clusterrolebindings", "ClusterRoleBinding", false, Columns.bindings(),
                        codec -> new RoleBindingRules(codec, false)),
                type("node.k8s.io", "node.v1", "runtimeclasses", "RuntimeClass", false, Columns.runtimeClasses(), RuntimeClassRules::new));
    }

    private ResourceType core(String plural, String kind, boolean namespaced, String shortName, Set<String> subresources, List<Column> columns,
            Function<BuiltInCodec, ResourceRules> rules) {
        List<String> verbs = plural.equals("namespaces") ? VERBS.stream().filter(verb -> !verb.equals("deletecollection")).toList() : VERBS;
        return type("", "core.v1", plural, kind, namespaced, shortName.isEmpty() ? List.of() : List.of(shortName), plural.equals("pods") ? List.of("all") : List.of(),
                verbs, subresources, columns, rules);
    }

    private ResourceType type(String group, String schemaPackage, String plural, String kind, boolean namespaced, List<Column> columns,
            Function<BuiltInCodec, ResourceRules> rules) {
        return type(group, schemaPackage, plural, kind, namespaced, List.of(), List.of(), VERBS, Set.of(), columns, rules);
    }

    private ResourceType type(String group, String schemaPackage, String plural, String kind, boolean namespaced, List<String> shortNames,
            List<String> categories, List<String> verbs, Set<String> subresources, List<Column> columns, Function<BuiltInCodec, ResourceRules> rules) {
        GoType.Struct struct = schemas.struct(schemaPackage + "." + kind);
        String singular = kind.toLowerCase(java.util.Locale.ROOT);
        return new ResourceType(group, "v1", plural, singular, kind, kind + "List", namespaced, shortNames, categories, verbs, subresources, "v1",
                struct.schema(), columns, rules.apply(new BuiltInCodec(struct)), false);
    }
}
