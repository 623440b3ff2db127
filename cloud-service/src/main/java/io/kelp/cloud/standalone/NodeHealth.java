package io.kelp.cloud.standalone;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * When each Node last gave a sign of life, on the clock of this process: a renewed Lease or a newer heartbeat in its status. A
 * Node that is seen for the first time has its grace, so a restart of the control plane drives nobody out. Not safe for use by several threads.
 */
final class NodeHealth {

    private record Sign(String uid, String lease, String heartbeat, long nanos) {}

    private final Map<String, Sign> signs = new HashMap<>();
    private final long graceNanos;

    NodeHealth(Duration grace) {
        this.graceNanos = grace.toNanos();
    }

    /** @param lease {@code renewTime} of its Lease, empty for none @param now {@link System#nanoTime} */
    void look(NodeState node, String lease, long now) {
        NodeState.Condition ready = node.conditions().get("Ready");
        String heartbeat = ready == null ? "" : ready.heartbeat();
        Sign last = signs.get(node.name());
        boolean sign = last == null || !last.uid.equals(node.uid()) || !lease.isEmpty() && !last.lease.equals(lease)
                || !last.heartbeat.equals(heartbeat);
        if (sign) {
            signs.put(node.name(), new Sign(node.uid(), lease, heartbeat, now));
        }
    }

    /** Whether nothing has been heard of a Node for longer than the grace. */
    boolean isSilent(String node, long now) {
        Sign last = signs.get(node);
        return last != null && now - last.nanos > graceNanos;
    }

    /** Gives all Nodes their grace anew: after nobody could be heard, the fault was on this side. */
    void startAfresh(long now) {
        signs.replaceAll((node, sign) -> new Sign(sign.uid, sign.lease, sign.heartbeat, now));
    }

    void keepOnly(Set<String> nodes) {
        signs.keySet().retainAll(nodes);
    }
}
