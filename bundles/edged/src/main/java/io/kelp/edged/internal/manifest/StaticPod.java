package io.kelp.edged.internal.manifest;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.kelp.edged.internal.pod.Pod;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Makes a pod of a manifest as kubelet does ({@code pkg/kubelet/config/common.go}): name with the
 * node's behind it, uid from the content, bound to the node. What refers to objects of the API server
 * is refused, for a static pod must be able to start without it.
 */
final class StaticPod {

    static final String SOURCE = "kubernetes.io/config.source";
    static final String HASH = "kubernetes.io/config.hash";
    static final String MIRROR = "kubernetes.io/config.mirror";
    private static final String NO_REFERENCES = "take it out: a static pod runs without the API server and may not refer to its objects";
    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
    private static final Pattern SUBDOMAIN = Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
    private static final int NAME_CHARACTERS = 253;

    private StaticPod() {}

    /**
     * @param file name of the manifest, a part of the pod's identity
     * @param manifest as it was read; not changed
     */
    static Pod of(JsonObject manifest, String file, String node) throws ManifestException {
        check(manifest, node);
        JsonObject pod = manifest.deepCopy();
        JsonObject metadata = Pod.object(pod, "metadata");
        String namespace = Pod.text(metadata, "namespace").isEmpty() ? "default" : Pod.text(metadata, "namespace");
        String name = Pod.text(metadata, "name") + "-" + node;
        String uid = hash(node + "\n" + file + "\n" + canonical(manifest));
        metadata.addProperty("name", name);
        metadata.addProperty("namespace", namespace);
        metadata.addProperty("uid", uid);
        metadata.remove("resourceVersion");
        metadata.remove("generateName");
        JsonObject annotations = Pod.object(metadata, "annotations");
        annotations.addProperty(SOURCE, "file");
        annotations.addProperty(HASH, uid);
        annotations.remove(MIRROR);
        metadata.add("annotations", annotations);
        JsonObject spec = Pod.object(pod, "spec");
        spec.addProperty("nodeName", node);
        spec.add("tolerations", tolerations(spec));
        PodDefaults.fill(spec);
        JsonObject status = new JsonObject();
        status.addProperty("phase", "Pending");
        pod.add("status", status);
        return new Pod(namespace, name, uid, "", pod);
    }

    /** Nothing evicts a static pod: it would come back at once. */
    private static JsonArray tolerations(JsonObject spec) {
        JsonArray all = spec.get("tolerations") instanceof JsonArray given ? given.deepCopy() : new JsonArray();
        JsonObject every = new JsonObject();
        every.addProperty("operator", "Exists");
        every.addProperty("effect", "NoExecute");
        if (!all.contains(every)) {
            all.add(every);
        }
        return all;
    }

    private static void check(JsonObject manifest, String node) throws ManifestException {
        demand(Pod.text(manifest, "kind").equals("Pod") && Pod.text(manifest, "apiVersion").equals("v1"),
                "apiVersion and kind are not v1 and Pod", "write a Pod of v1");
        JsonObject metadata = Pod.object(manifest, "metadata");
        String name = Pod.text(metadata, "name");
        demand(SUBDOMAIN.matcher(name).matches() && name.length() + 1 + node.length() <= NAME_CHARACTERS,
                "metadata.name \"" + name + "\" is no name of a pod", "use lower-case letters, digits, hyphens and dots, at most "
                        + (NAME_CHARACTERS - 1 - node.length()) + " characters");
        String namespace = Pod.text(metadata, "namespace");
        demand(namespace.isEmpty() || LABEL.matcher(namespace).matches(), "metadata.namespace \"" + namespace + "\" is no namespace",
                "use lower-case letters, digits and hyphens");
        texts(metadata, "labels");
        texts(metadata, "annotations");
        demand(manifest.get("spec") instanceof JsonObject, "spec is missing", "write the pod's spec");
        spec(Pod.object(manifest, "spec"));
    }

    private static void texts(JsonObject metadata, String member) throws ManifestException {
        if (metadata.has(member)) {
            demand(metadata.get(member) instanceof JsonObject, "metadata." + member + " is no object", "write key: value pairs");
        }
        for (String key : Pod.object(metadata, member).keySet()) {
            JsonElement value = Pod.object(metadata, member).get(key);
            demand(value.isJsonPrimitive() && value.getAsJsonPrimitive().isString(),
                    "metadata." + member + "." + key + " is not a text", "put the value into quotes");
        }
    }

