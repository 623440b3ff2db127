package io.kelp.edged.internal.pod;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.edged.ContainerSpec.Mount;
import io.kelp.edged.ImageCredentials;
import io.kelp.edged.WorkloadContainer;
import io.kelp.store.Durability;
import io.kelp.store.RecordCodec;
import io.kelp.store.RecordCollection;
import io.kelp.store.RecordRing;
import io.kelp.store.Store;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** A gateway's pods with everything around them played by hand, on a clock that the test moves. */
final class PodNode implements PodSource {

    final VirtualLoop loop;
    final FakeRuntime runtime;
    final Statuses statuses = new Statuses();
    final List<String> events = new ArrayList<>();
    final PodEvents recorder = new PodEvents() {
        @Override
        public void pod(Pod pod, String container, String type, String reason, String message) {
            events.add(pod.name() + " " + container + " " + type + " " + reason + ": " + message);
        }

        @Override
        public void node(String type, String reason, String message) {
            events.add("node " + type + " " + reason + ": " + message);
        }

        @Override
        public void object(JsonObject reference, String type, String reason, String message) {
            events.add(reference + " " + type + " " + reason + ": " + message);
        }
    };
    final Volumes volumes = new Volumes();
    final Map<String, ContainerProbes.Listener> probed = new HashMap<>();
    final Records store;
    final Path folder;
    final Map<String, Pod> there = new LinkedHashMap<>();
    Supplier<CompletionStage<ContainerEnvironment.Resolved>> environment =
            () -> CompletableFuture.completedFuture(new ContainerEnvironment.Resolved(Map.of(), List.of(), List.of()));
    boolean readyAtOnce = true;
    int maxPods = 110;
    PodAgent agent;
    private Listener listener;
    private boolean dead;

    PodNode(Path folder) {
        this(folder, new Records());
    }

    PodNode(Path folder, Records store) {
        this.folder = folder;
        this.store = store;
        this.loop = new VirtualLoop();
        this.runtime = new FakeRuntime(loop);
    }

    /** After an exchange of edged alone: the runtime and what it runs are still there. */
    PodNode(PodNode before) {
        before.close();
        this.folder = before.folder;
        this.store = before.store;
        this.loop = before.loop;
        this.runtime = before.runtime;
        there.putAll(before.there);
        statuses.reported.putAll(before.statuses.reported);
    }

    /** As after {@code kill -9} of the gateway: nothing but the store and the files is left. */
    static PodNode reborn(PodNode before) {
        before.close();
        PodNode after = new PodNode(before.folder, before.store);
        after.there.putAll(before.there);
        after.statuses.reported.putAll(before.statuses.reported);
        after.runtime.images.addAll(before.runtime.images);
        after.loop.pass(Duration.ofNanos(before.loop.nanos()));
        return after;
    }

    /** The component is deactivated: its loop runs nothing any more. */
    private void close() {
        dead = true;
        agent.close();
    }

    private Loop own() {
        return new Loop() {
            @Override
            public void execute(Runnable task) {
                loop.execute(unlessDead(task));
            }

            @Override
            public Timer schedule(Runnable task, Duration delay) {
                return loop.schedule(unlessDead(task), delay);
            }

            @Override
            public long nanos() {
                return loop.nanos();
            }
        };
    }

    private Runnable unlessDead(Runnable task) {
        return () -> {
            if (!dead) {
                task.run();
            }
        };
    }

    /** Begins with the runtime there. */
    PodNode start() {
        startWithoutRuntime();
        agent.runtimeCame(runtime);
        loop.settle();
        return this;
    }

    PodNode startWithoutRuntime() {
        Loop own = own();
        Seams seams = new Seams(own, loop::now, () -> "192.0.2.10", statuses, recorder, volumes, (pod, container) -> environment.get(), this::probe,
                (pod, image) -> CompletableFuture.completedFuture(List.<ImageCredentials>of()),
                new Runtimes(), new PodFolders(folder.resolve("data"), folder.resolve("log"), loop::execute), new PodRecords(store), new HostPorts());
        agent = new PodAgent(seams, new Hooks(loop::execute, own), new PodAgent.Limits(maxPods, Duration.ofSeconds(30)), "gw", List.of(this));
        loop.settle();
        return this;
    }

