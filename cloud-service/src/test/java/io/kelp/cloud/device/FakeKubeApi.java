package io.kelp.cloud.device;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.cloud.kube.KubeApi;
import io.kelp.cloud.kube.KubeException;
import io.kelp.cloud.kube.ObjectCache;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Function;

/** An API server in memory: versions, conflicts, merge and JSON patches; changes are told at once. */
final class FakeKubeApi implements KubeApi {

    private record Follower(String collection, BiConsumer<JsonObject, JsonObject> tell) {}

    private final Map<String, JsonObject> objects = new TreeMap<>();
    private final List<Follower> followers = new ArrayList<>();
    private long version = 100;
    /** Failure of the next writes, for tests. */
    volatile Function<String, KubeException> refuse = path -> null;

    @Override
    public synchronized CompletableFuture<JsonObject> get(String path) {
        JsonObject object = objects.get(normal(path));
        return object == null ? refused(404) : CompletableFuture.completedFuture(object.deepCopy());
    }

    @Override
    public synchronized CompletableFuture<JsonObject> create(String collectionPath, JsonObject object) {
        KubeException refusal = refuse.apply(collectionPath);
        if (refusal != null) {
            return CompletableFuture.failedFuture(refusal);
        }
        JsonObject created = object.deepCopy();
        JsonObject metadata = created.getAsJsonObject("metadata");
        String path = normal(collectionPath) + "/" + metadata.get("name").getAsString();
        if (objects.containsKey(path)) {
            return refused(409);
        }
        metadata.addProperty("namespace", path.replaceFirst(".*/namespaces/([^/]*)/.*", "$1"));
        metadata.addProperty("uid", UUID.randomUUID().toString());
        metadata.addProperty("creationTimestamp", Instant.ofEpochSecond(1_790_000_000 + version).toString());
        metadata.addProperty("generation", 1);
        return store(path, null, created);
    }

    @Override
    public synchronized CompletableFuture<JsonObject> update(String path, JsonObject object) {
        JsonObject old = objects.get(normal(path));
        return old == null ? refused(404) : store(normal(path), old, object.deepCopy());
    }

    @Override
    public synchronized CompletableFuture<JsonObject> patch(String path, PatchType type, String body) {
        KubeException refusal = refuse.apply(path);
        if (refusal != null) {
            return CompletableFuture.failedFuture(refusal);
        }
        JsonObject old = objects.get(normal(path));
        if (old == null) {
            return refused(404);
        }
        JsonElement patch = JsonParser.parseString(body);
        JsonObject now = old.deepCopy();
        if (type == PatchType.MERGE) {
            if (patch.getAsJsonObject().get("metadata") instanceof JsonObject metadata) {
                for (String guard : new String[] {"resourceVersion", "uid"}) {
                    if (metadata.has(guard) && !metadata.get(guard).equals(old.getAsJsonObject("metadata").get(guard))) {
                        return refused(409);
                    }
                }
            }
            merge(now, patch.getAsJsonObject());
        } else if (!jsonPatch(now, patch.getAsJsonArray())) {
            return refused(422);
        }
        return store(normal(path), old, now);
    }

    @Override
    public synchronized CompletableFuture<JsonObject> delete(String path, JsonElement options) {
        JsonObject old = objects.remove(normal(path));
        if (old == null) {
            return refused(404);
        }
        JsonObject last = old.deepCopy();
        last.getAsJsonObject("metadata").addProperty("resourceVersion", Long.toString(++version));
        tell(normal(path), old, null, last);
        return CompletableFuture.completedFuture(last);
    }