    private static void spec(JsonObject spec) throws ManifestException {
        String policy = Pod.text(spec, "restartPolicy");
        demand(Set.of("", "Always", "OnFailure", "Never").contains(policy), "spec.restartPolicy is \"" + policy + "\"",
                "use Always, OnFailure or Never");
        Set<String> names = new HashSet<>();
        containers(spec, "containers", names);
        containers(spec, "initContainers", names);
        demand(!Pod.objects(spec, "containers").isEmpty(), "spec.containers is empty", "name at least one container");
        for (String member : new String[] {"serviceAccountName", "serviceAccount", "imagePullSecrets", "resourceClaims"}) {
            demand(!spec.has(member), "spec." + member + " refers to an object of the API server", NO_REFERENCES);
        }
        int index = 0;
        for (JsonObject volume : Pod.objects(spec, "volumes")) {
            volume(volume, "spec.volumes[" + index++ + "]");
        }
    }

    private static void volume(JsonObject volume, String where) throws ManifestException {
        for (String kind : new String[] {"secret", "configMap", "persistentVolumeClaim", "ephemeral"}) {
            demand(!volume.has(kind), where + "." + kind + " refers to an object of the API server", NO_REFERENCES);
        }
        for (JsonObject source : Pod.objects(Pod.object(volume, "projected"), "sources")) {
            for (String kind : new String[] {"secret", "configMap", "serviceAccountToken", "clusterTrustBundle", "podCertificate"}) {
                demand(!source.has(kind), where + ".projected with " + kind + " refers to an object of the API server", NO_REFERENCES);
            }
        }
    }

    private static void containers(JsonObject spec, String member, Set<String> names) throws ManifestException {
        demand(!spec.has(member) || spec.get(member) instanceof JsonArray, "spec." + member + " is no list", "write a list");
        int index = 0;
        for (JsonObject container : Pod.objects(spec, member)) {
            String where = "spec." + member + "[" + index++ + "]";
            String name = Pod.text(container, "name");
            demand(LABEL.matcher(name).matches(), where + ".name \"" + name + "\" is no name of a container",
                    "use lower-case letters, digits and hyphens, at most 63 characters");
            demand(names.add(name), where + ".name \"" + name + "\" is there twice", "give each container a name of its own");
            demand(!Pod.text(container, "image").isBlank(), where + ".image is missing", "name an image");
            environment(container, where);
        }
    }

    private static void environment(JsonObject container, String where) throws ManifestException {
        demand(Pod.objects(container, "envFrom").isEmpty(), where + ".envFrom refers to an object of the API server", NO_REFERENCES);
        for (JsonObject variable : Pod.objects(container, "env")) {
            String name = Pod.text(variable, "name");
            JsonObject from = Pod.object(variable, "valueFrom");
            demand(!from.has("secretKeyRef") && !from.has("configMapKeyRef"),
                    where + ".env " + name + " refers to an object of the API server", NO_REFERENCES);
            demand(!variable.has("value") || variable.get("value").isJsonPrimitive() && variable.get("value").getAsJsonPrimitive().isString(),
                    where + ".env " + name + " has a value that is not a text", "put the value into quotes");
        }
    }

    private static void demand(boolean holds, String sentence, String remedy) throws ManifestException {
        if (!holds) {
            throw new ManifestException(sentence, remedy);
        }
    }

    /** The same text for the same content, however it was written. */
    private static String canonical(JsonElement value) {
        if (value instanceof JsonObject object) {
            StringBuilder text = new StringBuilder("{");
            new TreeSet<>(object.keySet()).forEach(key ->
                    text.append(new JsonPrimitive(key)).append(':').append(canonical(object.get(key))).append(','));
            return text.append('}').toString();
        }
        if (value instanceof JsonArray array) {
            StringBuilder text = new StringBuilder("[");
            array.forEach(item -> text.append(canonical(item)).append(','));
            return text.append(']').toString();
        }
        return value.toString();
    }

    private static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
