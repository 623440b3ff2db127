package io.kelp.edged.internal;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.kelp.edged.WorkloadRuntime;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Writes the Node that is registered, and sees what an existing one lacks. */
final class NodeObject {

    private static final String ATTACH = "volumes.kubernetes.io/controller-managed-attach-detach";

    private NodeObject() {}

    static Map<String, String> labels(String node, String architecture, Map<String, String> further) {
        Map<String, String> labels = new TreeMap<>(further);
        labels.put("beta.kubernetes.io/arch", architecture);
        labels.put("beta.kubernetes.io/os", "linux");
        labels.put("kubernetes.io/arch", architecture);
        labels.put("kubernetes.io/hostname", node);
        labels.put("kubernetes.io/os", "linux");
        labels.put("node-role.kubernetes.io/agent", "");
        labels.put("node-role.kubernetes.io/edge", "");
        return labels;
    }

    /** These labels and one for each runtime, by which RuntimeClasses select the node. */
    static Map<String, String> withRuntimes(Map<String, String> labels, List<WorkloadRuntime> runtimes) {
        Map<String, String> all = new TreeMap<>(labels);
        runtimes.forEach(runtime -> all.put("kelp.io/runtime-" + runtime.handler(), "true"));
        return all;
    }

    /** In the form in which stock edges register: without kind. */
    static JsonObject create(String node, Map<String, String> labels, boolean taint, JsonObject status) {
        JsonObject metadata = metadata(node, labels);
        metadata.add("creationTimestamp", JsonNull.INSTANCE);
        JsonObject spec = new JsonObject();
        if (taint) {
            JsonObject one = new JsonObject();
            one.addProperty("key", "kelp.io/no-container-engine");
            one.addProperty("effect", "NoSchedule");
            JsonArray taints = new JsonArray();
            taints.add(one);
            spec.add("taints", taints);
        }
        JsonObject object = new JsonObject();
        object.add("metadata", metadata);
        object.add("spec", spec);
        object.add("status", status);
        return object;
    }

    /** Labels and annotations only: what the cloud merges into an existing Node. */
    static JsonObject update(String node, Map<String, String> labels) {
        JsonObject object = new JsonObject();
        object.add("metadata", metadata(node, labels));
        return object;
    }

    private static JsonObject metadata(String node, Map<String, String> labels) {
        JsonObject names = new JsonObject();
        labels.forEach(names::addProperty);
        JsonObject annotations = new JsonObject();
        annotations.addProperty(ATTACH, "true");
        JsonObject metadata = new JsonObject();
        metadata.addProperty("name", node);
        metadata.add("labels", names);
        metadata.add("annotations", annotations);
        return metadata;
    }

    /** Whether the Node has each of the labels. */
    static boolean has(JsonObject object, Map<String, String> labels) {
        JsonElement metadata = object.get("metadata");
        JsonElement own = metadata != null && metadata.isJsonObject() ? metadata.getAsJsonObject().get("labels") : null;
        return own != null && own.isJsonObject() && labels.entrySet().stream().allMatch(label -> {
            JsonElement value = own.getAsJsonObject().get(label.getKey());
            return value != null && value.isJsonPrimitive() && value.getAsString().equals(label.getValue());
        });
    }
}
