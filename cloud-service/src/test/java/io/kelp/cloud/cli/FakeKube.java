package io.kelp.cloud.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.cloud.kube.KubeApi;
import io.kelp.cloud.kube.KubeException;
import io.kelp.cloud.kube.ObjectCache;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An API server in memory: objects, versions, conflicts, watches; no schemas, no defaults. */
public final class FakeKube implements KubeApi {

    private static final Pattern PATH = Pattern.compile(
            "(/api/v1|/apis/[^/]+/[^/]+)(?:/namespaces/([^/]+)(?=/[^/]+))?/([^/]+)(?:/([^/]+))?(?:/(status|token))?");

    private final Map<String, JsonObject> objects = new TreeMap<>();
    private final List<Cache<?>> caches = new CopyOnWriteArrayList<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private long version = 100;

    private record Place(String collection, String namespace, String name, boolean status) {

        String key() {
            return collection + " " + namespace + " " + name;
        }
    }

    private static Place place(String path) {
        Matcher matcher = PATH.matcher(path.replaceAll("\\?.*", ""));
        if (!matcher.matches()) {
            throw new AssertionError("path " + path);
        }
        return new Place(matcher.group(1) + "/" + matcher.group(3), matcher.group(2) == null ? "" : matcher.group(2),
                matcher.group(4) == null ? "" : matcher.group(4), "status".equals(matcher.group(5)));
    }

    /** Verb and path of every write so far. */
    public List<String> writes() {
        return List.copyOf(requests);
    }

    public synchronized Optional<JsonObject> find(String path) {
        return Optional.ofNullable(objects.get(place(path).key())).map(JsonObject::deepCopy);
    }

    /** Sets the version that the next write gets, as a restored API server would. */
    public synchronized void nextVersion(long next) {
        version = next - 1;
    }

    @Override
    public CompletableFuture<JsonObject> get(String path) {
        if (path.equals("/version")) {
            return CompletableFuture.completedFuture(new JsonObject());
        }
        return find(path).map(CompletableFuture::completedFuture).orElseGet(() -> refuse(404, "NotFound", path));
    }

    @Override
    public CompletableFuture<JsonObject> create(String collectionPath, JsonObject object) {
        if (collectionPath.endsWith("dryRun=All")) {
            return CompletableFuture.completedFuture(object.deepCopy());
        }
        requests.add("create " + collectionPath);
        JsonObject made = object.deepCopy();
        JsonObject metadata = made.getAsJsonObject("metadata");
        Place place = place(collectionPath.replaceAll("\\?.*", "") + "/" + metadata.get("name").getAsString());
        synchronized (this) {
            if (!place.namespace().isEmpty() && !objects.containsKey("/api/v1/namespaces  " + place.namespace())) {
                return refuse(404, "NotFound", "namespace " + place.namespace());
            }
            if (objects.containsKey(place.key())) {
                return refuse(409, "AlreadyExists", collectionPath);
            }
            if (!place.namespace().isEmpty()) {
                metadata.addProperty("namespace", place.namespace());
            }
            metadata.addProperty("uid", "uid-" + version);
            metadata.addProperty("creationTimestamp", java.time.Instant.now().truncatedTo(java.time.temporal.ChronoUnit.SECONDS).toString());
            return CompletableFuture.completedFuture(store(place, made));
        }
    }

    /** Puts an object in, with the uid that it has. */
    public synchronized JsonObject put(String path, JsonObject object) {
        return store(place(path), object.deepCopy());
    }

    private JsonObject store(Place place, JsonObject object) {
        if (place.collection().endsWith("/customresourcedefinitions")) {
            object.add("status", JsonParser.parseString("{\"conditions\":[{\"type\":\"Established\",\"status\":\"True\"}]}"));
        }
        object.getAsJsonObject("metadata").addProperty("resourceVersion", Long.toString(++version));
        objects.put(place.key(), object);
        JsonObject copy = object.deepCopy();
        caches.forEach(cache -> cache.changed(place, copy));
        return copy;
    }

    @Override
    public CompletableFuture<JsonObject> update(String path, JsonObject object) {
        requests.add("update " + path);
        synchronized (this) {
            return objects.containsKey(place(path).key())
                    ? CompletableFuture.completedFuture(store(place(path), object.deepCopy())) : refuse(404, "NotFound", path);
        }
    }

    @Override
    public CompletableFuture<JsonObject> patch(String path, PatchType type, String body) {
        requests.add("patch " + path);
        synchronized (this) {
            Place place = place(path);
            JsonObject object = objects.get(place.key());
            if (object == null) {
                return refuse(404, "NotFound", path);
            }
            JsonObject patched = object.deepCopy();
            if (type == PatchType.JSON) {
                if (!jsonPatch(patched, JsonParser.parseString(body).getAsJsonArray())) {
                    return refuse(422, "Invalid", "the server rejected our request due to an error in our request");
                }
                return CompletableFuture.completedFuture(store(place, patched));
            }
            merge(patched, JsonParser.parseString(body).getAsJsonObject());
            return CompletableFuture.completedFuture(patched.equals(object) ? patched : store(place, patched));
        }
    }

