package io.kelp.metamanager.internal;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.metamanager.MetaStore.Listener;
import io.kelp.metamanager.MetaStore.MetaObject;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;

/**
 * Which ConfigMaps and Secrets the pods of this gateway refer to. The cloud stops to push changes of
 * one that no pod here refers to, so its copy grows old and is dropped after a while; should a pod
 * refer to it before that, the cloud is asked first.
 *
 * <p>Changes come on one thread; questions from any.
 */
final class References implements Listener {

    static final Set<String> TYPES = Set.of("configmap", "secret");

    private final ObjectTable table;
    private final LongSupplier nanos;
    private final Duration keep;
    private final BiConsumer<Runnable, Duration> later;
    private final Map<String, Set<String>> ofPods = new HashMap<>();
    private final Map<String, Long> unreferenced = new ConcurrentHashMap<>(); // object key to when it was used last
    private final Set<String> referenced = ConcurrentHashMap.newKeySet();
    private boolean sweepPlanned;

    /** @param later runs something after a while on the thread on which changes come */
    References(ObjectTable table, LongSupplier nanos, Duration keep, BiConsumer<Runnable, Duration> later) {
        this.table = table;
        this.nanos = nanos;
        this.keep = keep;
        this.later = later;
        table.list("pod").forEach(pod -> ofPods.put(ObjectTable.key(pod), of(pod)));
        recount();
    }

    /** Whether the copy of an object may be out of date, because no pod referred to it for a time. */
    boolean isDoubtful(String type, String namespace, String name) {
        return unreferenced.containsKey(ObjectTable.key(type, namespace, name));
    }

    /** An object has just come from the cloud. */
    void confirmed(MetaObject object) {
        String key = ObjectTable.key(object);
        if (referenced.contains(key)) {
            unreferenced.remove(key);
        } else {
            unreferenced.computeIfPresent(key, (k, since) -> nanos.getAsLong());
        }
    }

    @Override
    public void changed(MetaObject pod) {
        Set<String> now = of(pod);
        if (!now.equals(ofPods.put(ObjectTable.key(pod), now))) {
            recount();
        }
    }

    @Override
    public void removed(MetaObject pod) {
        if (ofPods.remove(ObjectTable.key(pod)) != null) {
            recount();
        }
    }

    /** What no pod refers to begins to age. */
    private void recount() {
        Set<String> now = new HashSet<>();
        ofPods.values().forEach(now::addAll);
        referenced.addAll(now);
        referenced.retainAll(now);
        for (String type : TYPES) {
            for (MetaObject object : table.list(type)) {
                String key = ObjectTable.key(object);
                if (!now.contains(key)) {
                    unreferenced.putIfAbsent(key, nanos.getAsLong());
                }
            }
        }
        planSweep();
    }

    private void planSweep() {
        if (!sweepPlanned && unreferenced.keySet().stream().anyMatch(key -> !referenced.contains(key))) {
            sweepPlanned = true;
            later.accept(this::sweep, keep);
        }
    }

    private void sweep() {
        sweepPlanned = false;
        long now = nanos.getAsLong();
        for (String type : TYPES) {
            for (MetaObject object : table.list(type)) {
                String key = ObjectTable.key(object);
                Long since = unreferenced.get(key);
                if (since != null && !referenced.contains(key) && now - since >= keep.toNanos()) {
                    unreferenced.remove(key);
                    table.remove(object.type(), object.namespace(), object.name());
                }
            }
        }
        table.locked().keySet().stream().filter(key -> !referenced.contains(key)).forEach(table::removeLocked);
        planSweep();
    }

    /** Keys of locked records that a pod needs. */
    List<String> wanted(Set<String> keys) {
        return keys.stream().filter(referenced::contains).sorted().toList();
    }

    /** Keys of the ConfigMaps and Secrets in the spec of a pod. */
    static Set<String> of(MetaObject pod) {
        Set<String> keys = new HashSet<>();
        JsonObject spec = object(pod.json(), "spec");
        for (JsonObject secret : objects(spec, "imagePullSecrets")) {
            add(keys, "secret", pod, secret, "name");
        }
        for (JsonObject volume : objects(spec, "volumes")) {
            source(keys, pod, volume, "secretName");
            objects(object(volume, "projected"), "sources").forEach(each -> source(keys, pod, each, "name"));
        }
        for (String kind : List.of("initContainers", "containers", "ephemeralContainers")) {
            for (JsonObject container : objects(spec, kind)) {
                for (JsonObject from : objects(container, "envFrom")) {
                    add(keys, "configmap", pod, object(from, "configMapRef"), "name");
                    add(keys, "secret", pod, object(from, "secretRef"), "name");
                }
                for (JsonObject variable : objects(container, "env")) {
                    add(keys, "configmap", pod, object(object(variable, "valueFrom"), "configMapKeyRef"), "name");
                    add(keys, "secret", pod, object(object(variable, "valueFrom"), "secretKeyRef"), "name");
                }
            }
        }
        return keys;
    }

    private static void source(Set<String> keys, MetaObject pod, JsonObject source, String secretName) {
        add(keys, "configmap", pod, object(source, "configMap"), "name");
        add(keys, "secret", pod, object(source, "secret"), secretName);
    }

    private static void add(Set<String> keys, String type, MetaObject pod, JsonObject reference, String member) {
        JsonElement name = reference.get(member);
        if (name != null && name.isJsonPrimitive()) {
            keys.add(ObjectTable.key(type, pod.namespace(), name.getAsString()));
        }
    }

    private static JsonObject object(JsonObject parent, String member) {
        return parent.get(member) instanceof JsonObject object ? object : new JsonObject();
    }

    private static List<JsonObject> objects(JsonObject parent, String member) {
        return !(parent.get(member) instanceof JsonArray array) ? List.of()
                : array.asList().stream().filter(JsonElement::isJsonObject).map(JsonElement::getAsJsonObject).toList();
    }
}
