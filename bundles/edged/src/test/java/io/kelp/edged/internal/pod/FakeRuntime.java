package io.kelp.edged.internal.pod;

import io.kelp.edged.ContainerSpec;
import io.kelp.edged.ImageCredentials;
import io.kelp.edged.WorkloadContainer;
import io.kelp.edged.WorkloadContainer.Exit;
import io.kelp.edged.WorkloadException;
import io.kelp.edged.WorkloadRuntime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;

/** A runtime whose containers do what the test says; it refuses to run one container of a pod twice at a time. */
class FakeRuntime implements WorkloadRuntime {

    final VirtualLoop loop;
    final Map<String, Started> alive = new LinkedHashMap<>();
    final List<ContainerSpec> starts = new ArrayList<>();
    final Set<String> images = new LinkedHashSet<>();
    final List<String> cancelled = new ArrayList<>();
    final List<String> pulls = new ArrayList<>();
    final Map<String, Exit> lastEnds = new HashMap<>();
    Set<String> kept = Set.of();
    Set<String> retained;
    final List<String> forgotten = new ArrayList<>();
    long memory = 1 << 30;
    /** What a pull does; by default it takes a second. */
    Function<String, CompletionStage<Void>> pull;
    /** What happens before a start succeeds. */
    Function<ContainerSpec, CompletionStage<Void>> start;
    /** How long a container takes to stop; longer than the grace period means that it is killed. */
    Duration stopTime = Duration.ZERO;
    /** What a new container does at once. */
    Consumer<Started> behaviour = c -> {};
    private int ids;

    FakeRuntime(VirtualLoop loop) {
        this.loop = loop;
        this.pull = image -> after(Duration.ofSeconds(1));
        this.start = spec -> CompletableFuture.completedFuture(null);
    }

    CompletableFuture<Void> after(Duration time) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        loop.schedule(() -> done.complete(null), time);
        return done;
    }

    static <T> CompletionStage<T> failure(String reason, String message) {
        return CompletableFuture.failedFuture(new WorkloadException(reason, message));
    }

    @Override
    public String handler() {
        return "osgi";
    }

    @Override
    public String version() {
        return "fake://1";
    }

    @Override
    public long memoryBytes() {
        return memory;
    }

    @Override
    public CompletionStage<Image> pull(String reference, List<ImageCredentials> credentials, Consumer<String> progress) {
        pulls.add(reference);
        return pull.apply(reference).thenApply(done -> {
            images.add(reference);
            return image(reference).orElseThrow();
        });
    }

    @Override
    public Optional<Image> image(String reference) {
        return images.contains(reference) ? Optional.of(new Image("sha256:" + reference.hashCode(), List.of(reference),
                reference.replaceAll(":[^/]*$", "") + "@sha256:" + reference.hashCode(), 1000)) : Optional.empty();
    }

    @Override
    public List<Image> images() {
        return images.stream().map(i -> image(i).orElseThrow()).toList();
    }

    @Override
    public void keepImages(Set<String> ids) {
        kept = ids;
    }

    long unusedBytes;

    @Override
    public CompletionStage<Long> freeImages(long bytes) {
        long freed = unusedBytes;
        unusedBytes = 0;
        return CompletableFuture.completedFuture(freed);
    }

    @Override
    public CompletionStage<WorkloadContainer> start(ContainerSpec spec) {
        String key = key(spec);
        if (alive.containsKey(key)) {
            throw new AssertionError("container " + key + " is started while it runs");
        }
        Started running = new Started(spec);
        alive.put(key, running);
        starts.add(spec);
        CompletableFuture<WorkloadContainer> started = new CompletableFuture<>();
        start.apply(spec).whenComplete((done, failure) -> {
            if (failure != null) {
                running.exit(128, "StartError"); // whoever has taken it over learns it this way
                started.completeExceptionally(failure);
            } else {
                running.startedAt = loop.now();
                started.complete(running);
                behaviour.accept(running);
            }
        });
        return started;
    }

    @Override
    public void cancel(String podUid, String container) {
        cancelled.add(podUid + "/" + container);
    }

    @Override
    public List<Running> running() {
        return alive.values().stream().map(c -> new Running(c.spec, c)).toList();
    }

    static String key(ContainerSpec spec) {
        return spec.pod() + "/" + spec.name();
    }

    @Override
    public Optional<Exit> lastEnd(String podUid, String container) {
        return Optional.ofNullable(lastEnds.remove(podUid + "/" + container));
    }

    @Override
    public void retain(Set<String> podUids) {
        retained = podUids;
        List.copyOf(alive.values()).stream().filter(c -> !podUids.contains(c.spec.pod().uid())).forEach(c -> c.exit(137, "Error"));
    }

    @Override
    public void forget(String podUid) {
        forgotten.add(podUid);
    }

    Started container(String key) {
        Started running = alive.get(key);
        if (running == null) {
            throw new AssertionError("no container " + key + " among " + alive.keySet());
        }
        return running;
    }

    /** The service goes: all containers end. */
    void die() {
        List.copyOf(alive.values()).forEach(c -> c.exit(143, "Error"));
    }

    final class Started implements WorkloadContainer {
        final ContainerSpec spec;
        final String id = "fake://" + ++ids;
        final CompletableFuture<Exit> exit = new CompletableFuture<>();
        final List<Duration> stops = new ArrayList<>();
        Map<Integer, Integer> ports = Map.of();
        Instant startedAt = loop.now();

        Started(ContainerSpec spec) {
            this.spec = spec;
        }

        void exit(int code, String reason) {
            if (alive.remove(key(spec), this)) {
                exit.complete(new Exit(code, reason, "", loop.now()));
            }
        }

        @Override
        public String id() {
            return id;
        }

        @Override
        public Instant startedAt() {
            return startedAt;
        }

        @Override
        public CompletionStage<Exit> exit() {
            return exit;
        }

        @Override
        public CompletionStage<Exit> stop(Duration grace) {
            stops.add(grace);
            boolean inTime = stopTime.compareTo(grace) <= 0;
            loop.schedule(() -> exit(inTime ? 0 : 137, inTime ? "Completed" : "Error"), inTime ? stopTime : grace);
            return exit;
        }

        @Override
        public Readiness readiness() {
            return new Readiness(true, "");
        }

        @Override
        public Map<Integer, Integer> ports() {
            return ports;
        }

        @Override
        public Usage usage() {
            return new Usage(0, 0, 1);
        }

        @Override
        public CompletionStage<ExecResult> exec(List<String> command, Duration limit) {
            return CompletableFuture.completedFuture(new ExecResult(0, ""));
        }
    }
}
