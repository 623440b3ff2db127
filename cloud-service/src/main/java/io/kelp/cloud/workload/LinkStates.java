package io.kelp.cloud.workload;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.kelp.cloud.kube.KubeApi;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says on Nodes whether their gateways reach the cloud service: condition {@code CloudReachable}, and an Event when that changes.
 * Kubernetes knows but one word for a lost link and a machine that burns, {@code Ready=Unknown}; here stands what was known last.
 *
 * <p>The replica that a gateway leaves waits whether it comes back, here or at another replica, which shows in an annotation of the Node.
 * When that replica has died as well, the others notice by {@code Ready=Unknown}. Used by one thread.
 */
final class LinkStates {

    private static final Logger LOG = LoggerFactory.getLogger(LinkStates.class);

    private final KubeApi kube;
    private final KubeEvents events;
    private final AutonomyPolicy policy;
    private final Predicate<String> isConnected;
    private final String replica;
    private final long settleNanos;
    private final Set<String> here = new HashSet<>();
    private final Map<String, Lost> lost = new HashMap<>();
    private final Map<String, Long> suspects = new HashMap<>();
    private final Map<String, Health> health = new HashMap<>();
    private final Set<String> writing = ConcurrentHashMap.newKeySet();

    private record Lost(long nanos, Instant at) {}

    private enum Health { WELL, NOT_READY, UNKNOWN }

    LinkStates(KubeApi kube, AutonomyPolicy policy, Predicate<String> isConnected, String replica, long settleNanos) {
        this.kube = kube;
        this.events = new KubeEvents(kube);
        this.policy = policy;
        this.isConnected = isConnected;
        this.replica = replica;
        this.settleNanos = settleNanos;
    }

    /** @param now {@link System#nanoTime} */
    void look(Collection<GatewayNode> nodes, long now) {
        Set<String> names = new HashSet<>();
        for (GatewayNode node : nodes) {
            names.add(node.name());
            if (!node.ready().is("Unknown") && !node.ready().is("")) {
                health.put(node.name(), node.ready().is("True") && !node.pressed() ? Health.WELL : Health.NOT_READY);
            }
            if (isConnected.test(node.name())) {
                connected(node);
            } else {
                away(node, now);
            }
        }
        here.retainAll(names);
        lost.keySet().retainAll(names);
        suspects.keySet().retainAll(names);
        health.keySet().retainAll(names);
    }

    private void connected(GatewayNode node) {
        here.add(node.name());
        lost.remove(node.name());
        suspects.remove(node.name());
        if (!node.link().is("True")) {
            boolean again = node.link().is("False");
            write(node, "True", "GatewayConnected", "the gateway is connected to the cloud service", again
                    ? new Told("Normal", "LinkUp", "link up again, the gateway is connected to the cloud service") : null);
        }
    }

    private void away(GatewayNode node, long now) {
        if (here.remove(node.name())) {
            lost.put(node.name(), new Lost(now, Instant.now()));
        }
        if (node.link().is("False")) {
            return;
        }
        Lost since = lost.get(node.name());
        if (since != null && !node.replica().isEmpty() && !node.replica().equals(replica)) {
            lost.remove(node.name()); // another replica has it
        } else if (since != null) {
            if (now - since.nanos() >= settleNanos) {
                down(node, since.at().truncatedTo(ChronoUnit.SECONDS).toString());
            }
        } else if (node.link().is("True") && node.ready().is("Unknown") && !node.ready().since().isBefore(node.link().since())) {
            Long suspected = suspects.putIfAbsent(node.name(), now);
            if (suspected != null && now - suspected >= settleNanos) {
                down(node, node.ready().since().toString());
            }
        } else {
            suspects.remove(node.name());
        }
    }

    private void down(GatewayNode node, String since) {
        String message = "link down since " + since + ", " + switch (health.getOrDefault(node.name(), Health.UNKNOWN)) {
            case WELL -> "machine last seen healthy";
            case NOT_READY -> "machine last seen with trouble";
            case UNKNOWN -> "how the machine was before is not known";
        };
        write(node, "False", "LinkDown", message, new Told("Warning", "LinkDown",
                message + "; pods stay on it " + policy.of(node).inWords()));
    }

    private record Told(String type, String reason, String message) {}

    private void write(GatewayNode node, String status, String reason, String message, Told event) {
        if (!writing.add(node.name())) {
            return;
        }
        String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        JsonObject condition = new JsonObject();
        condition.addProperty("type", GatewayNode.LINK);
        condition.addProperty("status", status);
        condition.addProperty("reason", reason);
        condition.addProperty("message", message);
        condition.addProperty("lastTransitionTime", now);
        condition.addProperty("lastHeartbeatTime", now);
        JsonArray conditions = new JsonArray();
        conditions.add(condition);
        JsonObject metadata = new JsonObject();
        metadata.addProperty("uid", node.uid());
        metadata.addProperty("resourceVersion", node.resourceVersion()); // another replica may know better at this moment
        JsonObject patch = Objects.of("status", Objects.of("conditions", conditions));
        patch.add("metadata", metadata);
        kube.patch("/api/v1/nodes/" + node.name() + "/status?fieldManager=kelp-link", KubeApi.PatchType.STRATEGIC, patch.toString())
                .whenComplete((done, problem) -> {
                    writing.remove(node.name());
                    if (problem != null) {
                        LOG.debug("Condition of Node {} not written, looked at again: {}", node.name(), problem.getMessage());
                    } else if (event != null) {
                        LOG.info("Node {}: {}", node.name(), event.message());
                        events.aboutNode(node.name(), node.uid(), event.type(), event.reason(), event.message());
                    }
                });
    }
}
