package io.kelp.kubeapi.internal.types;

import com.google.gson.JsonObject;
import io.kelp.kubeapi.internal.resource.Column;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Columns of {@code kubectl get pods}: the state of a pod and its containers in a word, as kubectl's users know it. */
final class PodColumns {

    /** @param lastRestart RFC 3339, empty when no container was restarted */
    private record Summary(int ready, int total, String reason, long restarts, String lastRestart) {}

    private PodColumns() {
    }

    static List<Column> columns() {
        return List.of(Columns.NAME,
                Columns.text("Ready", "Containers that are ready, of all", 0, pod -> {
                    Summary s = summary(pod);
                    return s.ready + "/" + s.total;
                }),
                Columns.text("Status", "State of the pod and its containers", 0, pod -> summary(pod).reason),
                Columns.text("Restarts", "Restarts of containers, and when the last was", 0, pod -> {
                    Summary s = summary(pod);
                    return s.restarts == 0 || s.lastRestart.isEmpty() ? Long.toString(s.restarts) : s.restarts + " (" + Ages.since(s.lastRestart) + " ago)";
                }),
                Columns.AGE, Columns.text("IP", "Address of the pod", 1, PodColumns::address),
                Columns.text("Node", "Where it runs", 1, pod -> none(Tree.text(pod, "spec", "nodeName"))),
                Columns.text("Nominated Node", "Where it waits for room", 1, pod -> none(Tree.text(pod, "status", "nominatedNodeName"))),
                Columns.text("Readiness Gates", "Gates that are open, of all", 1, PodColumns::gates));
    }

    private static Summary summary(JsonObject pod) {
        String reason = Tree.text(pod, "status", "reason");
        if (reason.isEmpty()) {
            reason = Tree.text(pod, "status", "phase");
        }
        for (JsonObject condition : Tree.objects(pod, "status", "conditions")) {
            if (Tree.text(condition, "type").equals("PodScheduled") && Tree.text(condition, "reason").equals("SchedulingGated")) {
                reason = "SchedulingGated";
            }
        }
        List<JsonObject> initContainers = Tree.objects(pod, "spec", "initContainers");
        Set<String> sidecars = new HashSet<>();
        initContainers.stream().filter(c -> Tree.text(c, "restartPolicy").equals("Always")).forEach(c -> sidecars.add(Tree.text(c, "name")));
        Summary init = initSummary(pod, reason, initContainers.size(), sidecars, Tree.objects(pod, "spec", "containers").size() + sidecars.size());
        boolean initializing = init.reason.startsWith("Init:");
        Summary whole = initializing && !isTrue(pod, "Initialized") ? init : mainSummary(pod, init, sidecars);
        boolean deleted = Tree.has(pod, "metadata", "deletionTimestamp");
        String phase = Tree.text(pod, "status", "phase");
        String word = !deleted ? whole.reason : Tree.text(pod, "status", "reason").equals("NodeLost") ? "Unknown"
                : phase.equals("Succeeded") || phase.equals("Failed") ? whole.reason : "Terminating";
        return new Summary(whole.ready, whole.total, word, whole.restarts, whole.lastRestart);
    }

    /** Up to the first init container that is not done. */
    private static Summary initSummary(JsonObject pod, String reason, int count, Set<String> sidecars, int total) {
        int ready = 0;
        long restarts = 0;
        String lastRestart = "";
        List<JsonObject> statuses = Tree.objects(pod, "status", "initContainerStatuses");
        for (int i = 0; i < statuses.size(); i++) {
            JsonObject status = statuses.get(i);
            restarts += Tree.number(status, "restartCount");
            lastRestart = later(lastRestart, status);
            boolean ended = Tree.has(status, "state", "terminated");
            if (ended && Tree.number(status, "state", "terminated", "exitCode") == 0) {
                continue;
            }
            if (sidecars.contains(Tree.text(status, "name")) && Tree.flag(status, "started")) {
                ready += Tree.flag(status, "ready") ? 1 : 0;
                continue;
            }
            String waiting = Tree.text(status, "state", "waiting", "reason");
            String word = ended ? ending(status) : waiting.isEmpty() || waiting.equals("PodInitializing") ? i + "/" + count : waiting;
            return new Summary(ready, total, "Init:" + word, restarts, lastRestart);
        }
        return new Summary(ready, total, reason, restarts, lastRestart);
    }

    private static Summary mainSummary(JsonObject pod, Summary init, Set<String> sidecars) {
        String reason = init.reason;
        int ready = init.ready;
        long restarts = 0;
        String lastRestart = "";
        for (JsonObject status : Tree.objects(pod, "status", "initContainerStatuses")) {
            if (sidecars.contains(Tree.text(status, "name"))) {
                restarts += Tree.number(status, "restartCount");
                lastRestart = later(lastRestart, status);
            }
        }
        boolean running = false;
        List<JsonObject> statuses = Tree.objects(pod, "status", "containerStatuses");
        for (int i = statuses.size() - 1; i >= 0; i--) {
            JsonObject status = statuses.get(i);
            restarts += Tree.number(status, "restartCount");
            lastRestart = later(lastRestart, status);
            String waiting = Tree.text(status, "state", "waiting", "reason");
            if (!waiting.isEmpty()) {
                reason = waiting;
            } else if (Tree.has(status, "state", "terminated")) {
                reason = ending(status);
            } else if (Tree.flag(status, "ready") && Tree.has(status, "state", "running")) {
                running = true;
                ready++;
            }
        }
        if (reason.equals("Completed") && running) {
            reason = isTrue(pod, "Ready") ? "Running" : "NotReady";
        }
        return new Summary(ready, init.total, reason, restarts, lastRestart);
    }

    private static String ending(JsonObject status) {
        JsonObject end = Tree.object(status, "state", "terminated");
        String reason = Tree.text(end, "reason");
        if (!reason.isEmpty()) {
            return reason;
        }
        return Tree.number(end, "signal") != 0 ? "Signal:" + Tree.number(end, "signal") : "ExitCode:" + Tree.number(end, "exitCode");
    }

    private static String later(String time, JsonObject status) {
        String end = Tree.text(status, "lastState", "terminated", "finishedAt");
        return end.compareTo(time) > 0 ? end : time;
    }

    private static boolean isTrue(JsonObject pod, String type) {
        return Tree.objects(pod, "status", "conditions").stream()
                .anyMatch(c -> Tree.text(c, "type").equals(type) && Tree.text(c, "status").equals("True"));
    }

    private static String address(JsonObject pod) {
        List<JsonObject> all = Tree.objects(pod, "status", "podIPs");
        return none(all.isEmpty() ? Tree.text(pod, "status", "podIP") : Tree.text(all.get(0), "ip"));
    }

    private static String gates(JsonObject pod) {
        List<JsonObject> gates = Tree.objects(pod, "spec", "readinessGates");
        long open = gates.stream().filter(gate -> isTrue(pod, Tree.text(gate, "conditionType"))).count();
        return gates.isEmpty() ? "<none>" : open + "/" + gates.size();
    }

    private static String none(String text) {
        return text.isEmpty() ? "<none>" : text;
    }
}
