package io.kelp.cloud.standalone;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Deletes pods from Nodes with {@code NoExecute} taints once their tolerations are used up, as kube-controller-manager does. */
final class PodEviction {

    private final Actions actions;

    PodEviction(Actions actions) {
        this.actions = actions;
    }

    void look(Collection<NodeState> nodes, Collection<PodState> pods, Instant now) {
        Map<String, List<Taint>> taints = nodes.stream().collect(Collectors.toMap(NodeState::name,
                node -> node.taints().stream().filter(taint -> taint.effect().equals(Taint.NO_EXECUTE)).toList(), (one, other) -> one));
        for (PodState pod : pods) {
            List<Taint> against = taints.getOrDefault(pod.node(), List.of());
            if (!against.isEmpty() && !pod.isDeleted() && end(pod, against).filter(end -> !end.isAfter(now)).isPresent()) {
                evict(pod);
            }
        }
    }

    /** When a pod has to go; empty for never. */
    static Optional<Instant> end(PodState pod, List<Taint> taints) {
        Instant end = null;
        for (Taint taint : taints) {
            List<Toleration> tolerations = pod.tolerations().stream().filter(t -> t.tolerates(taint)).toList();
            if (tolerations.isEmpty()) {
                return Optional.of(Instant.EPOCH);
            }
            for (Toleration toleration : tolerations) {
                if (toleration.seconds() != null) {
                    Instant bears = added(taint).plusSeconds(Math.max(0, toleration.seconds()));
                    end = end == null || bears.isBefore(end) ? bears : end;
                }
            }
        }
        return Optional.ofNullable(end);
    }

    private static Instant added(Taint taint) {
        try {
            return taint.timeAdded().isEmpty() ? Instant.EPOCH : Instant.parse(taint.timeAdded());
        } catch (DateTimeParseException e) {
            return Instant.EPOCH; // the API lets through only times; one of its own making counts as long ago
        }
    }

    private void evict(PodState pod) {
        actions.once("Evicting pod " + pod.key(), pod.uid(), () -> {
            actions.event("taint-eviction-controller", "Normal", "TaintManagerEviction", "Marking for deletion Pod " + pod.key(),
                    Actions.about(pod), pod.namespace());
            return actions.patchCondition(pod.path(), Actions.condition("DisruptionTarget", "True", "DeletionByTaintManager",
                    "Taint manager: deleting due to NoExecute taint", Actions.now())).thenCompose(marked -> actions.deletePod(pod, -1));
        });
    }
}
