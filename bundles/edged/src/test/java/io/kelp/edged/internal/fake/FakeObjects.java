package io.kelp.edged.internal.fake;

import com.google.gson.JsonObject;
import io.kelp.metamanager.MetaStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Objects in memory; listeners are called at once. */
public final class FakeObjects implements MetaStore {

    private final Map<String, MetaObject> all = new TreeMap<>();
    private final List<Listener> listeners = new ArrayList<>();
    public int puts;

    @Override
    public Optional<MetaObject> get(String type, String namespace, String name) {
        return Optional.ofNullable(all.get(type + "/" + namespace + "/" + name));
    }

    @Override
    public List<MetaObject> list(String type) {
        return all.values().stream().filter(o -> o.type().equals(type)).toList();
    }

    @Override
    public AutoCloseable watch(String type, Listener listener) {
        listeners.add(listener);
        list(type).forEach(listener::changed);
        return () -> listeners.remove(listener);
    }

    @Override
    public CompletionStage<Void> put(String type, String namespace, String name, JsonObject json) {
        puts++;
        push(type, json);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<Boolean> replace(MetaObject before, JsonObject json) {
        boolean there = get(before.type(), before.namespace(), before.name()).filter(o -> o == before).isPresent();
        if (there) {
            puts++;
            push(before.type(), json);
        }
        return CompletableFuture.completedFuture(there);
    }

    @Override
    public CompletionStage<Optional<MetaObject>> fetch(String type, String namespace, String name) {
        return CompletableFuture.completedFuture(get(type, namespace, name));
    }

    @Override
    public CompletionStage<String> token(String namespace, String account, JsonObject request) {
        return CompletableFuture.failedFuture(new UnsupportedOperationException("no tokens in these tests"));
    }

    /** The cloud pushes an object. */
    public void push(String type, JsonObject json) {
        JsonObject metadata = json.getAsJsonObject("metadata");
        MetaObject object = new MetaObject(type, metadata.get("namespace").getAsString(), metadata.get("name").getAsString(),
                metadata.get("uid").getAsString(), metadata.get("resourceVersion").getAsString(), json);
        MetaObject before = all.put(type + "/" + object.namespace() + "/" + object.name(), object);
        if (before != null && !before.uid().equals(object.uid())) {
            List.copyOf(listeners).forEach(l -> l.removed(before));
        }
        List.copyOf(listeners).forEach(l -> l.changed(object));
    }

    /** The cloud pushes a deletion. */
    public void delete(String type, String namespace, String name) {
        MetaObject last = all.remove(type + "/" + namespace + "/" + name);
        List.copyOf(listeners).forEach(l -> l.removed(last));
    }
}
