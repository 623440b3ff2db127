package io.kelp.kubeapi.internal.control;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.ApiStore;
import io.kelp.kubeapi.ApiStore.Change;
import io.kelp.kubeapi.ApiStore.Item;
import io.kelp.kubeapi.ApiStore.Key;
import io.kelp.kubeapi.ApiStore.Kind;
import io.kelp.kubeapi.internal.control.ObjectMeta.Owner;
import io.kelp.kubeapi.internal.resource.Objects;
import io.kelp.kubeapi.internal.resource.ResourceCatalog;
import io.kelp.kubeapi.internal.resource.ResourceType;
import io.kelp.kubeapi.internal.resource.Trees;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Deletes objects whose owners are gone and ends deletions that wait for dependents ({@code Foreground}) or let them live
 * ({@code Orphan}), by the rules of Kubernetes' garbage collector: an owner is known by its uid and lives in the namespace of its
 * dependent or in none.
 */
final class GarbageCollector {

    /** As in other clusters: who does this work there. */
    static final String MANAGER = "kube-controller-manager";
    private static final byte[] OWNERS = "\"ownerReferences\"".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DELETION = "\"deletionTimestamp\"".getBytes(StandardCharsets.US_ASCII);
    private static final String DEFINITIONS = "apiextensions.k8s.io/customresourcedefinitions";
    private static final Duration UNTIL_SERVED = Duration.ofSeconds(1);

    private final ApiStore store;
    private final Objects objects;
    private final ResourceCatalog catalog;
    private final WorkQueue queue;
    private final OwnerEvents events;
    private final OwnerGraph graph = new OwnerGraph();
    private final Set<Key> unresolved = new HashSet<>(); // guarded by itself: owners of a kind that is not served

    private record Check(GarbageCollector collector, Key key) implements Task {
        @Override
        public Duration run() throws ApiException {
            collector.check(key);
            return null;
        }

        @Override
        public String toString() {
            return "Garbage collection of " + key;
        }
    }

    /** How the owners of an object are: there, gone, or about to go when their dependents have gone. */
    private record Owners(Set<String> solid, Set<String> dangling, Set<String> waiting) {}

    GarbageCollector(ApiStore store, Objects objects, ResourceCatalog catalog, WorkQueue queue, OwnerEvents events) {
        this.store = store;
        this.objects = objects;
        this.catalog = catalog;
        this.queue = queue;
        this.events = events;
    }

    /** Takes note of a change; called by one thread at a time. */
    void changed(Change change) {
        if (change.kind() == Kind.DELETED) {
            deleted(change);
        } else if (graph.knows(change.key()) || contains(change.value(), OWNERS) || contains(change.value(), DELETION)) {
            written(change);
        }
        if (change.key().collection().equals(DEFINITIONS)) {
            List<Key> again;
            synchronized (unresolved) {
                again = List.copyOf(unresolved);
                unresolved.clear();
            }
            again.forEach(key -> queue.add(new Check(this, key), UNTIL_SERVED));
        }
    }

    private void deleted(Change change) {
        if (graph.isEmpty()) {
            return;
        }
        synchronized (unresolved) {
            unresolved.remove(change.key());
        }
        ObjectMeta meta = ObjectMeta.read(change.value());
        ObjectMeta before = graph.remove(change.key(), meta.uid());
        graph.dependentsOf(meta.uid()).forEach(key -> queue.add(new Check(this, key)));
        if (before != null) {
            tellWaiting(before);
        }
    }

    private void written(Change change) {
        ObjectMeta meta = ObjectMeta.read(change.value());
        ObjectMeta before = graph.put(change.key(), meta);
        boolean ownersChanged = before == null ? !meta.owners().isEmpty() : !before.owners().equals(meta.owners());
        boolean ends = meta.deleting() && (meta.finalizers().contains(ObjectMeta.ORPHAN) || meta.finalizers().contains(ObjectMeta.FOREGROUND));
        if (ownersChanged || ends) {
            queue.add(new Check(this, change.key()));
        }
        if (before != null && ownersChanged) {
            tellWaiting(before);
        }
    }

    /** An object is gone or has other owners: those that waited for it may go on. */
    private void tellWaiting(ObjectMeta before) {
        for (Owner owner : before.owners()) {
            graph.waiting(owner.uid()).ifPresent(key -> queue.add(new Check(this, key)));
        }
    }

    int unresolved() {
        synchronized (unresolved) {
            return unresolved.size();
        }
    }

    private void check(Key key) throws ApiException {
        Optional<Item> item = store.get(key);
        Optional<ResourceType> type = typeOf(key);
        if (item.isEmpty() || type.isEmpty()) {
            return;
        }
        ObjectMeta meta = ObjectMeta.read(item.get().value());
        if (meta.deleting()) {
            endDeletion(type.get(), key, meta);
        } else if (!meta.owners().isEmpty()) {
            Optional<Owners> owners = classify(key, type.get(), meta);
            if (owners.isPresent()) {
                collect(type.get(), key, meta, owners.get());
            }
        }
    }

    private void collect(ResourceType type, Key key, ObjectMeta meta, Owners owners) throws ApiException {
        if (!owners.solid().isEmpty()) {
            if (!owners.dangling().isEmpty() || !owners.waiting().isEmpty()) {
                changeOwners(type, key, meta.uid(), owner -> owners.solid().contains(Trees.text(owner, "uid")));
            }
            return;
        }
        String propagation = meta.finalizers().contains(ObjectMeta.ORPHAN) ? "Orphan"
                : meta.finalizers().contains(ObjectMeta.FOREGROUND) ? "Foreground" : "Background";
        List<Key> dependents = graph.dependentsOf(meta.uid());
        if (!owners.waiting().isEmpty() && !dependents.isEmpty()) {
            if (dependents.stream().anyMatch(graph::isDeletedInForeground)) {
                // A circle: both would wait for each other.
                unblock(type, key, meta.uid());
            }
            propagation = "Foreground";
        }
        objects.delete(type, key.namespace(), key.name(), meta.uid(), propagation);
    }

