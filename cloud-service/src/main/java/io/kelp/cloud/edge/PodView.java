package io.kelp.cloud.edge;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.HashSet;
import java.util.Set;

/**
 * What the cloud keeps of a pod that is bound to an edge node.
 *
 * @param held the pod
 * @param node where it is bound
 * @param account its service account
 * @param references config maps and secrets that it refers to, as {@code type/namespace/name}
 */
record PodView(HeldObject held, String node, String account, Set<String> references) {

    static PodView of(JsonObject pod) {
        HeldObject held = HeldObject.of("Pod", "pod", pod, true);
        String account = Json.string(pod, "spec", "serviceAccountName");
        return new PodView(held, Json.string(pod, "spec", "nodeName"), account.isEmpty() ? "default" : account,
                Set.copyOf(references(held.namespace(), pod.getAsJsonObject("spec"))));
    }

    /** Volumes (projected ones, too), environment of all containers and pull secrets (channel specification, section 6.1). */
    private static Set<String> references(String namespace, JsonObject spec) {
        Set<String> found = new HashSet<>();
        for (JsonElement volume : array(spec, "volumes")) {
            source(found, namespace, volume.getAsJsonObject());
            for (JsonElement projected : array(volume.getAsJsonObject().get("projected"), "sources")) {
                source(found, namespace, projected.getAsJsonObject());
            }
        }
        for (String list : new String[] {"containers", "initContainers"}) {
            for (JsonElement container : array(spec, list)) {
                for (JsonElement env : array(container, "envFrom")) {
                    add(found, "configmap", namespace, Json.string(env.getAsJsonObject(), "configMapRef", "name"));
                    add(found, "secret", namespace, Json.string(env.getAsJsonObject(), "secretRef", "name"));
                }
                for (JsonElement env : array(container, "env")) {
                    add(found, "configmap", namespace, Json.string(env.getAsJsonObject(), "valueFrom", "configMapKeyRef", "name"));
                    add(found, "secret", namespace, Json.string(env.getAsJsonObject(), "valueFrom", "secretKeyRef", "name"));
                }
            }
        }
        for (JsonElement secret : array(spec, "imagePullSecrets")) {
            add(found, "secret", namespace, Json.string(secret.getAsJsonObject(), "name"));
        }
        return found;
    }

    private static void source(Set<String> found, String namespace, JsonObject source) {
        add(found, "configmap", namespace, Json.string(source, "configMap", "name"));
        add(found, "secret", namespace, Json.string(source, "secret", "secretName"));
        add(found, "secret", namespace, Json.string(source, "secret", "name"));
    }

    private static void add(Set<String> found, String type, String namespace, String name) {
        if (!name.isEmpty()) {
            found.add(type + "/" + namespace + "/" + name);
        }
    }

    private static Iterable<JsonElement> array(JsonElement parent, String name) {
        return parent instanceof JsonObject o && o.get(name) instanceof JsonArray a ? a : new JsonArray();
    }
}
