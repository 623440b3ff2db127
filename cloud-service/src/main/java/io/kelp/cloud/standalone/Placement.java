package io.kelp.cloud.standalone;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Chooses a gateway for each pod that has none, as kube-scheduler would: filters by schedulability, selector, affinity, taints,
 * host ports and resources; of what is left the one with the fewest pods. Not safe for use by several threads; one object per look
 * at the cluster, which counts what it has chosen itself.
 */
final class Placement {

    /** Why a Node is out of the question; {@code resolvable} when fewer pods on it would help. */
    private record Refusal(List<String> reasons, boolean resolvable) {}

    private static final String PODS = "pods";

    private final Map<String, NodeState> nodes = new TreeMap<>();
    private final Map<String, Integer> pods = new HashMap<>();
    private final Map<String, Resources> used = new HashMap<>();
    private final Map<String, List<String>> hostPorts = new HashMap<>();

    Placement(Collection<NodeState> nodes, Collection<PodState> pods) {
        nodes.forEach(node -> this.nodes.put(node.name(), node));
        pods.stream().filter(pod -> !pod.node().isEmpty() && !pod.isTerminated()).forEach(pod -> occupy(pod.node(), pod));
    }

    /** The pod takes its place there. */
    void occupy(String node, PodState pod) {
        pods.merge(node, 1, Integer::sum);
        used.merge(node, pod.requests(), Resources::plus);
        hostPorts.computeIfAbsent(node, n -> new ArrayList<>()).addAll(pod.hostPorts());
    }

    /** The Node for a pod; empty when there is none. */
    Optional<String> choose(PodState pod) {
        return nodes.values().stream().filter(node -> refusal(pod, node) == null)
                .min(Comparator.comparing((NodeState node) -> pods.getOrDefault(node.name(), 0)).thenComparing(NodeState::name))
                .map(NodeState::name);
    }

    /** Why {@link #choose} found nothing, in the words of kube-scheduler 1.34. */
    String whyNot(PodState pod) {
        if (nodes.isEmpty()) {
            return "no nodes available to schedule pods";
        }
        Map<String, Integer> reasons = new HashMap<>();
        Map<String, Integer> preemption = new HashMap<>();
        nodes.values().forEach(node -> {
            Refusal refusal = refusal(pod, node);
            if (refusal != null) {
                refusal.reasons().forEach(reason -> reasons.merge(reason, 1, Integer::sum));
                preemption.merge(refusal.resolvable() ? "No preemption victims found for incoming pod"
                        : "Preemption is not helpful for scheduling", 1, Integer::sum);
            }
        });
        String available = "0/" + nodes.size() + " nodes are available: ";
        return available + histogram(reasons) + " no new claims to deallocate, preemption: " + available + histogram(preemption);
    }

    private static String histogram(Map<String, Integer> reasons) {
        TreeSet<String> counted = new TreeSet<>();
        reasons.forEach((reason, count) -> counted.add(count + " " + reason));
        return String.join(", ", counted) + ".";
    }

    /** @return {@code null} when the pod fits */
    private Refusal refusal(PodState pod, NodeState node) {
        if (node.unschedulable() && pod.tolerations().stream().noneMatch(
                t -> t.tolerates(new Taint(Taint.UNSCHEDULABLE, "", Taint.NO_SCHEDULE, "")))) {
            return new Refusal(List.of("node(s) were unschedulable"), false);
        }
        for (Taint taint : taints(node)) {
            if (!taint.effect().equals("PreferNoSchedule") && pod.tolerations().stream().noneMatch(t -> t.tolerates(taint))) {
                return new Refusal(List.of("node(s) had untolerated taint(s)"), false);
            }
        }
        if (!pod.selection().matches(node)) {
            return new Refusal(List.of("node(s) didn't match Pod's node affinity/selector"), false);
        }
        if (pod.hostPorts().stream().anyMatch(hostPorts.getOrDefault(node.name(), List.of())::contains)) {
            return new Refusal(List.of("node(s) didn't have free ports for the requested pod ports"), true);
        }
        return lacking(pod, node);
    }

    /** The Node's taints, and the one it is about to get when it is not Ready. */
    private static List<Taint> taints(NodeState node) {
        String key = node.status("Ready").equals("Unknown") ? Taint.UNREACHABLE : Taint.NOT_READY;
        if (node.isReady() || node.taints().stream().anyMatch(taint -> taint.key().equals(key))) {
            return node.taints();
        }
        List<Taint> taints = new ArrayList<>(node.taints());
        taints.add(new Taint(key, "", Taint.NO_SCHEDULE, ""));
        return taints;
    }

    private Refusal lacking(PodState pod, NodeState node) {
        List<String> reasons = new ArrayList<>();
        boolean resolvable = true;
        BigDecimal room = node.allocatable().get(PODS);
        if (room.signum() > 0 && room.compareTo(BigDecimal.valueOf(pods.getOrDefault(node.name(), 0) + 1L)) < 0) {
            reasons.add("Too many pods");
        }
        Resources taken = used.getOrDefault(node.name(), Resources.NONE);
        for (String name : new TreeSet<>(pod.requests().amounts().keySet())) {
            BigDecimal wanted = pod.requests().get(name);
            BigDecimal all = node.allocatable().get(name);
            if (wanted.signum() > 0 && taken.get(name).add(wanted).compareTo(all) > 0) {
                reasons.add("Insufficient " + name);
                resolvable &= wanted.compareTo(all) <= 0;
            }
        }
        return reasons.isEmpty() ? null : new Refusal(reasons, resolvable);
    }
}
