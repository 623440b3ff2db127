package io.kelp.metamanager.internal;

import com.google.gson.JsonObject;
import io.kelp.metamanager.MetaStore.Listener;
import io.kelp.metamanager.MetaStore.MetaObject;
import io.kelp.store.RecordCollection;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The objects in memory, behind a collection that lasts. A change is made durable first, then
 * visible, then told to those who watch; the latter two on one serial executor. Records that cannot
 * be opened are as good as absent until they are replaced or removed.
 */
final class ObjectTable {

    private static final Logger LOG = LoggerFactory.getLogger(ObjectTable.class);

    private record Watch(String type, Listener listener) {}

    /** What is on its way to the disk, {@code null} for a removal. */
    private record Coming(MetaObject object) {}

    private final RecordCollection<MetaCodec.Record> stored;
    private final Executor serial;
    private final int maxObjects;
    private final ConcurrentSkipListMap<String, MetaObject> objects = new ConcurrentSkipListMap<>();
    private final ConcurrentSkipListMap<String, String> locked = new ConcurrentSkipListMap<>();
    private final CopyOnWriteArrayList<Watch> watches = new CopyOnWriteArrayList<>();
    private final Map<String, Coming> underway = new HashMap<>(); // touched on the serial executor only
    private final CompletionStage<Void> sealed;

    /** @param serial runs one task after the other */
    ObjectTable(RecordCollection<MetaCodec.Record> stored, Executor serial, int maxObjects) {
        this.stored = stored;
        this.serial = serial;
        this.maxObjects = maxObjects;
        sealed = load();
    }

    /** Completes when no Secret is stored in the clear or with an old key any more; fails when that could not be had. */
    CompletionStage<Void> sealed() {
        return sealed;
    }

