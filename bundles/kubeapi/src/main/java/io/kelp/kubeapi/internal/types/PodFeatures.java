package io.kelp.kubeapi.internal.types;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Members of pods that belong to features which are switched off by default in Kubernetes 1.34: an API server drops them silently. */
final class PodFeatures {

    private PodFeatures() {
    }

    static void drop(JsonObject pod) {
        JsonObject spec = Tree.object(pod, "spec");
        spec.remove("hostnameOverride");
        for (JsonObject container : Tree.objects(spec, "containers")) {
            container.remove("restartPolicy");
            common(container);
        }
        for (JsonObject container : Tree.objects(spec, "initContainers")) {
            if (!Tree.text(container, "restartPolicy").equals("Always")) {
                container.remove("restartPolicy");
            }
            common(container);
        }
        dropImageVolumes(spec);
        for (JsonObject volume : Tree.objects(spec, "volumes")) {
            for (JsonObject source : Tree.objects(volume, "projected", "sources")) {
                List.of("clusterTrustBundle", "podCertificate").forEach(source::remove);
            }
        }
    }

    private static void dropImageVolumes(JsonObject spec) {
        Set<String> dropped = new HashSet<>();
        Tree.objects(spec, "volumes").stream().filter(volume -> Tree.has(volume, "image")).forEach(volume -> dropped.add(Tree.text(volume, "name")));
        if (dropped.isEmpty()) {
            return;
        }
        dropNamed(spec, "volumes", dropped);
        for (String list : List.of("containers", "initContainers")) {
            Tree.objects(spec, list).forEach(container -> dropNamed(container, "volumeMounts", dropped));
        }
    }

    private static void dropNamed(JsonObject object, String list, Set<String> names) {
        JsonArray kept = new JsonArray();
        Tree.objects(object, list).stream().filter(member -> !names.contains(Tree.text(member, "name"))).forEach(kept::add);
        object.remove(list);
        if (!kept.isEmpty()) {
            object.add(list, kept);
        }
    }

    private static void common(JsonObject container) {
        container.remove("restartPolicyRules");
        JsonObject lifecycle = Tree.object(container, "lifecycle");
        if (lifecycle.remove("stopSignal") != null && lifecycle.isEmpty()) {
            container.remove("lifecycle");
        }
        for (JsonObject variable : Tree.objects(container, "env")) {
            Tree.object(variable, "valueFrom").remove("fileKeyRef");
        }
    }
}
