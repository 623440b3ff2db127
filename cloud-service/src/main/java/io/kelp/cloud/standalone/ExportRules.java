package io.kelp.cloud.standalone;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.Set;

/** What of an object goes along to another cluster. Knows no API. */
final class ExportRules {

    private static final Set<String> SYSTEM_NAMESPACES = Set.of("default", "kube-system", "kube-public", "kube-node-lease");
    private static final Set<String> SYSTEM_SECRETS = Set.of("kubernetes.io/service-account-token", "bootstrap.kubernetes.io/token");
    private static final Set<String> SYSTEM_CONFIG = Set.of("kube-root-ca.crt", "extension-apiserver-authentication",
            "kube-apiserver-legacy-service-account-token-tracking");
    private static final List<String> SERVER_METADATA = List.of("uid", "resourceVersion", "managedFields", "creationTimestamp", "generation",
            "selfLink", "deletionTimestamp", "deletionGracePeriodSeconds", "ownerReferences");
    private static final List<String> OTHERS_ANNOTATIONS = List.of("kubectl.kubernetes.io/last-applied-configuration",
            "kubernetes.io/config.seen", "kubernetes.io/config.source");
    private static final String TOKEN_VOLUME = "kube-api-access-";

    private ExportRules() {}

    /** Whether an object is the user's; each cluster makes the others itself. */
    static boolean isWanted(JsonObject object) {
        String name = Tree.meta(object, "name");
        if (!Tree.meta(object, "deletionTimestamp").isEmpty()) {
            return false;
        }
        return switch (Tree.text(object, "kind")) {
            case "Namespace" -> !SYSTEM_NAMESPACES.contains(name);
            case "ConfigMap" -> !SYSTEM_CONFIG.contains(name);
            case "Secret" -> !SYSTEM_SECRETS.contains(Tree.text(object, "type"));
            case "ServiceAccount" -> !name.equals("default") && !Tree.meta(object, "namespace").equals("kube-system");
            case "PriorityClass" -> !name.startsWith("system-");
            case "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding" -> !name.startsWith("system:") && !Tree.texts(
                    Tree.object(object, "metadata"), "labels").containsKey("kubernetes.io/bootstrapping");
            case "Pod" -> Tree.objects(Tree.object(object, "metadata"), "ownerReferences").isEmpty()
                    && !Set.of("Succeeded", "Failed").contains(Tree.text(Tree.object(object, "status"), "phase"));
            // Without its status and under another uid a call would be made a second time.
            case "DeviceMethodCall" -> !Tree.text(object, "apiVersion").startsWith("devices.kelp.io/");
            // What was acknowledged by edges of another cluster's versions says nothing.
            default -> !Tree.text(object, "apiVersion").startsWith("reliablesyncs.kubeedge.io/");
        };
    }

    /** The object as another cluster takes it; the tree given is changed. */
    static JsonObject cleaned(JsonObject object) {
        JsonObject metadata = Tree.object(object, "metadata");
        SERVER_METADATA.forEach(metadata::remove);
        if (metadata.get("annotations") instanceof JsonObject annotations) {
            OTHERS_ANNOTATIONS.forEach(annotations::remove);
            if (annotations.isEmpty()) {
                metadata.remove("annotations");
            }
        }
        switch (Tree.text(object, "kind")) {
            case "Namespace" -> {
                metadata.remove("finalizers");
                object.remove("spec");
                object.remove("status");
            }
            case "CustomResourceDefinition" -> {
                metadata.remove("finalizers");
                object.remove("status");
            }
            case "Node" -> node(object);
            case "Pod" -> pod(object);
            case "ServiceAccount" -> object.remove("secrets");
            default -> { }
        }
        return ordered(object);
    }

    /** Taints of the node life cycle and the state are the other cluster's to find out. */
    private static void node(JsonObject node) {
        node.remove("status");
        if (!(node.get("spec") instanceof JsonObject spec)) {
            return;
        }
        List.of("podCIDR", "podCIDRs").forEach(spec::remove);
        JsonArray kept = new JsonArray();
        Tree.objects(spec, "taints").stream().filter(taint -> !Tree.text(taint, "key").startsWith("node.kubernetes.io/")).forEach(kept::add);
        spec.remove("taints");
        if (!kept.isEmpty()) {
            spec.add("taints", kept);
        }
        if (spec.isEmpty()) {
            node.remove("spec");
        }
    }

    /** The token volume that an API server adds is added again by the other one, under a name of its own. */
    private static void pod(JsonObject pod) {
        pod.remove("status");
        JsonObject spec = Tree.object(pod, "spec");
        without(spec, "volumes");
        for (String containers : List.of("containers", "initContainers", "ephemeralContainers")) {
            Tree.objects(spec, containers).forEach(container -> without(container, "volumeMounts"));
        }
        spec.remove("ephemeralContainers");
        List.of("priority", "preemptionPolicy").forEach(spec::remove); // worked out from priorityClassName
    }

    private static void without(JsonObject parent, String list) {
        if (!(parent.get(list) instanceof JsonArray all)) {
            return;
        }
        JsonArray kept = new JsonArray();
        for (JsonElement element : all) {
            if (!Tree.text(element.getAsJsonObject(), "name").startsWith(TOKEN_VOLUME)) {
                kept.add(element);
            }
        }
        parent.remove(list);
        if (!kept.isEmpty()) {
            parent.add(list, kept);
        }
    }

    /** As people write them: what it is first. */
    private static JsonObject ordered(JsonObject object) {
        JsonObject ordered = new JsonObject();
        for (String first : List.of("apiVersion", "kind", "metadata")) {
            if (object.has(first)) {
                ordered.add(first, object.get(first));
            }
        }
        object.entrySet().forEach(member -> {
            if (!ordered.has(member.getKey())) {
                ordered.add(member.getKey(), member.getValue());
            }
        });
        return ordered;
    }
}
