package io.kelp.kubeapi.internal.types;

import com.google.gson.JsonObject;
import java.util.List;
import java.util.Set;

/** Checks changes of a pod's status. */
final class PodStatusChecks {

    private static final Set<String> SYSTEM_CONDITIONS = Set.of("PodScheduled", "Ready", "Initialized");

    private PodStatusChecks() {
    }

    static void check(Problems problems, JsonObject pod, JsonObject old) {
        JsonObject status = Tree.object(pod, "status");
        List<JsonObject> conditions = Tree.objects(status, "conditions");
        for (int i = 0; i < conditions.size(); i++) {
            String type = Tree.text(conditions.get(i), "type");
            if (!SYSTEM_CONDITIONS.contains(type)) {
                problems.invalid("status.conditions[" + i + "].Type", type, Formats.qualifiedName(type));
            }
        }
        String quality = Tree.text(status, "qosClass");
        if (!quality.equals(Tree.text(old, "status", "qosClass"))) {
            problems.invalid("status.qosClass", quality, Problems.IMMUTABLE);
        }
        ended(problems, pod, old);
        addresses(problems, Tree.objects(status, "podIPs"), "podIPs");
        addresses(problems, Tree.objects(status, "hostIPs"), "hostIPs");
    }

    /** A container that has ended for good does not come back. */
    private static void ended(Problems problems, JsonObject pod, JsonObject old) {
        String restart = Tree.text(old, "spec", "restartPolicy");
        if (restart.equals("Always")) {
            return;
        }
        List<JsonObject> before = Tree.objects(old, "status", "containerStatuses");
        for (int i = 0; i < before.size(); i++) {
            JsonObject was = before.get(i);
            boolean again = restart.equals("OnFailure") && Tree.number(was, "state", "terminated", "exitCode") != 0;
            if (!Tree.has(was, "state", "terminated") || again) {
                continue;
            }
            for (JsonObject now : Tree.objects(pod, "status", "containerStatuses")) {
                if (Tree.text(now, "name").equals(Tree.text(was, "name")) && !Tree.has(now, "state", "terminated")) {
                    problems.forbidden("status.containerStatuses[" + i + "].state", "may not be transitioned to non-terminated state");
                }
            }
        }
    }

    private static void addresses(Problems problems, List<JsonObject> all, String list) {
        for (int i = 0; i < all.size(); i++) {
            String address = Tree.text(all.get(i), "ip");
            if (!Addresses.isAddress(address)) {
                problems.invalid("status." + list + "[" + i + "]", address, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
            }
        }
    }
}
