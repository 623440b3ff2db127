package io.kelp.cloud.workload;

import com.google.gson.JsonObject;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;

/**
 * What autonomy and link need of a gateway's Node.
 *
 * @param kelp whether it runs Kelp
 * @param ready condition Ready
 * @param link condition {@code CloudReachable}
 * @param pressed whether it lacks memory, disk space or processes
 * @param replica annotation that names the replica of the cloud service that it is connected to
 * @param asked what its labels and annotations say about autonomy; only these keys
 */
record GatewayNode(String name, String uid, String resourceVersion, boolean kelp, Condition ready, Condition link, boolean pressed,
        String replica, Map<String, String> asked) {

    static final String LINK = "CloudReachable";
    static final String REPLICA = "kelp.io/cloud-replica";
    static final String DURATION = "kelp.io/autonomy-duration";
    static final String YURT_DURATION = "node.openyurt.io/autonomy-duration";
    static final String OFFLINE_LABEL = "app-offline.kubeedge.io";

    /** @param status empty when there is no such condition @param since when it began, the epoch when unknown */
    record Condition(String status, Instant since, String heartbeat) {

        static Condition of(JsonObject status, String type) {
            return Objects.list(status, "conditions").stream().filter(c -> Objects.text(c, "type").equals(type)).findFirst()
                    .map(c -> new Condition(Objects.text(c, "status"), instant(Objects.text(c, "lastTransitionTime")), Objects.text(c, "lastHeartbeatTime")))
                    .orElse(new Condition("", Instant.EPOCH, ""));
        }

        private static Instant instant(String text) {
            try {
                return Instant.parse(text);
            } catch (DateTimeParseException e) {
                return Instant.EPOCH;
            }
        }

        boolean is(String expected) {
            return status.equals(expected);
        }
    }

    /** A gateway names Kelp as what runs its pods, or says by a label per runtime what it can run. */
    private static boolean isKelp(JsonObject labels, JsonObject status) {
        return Objects.text(status, "nodeInfo", "containerRuntimeVersion").matches("kelp(-[a-z0-9]+)?://.*")
                || labels.keySet().stream().anyMatch(label -> label.startsWith("kelp.io/runtime-"));
    }

    static GatewayNode of(JsonObject node) {
        JsonObject metadata = Objects.object(node, "metadata");
        JsonObject status = Objects.object(node, "status");
        JsonObject annotations = Objects.object(metadata, "annotations");
        Map<String, String> asked = new java.util.HashMap<>();
        for (String key : new String[] {DURATION, YURT_DURATION}) {
            if (annotations.has(key)) {
                asked.put(key, Objects.text(annotations, key));
            }
        }
        JsonObject labels = Objects.object(metadata, "labels");
        if (labels.has(OFFLINE_LABEL)) {
            asked.put(OFFLINE_LABEL, Objects.text(labels, OFFLINE_LABEL));
        }
        boolean pressed = Objects.list(status, "conditions").stream()
                .anyMatch(c -> Objects.text(c, "type").endsWith("Pressure") && Objects.text(c, "status").equals("True"));
        return new GatewayNode(Objects.text(metadata, "name"), Objects.text(metadata, "uid"), Objects.text(metadata, "resourceVersion"),
                isKelp(labels, status), Condition.of(status, "Ready"),
                Condition.of(status, LINK), pressed, Objects.text(annotations, REPLICA), Map.copyOf(asked));
    }
}
