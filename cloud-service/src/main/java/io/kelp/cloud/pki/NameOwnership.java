package io.kelp.cloud.pki;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.cloud.kube.KubeApi;
import io.kelp.cloud.kube.KubeException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Decides whether a node name may be given to a key. A name whose Node is alive belongs to the key
 * that has it: another one needs an operator, who deletes the Node or annotates it with
 * {@code kelp.io/allow-rejoin=once}.
 *
 * <p>Keys are remembered by their hash in ConfigMap {@code kubeedge/kelp-node-keys}. Nothing here
 * blocks.
 */
final class NameOwnership {

    static final String OVERRIDE = "kelp.io/allow-rejoin";

    private static final String CONFIG_MAPS = "/api/v1/namespaces/" + SecretStore.NAMESPACE + "/configmaps";
    private static final String KEYS = "kelp-node-keys";
    private static final Duration LEASE_LIFE = Duration.ofSeconds(60);

    private final KubeApi kube;
    private final Predicate<String> isConnected;
    private final Clock clock;

    /** @param isConnected whether a node has a session at this replica */
    NameOwnership(KubeApi kube, Predicate<String> isConnected, Clock clock) {
        this.kube = kube;
        this.isConnected = isConnected;
        this.clock = clock;
    }

    /** Says why the name may not go to this key; empty text when it may. Fails when the API server cannot say. */
    CompletableFuture<String> objection(String node, String keyId) {
        return find("/api/v1/nodes/" + node).thenCompose(found -> {
            if (found == null || "once".equals(text(found, "metadata", "annotations", OVERRIDE))) {
                return CompletableFuture.completedFuture("");
            }
            return find("/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/" + node).thenCompose(lease -> {
                if (!isConnected.test(node) && !isReady(found) && !isFresh(lease)) {
                    return CompletableFuture.completedFuture("");
                }
                return find(CONFIG_MAPS + "/" + KEYS).thenApply(keys ->
                        keys != null && keyId.equals(text(keys, "data", node)) ? "" : "node \"" + node
                                + "\" is alive and holds another key; join under another name, or delete Node " + node
                                + ", or let it happen with: kubectl annotate node " + node + " " + OVERRIDE + "=once");
            });
        });
    }

    /** Remembers that the name now belongs to this key, and takes a given permission back. */
    CompletableFuture<Void> record(String node, String keyId) {
        JsonObject data = new JsonObject();
        data.addProperty(node, keyId);
        JsonObject patch = new JsonObject();
        patch.add("data", data);
        CompletableFuture<JsonObject> written = kube.patch(CONFIG_MAPS + "/" + KEYS, KubeApi.PatchType.MERGE, patch.toString());
        return recover(written, 404, () -> {
            JsonObject metadata = new JsonObject();
            metadata.addProperty("name", KEYS);
            metadata.addProperty("namespace", SecretStore.NAMESPACE);
            JsonObject map = new JsonObject();
            map.addProperty("apiVersion", "v1");
            map.addProperty("kind", "ConfigMap");
            map.add("metadata", metadata);
            map.add("data", data);
            return recover(kube.create(CONFIG_MAPS, map), 409,
                    () -> kube.patch(CONFIG_MAPS + "/" + KEYS, KubeApi.PatchType.MERGE, patch.toString()));
        }).thenCompose(ok -> withdrawPermission(node));
    }

    private CompletableFuture<Void> withdrawPermission(String node) {
        return find("/api/v1/nodes/" + node).thenCompose(found -> {
            if (found == null || text(found, "metadata", "annotations", OVERRIDE).isEmpty()) {
                return CompletableFuture.completedFuture(null);
            }
            String patch = "{\"metadata\":{\"annotations\":{\"" + OVERRIDE + "\":null}}}";
            return kube.patch("/api/v1/nodes/" + node, KubeApi.PatchType.MERGE, patch).thenApply(done -> null);
        });
    }

    /** Whether the Node exists. */
    CompletableFuture<Boolean> exists(String node) {
        return find("/api/v1/nodes/" + node).thenApply(found -> found != null);
    }

    /** The object, or {@code null} when there is none. */
    private CompletableFuture<JsonObject> find(String path) {
        return recover(kube.get(path), 404, () -> CompletableFuture.completedFuture(null));
    }

    private static CompletableFuture<JsonObject> recover(
            CompletableFuture<JsonObject> answer, int code, Supplier<CompletableFuture<JsonObject>> instead) {
        return answer.handle((value, failure) -> {
            if (failure == null) {
                return CompletableFuture.completedFuture(value);
            }
            Throwable cause = failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
            return cause instanceof KubeException refused && refused.code() == code
                    ? instead.get() : CompletableFuture.<JsonObject>failedFuture(cause);
        }).thenCompose(stage -> stage);
    }

    /**
     * The time in a Lease is the gateway's own and may be years off; the Ready condition, which
     * Kubernetes ends by its own clock, and the session speak for gateways with a wrong one.
     */
    private boolean isFresh(JsonObject lease) {
        if (lease == null) {
            return false;
        }
        try {
            Duration age = Duration.between(Instant.parse(text(lease, "spec", "renewTime")), clock.instant());
            return age.abs().compareTo(LEASE_LIFE) < 0;
        } catch (DateTimeParseException e) {
            return false; // a Lease that was never renewed
        }
    }

    private static boolean isReady(JsonObject node) {
        if (node.get("status") instanceof JsonObject status && status.get("conditions") instanceof JsonArray all) {
            for (JsonElement one : all) {
                if (one instanceof JsonObject condition && "Ready".equals(text(condition, "type"))) {
                    return "True".equals(text(condition, "status"));
                }
            }
        }
        return false;
    }

    private static String text(JsonObject object, String... path) {
        JsonElement at = object;
        for (String name : path) {
            at = at instanceof JsonObject o ? o.get(name) : null;
        }
        return at != null && at.isJsonPrimitive() ? at.getAsString() : "";
    }
}
