package io.kelp.kubeapi.internal.control;

import io.kelp.kubeapi.ApiStore.Key;
import io.kelp.kubeapi.internal.control.ObjectMeta.Owner;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Who owns whom: only objects that have owner references, and those that wait for their dependents to be deleted. Safe for use by
 * several threads.
 */
final class OwnerGraph {

    private final Map<Key, ObjectMeta> dependents = new HashMap<>();
    private final Map<String, Set<Key>> byOwner = new HashMap<>();
    private final Map<String, Key> waiting = new HashMap<>(); // by uid

    /** Notes an object as it is now; answers how it was known, {@code null} when it was not. */
    synchronized ObjectMeta put(Key key, ObjectMeta meta) {
        ObjectMeta before = unlink(key);
        if (!meta.owners().isEmpty()) {
            dependents.put(key, meta);
            for (Owner owner : meta.owners()) {
                byOwner.computeIfAbsent(owner.uid(), uid -> new HashSet<>()).add(key);
            }
        }
        if (meta.isDeletedInForeground()) {
            waiting.put(meta.uid(), key);
        } else {
            waiting.remove(meta.uid());
        }
        return before;
    }

    /** Forgets an object; answers how it was known, {@code null} when it was not. */
    synchronized ObjectMeta remove(Key key, String uid) {
        waiting.remove(uid);
        return unlink(key);
    }

    private ObjectMeta unlink(Key key) {
        ObjectMeta before = dependents.remove(key);
        if (before != null) {
            for (Owner owner : before.owners()) {
                Set<Key> keys = byOwner.get(owner.uid());
                if (keys != null && keys.remove(key) && keys.isEmpty()) {
                    byOwner.remove(owner.uid());
                }
            }
        }
        return before;
    }

    synchronized List<Key> dependentsOf(String uid) {
        return List.copyOf(byOwner.getOrDefault(uid, Set.of()));
    }

    /** The dependents that an owner has to wait for when it is deleted in the foreground. */
    synchronized List<Key> blocking(String uid) {
        return byOwner.getOrDefault(uid, Set.of()).stream()
                .filter(key -> dependents.get(key).owners().stream().anyMatch(owner -> owner.uid().equals(uid) && owner.blocks()))
                .toList();
    }

    synchronized boolean isDeletedInForeground(Key dependent) {
        ObjectMeta meta = dependents.get(dependent);
        return meta != null && meta.isDeletedInForeground();
    }

    /** The object of this uid if it waits for its dependents. */
    synchronized Optional<Key> waiting(String uid) {
        return Optional.ofNullable(waiting.get(uid));
    }

    synchronized boolean knows(Key key) {
        return dependents.containsKey(key);
    }

    /** Whether a deletion can matter to anybody. */
    synchronized boolean isEmpty() {
        return dependents.isEmpty() && waiting.isEmpty();
    }
}
