package io.kelp.cloud.kube;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * The API server. Credentials, TLS and re-authentication are the client library's; here are only
 * paths and JSON.
 *
 * <p>Every stage fails with {@link KubeException} when the server refuses and with
 * {@link java.io.IOException} when it cannot be reached within the request timeout (10 s). Answers of code 429 are
 * repeated after the time that the server asks for, a bounded number of times. Safe for use by several threads; no method blocks.
 */
public interface KubeApi {

    /** How a patch is to be read. */
    enum PatchType {
        MERGE("application/merge-patch+json"),
        STRATEGIC("application/strategic-merge-patch+json"),
        JSON("application/json-patch+json"),
        APPLY("application/apply-patch+yaml");

        private final String contentType;

        PatchType(String contentType) {
            this.contentType = contentType;
        }

        public String contentType() {
            return contentType;
        }
    }

    /** @param path absolute path with query, for example {@code /api/v1/nodes/edge-1} */
    CompletableFuture<JsonObject> get(String path);

    CompletableFuture<JsonObject> create(String collectionPath, JsonObject object);

    CompletableFuture<JsonObject> update(String path, JsonObject object);

    /** @param body the patch as JSON text */
    CompletableFuture<JsonObject> patch(String path, PatchType type, String body);

    /** @param options DeleteOptions, may be {@code null}; answers the Status or the object */
    CompletableFuture<JsonObject> delete(String path, JsonElement options);

    /**
     * Lists a collection and keeps following it, for ever: expired versions (410) lead to a new
     * list, a lost server to repetition with back-off.
     *
     * @param collectionPath for example {@code /apis/devices.kubeedge.io/v1beta1/devices}
     * @param query more query parameters, for example {@code labelSelector}
     * @param projection makes what is kept of an object; the tree is not kept. Returning {@code null} leaves the object out
     * @param listener told of changes, serially; may be {@code null}
     */
    <T> ObjectCache<T> follow(String collectionPath, Map<String, String> query, Function<JsonObject, T> projection,
            ObjectCache.Listener<T> listener);
}
