package io.kelp.edged.internal.pod;

import io.kelp.edged.ContainerSpec;
import io.kelp.edged.ImageCredentials;
import io.kelp.edged.WorkloadContainer;
import io.kelp.edged.WorkloadException;
import io.kelp.edged.WorkloadRuntime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** A runtime in real time that has one image and whose containers start and stop at once. */
final class PromptRuntime implements WorkloadRuntime {

    static final String IMAGE = "demo.local/app/x:01";

    final List<ContainerSpec> starts = new CopyOnWriteArrayList<>();
    final Map<String, Container> alive = new ConcurrentHashMap<>();

    @Override
    public String handler() {
        return "osgi";
    }

    @Override
    public String version() {
        return "prompt://1";
    }

    @Override
    public long memoryBytes() {
        return 1 << 30;
    }

    @Override
    public CompletionStage<Image> pull(String reference, List<ImageCredentials> credentials, Consumer<String> progress) {
        return CompletableFuture.failedFuture(new WorkloadException("ErrImagePull", "there is no registry"));
    }

    @Override
    public Optional<Image> image(String reference) {
        return images().stream().filter(i -> i.references().contains(reference)).findFirst();
    }

    @Override
    public List<Image> images() {
        return List.of(new Image("sha256:300c5d7e8aa9d10c42042aa80e0b5f951b3edd859e54cc2c562925f2d883fac5", List.of(IMAGE), "", 1000));
    }

    @Override
    public void keepImages(Set<String> ids) {
        // nothing is ever removed
    }

    @Override
    public CompletionStage<Long> freeImages(long bytes) {
        return CompletableFuture.completedFuture(0L);
    }

    @Override
    public CompletionStage<WorkloadContainer> start(ContainerSpec spec) {
        Container container = new Container("prompt://" + starts.size());
        starts.add(spec);
        if (alive.putIfAbsent(spec.pod().uid() + "/" + spec.name(), container) != null) {
            throw new AssertionError(spec.name() + " is started while it runs");
        }
        container.exit.thenRun(() -> alive.remove(spec.pod().uid() + "/" + spec.name()));
        return CompletableFuture.completedFuture(container);
    }

    @Override
    public void retain(Set<String> podUids) {
        alive.forEach((key, container) -> {
            if (!podUids.contains(key.substring(0, key.indexOf('/')))) {
                container.stop(Duration.ZERO);
            }
        });
    }

    static final class Container implements WorkloadContainer {

        private final String id;
        private final Instant startedAt = Instant.now();
        private final CompletableFuture<Exit> exit = new CompletableFuture<>();

        private Container(String id) {
            this.id = id;
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
            exit.complete(new Exit(0, "Completed", "", Instant.now()));
            return exit;
        }

        @Override
        public Readiness readiness() {
            return new Readiness(true, "");
        }

        @Override
        public Map<Integer, Integer> ports() {
            return Map.of();
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
