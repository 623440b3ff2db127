package io.kelp.cloud.pki;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.cloud.kube.KubeApi;
import io.kelp.cloud.kube.KubeException;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The Secrets in namespace {@code kubeedge} that hold the key material (channel specification 1.1).
 * Methods wait for the API server, at most 15 s; they are for start-up and for background tasks.
 */
final class SecretStore {

    static final String NAMESPACE = "kubeedge";

    private static final String SECRETS = "/api/v1/namespaces/" + NAMESPACE + "/secrets";
    private static final long DEADLINE_SECONDS = 15;

    private final KubeApi kube;

    SecretStore(KubeApi kube) {
        this.kube = kube;
    }

    /** The data of a Secret; empty when there is none. */
    Optional<Map<String, byte[]>> read(String name) throws PkiException {
        try {
            return Optional.of(data(await(kube.get(SECRETS + "/" + name), "read Secret " + NAMESPACE + "/" + name)));
        } catch (KubeException e) {
            if (e.code() == 404) {
                return Optional.empty();
            }
            throw refused("read Secret " + NAMESPACE + "/" + name, e);
        }
    }

    /** As {@link #read}, without waiting; fails as {@link KubeApi#get} does, or with {@link PkiException}. */
    static CompletableFuture<Optional<Map<String, byte[]>>> readLater(KubeApi kube, String name) {
        return kube.get(SECRETS + "/" + name).handle((secret, problem) -> {
            Throwable cause = problem instanceof CompletionException && problem.getCause() != null ? problem.getCause() : problem;
            if (cause instanceof KubeException refused && refused.code() == 404) {
                return CompletableFuture.completedFuture(Optional.<Map<String, byte[]>>empty());
            }
            try {
                return cause == null ? CompletableFuture.completedFuture(Optional.of(data(secret)))
                        : CompletableFuture.<Optional<Map<String, byte[]>>>failedFuture(cause);
            } catch (PkiException e) {
                return CompletableFuture.<Optional<Map<String, byte[]>>>failedFuture(e);
            }
        }).thenCompose(stage -> stage);
    }

    /**
     * Creates a Secret unless there is one.
     *
     * @return false when another replica was faster; its data then counts
     */
    boolean createIfAbsent(String name, Map<String, byte[]> data) throws PkiException {
        try {
            await(kube.create(SECRETS, secret(name, data)), "create Secret " + NAMESPACE + "/" + name);
            return true;
        } catch (KubeException e) {
            if (e.code() == 409) {
                return false;
            }
            if (e.code() != 404) {
                throw refused("create Secret " + NAMESPACE + "/" + name, e);
            }
        }
        createNamespace();
        try {
            await(kube.create(SECRETS, secret(name, data)), "create Secret " + NAMESPACE + "/" + name);
            return true;
        } catch (KubeException e) {
            if (e.code() == 409) {
                return false;
            }
            throw refused("create Secret " + NAMESPACE + "/" + name, e);
        }
    }

    /** Writes these keys of a Secret, creating it when it is missing; other keys are left alone. */
    void write(String name, Map<String, byte[]> data) throws PkiException {
        if (createIfAbsent(name, data)) {
            return;
        }
        JsonObject patch = new JsonObject();
        patch.add("data", encoded(data));
        try {
            await(kube.patch(SECRETS + "/" + name, KubeApi.PatchType.MERGE, patch.toString()),
                    "write Secret " + NAMESPACE + "/" + name);
        } catch (KubeException e) {
            throw refused("write Secret " + NAMESPACE + "/" + name, e);
        }
    }

    private void createNamespace() throws PkiException {
        JsonObject namespace = object("Namespace", NAMESPACE);
        try {
            await(kube.create("/api/v1/namespaces", namespace), "create namespace " + NAMESPACE);
        } catch (KubeException e) {
            if (e.code() != 409) {
                throw refused("create namespace " + NAMESPACE, e);
            }
        }
    }

    private static <T> T await(CompletableFuture<T> answer, String what) throws PkiException, KubeException {
        try {
            return answer.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof KubeException refused) {
                throw refused;
            }
            throw new PkiException("Cannot " + what + ": " + e.getCause().getMessage(), e.getCause());
        } catch (TimeoutException e) {
            throw new PkiException("Cannot " + what + ": the API server did not answer within " + DEADLINE_SECONDS + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PkiException("Cannot " + what + ": interrupted", e);
        }
    }

    private static PkiException refused(String what, KubeException e) {
        String remedy = e.code() == 401 || e.code() == 403
                ? "; give the account of kelp-cloud the rights listed in manifests/rbac.yaml" : "";
        return new PkiException("The API server does not let us " + what + ": " + e.getMessage() + remedy, e);
    }

    private static JsonObject secret(String name, Map<String, byte[]> data) {
        JsonObject secret = object("Secret", name);
        secret.getAsJsonObject("metadata").addProperty("namespace", NAMESPACE);
        secret.addProperty("type", "Opaque");
        secret.add("data", encoded(data));
        return secret;
    }

    private static JsonObject object(String kind, String name) {
        JsonObject metadata = new JsonObject();
        metadata.addProperty("name", name);
        JsonObject object = new JsonObject();
        object.addProperty("apiVersion", "v1");
        object.addProperty("kind", kind);
        object.add("metadata", metadata);
        return object;
    }

    private static JsonObject encoded(Map<String, byte[]> data) {
        JsonObject encoded = new JsonObject();
        data.forEach((key, value) -> encoded.addProperty(key, Base64.getEncoder().encodeToString(value)));
        return encoded;
    }

    private static Map<String, byte[]> data(JsonObject secret) throws PkiException {
        Map<String, byte[]> data = new TreeMap<>();
        if (secret.get("data") instanceof JsonObject encoded) {
            for (Map.Entry<String, JsonElement> entry : encoded.entrySet()) {
                try {
                    data.put(entry.getKey(), Base64.getDecoder().decode(entry.getValue().getAsString()));
                } catch (RuntimeException e) {
                    // Wrong JSON types and wrong base64 come as different unchecked exceptions.
                    throw new PkiException("Key " + entry.getKey() + " of a Secret in " + NAMESPACE + " is not base64", e);
                }
            }
        }
        return data;
    }
}
