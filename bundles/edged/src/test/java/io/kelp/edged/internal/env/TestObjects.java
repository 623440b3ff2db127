package io.kelp.edged.internal.env;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.metamanager.MetaException;
import io.kelp.metamanager.MetaStore;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;

/** Objects in memory, with or without a cloud behind them. */
public final class TestObjects implements MetaStore {

    private record Watch(String type, Listener listener) {}

    private final Map<String, MetaObject> objects = new TreeMap<>();
    private final List<Watch> watches = new CopyOnWriteArrayList<>();
    private int version;

    /** Whether an object that is not here can be asked for: "not found" is known then. */
    public volatile boolean online = true;
    /** Whether the gateway has no copy of anything. */
    public volatile boolean hidden;
    /** What the cloud says to a request for a token; {@code null} refuses. */
    public volatile String token = "token-1";
    public final List<JsonObject> tokenRequests = new CopyOnWriteArrayList<>();

    public void configMap(String name, Map<String, String> data) {
        JsonObject json = object("ConfigMap", name);
        json.add("data", texts(data, false));
        change("configmap", name, json);
    }

    public void secret(String name, String type, Map<String, String> data) {
        JsonObject json = object("Secret", name);
        json.addProperty("type", type);
        json.add("data", texts(data, true));
        change("secret", name, json);
    }

    private static JsonObject texts(Map<String, String> data, boolean encoded) {
        JsonObject texts = new JsonObject();
        data.forEach((k, v) -> texts.addProperty(k, encoded ? Base64.getEncoder().encodeToString(v.getBytes(StandardCharsets.UTF_8)) : v));
        return texts;
    }

    private static JsonObject object(String kind, String name) {
        return JsonParser.parseString("{\"kind\":\"" + kind + "\",\"metadata\":{\"name\":\"" + name + "\",\"namespace\":\"default\"}}").getAsJsonObject();
    }

    public void change(String type, String name, JsonObject json) {
        String uid = json.getAsJsonObject("metadata").has("uid") ? json.getAsJsonObject("metadata").get("uid").getAsString() : "u-" + name;
        MetaObject object = new MetaObject(type, "default", name, uid, "" + ++version, json);
        synchronized (objects) {
            objects.put(type + "/" + name, object);
        }
        watches.stream().filter(w -> w.type.equals(type)).forEach(w -> w.listener.changed(object));
    }

    public void remove(String type, String name) {
        MetaObject gone;
        synchronized (objects) {
            gone = objects.remove(type + "/" + name);
        }
        watches.stream().filter(w -> w.type.equals(type)).forEach(w -> w.listener.removed(gone));
    }

    @Override
    public Optional<MetaObject> get(String type, String namespace, String name) {
        synchronized (objects) {
            return Optional.ofNullable(objects.get(type + "/" + name));
        }
    }

    @Override
    public List<MetaObject> list(String type) {
        synchronized (objects) {
            return new ArrayList<>(objects.values().stream().filter(o -> o.type().equals(type)).toList());
        }
    }

    @Override
    public AutoCloseable watch(String type, Listener listener) {
        Watch watch = new Watch(type, listener);
        watches.add(watch);
        list(type).forEach(listener::changed);
        return () -> watches.remove(watch);
    }

    public int watchers() {
        return watches.size();
    }

    @Override
    public CompletionStage<Void> put(String type, String namespace, String name, JsonObject json) {
        change(type, name, json);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<Boolean> replace(MetaObject before, JsonObject json) {
        boolean there = get(before.type(), before.namespace(), before.name()).filter(o -> o == before).isPresent();
        if (there) {
            change(before.type(), before.name(), json);
        }
        return CompletableFuture.completedFuture(there);
    }

    @Override
    public CompletionStage<Optional<MetaObject>> fetch(String type, String namespace, String name) {
        Optional<MetaObject> here = hidden ? Optional.empty() : get(type, namespace, name);
        return here.isEmpty() && !online
                ? CompletableFuture.failedFuture(new MetaException(MetaException.UNAVAILABLE, "there is no link to the cloud"))
                : CompletableFuture.completedFuture(here);
    }

    @Override
    public CompletionStage<String> token(String namespace, String account, JsonObject request) {
        tokenRequests.add(request);
        String now = token;
        return now != null ? CompletableFuture.completedFuture(now)
                : CompletableFuture.failedFuture(new MetaException("Forbidden", "no token for account " + account));
    }
}
