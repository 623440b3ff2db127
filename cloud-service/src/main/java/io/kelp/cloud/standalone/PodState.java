package io.kelp.cloud.standalone;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;

/**
 * What the controllers need of a Pod.
 *
 * @param node empty while it is not placed
 * @param deleted {@code deletionTimestamp}, empty for none
 * @param unscheduled message of its condition PodScheduled=False, empty for none
 * @param selection {@code nodeSelector} and required node affinity
 * @param hostPorts {@code TCP/8080} and the like
 */
record PodState(String namespace, String name, String uid, String resourceVersion, String node, String phase, String created,
        String deleted, boolean ready, String unscheduled, String schedulerName, boolean gated, List<Toleration> tolerations,
        NodeSelection selection, Resources requests, List<String> hostPorts) {

    static PodState of(JsonObject pod) {
        JsonObject spec = Tree.object(pod, "spec");
        JsonObject status = Tree.object(pod, "status");
        boolean ready = false;
        String unscheduled = "";
        for (JsonObject condition : Tree.objects(status, "conditions")) {
            boolean holds = Tree.text(condition, "status").equals("True");
            if (Tree.text(condition, "type").equals("Ready")) {
                ready = holds;
            } else if (Tree.text(condition, "type").equals("PodScheduled") && !holds) {
                unscheduled = Tree.text(condition, "message");
            }
        }
        String scheduler = Tree.text(spec, "schedulerName");
        return new PodState(Tree.meta(pod, "namespace"), Tree.meta(pod, "name"), Tree.meta(pod, "uid"), Tree.meta(pod, "resourceVersion"),
                Tree.text(spec, "nodeName"), Tree.text(status, "phase"), Tree.meta(pod, "creationTimestamp"),
                Tree.meta(pod, "deletionTimestamp"), ready, unscheduled, scheduler.isEmpty() ? "default-scheduler" : scheduler,
                !Tree.objects(spec, "schedulingGates").isEmpty(), Toleration.of(spec), NodeSelection.of(spec), Resources.requestedBy(spec),
                hostPorts(spec));
    }

    private static List<String> hostPorts(JsonObject spec) {
        List<String> ports = new ArrayList<>();
        for (JsonObject container : Tree.objects(spec, "containers")) {
            for (JsonObject port : Tree.objects(container, "ports")) {
                String number = Tree.text(port, "hostPort");
                if (!number.isEmpty() && !number.equals("0")) {
                    String protocol = Tree.text(port, "protocol");
                    ports.add((protocol.isEmpty() ? "TCP" : protocol) + "/" + number);
                }
            }
        }
        return List.copyOf(ports);
    }

    String key() {
        return namespace + "/" + name;
    }

    String path() {
        return "/api/v1/namespaces/" + namespace + "/pods/" + name;
    }

    boolean isTerminated() {
        return phase.equals("Succeeded") || phase.equals("Failed");
    }

    boolean isDeleted() {
        return !deleted.isEmpty();
    }

    /** Whether it asks us for a gateway. */
    boolean wantsPlace() {
        return node.isEmpty() && !isTerminated() && !isDeleted() && !gated && schedulerName.equals("default-scheduler");
    }
}
