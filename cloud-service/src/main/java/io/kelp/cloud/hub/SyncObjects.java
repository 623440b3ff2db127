package io.kelp.cloud.hub;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.cloud.kube.KubeApi;
import io.kelp.cloud.kube.KubeException;
import io.kelp.cloud.kube.ObjectCache;
import io.kelp.message.ResourcePath;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * ObjectSync and ClusterObjectSync objects: what stock edges have acknowledged, kept where a stock
 * cloud keeps it (channel specification 5.5). Kelp gateways have none.
 *
 * <p>Safe for use by several threads; nothing blocks. Writes of one object follow each other, and a
 * newer version replaces one that still waits.
 */
final class SyncObjects implements AutoCloseable {

    static final String API = "/apis/reliablesyncs.kubeedge.io/v1alpha1";

    private static final Logger LOG = LoggerFactory.getLogger(SyncObjects.class);

    private final KubeApi kube;
    private final Map<String, Map<String, Record>> byNode = new ConcurrentHashMap<>();
    private final Map<String, Writer> writers = new ConcurrentHashMap<>();
    private final List<ObjectCache<Record>> caches;
    private final AtomicBoolean failing = new AtomicBoolean();

    /** A sync object: what it says, and where it is. */
    private record Record(String node, String name, Held held) {}

    SyncObjects(KubeApi kube) {
        this.kube = kube;
        this.caches = List.of(
                kube.follow(API + "/objectsyncs", Map.of(), SyncObjects::read, new Index()),
                kube.follow(API + "/clusterobjectsyncs", Map.of(), SyncObjects::read, new Index()));
    }

    CompletableFuture<Void> synced() {
        return CompletableFuture.allOf(caches.get(0).synced(), caches.get(1).synced());
    }

    /** What an edge has acknowledged; complete once {@link #synced}. */
    Collection<Held> of(String node) {
        return byNode.getOrDefault(node, Map.of()).values().stream().map(Record::held).toList();
    }

    /** Nodes that have sync objects. */
    Set<String> nodes() {
        return Set.copyOf(byNode.keySet());
    }

    /** An object is about to be sent for the first time. */
    void begin(String node, GatewayObject object) {
        write(node, object, Held.NEVER);
    }

    void acknowledged(String node, GatewayObject object) {
        write(node, object, object.resourceVersion());
    }

    void deleted(String node, GatewayObject object) {
        writer(node, object).submit(object, null);
    }

    /** Removes all of a node that is gone. */
    void forget(String node) {
        byNode.getOrDefault(node, Map.of()).values().forEach(record -> kube.delete(path(record.name(), record.held().namespace()), null)
                .whenComplete((ok, failure) -> report("delete", record.name(), failure)));
    }

    private void write(String node, GatewayObject object, String version) {
        if (!object.uid().isEmpty()) {
            writer(node, object).submit(object, version);
        }
    }

    private Writer writer(String node, GatewayObject object) {
        String name = node + "." + object.uid();
        return writers.computeIfAbsent(object.namespace() + "/" + name, k -> new Writer(k, name, node));
    }

    private static String collection(String namespace) {
        return namespace.equals(ResourcePath.CLUSTER) ? API + "/clusterobjectsyncs" : API + "/namespaces/" + namespace + "/objectsyncs";
    }

    private static String path(String name, String namespace) {
        return collection(namespace) + "/" + name;
    }

    private void report(String verb, String name, Throwable failure) {
        Throwable cause = failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        boolean failed = cause != null && !(cause instanceof KubeException refused && (refused.code() == 404 || refused.code() == 409));
        if (failed && failing.compareAndSet(false, true)) {
            LOG.warn("Cannot {} sync object {}: {}; what edges acknowledge is not recorded until this works again",
                    verb, name, cause.getMessage());
        } else if (!failed && failing.compareAndSet(true, false)) {
            LOG.info("Sync objects can be written again");
        }
    }

    /** Brings one sync object to the version asked for last, one request at a time. */
    private final class Writer {

        private final String key;
        private final String name;
        private final String node;
        private GatewayObject object;
        private String wanted;
        private boolean running;
        private boolean pending;

