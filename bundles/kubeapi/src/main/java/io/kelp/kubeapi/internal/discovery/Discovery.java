package io.kelp.kubeapi.internal.discovery;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.kelp.kubeapi.internal.resource.ResourceType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The discovery documents, plain and aggregated
 * (https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api).
 */
final class Discovery {

    /** Built-in groups come in the order of their priority, those of custom resources after them by name. */
    private static final List<String> PRIORITY = List.of("events.k8s.io", "authentication.k8s.io", "authorization.k8s.io", "rbac.authorization.k8s.io",
            "apiextensions.k8s.io", "scheduling.k8s.io", "coordination.k8s.io", "node.k8s.io");

    /** By group, then version; both in the order in which they are listed. */
    private final Map<String, Map<String, List<ResourceType>>> groups = new LinkedHashMap<>();

    Discovery(List<ResourceType> types) {
        Map<String, Map<String, List<ResourceType>>> found = new TreeMap<>(Comparator.comparing(Discovery::place).thenComparing(group -> group));
        for (ResourceType type : types) {
            found.computeIfAbsent(type.group(), group -> new TreeMap<>(Versions.PRIORITY)).computeIfAbsent(type.version(), v -> new ArrayList<>()).add(type);
        }
        found.values().forEach(versions -> versions.values().forEach(list -> list.sort(Comparator.comparing(ResourceType::plural))));
        groups.putAll(found);
    }

    private static int place(String group) {
        int place = PRIORITY.indexOf(group);
        return place < 0 ? PRIORITY.size() : place;
    }

    JsonObject coreVersions() {
        JsonObject versions = new JsonObject();
        versions.addProperty("kind", "APIVersions");
        versions.add("versions", CatalogDocuments.array(List.copyOf(groups.getOrDefault("", Map.of()).keySet())));
        versions.add("serverAddressByClientCIDRs", new JsonArray());
        return versions;
    }

    JsonObject groups() {
        JsonArray list = new JsonArray();
        groups.forEach((group, versions) -> {
            if (!group.isEmpty()) {
                list.add(describe(group, versions));
            }
        });
        JsonObject document = head("APIGroupList");
        document.add("groups", list);
        return document;
    }

    Optional<JsonObject> group(String group) {
        Map<String, List<ResourceType>> versions = groups.get(group);
        if (versions == null || group.isEmpty()) {
            return Optional.empty();
        }
        JsonObject document = head("APIGroup");
        describe(group, versions).asMap().forEach(document::add);
        return Optional.of(document);
    }

    private static JsonObject describe(String group, Map<String, List<ResourceType>> versions) {
        JsonArray list = new JsonArray();
        for (String version : versions.keySet()) {
            JsonObject one = new JsonObject();
            one.addProperty("groupVersion", group + "/" + version);
            one.addProperty("version", version);
            list.add(one);
        }
        JsonObject document = new JsonObject();
        document.addProperty("name", group);
        document.add("versions", list);
        document.add("preferredVersion", list.get(0));
        return document;
    }

    Optional<JsonObject> resources(String group, String version) {
        List<ResourceType> types = groups.getOrDefault(group, Map.of()).get(version);
        if (types == null) {
            return Optional.empty();
        }
        JsonArray list = new JsonArray();
        for (ResourceType type : types) {
            JsonObject resource = resource(type, type.plural(), type.singular(), type.kind(), type.verbs());
            if (!type.shortNames().isEmpty()) {
                resource.add("shortNames", CatalogDocuments.array(type.shortNames()));
            }
            if (!type.categories().isEmpty()) {
                resource.add("categories", CatalogDocuments.array(type.categories()));
            }
            list.add(resource);
            for (Subresource part : parts(type)) {
                JsonObject below = resource(type, type.plural() + "/" + part.name(), "", part.kind(), part.verbs());
                if (!part.group().isEmpty()) {
                    below.addProperty("group", part.group());
                    below.addProperty("version", part.version());
                }
                list.add(below);
            }
        }
        JsonObject document = new JsonObject();
        document.addProperty("kind", "APIResourceList");
        if (!group.isEmpty()) {
            document.addProperty("apiVersion", "v1");
        }
        document.addProperty("groupVersion", group.isEmpty() ? version : group + "/" + version);
        document.add("resources", list);
        return Optional.of(document);
    }

