package io.kelp.cloud.edge;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.cloud.kube.KubeApi;
import io.kelp.cloud.kube.KubeException;
import io.kelp.cloud.kube.ObjectCache;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** An API server that gives the answer it is told to give, and keeps what it was asked. */
final class ScriptedApi implements KubeApi {

    /** What was asked: verb and path, and the body if there was one. */
    record Call(String line, JsonElement body) {}

    private final List<Call> calls = new ArrayList<>();
    private final Map<String, Followed<?>> followed = new HashMap<>();
    private JsonObject answer = new JsonObject();
    private KubeException refusal;

    void willAnswer(JsonObject object) {
        answer = object;
        refusal = null;
    }

    void willRefuse(JsonObject status) {
        refusal = new KubeException(status.get("code").getAsInt(), status);
    }

    /** The calls since the last time this was asked. */
    List<Call> calls() {
        List<Call> since = List.copyOf(calls);
        calls.clear();
        return since;
    }

    /** The watch of a collection brings an object. */
    void add(String collection, JsonObject object) {
        followed.get(collection).add(object);
    }

    @Override
    public CompletableFuture<JsonObject> get(String path) {
        return call("GET " + path, null);
    }

    @Override
    public CompletableFuture<JsonObject> create(String collectionPath, JsonObject object) {
        return call("POST " + collectionPath, object);
    }

    @Override
    public CompletableFuture<JsonObject> update(String path, JsonObject object) {
        return call("PUT " + path, object);
    }

    @Override
    public CompletableFuture<JsonObject> patch(String path, PatchType type, String body) {
        return call("PATCH " + type + " " + path, com.google.gson.JsonParser.parseString(body));
    }

    @Override
    public CompletableFuture<JsonObject> delete(String path, JsonElement options) {
        return call("DELETE " + path, options);
    }

    private CompletableFuture<JsonObject> call(String line, JsonElement body) {
        calls.add(new Call(line, body));
        return refusal == null ? CompletableFuture.completedFuture(answer.deepCopy()) : CompletableFuture.failedFuture(refusal);
    }

    @Override
    public <T> ObjectCache<T> follow(String collectionPath, Map<String, String> query, Function<JsonObject, T> projection,
            ObjectCache.Listener<T> listener) {
        Followed<T> cache = new Followed<>(projection, listener);
        followed.putIfAbsent(collectionPath, cache); // Nodes that are no gateways are followed second, and there are none
        return cache;
    }

    private static final class Followed<T> implements ObjectCache<T> {

        private final Function<JsonObject, T> projection;
        private final Listener<T> listener;
        private final Map<String, T> objects = new HashMap<>();

        Followed(Function<JsonObject, T> projection, Listener<T> listener) {
            this.projection = projection;
            this.listener = listener;
        }

        void add(JsonObject object) {
            T now = projection.apply(object);
            if (now != null) {
                listener.changed(objects.put(Json.string(object, "metadata", "namespace") + "/" + Json.string(object, "metadata", "name"), now), now);
            }
        }

        @Override
        public Optional<T> get(String namespace, String name) {
            return Optional.ofNullable(objects.get(namespace + "/" + name));
        }

        @Override
        public Collection<T> all() {
            return objects.values();
        }

        @Override
        public CompletableFuture<Void> synced() {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void close() {
            objects.clear();
        }
    }
}