    @Override
    public AutoCloseable watch(Listener to) {
        listener = to;
        there.values().forEach(to::changed);
        to.complete();
        return () -> {};
    }

    private AutoCloseable probe(Pod pod, JsonObject container, WorkloadContainer running, ContainerProbes.Listener to) {
        String key = pod + "/" + Pod.text(container, "name");
        probed.put(key, to);
        if (readyAtOnce) {
            to.started();
            to.ready(true, "");
        }
        return () -> probed.remove(key, to);
    }

    // ---- pods ----

    /** A pod with this spec (single quotes allowed), runtimeClassName osgi unless it says something else. */
    static Pod pod(String name, String uid, String spec) {
        JsonObject json = JsonParser.parseString("{'metadata':{'namespace':'default','name':'" + name + "','uid':'" + uid
                + "'},'spec':" + spec + ",'status':{'phase':'Pending'}}").getAsJsonObject();
        if (!json.getAsJsonObject("spec").has("runtimeClassName")) {
            json.getAsJsonObject("spec").addProperty("runtimeClassName", "osgi");
        }
        return new Pod("default", name, uid, "1", json);
    }

    /** One container {@code app} of image {@code reg/app:1}. */
    static Pod simple(String name, String uid) {
        return pod(name, uid, "{'containers':[{'name':'app','image':'reg/app:1'}]}");
    }

    static Pod with(Pod pod, java.util.function.Consumer<JsonObject> change) {
        JsonObject json = pod.json().deepCopy();
        change.accept(json);
        return new Pod(pod.namespace(), pod.name(), pod.uid(), pod.resourceVersion() + "1", json);
    }

    static Pod deleted(Pod pod, int grace) {
        return with(pod, json -> {
            json.getAsJsonObject("metadata").addProperty("deletionTimestamp", "2026-11-21T10:00:00Z");
            json.getAsJsonObject("metadata").addProperty("deletionGracePeriodSeconds", grace);
        });
    }

    static Pod image(Pod pod, String image) {
        return with(pod, json -> json.getAsJsonObject("spec").getAsJsonArray("containers").get(0).getAsJsonObject().addProperty("image", image));
    }

    PodNode apply(Pod pod) {
        there.put(pod.uid(), pod);
        listener.changed(pod);
        loop.settle();
        return this;
    }

    void remove(Pod pod) {
        there.remove(pod.uid());
        listener.removed(pod);
        loop.settle();
    }

    void reference(String namespace) {
        listener.referenceChanged(namespace);
        loop.settle();
    }

    PodNode pass(long seconds) {
        loop.pass(Duration.ofSeconds(seconds));
        return this;
    }

    // ---- what can be seen ----

    JsonObject status(Pod pod) {
        return statuses.reported.get(pod.uid());
    }

    String phase(Pod pod) {
        return Pod.text(status(pod), "phase");
    }

    JsonObject container(Pod pod, String name) {
        for (String member : List.of("containerStatuses", "initContainerStatuses")) {
            for (JsonObject each : Pod.objects(status(pod), member)) {
                if (name.equals(Pod.text(each, "name"))) {
                    return each;
                }
            }
        }
        throw new AssertionError("no status of container " + name + " in " + status(pod));
    }

    /** {@code waiting ErrImagePull}, {@code running}, {@code terminated Error 1}. */
    String state(Pod pod, String name) {
        return brief(Pod.object(container(pod, name), "state"));
    }

    static String brief(JsonObject state) {
        if (state.has("waiting")) {
            return "waiting " + Pod.text(state.getAsJsonObject("waiting"), "reason");
        }
        if (state.has("terminated")) {
            JsonObject end = state.getAsJsonObject("terminated");
            return "terminated " + Pod.text(end, "reason") + " " + Pod.text(end, "exitCode");
        }
        return state.has("running") ? "running" : "none";
    }