    private CompletionStage<Void> load() {
        Map<String, MetaCodec.Record> old = new HashMap<>();
        stored.snapshot().forEach((key, record) -> {
            MetaObject object = record.object();
            if (!key(object).equals(key)) { // somebody moved a record, to have one Secret read as another
                locked.put(key, "it says that it is " + object);
            } else if (!record.locked().isEmpty()) {
                locked.put(key, record.locked());
            } else {
                objects.put(key, object);
                if (!record.current()) {
                    old.put(key, MetaCodec.Record.of(object));
                }
            }
        });
        if (old.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        LOG.info("Sealing {} Secrets that are stored in the clear or with an old key", old.size());
        return serially(() -> stored.apply(old)).whenComplete((done, failure) -> {
            if (failure != null) {
                LOG.warn("{} Secrets stay as they are stored for now: {}", old.size(), failure.getMessage());
            }
        });
    }

    static String key(String type, String namespace, String name) {
        return type + "/" + namespace + "/" + name;
    }

    static String key(MetaObject object) {
        return key(object.type(), object.namespace(), object.name());
    }

    Optional<MetaObject> get(String type, String namespace, String name) {
        return Optional.ofNullable(objects.get(key(type, namespace, name)));
    }

    List<MetaObject> list(String type) {
        return new ArrayList<>(objects.subMap(type + "/", type + "0").values()); // '0' follows '/'
    }

    List<MetaObject> all() {
        return new ArrayList<>(objects.values());
    }

    /** Keys of records that cannot be opened, and why. */
    Map<String, String> locked() {
        return new TreeMap<>(locked);
    }

    AutoCloseable watch(String type, Listener listener) {
        Watch watch = new Watch(type, listener);
        serial.execute(() -> {
            watches.add(watch);
            list(type).forEach(object -> tell(watch, null, object));
            try {
                listener.complete();
            } catch (RuntimeException e) { // foreign code
                LOG.warn("A listener for objects of type {} failed", type, e);
            }
        });
        return () -> serial.execute(() -> watches.remove(watch));
    }

    CompletionStage<Void> put(String type, String namespace, String name, JsonObject given) {
        String key = key(type, namespace, name);
        JsonObject json = MetaCodec.withoutManagedFields(given);
        if (objects.size() >= maxObjects && !objects.containsKey(key)) {
            return CompletableFuture.failedFuture(new IllegalStateException("the gateway keeps " + maxObjects
                    + " objects already; raise maxObjects of io.kelp.metamanager"));
        }
        MetaObject object = MetaCodec.object(type, namespace, name, json);
        return serially(() -> !isUnderway(key) && latest(key).filter(o -> o.json().equals(json)).isPresent()
                ? CompletableFuture.completedFuture(null) : store(key, object));
    }

    /** Stores an object in the place of another one, unless that has been changed or removed meanwhile. */
    CompletionStage<Boolean> replace(MetaObject before, JsonObject given) {
        String key = key(before);
        MetaObject object = MetaCodec.object(before.type(), before.namespace(), before.name(), MetaCodec.withoutManagedFields(given));
        return serially(() -> latest(key).filter(o -> o == before).isEmpty() ? CompletableFuture.completedFuture(false)
                : store(key, object).thenApply(done -> true));
    }

    /** The object as it will be when all that was begun has reached the disk; called on the serial executor. */
    Optional<MetaObject> latest(String key) {
        Coming coming = underway.get(key);
        return Optional.ofNullable(coming == null ? objects.get(key) : coming.object);
    }

    /** Whether a change of it has not reached the disk yet; called on the serial executor. */
    boolean isUnderway(String key) {
        return underway.containsKey(key);
    }

    private CompletionStage<Void> store(String key, MetaObject object) {
        return write(key, new Coming(object), stored.put(key, MetaCodec.Record.of(object)));
    }

    private CompletionStage<Void> write(String key, Coming now, CompletionStage<Void> disk) {
        underway.put(key, now);
        return disk.handleAsync((done, failure) -> {
            if (underway.get(key) == now) {
                underway.remove(key);
            }
            if (failure != null) {
                throw failure instanceof CompletionException known ? known : new CompletionException(failure);
            }
            locked.remove(key);
            changed(now.object == null ? objects.remove(key) : objects.put(key, now.object), now.object);
            return null;
        }, serial);
    }

    CompletionStage<Void> remove(String type, String namespace, String name) {
        String key = key(type, namespace, name);
        return serially(() -> write(key, new Coming(null), stored.remove(key)));
    }

    /** Runs something on the table's executor, in the order of the calls. */
    <T> CompletionStage<T> serially(Supplier<CompletionStage<T>> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        try {
            serial.execute(() -> {
                try {
                    task.get().whenComplete((value, failure) -> {
                        if (failure == null) {
                            result.complete(value);
                        } else {
                            result.completeExceptionally(failure instanceof CompletionException && failure.getCause() != null
                                    ? failure.getCause() : failure);
                        }
                    });
                } catch (UncheckedIOException e) { // no key to seal with
                    result.completeExceptionally(e.getCause());
                } catch (RuntimeException e) { // of the store: whoever asked is told
                    result.completeExceptionally(e);
                }
            });
        } catch (RejectedExecutionException e) {
            result.completeExceptionally(new IllegalStateException("the meta manager stops or has too much to do", e));
        }
        return result;
    }

    /** Forgets a record that cannot be opened, if there is one. */
    CompletionStage<Void> removeLocked(String key) {
        return serially(() -> locked.containsKey(key) ? stored.remove(key).thenRunAsync(() -> locked.remove(key), serial)
                : CompletableFuture.completedFuture(null));
    }

    /** Writes all Secrets again, sealed with the newest key. */
    CompletionStage<Void> reseal() {
        return serially(() -> {
            Map<String, MetaCodec.Record> secrets = new HashMap<>();
            stored.snapshot().forEach((key, record) -> { // what is on its way to the disk as well
                if (record.object().type().equals(MetaCodec.SECRET) && record.locked().isEmpty()) {
                    secrets.put(key, record);
                }
            });
            return secrets.isEmpty() ? CompletableFuture.completedFuture(null) : stored.apply(secrets);
        });
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
        Map<String, Integer> counts = new TreeMap<>();
        objects.values().forEach(object -> counts.merge(object.type(), 1, Integer::sum));
        return counts;
    }
}