    private static JsonObject resource(ResourceType type, String name, String singular, String kind, List<String> verbs) {
        JsonObject resource = new JsonObject();
        resource.addProperty("name", name);
        resource.addProperty("singularName", singular);
        resource.addProperty("namespaced", type.namespaced());
        resource.addProperty("kind", kind);
        resource.add("verbs", CatalogDocuments.array(verbs));
        return resource;
    }

    private static List<Subresource> parts(ResourceType type) {
        // Custom resources name status before scale, all others are in alphabetical order.
        Comparator<String> order = type.custom() ? Comparator.reverseOrder() : Comparator.naturalOrder();
        return type.subresources().stream().sorted(order).map(name -> Subresource.of(type, name)).toList();
    }

    /** @param core the core group, or all others */
    JsonObject aggregated(boolean core) {
        JsonArray items = new JsonArray();
        groups.forEach((group, versions) -> {
            if (group.isEmpty() == core) {
                items.add(aggregatedGroup(group, versions));
            }
        });
        JsonObject document = new JsonObject();
        document.addProperty("kind", "APIGroupDiscoveryList");
        document.addProperty("apiVersion", "apidiscovery.k8s.io/v2");
        document.add("metadata", new JsonObject());
        document.add("items", items);
        return document;
    }

    private static JsonObject aggregatedGroup(String group, Map<String, List<ResourceType>> versions) {
        JsonObject metadata = new JsonObject();
        if (!group.isEmpty()) {
            metadata.addProperty("name", group);
        }
        JsonArray list = new JsonArray();
        versions.forEach((version, types) -> {
            JsonArray resources = new JsonArray();
            types.forEach(type -> resources.add(aggregatedResource(type)));
            JsonObject one = new JsonObject();
            one.addProperty("version", version);
            one.add("resources", resources);
            one.addProperty("freshness", "Current");
            list.add(one);
        });
        JsonObject document = new JsonObject();
        document.add("metadata", metadata);
        document.add("versions", list);
        return document;
    }

    private static JsonObject aggregatedResource(ResourceType type) {
        JsonObject resource = new JsonObject();
        resource.addProperty("resource", type.plural());
        resource.add("responseKind", responseKind(type, "", "", type.kind()));
        resource.addProperty("scope", type.namespaced() ? "Namespaced" : "Cluster");
        resource.addProperty("singularResource", type.singular());
        resource.add("verbs", CatalogDocuments.array(type.verbs()));
        if (!type.shortNames().isEmpty()) {
            resource.add("shortNames", CatalogDocuments.array(type.shortNames()));
        }
        if (!type.categories().isEmpty()) {
            resource.add("categories", CatalogDocuments.array(type.categories()));
        }
        JsonArray parts = new JsonArray();
        for (Subresource part : parts(type)) {
            JsonObject below = new JsonObject();
            below.addProperty("subresource", part.name());
            below.add("responseKind", responseKind(type, part.group(), part.version(), part.kind()));
            below.add("verbs", CatalogDocuments.array(part.verbs()));
            parts.add(below);
        }
        if (!parts.isEmpty()) {
            resource.add("subresources", parts);
        }
        return resource;
    }

    /** Built-in kinds leave group and version empty when they are those around. */
    private static JsonObject responseKind(ResourceType type, String group, String version, String kind) {
        JsonObject response = new JsonObject();
        response.addProperty("group", !group.isEmpty() || !type.custom() ? group : type.group());
        response.addProperty("version", !version.isEmpty() || !type.custom() ? version : type.version());
        response.addProperty("kind", kind);
        return response;
    }

    private static JsonObject head(String kind) {
        JsonObject document = new JsonObject();
        document.addProperty("kind", kind);
        document.addProperty("apiVersion", "v1");
        return document;
    }
}