    String condition(Pod pod, String type) {
        JsonObject found = PodStatus.conditionOf(status(pod), type);
        return found == null ? "none" : Pod.text(found, "status") + (found.has("reason") ? " " + Pod.text(found, "reason") : "");
    }

    /** The Events so far, without those of earlier calls. */
    List<String> events() {
        List<String> all = List.copyOf(events);
        events.clear();
        return all;
    }

    static JsonArray array(String json) {
        return JsonParser.parseString(json).getAsJsonArray();
    }

    final class Statuses implements PodStatuses {
        final Map<String, JsonObject> reported = new HashMap<>();
        final Map<String, Map<String, String>> annotations = new HashMap<>();
        final List<String> ended = new ArrayList<>();
        final List<String> forgotten = new ArrayList<>();
        int reports;

        @Override
        public void report(Pod pod, JsonObject status, Map<String, String> said) {
            if (forgotten.contains(pod.uid())) {
                throw new AssertionError("status of pod " + pod.uid() + ", which is to be forgotten");
            }
            reports++;
            reported.put(pod.uid(), status);
            annotations.put(pod.uid(), said);
            for (JsonObject container : Pod.objects(status, "containerStatuses")) {
                boolean running = Pod.object(container, "state").has("running");
                String phase = Pod.text(status, "phase");
                if (running && (phase.equals("Failed") || phase.equals("Succeeded"))) {
                    throw new AssertionError("a pod that is over has a running container: " + status);
                }
            }
        }

        @Override
        public void ended(Pod pod, JsonObject status) {
            reported.put(pod.uid(), status);
            ended.add(pod.uid());
        }

        @Override
        public void forget(String uid) {
            forgotten.add(uid);
        }

        @Override
        public Optional<JsonObject> last(String uid) {
            return Optional.ofNullable(reported.get(uid));
        }
    }

    final class Volumes implements PodVolumes {
        final Map<String, String> over = new HashMap<>();
        final List<String> calls = new ArrayList<>();
        Supplier<CompletionStage<Void>> mount = () -> CompletableFuture.completedFuture(null);

        @Override
        public CompletionStage<Void> mount(Pod pod) {
            calls.add("mount " + pod.uid());
            return mount.get();
        }

        @Override
        public List<Mount> mounts(Pod pod, JsonObject container) {
            return List.of();
        }

        @Override
        public CompletionStage<Void> unmount(String podUid) {
            calls.add("unmount " + podUid);
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public long bytes(String podUid) {
            return 0;
        }

        @Override
        public List<String> overLimit(String podUid) {
            return over.containsKey(podUid) ? List.of(over.get(podUid)) : List.of();
        }
    }

    /** A store that outlives the node. */
    static final class Records implements Store {
        private final Map<String, byte[]> bytes = new TreeMap<>();

        @Override
        public <T> RecordCollection<T> collection(String name, RecordCodec<T> codec, Durability durability) {
            return new RecordCollection<>() {
                @Override
                public Optional<T> get(String key) {
                    return Optional.ofNullable(bytes.get(key)).map(this::read);
                }

                private T read(byte[] record) {
                    try {
                        return codec.read(record);
                    } catch (java.io.IOException e) {
                        throw new AssertionError(e);
                    }
                }

                @Override
                public Map<String, T> snapshot() {
                    Map<String, T> all = new TreeMap<>();
                    bytes.forEach((key, record) -> all.put(key, read(record)));
                    return all;
                }

                @Override
                public CompletionStage<Void> put(String key, T record) {
                    bytes.put(key, codec.write(record));
                    return CompletableFuture.completedFuture(null);
                }

                @Override
                public CompletionStage<Void> remove(String key) {
                    bytes.remove(key);
                    return CompletableFuture.completedFuture(null);
                }

                @Override
                public CompletionStage<Void> apply(Map<String, T> changes) {
                    throw new UnsupportedOperationException("not used by pods");
                }
            };
        }

        @Override
        public <T> RecordRing<T> ring(String name, RecordCodec<T> codec, int capacity) {
            throw new UnsupportedOperationException("not used by pods");
        }
    }
}
