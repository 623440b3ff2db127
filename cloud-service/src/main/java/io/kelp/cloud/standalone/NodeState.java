package io.kelp.cloud.standalone;

import com.google.gson.JsonObject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the controllers need of a Node.
 *
 * @param conditions by type
 */
record NodeState(String name, String uid, String resourceVersion, String created, Map<String, String> labels, List<Taint> taints,
        boolean unschedulable, Map<String, Condition> conditions, Resources allocatable) {

    /** @param heartbeat when the gateway last said so, RFC 3339 */
    record Condition(String status, String heartbeat) {}

    static NodeState of(JsonObject node) {
        JsonObject spec = Tree.object(node, "spec");
        JsonObject status = Tree.object(node, "status");
        Map<String, Condition> conditions = new HashMap<>();
        for (JsonObject condition : Tree.objects(status, "conditions")) {
            conditions.put(Tree.text(condition, "type"),
                    new Condition(Tree.text(condition, "status"), Tree.text(condition, "lastHeartbeatTime")));
        }
        JsonObject allocatable = Tree.object(status, "allocatable");
        return new NodeState(Tree.meta(node, "name"), Tree.meta(node, "uid"), Tree.meta(node, "resourceVersion"),
                Tree.meta(node, "creationTimestamp"), Map.copyOf(Tree.texts(Tree.object(node, "metadata"), "labels")), Taint.of(spec),
                Tree.text(spec, "unschedulable").equals("true"), Map.copyOf(conditions),
                Resources.of(allocatable.size() > 0 ? allocatable : Tree.object(status, "capacity")));
    }

    /** {@code True}, {@code False}, {@code Unknown}; empty when the Node says nothing. */
    String status(String condition) {
        Condition found = conditions.get(condition);
        return found == null ? "" : found.status();
    }

    boolean isReady() {
        return status("Ready").equals("True");
    }
}
