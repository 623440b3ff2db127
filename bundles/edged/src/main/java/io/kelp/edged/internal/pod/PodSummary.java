package io.kelp.edged.internal.pod;

import com.google.gson.JsonObject;
import java.time.Instant;
import java.util.List;

/**
 * A pod in one line, as {@code kubectl get pods} has it.
 *
 * @param state what is to be known first: {@code Running}, {@code CrashLoopBackOff}, {@code Terminating} …
 * @param ready for example {@code 1/2}
 * @param trouble what keeps it from running, empty if nothing does
 * @param unreadySince since when it is not ready, {@code null} if it is or should not be
 */
record PodSummary(String phase, String state, String ready, int restarts, String trouble, Instant unreadySince) {

    private static final List<String> NORMAL = List.of("ContainerCreating", "PodInitializing");

    static PodSummary of(PodAgent.Snapshot pod) {
        JsonObject status = pod.status();
        String phase = Pod.text(status, "phase").isEmpty() ? PodPhase.PENDING : Pod.text(status, "phase");
        String state = Pod.text(status, "reason").isEmpty() ? phase : Pod.text(status, "reason");
        String trouble = Pod.text(status, "message");
        int restarts = 0;
        int ready = 0;
        List<JsonObject> containers = Pod.objects(status, "containerStatuses");
        for (JsonObject each : containers) {
            restarts += HostPorts.number(each, "restartCount");
            ready += "true".equals(Pod.text(each, "ready")) ? 1 : 0;
            JsonObject waiting = Pod.object(Pod.object(each, "state"), "waiting");
            JsonObject ended = Pod.object(Pod.object(each, "state"), "terminated");
            if (!Pod.text(waiting, "reason").isEmpty()) {
                state = Pod.text(waiting, "reason");
                trouble = !Pod.text(waiting, "message").isEmpty() ? Pod.text(waiting, "message") : NORMAL.contains(state) ? trouble : state;
            } else if (!Pod.text(ended, "reason").isEmpty() && !PodPhase.RUNNING.equals(phase)) {
                state = Pod.text(ended, "reason");
            }
        }
        if (pod.pod().isDeleted()) {
            state = "Terminating";
        }
        JsonObject condition = PodStatus.conditionOf(status, "Ready");
        boolean unready = condition != null && "False".equals(Pod.text(condition, "status")) && !PodPhase.SUCCEEDED.equals(phase);
        return new PodSummary(phase, state, ready + "/" + containers.size(), restarts, trouble,
                unready ? ContainerState.time(Pod.text(condition, "lastTransitionTime")) : null);
    }
}
