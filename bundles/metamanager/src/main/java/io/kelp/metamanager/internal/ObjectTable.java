package io.kelp.metamanager.internal;

import com.google.gson.JsonObject;
import io.kelp.metamanager.MetaStore;
import io.kelp.store.RecordCollection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The objects in memory, behind a collection that lasts. A change is made durable first, then
 * visible, then told to those who watch; the latter two on one serial executor.
 */
final class ObjectTable implements MetaStore {

    private static final Logger LOG = LoggerFactory.getLogger(ObjectTable.class);

    private record Watch(String type, Listener listener) {}

    private final RecordCollection<MetaObject> stored;
    private final Executor serial;
    private final int maxObjects;
    private final ConcurrentSkipListMap<String, MetaObject> objects = new ConcurrentSkipListMap<>();
    private final CopyOnWriteArrayList<Watch> watches = new CopyOnWriteArrayList<>();

    /** @param serial runs one task after the other */
    ObjectTable(RecordCollection<MetaObject> stored, Executor serial, int maxObjects) {
        this.stored = stored;
        this.serial = serial;
        this.maxObjects = maxObjects;
        objects.putAll(stored.snapshot());
    }

    private static String key(String type, String namespace, String name) {
        return type + "/" + namespace + "/" + name;
    }

    @Override
    public Optional<MetaObject> get(String type, String namespace, String name) {
        return Optional.ofNullable(objects.get(key(type, namespace, name)));
    }

    @Override
    public List<MetaObject> list(String type) {
        return new ArrayList<>(objects.subMap(type + "/", type + "0").values()); // '0' follows '/'
    }

    List<MetaObject> all() {
        return new ArrayList<>(objects.values());
    }

    @Override
    public AutoCloseable watch(String type, Listener listener) {
        Watch watch = new Watch(type, listener);
        serial.execute(() -> {
            watches.add(watch);
            list(type).forEach(object -> tell(watch, null, object));
            listener.complete();
        });
        return () -> serial.execute(() -> watches.remove(watch));
    }

    @Override
    public CompletionStage<Void> put(String type, String namespace, String name, JsonObject json) {
        String key = key(type, namespace, name);
        if (objects.size() >= maxObjects && !objects.containsKey(key)) {
            return CompletableFuture.failedFuture(new IllegalStateException("the gateway keeps " + maxObjects
                    + " objects already; raise maxObjects of io.kelp.metamanager"));
        }
        MetaObject object = MetaCodec.object(type, namespace, name, json);
        return stored.put(key, object).thenRunAsync(() -> changed(objects.put(key, object), object), serial);
    }

    CompletionStage<Void> remove(String type, String namespace, String name) {
        String key = key(type, namespace, name);
        return stored.remove(key).thenRunAsync(() -> changed(objects.remove(key), null), serial);
    }

    /** Another uid means another object of the same name: the old one went, a new one came. */
    private void changed(MetaObject before, MetaObject after) {
        MetaObject some = after == null ? before : after;
        if (some == null) {
            return;
        }
        boolean replaced = before != null && (after == null || !before.uid().equals(after.uid()));
        for (Watch watch : watches) {
            if (watch.type.equals(some.type())) {
                tell(watch, replaced ? before : null, after);
            }
        }
    }

    private static void tell(Watch watch, MetaObject gone, MetaObject now) {
        try {
            if (gone != null) {
                watch.listener.removed(gone);
            }
            if (now != null) {
                watch.listener.changed(now);
            }
        } catch (RuntimeException e) { // foreign code
            LOG.warn("A listener for objects of type {} failed", watch.type, e);
        }
    }

    /** How many objects there are of each type. */
    Map<String, Integer> counts() {
        Map<String, Integer> counts = new java.util.TreeMap<>();
        objects.values().forEach(object -> counts.merge(object.type(), 1, Integer::sum));
        return counts;
    }
}
