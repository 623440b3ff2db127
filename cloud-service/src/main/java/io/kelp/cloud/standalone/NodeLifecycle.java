package io.kelp.cloud.standalone;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.kelp.cloud.kube.KubeApi;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * What kube-controller-manager's node life cycle does: a Node that has not renewed its Lease for 40 s loses its conditions to
 * {@code Unknown}; conditions and {@code spec.unschedulable} become taints. While no Node at all is Ready nobody gets a
 * {@code NoExecute} taint, because then it is this side that has lost its network, and pods must stay where they are.
 */
final class NodeLifecycle {

    static final Duration GRACE = Duration.ofSeconds(40);

    private static final String CONTROLLER = "node-controller";
    private static final List<String> CONDITIONS = List.of("Ready", "MemoryPressure", "DiskPressure", "PIDPressure");
    private static final Map<String, String> PRESSURES = Map.of("MemoryPressure", "node.kubernetes.io/memory-pressure",
            "DiskPressure", "node.kubernetes.io/disk-pressure", "PIDPressure", "node.kubernetes.io/pid-pressure",
            "NetworkUnavailable", "node.kubernetes.io/network-unavailable");

    private final Actions actions;
    private final NodeHealth health;
    private final Set<String> registered = new HashSet<>();
    private boolean nobodyWasReady;

    NodeLifecycle(Actions actions, Duration grace) {
        this.actions = actions;
        this.health = new NodeHealth(grace);
    }

    /** @param leases {@code renewTime} by node, empty for none @param now {@link System#nanoTime} */
    void look(Collection<NodeState> nodes, Function<String, String> leases, Collection<PodState> pods, long now) {
        boolean nobodyIsReady = nodes.stream().noneMatch(NodeState::isReady);
        if (nobodyWasReady && !nobodyIsReady) {
            health.startAfresh(now);
        }
        nobodyWasReady = nobodyIsReady;
        Set<String> names = new HashSet<>();
        for (NodeState node : nodes) {
            names.add(node.name());
            register(node);
            health.look(node, leases.apply(node.name()), now);
            if (health.isSilent(node.name(), now)) {
                silent(node, pods);
            }
            taint(node, !nobodyIsReady);
        }
        health.keepOnly(names);
        registered.retainAll(nodes.stream().map(NodeState::uid).toList());
    }

    private void register(NodeState node) {
        if (registered.add(node.uid())) {
            actions.event(CONTROLLER, "Normal", "RegisteredNode", "Node " + node.name() + " event: Registered Node " + node.name()
                    + " in Controller", Actions.about(node), "default");
        }
    }

    private void silent(NodeState node, Collection<PodState> pods) {
        String now = Actions.now();
        List<JsonObject> lost = new ArrayList<>();
        for (String type : CONDITIONS) {
            NodeState.Condition known = node.conditions().get(type);
            if (known == null) {
                JsonObject condition = Actions.condition(type, "Unknown", "NodeStatusNeverUpdated", "Kubelet never posted node status.", now);
                condition.addProperty("lastHeartbeatTime", node.created());
                lost.add(condition);
            } else if (!known.status().equals("Unknown")) {
                lost.add(Actions.condition(type, "Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status.", now));
            }
        }
        if (!lost.isEmpty()) {
            JsonObject patch = Actions.object("status", Actions.conditions(lost.toArray(JsonObject[]::new)));
            patch.add("metadata", version(node)); // a status that comes at this moment is a sign of life
            boolean wasReady = node.isReady();
            actions.once("Marking Node " + node.name() + " as unknown", node.resourceVersion(), () -> actions
                    .patch(path(node) + "/status", KubeApi.PatchType.STRATEGIC, patch).thenAccept(done -> {
                        if (wasReady) {
                            actions.event(CONTROLLER, "Normal", "NodeNotReady", "Node " + node.name() + " status is now: NodeNotReady",
                                    Actions.about(node), "default");
                        }
                    }));
        }
        for (PodState pod : pods) {
            if (pod.ready() && pod.node().equals(node.name())) {
                actions.once("Marking pod " + pod.key() + " as not ready", pod.resourceVersion(),
                        () -> actions.patchCondition(pod.path(), Actions.condition("Ready", "False", "", "", Actions.now())));
            }
        }
    }

    private void taint(NodeState node, boolean execute) {
        List<Taint> wanted = wanted(node, execute);
        List<Taint> next = new ArrayList<>();
        for (Taint taint : node.taints()) {
            if (!isOurs(taint) || wanted.stream().anyMatch(taint::isLike)) {
                next.add(taint);
            }
        }
        String now = Actions.now();
        for (Taint taint : wanted) {
            if (node.taints().stream().noneMatch(taint::isLike)) {
                next.add(new Taint(taint.key(), "", taint.effect(), now));
            }
        }
        if (next.equals(node.taints())) {
            return;
        }
        JsonArray list = new JsonArray();
        next.forEach(taint -> list.add(taint.toJson()));
        JsonObject spec = new JsonObject();
        spec.add("taints", list.isEmpty() ? com.google.gson.JsonNull.INSTANCE : list);
        JsonObject patch = Actions.object("spec", spec);
        patch.add("metadata", version(node));
        actions.once("Tainting Node " + node.name(), node.resourceVersion(), () -> actions.patch(path(node), KubeApi.PatchType.MERGE, patch));
    }

    /** The taints that the Node's state calls for. */
    static List<Taint> wanted(NodeState node, boolean execute) {
        List<Taint> wanted = new ArrayList<>();
        String ready = node.status("Ready");
        if (!ready.equals("True")) {
            String key = ready.equals("Unknown") ? Taint.UNREACHABLE : Taint.NOT_READY;
            wanted.add(new Taint(key, "", Taint.NO_SCHEDULE, ""));
            if (execute) {
                wanted.add(new Taint(key, "", Taint.NO_EXECUTE, ""));
            }
        }
        PRESSURES.forEach((condition, key) -> {
            if (node.status(condition).equals("True")) {
                wanted.add(new Taint(key, "", Taint.NO_SCHEDULE, ""));
            }
        });
        if (node.unschedulable()) {
            wanted.add(new Taint(Taint.UNSCHEDULABLE, "", Taint.NO_SCHEDULE, ""));
        }
        return wanted;
    }

    private static boolean isOurs(Taint taint) {
        boolean health = taint.key().equals(Taint.NOT_READY) || taint.key().equals(Taint.UNREACHABLE);
        return taint.effect().equals(Taint.NO_EXECUTE) ? health : taint.effect().equals(Taint.NO_SCHEDULE)
                && (health || taint.key().equals(Taint.UNSCHEDULABLE) || PRESSURES.containsValue(taint.key()));
    }

    private static JsonObject version(NodeState node) {
        JsonObject metadata = new JsonObject();
        metadata.addProperty("resourceVersion", node.resourceVersion());
        return metadata;
    }

    private static String path(NodeState node) {
        return "/api/v1/nodes/" + node.name();
    }
}