        private Writer(String key, String name, String node) {
            this.key = key;
            this.name = name;
            this.node = node;
        }

        /** @param version {@code null} to delete */
        private synchronized void submit(GatewayObject about, String version) {
            if (Held.NEVER.equals(version) && (pending || running || isPresent(about.uid()))) {
                return;
            }
            object = about;
            wanted = version;
            pending = true;
            if (!running) {
                running = true;
                next();
            }
        }

        private boolean isPresent(String uid) {
            return byNode.getOrDefault(node, Map.of()).containsKey(uid);
        }

        private synchronized void next() {
            if (!pending) {
                running = false;
                writers.remove(key, this);
                return;
            }
            pending = false;
            GatewayObject about = object;
            String version = wanted;
            CompletableFuture<?> done = version == null ? kube.delete(path(name, about.namespace()), null) : put(about, version);
            done.whenComplete((ok, failure) -> {
                report(version == null ? "delete" : "write", name, failure);
                next();
            });
        }

        private CompletableFuture<JsonObject> put(GatewayObject about, String version) {
            String status = "{\"status\":{\"objectResourceVersion\":\"" + version + "\"}}";
            String statusPath = path(name, about.namespace()) + "/status";
            if (isPresent(about.uid())) {
                return kube.patch(statusPath, KubeApi.PatchType.MERGE, status);
            }
            return kube.create(collection(about.namespace()), object(about, name)).handle((made, failure) -> null)
                    .thenCompose(any -> kube.patch(statusPath, KubeApi.PatchType.MERGE, status));
        }
    }

    private static JsonObject object(GatewayObject about, String name) {
        JsonObject metadata = new JsonObject();
        metadata.addProperty("name", name);
        boolean cluster = about.namespace().equals(ResourcePath.CLUSTER);
        if (!cluster) {
            metadata.addProperty("namespace", about.namespace());
        }
        JsonObject spec = new JsonObject();
        spec.addProperty("objectAPIVersion", about.apiVersion());
        spec.addProperty("objectKind", about.kind());
        spec.addProperty("objectName", about.name());
        JsonObject object = new JsonObject();
        object.addProperty("apiVersion", "reliablesyncs.kubeedge.io/v1alpha1");
        object.addProperty("kind", cluster ? "ClusterObjectSync" : "ObjectSync");
        object.add("metadata", metadata);
        object.add("spec", spec);
        return object;
    }

    /** Node names may contain dots, uids do not: the last dot separates them. */
    private static Record read(JsonObject object) {
        String name = text(object, "metadata", "name");
        String namespace = text(object, "metadata", "namespace");
        int dot = name.lastIndexOf('.');
        if (dot < 1) {
            return null;
        }
        String kind = text(object, "spec", "objectKind");
        String version = text(object, "status", "objectResourceVersion");
        Held held = new Held(text(object, "spec", "objectAPIVersion"), kind, kind.toLowerCase(Locale.ROOT),
                namespace.isEmpty() ? ResourcePath.CLUSTER : namespace, text(object, "spec", "objectName"), name.substring(dot + 1),
                version.isEmpty() ? Held.NEVER : version);
        return new Record(name.substring(0, dot), name, held);
    }

    private static String text(JsonObject object, String... path) {
        JsonElement at = object;
        for (String name : path) {
            at = at instanceof JsonObject o ? o.get(name) : null;
        }
        return at != null && at.isJsonPrimitive() ? at.getAsString() : "";
    }

    private final class Index implements ObjectCache.Listener<Record> {

        @Override
        public void changed(Record before, Record now) {
            byNode.compute(now.node(), (node, records) -> {
                Map<String, Record> all = records == null ? new ConcurrentHashMap<>() : records;
                all.put(now.held().uid(), now);
                return all;
            });
        }

        @Override
        public void removed(Record last) {
            byNode.computeIfPresent(last.node(), (node, records) -> {
                records.remove(last.held().uid());
                return records.isEmpty() ? null : records;
            });
        }
    }

    @Override
    public void close() {
        caches.forEach(ObjectCache::close);
    }
}
