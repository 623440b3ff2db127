package io.kelp.kubeapi.internal.types;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What is allowed in a new pod but hardly meant, or no longer of use. */
final class PodWarnings {

    private static final Map<String, String> OLD_LABELS = Map.of(
            "beta.kubernetes.io/arch", "v1.14; use \"kubernetes.io/arch\"", "beta.kubernetes.io/os", "v1.14; use \"kubernetes.io/os\"",
            "failure-domain.beta.kubernetes.io/region", "v1.17; use \"topology.kubernetes.io/region\"",
            "failure-domain.beta.kubernetes.io/zone", "v1.17; use \"topology.kubernetes.io/zone\"",
            "beta.kubernetes.io/instance-type", "v1.17; use \"node.kubernetes.io/instance-type\"");
    private static final Map<String, String> OLD_ANNOTATIONS = Map.of(
            "scheduler.alpha.kubernetes.io/critical-pod", "non-functional in v1.16+; use the \"priorityClassName\" field instead",
            "seccomp.security.alpha.kubernetes.io/pod", "non-functional in v1.27+; use the \"seccompProfile\" field instead");

    private final List<String> warnings = new ArrayList<>();

    static List<String> of(JsonObject pod) {
        PodWarnings found = new PodWarnings();
        found.look(pod, Tree.object(pod, "spec"));
        return List.copyOf(found.warnings);
    }

    private void look(JsonObject pod, JsonObject spec) {
        List<String> wrong = Formats.label(Tree.text(pod, "metadata", "name"));
        if (!wrong.isEmpty()) {
            warnings.add("metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: ["
                    + String.join(" ", wrong) + "]");
        }
        for (String label : Tree.object(spec, "nodeSelector").keySet()) {
            if (OLD_LABELS.containsKey(label)) {
                warnings.add("spec.nodeSelector[" + label + "]: deprecated since " + OLD_LABELS.get(label) + " instead");
            }
        }
        List<JsonObject> constraints = Tree.objects(spec, "topologySpreadConstraints");
        for (int i = 0; i < constraints.size(); i++) {
            String at = "spec.topologySpreadConstraints[" + i + "].";
            String key = Tree.text(constraints.get(i), "topologyKey");
            if (OLD_LABELS.containsKey(key)) {
                warnings.add(at + "topologyKey: " + key + " is deprecated since " + OLD_LABELS.get(key) + " instead");
            }
            if (!Tree.has(constraints.get(i), "labelSelector")) {
                warnings.add(at + "labelSelector: a null labelSelector results in matching no pod");
            }
        }
        for (String annotation : Tree.object(pod, "metadata", "annotations").keySet()) {
            if (OLD_ANNOTATIONS.containsKey(annotation)) {
                warnings.add("metadata.annotations[" + annotation + "]: " + OLD_ANNOTATIONS.get(annotation));
            }
        }
        duplicates(Tree.objects(spec, "hostAliases"), "ip", "spec.hostAliases");
        duplicates(Tree.objects(spec, "imagePullSecrets"), "name", "spec.imagePullSecrets");
        List<JsonObject> secrets = Tree.objects(spec, "imagePullSecrets");
        for (int i = 0; i < secrets.size(); i++) {
            if (Tree.text(secrets.get(i), "name").isEmpty()) {
                warnings.add("spec.imagePullSecrets[" + i + "].name: invalid empty name \"\"");
            }
        }
        for (String list : List.of("initContainers", "containers")) {
            List<JsonObject> containers = Tree.objects(spec, list);
            for (int i = 0; i < containers.size(); i++) {
                container(containers.get(i), "spec." + list + "[" + i + "]");
            }
        }
        List<JsonObject> volumes = Tree.objects(spec, "volumes");
        for (int i = 0; i < volumes.size(); i++) {
            volume(volumes.get(i), "spec.volumes[" + i + "]");
        }
    }

    private void duplicates(List<JsonObject> members, String name, String path) {
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < members.size(); i++) {
            String value = Tree.text(members.get(i), name);
            if (!value.isEmpty() && !seen.add(value)) {
                warnings.add(path + "[" + i + "]." + name + ": duplicate " + name + " \"" + value + "\"");
            }
        }
    }

    private void container(JsonObject container, String path) {
        for (String kind : List.of("limits", "requests")) {
            for (String name : List.of("memory", "ephemeral-storage")) {
                String amount = Tree.text(container, "resources", kind, name);
                if (!amount.isEmpty() && !Quantity.parse(amount).isWhole()) {
                    warnings.add(path + ".resources." + kind + "[" + name + "]: fractional byte value \"" + amount + "\" is invalid, must be an integer");
                }
            }
        }
        Set<String> variables = new HashSet<>();
        List<JsonObject> environment = Tree.objects(container, "env");
        for (int i = 0; i < environment.size(); i++) {
            String name = Tree.text(environment.get(i), "name");
            if (!variables.add(name)) {
                warnings.add(path + ".env[" + i + "]: hides previous definition of \"" + name + "\", which may be dropped when using apply");
            }
        }
        Map<String, Integer> ports = new HashMap<>();
        List<JsonObject> all = Tree.objects(container, "ports");
        for (int i = 0; i < all.size(); i++) {
            JsonObject port = all.get(i);
            String key = Tree.text(port, "protocol") + " " + Tree.number(port, "containerPort") + " " + Tree.number(port, "hostPort") + " " + Tree.text(port, "hostIP");
            Integer first = ports.putIfAbsent(key, i);
            if (first != null) {
                warnings.add(path + ".ports[" + i + "]: duplicate port definition with " + path + ".ports[" + first + "]");
            }
        }
    }

    private void volume(JsonObject volume, String path) {
        String name = Tree.text(volume, "name");
        if (Tree.has(volume, "gitRepo")) {
            warnings.add(path + ".gitRepo: deprecated in v1.11, and disabled by default in v1.33+");
        }
        if (Tree.objects(volume, "projected", "sources").stream().anyMatch(JsonObject::isEmpty)) {
            warnings.add("volume \"" + name + "\" (Projected) has no sources provided");
        }
        overlaps(volume, "configMap", "volume \"" + name + "\" (ConfigMap \"" + Tree.text(volume, "configMap", "name") + "\")");
        overlaps(volume, "secret", "volume \"" + name + "\" (Secret \"" + Tree.text(volume, "secret", "secretName") + "\")");
    }

    private void overlaps(JsonObject volume, String kind, String what) {
        Set<String> paths = new HashSet<>();
        for (JsonObject item : Tree.objects(volume, kind, "items")) {
            String path = Tree.text(item, "path");
            if (!paths.add(path)) {
                warnings.add(what + ": overlapping paths: \"" + path + "\" with \"" + path + "\"");
            }
        }
    }
}