    /** @return empty when it cannot be told yet, or never */
    private Optional<Owners> classify(Key key, ResourceType type, ObjectMeta meta) throws ApiException {
        Owners owners = new Owners(new HashSet<>(), new HashSet<>(), new HashSet<>());
        for (Owner owner : meta.owners()) {
            Optional<ResourceType> ownerType = catalog.all().stream()
                    .filter(candidate -> candidate.apiVersion().equals(owner.apiVersion()) && candidate.kind().equals(owner.kind())).findFirst();
            if (ownerType.isEmpty()) {
                synchronized (unresolved) {
                    unresolved.add(key);
                }
                if (store.get(key).isEmpty()) { // told of its deletion before it was noted
                    synchronized (unresolved) {
                        unresolved.remove(key);
                    }
                }
                return Optional.empty();
            }
            if (ownerType.get().namespaced() && !type.namespaced()) {
                events.report(type, key, meta.uid(), owner);
                return Optional.empty();
            }
            Optional<ObjectMeta> found = store.get(ownerType.get().key(key.namespace(), owner.name()))
                    .map(item -> ObjectMeta.read(item.value())).filter(there -> there.uid().equals(owner.uid()));
            if (found.isEmpty()) {
                owners.dangling().add(owner.uid());
                events.reportIfElsewhere(type, key, meta.uid(), owner, ownerType.get());
            } else if (found.get().isDeletedInForeground()) {
                owners.waiting().add(owner.uid());
            } else {
                owners.solid().add(owner.uid());
            }
        }
        return Optional.of(owners);
    }

    private void endDeletion(ResourceType type, Key key, ObjectMeta meta) throws ApiException {
        if (meta.finalizers().contains(ObjectMeta.ORPHAN)) {
            for (Key dependent : graph.dependentsOf(meta.uid())) {
                Optional<ResourceType> dependentType = typeOf(dependent);
                if (dependentType.isPresent()) {
                    changeOwners(dependentType.get(), dependent, "", owner -> !Trees.text(owner, "uid").equals(meta.uid()));
                }
            }
            removeFinalizer(type, key, meta.uid(), ObjectMeta.ORPHAN);
        } else if (meta.finalizers().contains(ObjectMeta.FOREGROUND)) {
            if (graph.blocking(meta.uid()).isEmpty()) {
                removeFinalizer(type, key, meta.uid(), ObjectMeta.FOREGROUND);
            } else {
                graph.dependentsOf(meta.uid()).stream().filter(dependent -> !graph.isDeletedInForeground(dependent))
                        .forEach(dependent -> queue.add(new Check(this, dependent)));
            }
        }
    }

    /** @param uid empty, or change only the object with this one */
    private void changeOwners(ResourceType type, Key key, String uid, Predicate<JsonObject> keep) throws ApiException {
        objects.update(type, key.namespace(), key.name(), "", MANAGER, current -> {
            List<JsonObject> all = Trees.objects(current, "metadata", "ownerReferences");
            List<JsonObject> kept = all.stream().filter(keep).toList();
            if (kept.size() == all.size() || !isSame(current, uid)) {
                return null;
            }
            setOrRemove(current.getAsJsonObject("metadata"), "ownerReferences", kept);
            return current;
        });
    }

    private void unblock(ResourceType type, Key key, String uid) throws ApiException {
        objects.update(type, key.namespace(), key.name(), "", MANAGER, current -> {
            List<JsonObject> blocking = Trees.objects(current, "metadata", "ownerReferences").stream()
                    .filter(owner -> Trees.flag(owner, "blockOwnerDeletion")).toList();
            blocking.forEach(owner -> owner.addProperty("blockOwnerDeletion", false));
            return blocking.isEmpty() || !isSame(current, uid) ? null : current;
        });
    }

    private void removeFinalizer(ResourceType type, Key key, String uid, String finalizer) throws ApiException {
        objects.update(type, key.namespace(), key.name(), "", MANAGER, current -> {
            List<String> kept = new ArrayList<>(Trees.texts(current, "metadata", "finalizers"));
            if (!kept.remove(finalizer) || !isSame(current, uid)) {
                return null;
            }
            if (kept.isEmpty()) {
                current.getAsJsonObject("metadata").remove("finalizers");
            } else {
                current.getAsJsonObject("metadata").add("finalizers", Trees.array(kept));
            }
            return current;
        });
    }

    private static boolean isSame(JsonObject object, String uid) {
        return uid.isEmpty() || Trees.text(object, "metadata", "uid").equals(uid);
    }

    private static void setOrRemove(JsonObject metadata, String member, List<JsonObject> values) {
        if (values.isEmpty()) {
            metadata.remove(member);
        } else {
            JsonArray array = new JsonArray();
            values.forEach(array::add);
            metadata.add(member, array);
        }
    }

    private Optional<ResourceType> typeOf(Key key) {
        int slash = key.collection().lastIndexOf('/');
        return catalog.stored(key.collection().substring(0, slash), key.collection().substring(slash + 1));
    }

    private static boolean contains(byte[] text, byte[] wanted) {
        for (int start = 0; start <= text.length - wanted.length; start++) {
            int matched = 0;
            while (matched < wanted.length && text[start + matched] == wanted[matched]) {
                matched++;
            }
            if (matched == wanted.length) {
                return true;
            }
        }
        return false;
    }
}
