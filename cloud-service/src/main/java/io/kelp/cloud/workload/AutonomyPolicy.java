package io.kelp.cloud.workload;

import com.google.gson.JsonObject;
import java.util.Map;
import java.util.Optional;

/**
 * Who decides about autonomy, the first that says something: the pod (label {@code app-offline.kubeedge.io: autonomy}, annotation
 * {@code kelp.io/autonomy-duration}), its Node (the same and {@code node.openyurt.io/autonomy-duration}), a group that the Node
 * belongs to, and for gateways that run Kelp the setting of the cloud service.
 */
final class AutonomyPolicy {

    private static final Autonomy NOTHING = new Autonomy(Autonomy.NONE, false);

    private final long setting;
    private final Group group;

    /** What a group of gateways is to do. */
    @FunctionalInterface
    interface Group {

        /** Seconds as in {@link Autonomy}; empty when no group says anything about the Node. */
        Optional<Long> of(String node);
    }

    /** @param setting seconds for gateways about which nobody says anything */
    AutonomyPolicy(long setting, Group group) {
        this.setting = setting;
        this.group = group;
    }

    Autonomy of(GatewayNode node, JsonObject pod) {
        JsonObject metadata = Objects.object(pod, "metadata");
        if (Objects.text(metadata, "labels", GatewayNode.OFFLINE_LABEL).equals("autonomy")) {
            return new Autonomy(Autonomy.FOREVER, true);
        }
        Optional<Long> own = Autonomy.parse(Objects.text(metadata, "annotations", GatewayNode.DURATION));
        return own.map(seconds -> new Autonomy(seconds, true)).orElseGet(() -> of(node));
    }

    Autonomy of(GatewayNode node) {
        Map<String, String> asked = node.asked();
        Optional<Long> said = Autonomy.parse(asked.getOrDefault(GatewayNode.DURATION, ""))
                .or(() -> Autonomy.parse(asked.getOrDefault(GatewayNode.YURT_DURATION, "")))
                .or(() -> "autonomy".equals(asked.get(GatewayNode.OFFLINE_LABEL)) ? Optional.of(Autonomy.FOREVER) : Optional.empty())
                .or(() -> group.of(node.name()));
        return said.map(seconds -> new Autonomy(seconds, false)).orElse(node.kelp() ? new Autonomy(setting, false) : NOTHING);
    }
}
