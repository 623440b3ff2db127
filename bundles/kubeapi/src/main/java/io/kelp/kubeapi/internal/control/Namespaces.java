package io.kelp.kubeapi.internal.control;

import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.ApiStore;
import io.kelp.kubeapi.ApiStore.Change;
import io.kelp.kubeapi.ApiStore.Key;
import io.kelp.kubeapi.ApiStore.Kind;
import io.kelp.kubeapi.internal.resource.Objects;
import io.kelp.kubeapi.internal.resource.ResourceCatalog;
import io.kelp.kubeapi.internal.resource.ResourceType;
import io.kelp.kubeapi.internal.resource.Trees;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Sees to it that the namespaces of each cluster are there, that each has what pods in it need, and that deleted ones are emptied and go. */
final class Namespaces {

    /** Of each cluster. */
    private static final List<String> INITIAL = List.of("kube-system", "kube-public", "kube-node-lease", "default");
    private static final String COLLECTION = "/namespaces";
    private static final String ACCOUNT = "default";
    private static final String CA = "kube-root-ca.crt";
    private static final String CA_MEMBER = "ca.crt";
    private static final String CA_DESCRIPTION = "Contains a CA bundle that can be used to verify the kube-apiserver when using internal"
            + " endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of"
            + " Kubernetes clusters.";
    private static final Duration GATHER = Duration.ofMillis(50);
    private static final Duration LATE_WRITES = Duration.ofSeconds(1);

    private final ApiStore store;
    private final Objects objects;
    private final ResourceCatalog catalog;
    private final NamespaceDeletion deletion;
    private final WorkQueue queue;
    private final String clusterCa;
    private final Set<String> terminating = ConcurrentHashMap.newKeySet();

    private record Upkeep(Namespaces namespaces, String name) implements Task {
        @Override
        public Duration run() throws ApiException {
            return namespaces.keep(name);
        }

        @Override
        public String toString() {
            return "Upkeep of namespace " + name;
        }
    }

    private record Sweep(Namespaces namespaces, String name) implements Task {
        @Override
        public Duration run() throws ApiException {
            return namespaces.sweep(name);
        }

        @Override
        public String toString() {
            return "Clearing up after namespace " + name;
        }
    }

    /** @param clusterCa PEM, empty to publish none */
    Namespaces(ApiStore store, Objects objects, ResourceCatalog catalog, NamespaceDeletion deletion, WorkQueue queue, String clusterCa) {
        this.store = store;
        this.objects = objects;
        this.catalog = catalog;
        this.deletion = deletion;
        this.queue = queue;
        this.clusterCa = clusterCa;
    }

    /** Creates the namespaces that each cluster has. */
    void createInitial() throws ApiException {
        for (String name : INITIAL) {
            createInitial(name);
        }
    }

    private void createInitial(String name) throws ApiException {
        Optional<ResourceType> type = catalog.find("", "v1", "namespaces");
        if (type.isPresent() && store.get(new Key(COLLECTION, "", name)).isEmpty()) {
            JsonObject metadata = new JsonObject();
            metadata.addProperty("name", name);
            objects.create(type.get(), object("Namespace", metadata), "kube-apiserver");
        }
    }

    /** Takes note of a change; called by one thread at a time. */
    void changed(Change change) {
        Key key = change.key();
        boolean deleted = change.kind() == Kind.DELETED;
        if (key.collection().equals(COLLECTION)) {
            if (deleted) {
                terminating.remove(key.name());
                queue.add(new Sweep(this, key.name()), LATE_WRITES);
            } else {
                queue.add(new Upkeep(this, key.name()));
            }
        } else if (deleted && terminating.contains(key.namespace())) {
            queue.add(new Upkeep(this, key.namespace()), GATHER);
        } else if (deleted && key.collection().equals("/serviceaccounts") && key.name().equals(ACCOUNT)
                || change.kind() != Kind.ADDED && key.collection().equals("/configmaps") && key.name().equals(CA)) {
            queue.add(new Upkeep(this, key.namespace()));
        }
    }

    private Duration keep(String name) throws ApiException {
        Optional<JsonObject> namespace = store.get(new Key(COLLECTION, "", name)).map(item -> Trees.parse(item.value()));
        if (namespace.isEmpty()) {
            return null;
        }
        if (!Trees.text(namespace.get(), "metadata", "deletionTimestamp").isEmpty()) {
            terminating.add(name);
            return deletion.run(name, namespace.get());
        }
        keepAccount(name);
        keepCa(name);
        return null;
    }

    private void keepAccount(String namespace) throws ApiException {
        Optional<ResourceType> type = catalog.find("", "v1", "serviceaccounts");
        if (type.isPresent() && store.get(type.get().key(namespace, ACCOUNT)).isEmpty()) {
            create(type.get(), object("ServiceAccount", metadata(namespace, ACCOUNT)));
        }
    }

    private void keepCa(String namespace) throws ApiException {
        Optional<ResourceType> type = catalog.find("", "v1", "configmaps");
        if (type.isEmpty() || clusterCa.isEmpty()) {
            return;
        }
        JsonObject data = new JsonObject();
        data.addProperty(CA_MEMBER, clusterCa);
        if (store.get(type.get().key(namespace, CA)).isEmpty()) {
            JsonObject annotations = new JsonObject();
            annotations.addProperty("kubernetes.io/description", CA_DESCRIPTION);
            JsonObject metadata = metadata(namespace, CA);
            metadata.add("annotations", annotations);
            JsonObject map = object("ConfigMap", metadata);
            map.add("data", data);
            create(type.get(), map);
        } else {
            objects.update(type.get(), namespace, CA, "", GarbageCollector.MANAGER, current -> {
                if (data.equals(current.get("data")) && !current.has("binaryData")) {
                    return null;
                }
                current.add("data", data);
                current.remove("binaryData");
                return current;
            });
        }
    }

    /** A namespace is gone: removes what was written into it at its last moment, and puts it back if each cluster has it. */
    private Duration sweep(String name) throws ApiException {
        if (INITIAL.contains(name)) {
            createInitial(name);
        } else if (store.get(new Key(COLLECTION, "", name)).isEmpty()) {
            deletion.deleteContent(name);
        }
        return null;
    }

    private void create(ResourceType type, JsonObject object) throws ApiException {
        try {
            objects.create(type, object, GarbageCollector.MANAGER);
        } catch (ApiException e) {
            // Somebody else was faster, or the namespace is about to go: then a change of it comes or came.
            if (!e.reason().equals("AlreadyExists") && isAlive(Trees.text(object, "metadata", "namespace"))) {
                throw e;
            }
        }
    }

    private boolean isAlive(String namespace) {
        return store.get(new Key(COLLECTION, "", namespace)).filter(item -> !ObjectMeta.read(item.value()).deleting()).isPresent();
    }

    private static JsonObject metadata(String namespace, String name) {
        JsonObject metadata = new JsonObject();
        metadata.addProperty("name", name);
        metadata.addProperty("namespace", namespace);
        return metadata;
    }

    private static JsonObject object(String kind, JsonObject metadata) {
        JsonObject object = new JsonObject();
        object.addProperty("apiVersion", "v1");
        object.addProperty("kind", kind);
        object.add("metadata", metadata);
        return object;
    }
}
