package io.kelp.edged.internal.pod;

import static io.kelp.edged.internal.pod.ContainerState.text;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Writes the {@code status} of a pod as kubelet does (recorded in the vectors of {@code 03-pod}). A pure function. */
final class PodStatus {

    private static final String TRANSITION = "lastTransitionTime";

    private PodStatus() {}

    /**
     * The status now.
     *
     * @param before the status before, whose transition times stay where nothing has changed; may be empty
     */
    static JsonObject of(PodView view, JsonObject before, Instant now) {
        String phase = PodPhase.of(view);
        JsonObject status = new JsonObject();
        status.addProperty("phase", phase);
        status.addProperty("qosClass", PodResources.qosClass(view.pod()));
        if (view.outcome() != null) {
            status.addProperty("reason", view.outcome().reason());
            status.addProperty("message", view.outcome().message());
        }
        if (view.startTime() != null) {
            status.addProperty("startTime", text(view.startTime()));
            addresses(status, view.address());
        }
        String generation = Pod.text(view.pod().metadata(), "generation");
        if (generation.matches("[0-9]{1,18}")) {
            status.addProperty("observedGeneration", Long.parseLong(generation));
        }
        status.add("conditions", conditions(view, phase, before, text(now)));
        status.add("containerStatuses", containers(view.of(ContainerView.Kind.MAIN)));
        if (!view.init().isEmpty()) {
            status.add("initContainerStatuses", containers(view.init()));
        }
        return status;
    }

    private static void addresses(JsonObject status, String address) {
        if (address.isEmpty()) {
            return;
        }
        for (String kind : List.of("host", "pod")) {
            status.addProperty(kind + "IP", address);
            JsonObject one = new JsonObject();
            one.addProperty("ip", address);
            JsonArray all = new JsonArray();
            all.add(one);
            status.add(kind + "IPs", all);
        }
    }

    private static JsonArray containers(List<ContainerView> containers) {
        JsonArray all = new JsonArray();
        containers.forEach(c -> all.add(c.json()));
        return all;
    }

    private static JsonArray conditions(PodView view, String phase, JsonObject before, String now) {
        Condition ready = containersReady(view, phase);
        List<Condition> all = new ArrayList<>(List.of(
                new Condition("PodReadyToStartContainers", view.sandbox(), "", ""),
                initialized(view, phase),
                gated(view, before, ready),
                ready));
        if (view.held() || view.released()) {
            all.add(view.held() ? new Condition("HeldUpgrade", true, "HoldUpgradeEnabled", "")
                    : new Condition("HeldUpgrade", false, "HoldUpgradeReleased", ""));
        }
        if (!view.disrupted().isEmpty()) {
            all.add(new Condition("DisruptionTarget", true, "TerminationByKubelet", view.disrupted()));
        }
        JsonArray conditions = new JsonArray();
        all.forEach(c -> conditions.add(c.json(before, now)));
        JsonObject scheduled = conditionOf(view.pod().status(), "PodScheduled");
        conditions.add(scheduled != null ? scheduled.deepCopy() : new Condition("PodScheduled", true, "", "").json(before, now));
        return conditions;
    }

    private static Condition initialized(PodView view, String phase) {
        if (PodPhase.SUCCEEDED.equals(phase)) {
            return new Condition("Initialized", true, "PodCompleted", "");
        }
        if (view.initialized() || view.init().isEmpty()) {
            return new Condition("Initialized", true, "", "");
        }
        String missing = view.init().stream().filter(c -> !isInitialized(c)).map(ContainerView::name).collect(Collectors.joining(" "));
        return missing.isEmpty() ? new Condition("Initialized", true, "", "")
                : new Condition("Initialized", false, "ContainersNotInitialized", "containers with incomplete status: [" + missing + "]");
    }

    private static boolean isInitialized(ContainerView c) {
        return c.kind() == ContainerView.Kind.SIDECAR ? c.started() : c.state() instanceof ContainerState.Terminated end && end.succeeded();
    }

    private static Condition containersReady(PodView view, String phase) {
        if (PodPhase.SUCCEEDED.equals(phase)) {
            return new Condition("ContainersReady", false, "PodCompleted", "");
        }
        if (PodPhase.FAILED.equals(phase)) {
            return new Condition("ContainersReady", false, "PodFailed", "");
        }
        String unready = view.containers().stream().filter(c -> c.kind() != ContainerView.Kind.INIT && !c.ready())
                .map(ContainerView::name).collect(Collectors.joining(" "));
        return unready.isEmpty() ? new Condition("ContainersReady", true, "", "")
                : new Condition("ContainersReady", false, "ContainersNotReady", "containers with unready status: [" + unready + "]");
    }

    /** Ready: the containers are, and whoever has a readiness gate says so. */
    private static Condition gated(PodView view, JsonObject before, Condition containers) {
        if (!containers.holds) {
            return new Condition("Ready", false, containers.reason, containers.message);
        }
        List<String> missing = new ArrayList<>();
        for (JsonObject gate : Pod.objects(view.pod().spec(), "readinessGates")) {
            String type = Pod.text(gate, "conditionType");
            JsonObject condition = conditionOf(view.pod().status(), type);
            if (condition == null) {
                missing.add("corresponding condition of pod readiness gate \"" + type + "\" does not exist.");
            } else if (!"True".equals(Pod.text(condition, "status"))) {
                missing.add("the status of pod readiness gate \"" + type + "\" is not \"True\", but " + Pod.text(condition, "status"));
            }
        }
        return missing.isEmpty() ? new Condition("Ready", true, "", "")
                : new Condition("Ready", false, "ReadinessGatesNotReady", String.join(", ", missing));
    }

    /** @return {@code null} when the status has none of this type */
    static JsonObject conditionOf(JsonObject status, String type) {
        return Pod.objects(status, "conditions").stream().filter(c -> type.equals(Pod.text(c, "type"))).findFirst().orElse(null);
    }

    private record Condition(String type, boolean holds, String reason, String message) {

        JsonObject json(JsonObject before, String now) {
            JsonObject condition = new JsonObject();
            JsonObject old = conditionOf(before, type);
            String status = holds ? "True" : "False";
            condition.add("lastProbeTime", JsonNull.INSTANCE);
            condition.addProperty(TRANSITION, old != null && status.equals(Pod.text(old, "status")) && !Pod.text(old, TRANSITION).isEmpty()
                    ? Pod.text(old, TRANSITION) : now);
            if (!message.isEmpty()) {
                condition.addProperty("message", message);
            }
            if (!reason.isEmpty()) {
                condition.addProperty("reason", reason);
            }
            condition.addProperty("status", status);
            condition.addProperty("type", type);
            return condition;
        }
    }
}
