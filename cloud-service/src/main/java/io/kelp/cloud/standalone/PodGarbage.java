package io.kelp.cloud.standalone;

import com.google.gson.JsonObject;
import io.kelp.cloud.kube.KubeApi;
import io.kelp.cloud.kube.KubeException;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/**
 * Removes pods that nobody else will: those of Nodes that no longer exist (after 40 s, when the API still knows no such Node),
 * those deleted before they were placed, and the oldest of more than a thousand that have ended.
 */
final class PodGarbage {

    private static final int ENDED_KEPT = 1000;
    private static final long QUARANTINE_NANOS = Duration.ofSeconds(40).toNanos();

    private final Actions actions;
    private final Map<String, Long> missingSince = new HashMap<>();

    PodGarbage(Actions actions) {
        this.actions = actions;
    }

    /** @param now {@link System#nanoTime} */
    void look(Collection<NodeState> nodes, Collection<PodState> pods, long now) {
        Set<String> known = new HashSet<>();
        nodes.forEach(node -> known.add(node.name()));
        Set<String> missing = new HashSet<>();
        for (PodState pod : pods) {
            if (pod.node().isEmpty()) {
                if (pod.isDeleted()) {
                    actions.once("Removing pod " + pod.key(), pod.resourceVersion(), () -> actions.deletePod(pod, 0));
                }
            } else if (!known.contains(pod.node())) {
                missing.add(pod.node());
                if (now - missingSince.computeIfAbsent(pod.node(), n -> now) > QUARANTINE_NANOS) {
                    orphan(pod);
                }
            }
        }
        missingSince.keySet().retainAll(missing);
        List<PodState> ended = pods.stream().filter(PodState::isTerminated).filter(pod -> !pod.isDeleted())
                .sorted(Comparator.comparing(PodState::created)).toList();
        ended.stream().limit(Math.max(0, ended.size() - ENDED_KEPT)).forEach(pod ->
                actions.once("Removing pod " + pod.key(), pod.resourceVersion(), () -> actions.deletePod(pod, 0)));
    }

    private void orphan(PodState pod) {
        actions.once("Removing pod " + pod.key(), pod.resourceVersion(), () -> actions.api().get("/api/v1/nodes/" + pod.node())
                .<CompletionStage<JsonObject>>handle((node, problem) -> {
                    Throwable cause = problem instanceof CompletionException && problem.getCause() != null ? problem.getCause() : problem;
                    if (cause instanceof KubeException refused && refused.code() == 404) {
                        return remove(pod);
                    }
                    return problem == null ? CompletableFuture.completedFuture(node) : CompletableFuture.failedFuture(cause);
                }).thenCompose(stage -> stage));
    }

    private CompletableFuture<JsonObject> remove(PodState pod) {
        if (pod.isTerminated()) {
            return actions.deletePod(pod, 0);
        }
        JsonObject status = Actions.conditions(Actions.condition("DisruptionTarget", "True", "DeletionByPodGC",
                "PodGC: node no longer exists", Actions.now()));
        status.addProperty("phase", "Failed");
        return actions.patch(pod.path() + "/status", KubeApi.PatchType.STRATEGIC, Actions.object("status", status))
                .thenCompose(failed -> actions.deletePod(pod, 0));
    }
}