    /** Operations test and add, on places that exist. @return whether all tests held */
    private static boolean jsonPatch(JsonObject into, JsonArray patch) {
        for (JsonElement element : patch) {
            JsonObject operation = element.getAsJsonObject();
            String[] path = operation.get("path").getAsString().substring(1).split("/");
            JsonElement parent = into;
            for (int i = 0; i < path.length - 1 && parent != null; i++) {
                parent = child(parent, path[i]);
            }
            String last = path[path.length - 1];
            if (parent == null || operation.get("op").getAsString().equals("test") && !operation.get("value").equals(child(parent, last))) {
                return false;
            }
            if (operation.get("op").getAsString().equals("add")) {
                parent.getAsJsonObject().add(last, operation.get("value"));
            }
        }
        return true;
    }

    private static JsonElement child(JsonElement parent, String name) {
        if (parent instanceof JsonArray array) {
            return Integer.parseInt(name) < array.size() ? array.get(Integer.parseInt(name)) : null;
        }
        return parent.getAsJsonObject().get(name);
    }

    private static void merge(JsonObject into, JsonObject patch) {
        for (Map.Entry<String, JsonElement> entry : patch.entrySet()) {
            if (entry.getValue().isJsonNull()) {
                into.remove(entry.getKey());
            } else if (entry.getValue() instanceof JsonObject inner) {
                if (!(into.get(entry.getKey()) instanceof JsonObject)) {
                    into.add(entry.getKey(), new JsonObject());
                }
                merge(into.getAsJsonObject(entry.getKey()), inner);
            } else {
                into.add(entry.getKey(), entry.getValue());
            }
        }
    }

    @Override
    public CompletableFuture<JsonObject> delete(String path, JsonElement options) {
        requests.add("delete " + path);
        synchronized (this) {
            JsonObject gone = objects.remove(place(path).key());
            if (gone == null) {
                return refuse(404, "NotFound", path);
            }
            caches.forEach(cache -> cache.removed(place(path)));
            return CompletableFuture.completedFuture(gone);
        }
    }

    @Override
    public synchronized <T> ObjectCache<T> follow(String collectionPath, Map<String, String> query,
            Function<JsonObject, T> projection, ObjectCache.Listener<T> listener) {
        Cache<T> cache = new Cache<>(collectionPath, query, projection, listener);
        objects.forEach((key, object) -> {
            String[] parts = key.split(" ", -1);
            cache.changed(new Place(parts[0], parts[1], parts[2], false), object);
        });
        caches.add(cache);
        return cache;
    }

    private static CompletableFuture<JsonObject> refuse(int code, String reason, String what) {
        JsonObject status = new JsonObject();
        status.addProperty("kind", "Status");
        status.addProperty("status", "Failure");
        status.addProperty("message", what + ": " + reason);
        status.addProperty("reason", reason);
        status.addProperty("code", code);
        return CompletableFuture.failedFuture(new KubeException(code, status));
    }

    private static final class Cache<T> implements ObjectCache<T> {

        private final Place place;
        private final Map<String, String> query;
        private final Function<JsonObject, T> projection;
        private final Listener<T> listener;
        private final Map<String, T> held = new ConcurrentHashMap<>();

        private Cache(String path, Map<String, String> query, Function<JsonObject, T> projection, Listener<T> listener) {
            this.place = place(path);
            this.query = query;
            this.projection = projection;
            this.listener = listener;
        }

        private boolean matches(Place other) {
            String name = query.getOrDefault("fieldSelector", "");
            if (query.getOrDefault("labelSelector", "").startsWith("!")) {
                return false; // all Nodes here are gateways
            }
            return place.collection().equals(other.collection()) && (place.namespace().isEmpty() || place.namespace().equals(other.namespace()))
                    && (!name.startsWith("metadata.name=") || name.equals("metadata.name=" + other.name()));
        }

        private void changed(Place at, JsonObject object) {
            T now = matches(at) ? projection.apply(object) : null;
            if (now != null) {
                T before = held.put(at.namespace() + "/" + at.name(), now);
                if (listener != null) {
                    listener.changed(before, now);
                }
            }
        }

        private void removed(Place at) {
            T last = matches(at) ? held.remove(at.namespace() + "/" + at.name()) : null;
            if (last != null && listener != null) {
                listener.removed(last);
            }
        }

        @Override
        public Optional<T> get(String namespace, String name) {
            return Optional.ofNullable(held.get(namespace + "/" + name));
        }

        @Override
        public Collection<T> all() {
            return new ArrayList<>(held.values());
        }

        @Override
        public CompletableFuture<Void> synced() {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void close() {
            held.clear();
        }
    }
}