    @Override
    public synchronized <T> ObjectCache<T> follow(String collectionPath, Map<String, String> query,
            Function<JsonObject, T> projection, ObjectCache.Listener<T> listener) {
        Map<String, T> known = new ConcurrentHashMap<>();
        String collection = normal(collectionPath).replaceFirst(".*/", "");
        Follower follower = new Follower(collection, (object, gone) -> {
            JsonObject metadata = (object == null ? gone : object).getAsJsonObject("metadata");
            String key = metadata.get("namespace").getAsString() + "/" + metadata.get("name").getAsString();
            if (object == null) {
                known.remove(key);
                if (listener != null) {
                    listener.removed(projection.apply(gone));
                }
            } else {
                T now = projection.apply(object);
                T before = known.put(key, now);
                if (listener != null) {
                    listener.changed(before, now);
                }
            }
        });
        followers.add(follower);
        objects.forEach((path, object) -> {
            if (path.contains("/" + collection + "/")) {
                follower.tell().accept(object.deepCopy(), null);
            }
        });
        return new ObjectCache<>() {
            @Override
            public Optional<T> get(String namespace, String name) {
                return Optional.ofNullable(known.get(namespace + "/" + name));
            }

            @Override
            public Collection<T> all() {
                return List.copyOf(known.values());
            }

            @Override
            public CompletableFuture<Void> synced() {
                return CompletableFuture.completedFuture(null);
            }

            @Override
            public void close() {
                followers.remove(follower);
            }
        };
    }

    private CompletableFuture<JsonObject> store(String path, JsonObject old, JsonObject changed) {
        JsonObject now = VectorMessages.canonical(changed).getAsJsonObject();
        JsonObject metadata = now.getAsJsonObject("metadata");
        if (old != null) {
            if (now.equals(old)) {
                return CompletableFuture.completedFuture(now);
            }
            if (!without(old).equals(without(now))) {
                metadata.addProperty("generation", metadata.get("generation").getAsInt() + 1);
            }
        }
        metadata.addProperty("resourceVersion", Long.toString(++version));
        objects.put(path, now);
        tell(path, old, now, null);
        return CompletableFuture.completedFuture(now.deepCopy());
    }

    private static JsonObject without(JsonObject object) {
        JsonObject copy = object.deepCopy();
        copy.remove("metadata");
        return copy;
    }

    private void tell(String path, JsonObject old, JsonObject now, JsonObject gone) {
        for (Follower follower : List.copyOf(followers)) {
            if (path.contains("/" + follower.collection() + "/")) {
                follower.tell().accept(now == null ? null : now.deepCopy(), gone);
            }
        }
    }

    private static void merge(JsonObject target, JsonObject patch) {
        patch.entrySet().forEach(entry -> {
            if (entry.getValue().isJsonNull()) {
                target.remove(entry.getKey());
            } else if (entry.getValue() instanceof JsonObject part) {
                if (!(target.get(entry.getKey()) instanceof JsonObject)) {
                    target.add(entry.getKey(), new JsonObject());
                }
                merge(target.getAsJsonObject(entry.getKey()), part);
            } else {
                target.add(entry.getKey(), entry.getValue().deepCopy());
            }
        });
    }

    private static boolean jsonPatch(JsonObject target, JsonArray patch) {
        for (JsonElement element : patch) {
            JsonObject operation = element.getAsJsonObject();
            String[] steps = operation.get("path").getAsString().substring(1).split("/");
            JsonElement parent = target;
            for (int i = 0; i < steps.length - 1; i++) {
                parent = parent.isJsonArray() ? parent.getAsJsonArray().get(Integer.parseInt(steps[i])) : parent.getAsJsonObject().get(steps[i]);
            }
            String last = steps[steps.length - 1];
            JsonElement value = operation.get("value");
            String op = operation.get("op").getAsString();
            if (parent instanceof JsonArray array) {
                switch (op) {
                    case "remove" -> array.remove(Integer.parseInt(last));
                    case "add" -> array.add(value);
                    default -> array.set(Integer.parseInt(last), value);
                }
            } else if (op.equals("test")) {
                if (!value.equals(parent.getAsJsonObject().get(last))) {
                    return false;
                }
            } else {
                parent.getAsJsonObject().add(last, value);
            }
        }
        return true;
    }

    /** Both versions are one collection, as with the real definitions. */
    private static String normal(String path) {
        return path.replace("/v1alpha2/", "/v1beta1/").replaceFirst("\\?.*", "");
    }

    private static <T> CompletableFuture<T> refused(int code) {
        JsonObject status = new JsonObject();
        status.addProperty("message", "refused with " + code);
        return CompletableFuture.failedFuture(new KubeException(code, status));
    }
}
