package io.kelp.cloud.hub;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.cloud.kube.KubeApi;
import io.kelp.cloud.kube.ObjectCache;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;

/**
 * Edges up to 1.15, whose certificates do not name their node: a key belongs to the first node name
 * that it used, for ever. Kept in the ConfigMap that remembers the keys of all nodes.
 *
 * <p>Safe for use by several threads; nothing blocks.
 */
public final class LegacyEdges implements AutoCloseable {

    private static final String CONFIG_MAPS = "/api/v1/namespaces/kubeedge/configmaps";

    private final Map<String, String> nodeByKey = new ConcurrentHashMap<>();
    private final ObjectCache<Map<String, String>> stored;
    private final BiConsumer<String, String> recorder;

    /** @param recorder stores that a node (first) has a key (second), some time later */
    public LegacyEdges(KubeApi kube, BiConsumer<String, String> recorder) {
        this.recorder = recorder;
        this.stored = kube.follow(CONFIG_MAPS, Map.of("fieldSelector", "metadata.name=kelp-node-keys"), LegacyEdges::read, null);
    }

    /** Binds the key to the node if it is bound to none. @return why not; empty when it is this node's */
    String claim(String node, String keyId) {
        if (!stored.synced().isDone()) {
            return "the bindings of legacy edges are not read yet; try again";
        }
        for (Map<String, String> keys : stored.all()) {
            keys.forEach((name, key) -> {
                if (key.equals(keyId)) {
                    nodeByKey.putIfAbsent(keyId, name);
                }
            });
        }
        boolean taken = stored.all().stream().anyMatch(keys -> keys.containsKey(node) && !keys.get(node).equals(keyId));
        if (taken) {
            return "the name " + node + " belongs to another key; if that one is lost, remove " + node
                    + " from ConfigMap kubeedge/kelp-node-keys";
        }
        String owner = nodeByKey.putIfAbsent(keyId, node);
        if (owner == null) {
            recorder.accept(node, keyId);
            return "";
        }
        return owner.equals(node) ? "" : "the key of this certificate belongs to node " + owner;
    }

    private static Map<String, String> read(JsonObject configMap) {
        Map<String, String> keys = new HashMap<>();
        if (configMap.get("data") instanceof JsonObject data) {
            for (Map.Entry<String, JsonElement> entry : data.entrySet()) {
                keys.put(entry.getKey(), entry.getValue().getAsString());
            }
        }
        return keys;
    }

    @Override
    public void close() {
        stored.close();
    }
}
