package io.kelp.cloud.kube;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The projections of a followed collection. Written by one thread at a time, read by any. */
final class CachedObjects<T> {

    private static final Logger LOG = LoggerFactory.getLogger(CachedObjects.class);

    private record Entry<T>(String uid, String resourceVersion, T value) {}

    private final Map<String, Entry<T>> entries = new ConcurrentHashMap<>();
    private final Function<JsonObject, T> projection;
    private final ObjectCache.Listener<T> listener;

    CachedObjects(Function<JsonObject, T> projection, ObjectCache.Listener<T> listener) {
        this.projection = projection;
        this.listener = listener;
    }

    Optional<T> get(String namespace, String name) {
        return Optional.ofNullable(entries.get(namespace + "/" + name)).map(Entry::value);
    }

    Collection<T> all() {
        return entries.values().stream().map(Entry::value).toList();
    }

    /** The object is there, new or changed or neither. */
    void put(JsonObject object) {
        String key = key(object);
        Entry<T> entry = project(object);
        if (entry == null) {
            removeKey(key);
        } else {
            putEntry(key, entry);
        }
    }

    /** The object is gone; listeners get its last state, which has a version of its own. */
    void remove(JsonObject object) {
        String key = key(object);
        Entry<T> known = entries.get(key);
        Entry<T> last = known == null ? null : project(object);
        if (last != null && last.uid.equals(known.uid)) {
            entries.put(key, last);
        }
        removeKey(key);
    }

    /** A full list that replaces everything here, filled page by page. */
    final class Replacement {

        private final Map<String, Entry<T>> listed = new HashMap<>();

        void add(JsonObject object) {
            String key = key(object);
            Entry<T> known = entries.get(key);
            if (known != null && known.uid.equals(meta(object, "uid"))
                    && known.resourceVersion.equals(meta(object, "resourceVersion"))) {
                listed.put(key, known);
                return;
            }
            Entry<T> entry = project(object);
            if (entry != null) {
                listed.put(key, entry);
            }
        }

        /** Tells the differences: first what is gone, then what is new or changed. */
        void takeOver() {
            for (String key : List.copyOf(entries.keySet())) {
                if (!listed.containsKey(key)) {
                    removeKey(key);
                }
            }
            listed.forEach((key, entry) -> {
                if (entries.get(key) != entry) {
                    putEntry(key, entry);
                }
            });
        }
    }

    private void putEntry(String key, Entry<T> entry) {
        Entry<T> before = entries.get(key);
        if (before != null && !before.uid.equals(entry.uid)) {
            removeKey(key);
            before = null;
        }
        if (before != null && before.resourceVersion.equals(entry.resourceVersion)) {
            return;
        }
        entries.put(key, entry);
        T last = before == null ? null : before.value;
        tell(() -> listener.changed(last, entry.value));
    }

    private void removeKey(String key) {
        Entry<T> gone = entries.remove(key);
        if (gone != null) {
            tell(() -> listener.removed(gone.value));
        }
    }

    private void tell(Runnable call) {
        if (listener == null) {
            return;
        }
        try {
            call.run();
        } catch (RuntimeException e) {
            // A listener's mistake about one object must not end the watch for all others.
            LOG.error("A listener failed on a change in Kubernetes: {}", e.toString(), e);
        }
    }

    private Entry<T> project(JsonObject object) {
        try {
            T value = projection.apply(object);
            return value == null ? null : new Entry<>(meta(object, "uid"), meta(object, "resourceVersion"), value);
        } catch (RuntimeException e) {
            // The shape of one object that nobody foresaw must not end the watch for all others.
            LOG.warn("{} {} is left out, it cannot be read: {}", meta(object, "namespace"), meta(object, "name"), e.toString());
            return null;
        }
    }

    private static String key(JsonObject object) {
        return meta(object, "namespace") + "/" + meta(object, "name");
    }

    private static String meta(JsonObject object, String name) {
        JsonElement value = object.getAsJsonObject("metadata").get(name);
        return value == null ? "" : value.getAsString();
    }
}
