package io.kelp.cloud.standalone;

import com.google.gson.JsonObject;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Binds pods without a Node to gateways; says in condition and Event why it cannot. Looks with {@link Placement}. */
final class PodPlacement {

    private final Actions actions;
    private final Map<String, String> bound = new HashMap<>(); // uid of the pod → Node, until the cache shows it

    PodPlacement(Actions actions) {
        this.actions = actions;
    }

    void look(Collection<NodeState> nodes, Collection<PodState> pods) {
        Set<String> waiting = pods.stream().filter(PodState::wantsPlace).map(PodState::uid).collect(Collectors.toSet());
        synchronized (bound) {
            bound.keySet().retainAll(waiting);
        }
        if (waiting.isEmpty()) {
            return;
        }
        Placement placement = new Placement(nodes, pods);
        synchronized (bound) {
            pods.stream().filter(pod -> bound.containsKey(pod.uid())).forEach(pod -> placement.occupy(bound.get(pod.uid()), pod));
        }
        pods.stream().filter(PodState::wantsPlace).sorted(Comparator.comparing(PodState::created).thenComparing(PodState::key))
                .forEach(pod -> place(pod, placement));
    }

    private void place(PodState pod, Placement placement) {
        synchronized (bound) {
            if (bound.containsKey(pod.uid())) {
                return;
            }
        }
        Optional<String> node = placement.choose(pod);
        if (node.isEmpty()) {
            refuse(pod, placement.whyNot(pod));
            return;
        }
        placement.occupy(node.get(), pod);
        synchronized (bound) {
            bound.put(pod.uid(), node.get());
        }
        boolean taken = actions.once("Placing pod " + pod.key(), pod.resourceVersion(), () -> actions.api().create(pod.path() + "/binding", binding(pod, node.get()))
                .whenComplete((done, problem) -> {
                    if (problem == null) {
                        actions.schedulingEvent("Normal", "Scheduled", "Binding",
                                "Successfully assigned " + pod.key() + " to " + node.get(), pod);
                    } else {
                        forget(pod);
                    }
                }));
        if (!taken) {
            forget(pod);
        }
    }

    private void forget(PodState pod) {
        synchronized (bound) {
            bound.remove(pod.uid());
        }
    }

    private void refuse(PodState pod, String message) {
        if (message.equals(pod.unscheduled())) {
            return;
        }
        JsonObject condition = Actions.condition("PodScheduled", "False", "Unschedulable", message,
                pod.unscheduled().isEmpty() ? Actions.now() : "");
        condition.addProperty("observedGeneration", 1);
        actions.once("Marking pod " + pod.key() + " as unschedulable", pod.resourceVersion() + message,
                () -> actions.patchCondition(pod.path(), pod.resourceVersion(), condition).thenRun(
                        () -> actions.schedulingEvent("Warning", "FailedScheduling", "Scheduling", message, pod)));
    }

    private static JsonObject binding(PodState pod, String node) {
        JsonObject metadata = new JsonObject();
        metadata.addProperty("namespace", pod.namespace());
        metadata.addProperty("name", pod.name());
        metadata.addProperty("uid", pod.uid());
        JsonObject target = new JsonObject();
        target.addProperty("kind", "Node");
        target.addProperty("name", node);
        JsonObject binding = new JsonObject();
        binding.addProperty("apiVersion", "v1");
        binding.addProperty("kind", "Binding");
        binding.add("metadata", metadata);
        binding.add("target", target);
        return binding;
    }
}
