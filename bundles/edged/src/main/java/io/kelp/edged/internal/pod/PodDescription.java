package io.kelp.edged.internal.pod;

import com.google.gson.JsonObject;
import io.kelp.control.ControlCommand.Result;
import io.kelp.edged.WorkloadContainer;
import java.util.ArrayList;
import java.util.List;

/** A pod in many lines, in the manner of {@code kubectl describe}. */
final class PodDescription {

    private PodDescription() {}

    static Result of(PodAgent.Snapshot snapshot) {
        Pod pod = snapshot.pod();
        JsonObject status = snapshot.status();
        PodSummary summary = PodSummary.of(snapshot);
        List<String> lines = new ArrayList<>();
        lines.add("Pod:         " + pod);
        lines.add("UID:         " + pod.uid());
        lines.add("Runtime:     " + (Pod.text(pod.spec(), "runtimeClassName").isEmpty() ? "none named" : Pod.text(pod.spec(), "runtimeClassName")));
        lines.add("Status:      " + summary.phase() + (summary.state().equals(summary.phase()) ? "" : ", " + summary.state()));
        add(lines, "Message:     ", Pod.text(status, "message"));
        add(lines, "Started:     ", Pod.text(status, "startTime"));
        add(lines, "Address:     ", Pod.text(status, "podIP"));
        container(lines, snapshot, "initContainerStatuses", "Init container ");
        container(lines, snapshot, "containerStatuses", "Container ");
        lines.add("Conditions:");
        List<String[]> rows = new ArrayList<>();
        for (JsonObject each : Pod.objects(status, "conditions")) {
            rows.add(new String[] {"  " + Pod.text(each, "type"), Pod.text(each, "status"), Pod.text(each, "lastTransitionTime"),
                    (Pod.text(each, "reason") + " " + Pod.text(each, "message")).strip()});
        }
        if (!rows.isEmpty()) {
            lines.addAll(Columns.of(rows));
        }
        return new Result(0, lines);
    }

    private static void container(List<String> lines, PodAgent.Snapshot snapshot, String member, String title) {
        for (JsonObject each : Pod.objects(snapshot.status(), member)) {
            String name = Pod.text(each, "name");
            lines.add(title + name + ":");
            lines.add("  Image:     " + Pod.text(each, "image"));
            add(lines, "  Image ID:  ", Pod.text(each, "imageID"));
            lines.add("  State:     " + state(Pod.object(each, "state")));
            if (Pod.object(each, "lastState").size() > 0) {
                lines.add("  Before:    " + state(Pod.object(each, "lastState")));
            }
            lines.add("  Ready:     " + Pod.text(each, "ready") + ", restarted " + Pod.text(each, "restartCount") + " times");
            WorkloadContainer running = snapshot.running().get(name);
            if (running != null) {
                running.ports().forEach((number, real) -> lines.add("  Port:      " + number + (number.equals(real) ? "" : " is " + real + " on the gateway")));
                if (!running.readiness().ready()) {
                    lines.add("  Not ready: " + running.readiness().message());
                }
                WorkloadContainer.Usage usage = running.usage();
                lines.add("  Used:      " + usage.cpuNanos() / 1_000_000 + " ms of processor, " + usage.threads() + " threads");
            }
        }
    }

    private static String state(JsonObject state) {
        if (state.get("running") instanceof JsonObject running) {
            return "running since " + Pod.text(running, "startedAt");
        }
        if (state.get("terminated") instanceof JsonObject end) {
            return "ended with code " + Pod.text(end, "exitCode") + " (" + Pod.text(end, "reason") + ")"
                    + (Pod.text(end, "finishedAt").isEmpty() ? "" : " at " + Pod.text(end, "finishedAt"))
                    + (Pod.text(end, "message").isEmpty() ? "" : ": " + Pod.text(end, "message"));
        }
        JsonObject waiting = Pod.object(state, "waiting");
        return "waiting, " + Pod.text(waiting, "reason") + (Pod.text(waiting, "message").isEmpty() ? "" : ": " + Pod.text(waiting, "message"));
    }

    private static void add(List<String> lines, String label, String value) {
        if (!value.isEmpty()) {
            lines.add(label + value);
        }
    }
}
