package io.kelp.cloud.edge;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which gateways need which config maps and secrets, by the pods bound to them. An object stays on a gateway as long as one of
 * its pods refers to it, and no longer. Written by one thread at a time, read by any.
 */
final class References {

    private final Map<String, PodView> pods = new HashMap<>(); // by uid
    private final Map<String, Map<String, Integer>> counts = new ConcurrentHashMap<>(); // key → node → pods there

    /** A pod is new or has changed. @return the keys that its node did not need before */
    synchronized List<String> put(PodView pod) {
        PodView before = pods.put(pod.held().uid(), pod);
        List<String> added = new ArrayList<>();
        for (String key : pod.references()) {
            Map<String, Integer> nodes = counts.computeIfAbsent(key, k -> new ConcurrentHashMap<>());
            if (nodes.merge(pod.node(), 1, Integer::sum) == 1) {
                added.add(key);
            }
        }
        if (before != null) {
            forget(before);
        }
        return added;
    }

    /** A pod is gone. @return the keys that nobody needs any more */
    synchronized List<String> remove(PodView pod) {
        PodView known = pods.remove(pod.held().uid());
        return known == null ? List.of() : forget(known);
    }

    private List<String> forget(PodView pod) {
        List<String> unused = new ArrayList<>();
        for (String key : pod.references()) {
            counts.computeIfPresent(key, (k, nodes) -> {
                nodes.computeIfPresent(pod.node(), (node, count) -> count > 1 ? count - 1 : null);
                return nodes.isEmpty() ? null : nodes;
            });
            if (!counts.containsKey(key)) {
                unused.add(key);
            }
        }
        return unused;
    }

    boolean has(String key) {
        return counts.containsKey(key);
    }

    /** The gateways with a pod that refers to the object. */
    Set<String> nodes(String key) {
        return counts.getOrDefault(key, Map.of()).keySet();
    }
}
