package io.kelp.edged.internal.pod;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * What all pods of a gateway work with.
 *
 * @param now the best time known
 * @param address of the gateway, and so of its pods
 */
record Seams(Loop loop, Supplier<Instant> now, Supplier<String> address, PodStatuses statuses, PodEvents events,
        PodVolumes volumes, ContainerEnvironment environment, ContainerProbes probes, PullSecrets secrets,
        Runtimes runtimes, PodFolders folders, PodRecords records, HostPorts ports) {

    /** For steps that only ask parts of the gateway; they can be asked again. */
    static final Duration STEP = Duration.ofMinutes(2);

    /**
     * Goes on, on the loop, when a stage has completed.
     *
     * @param wanted whether anybody still wants to know; what comes too late is dropped
     */
    <T> void then(CompletionStage<T> stage, BooleanSupplier wanted, Consumer<T> done, Consumer<Throwable> failed) {
        stage.whenComplete((value, failure) -> loop.execute(() -> {
            if (!wanted.getAsBoolean()) {
                return;
            }
            if (failure == null) {
                done.accept(value);
            } else {
                failed.accept(cause(failure));
            }
        }));
    }

    /** The stage, failing when it takes longer than {@link #STEP}. */
    static <T> CompletionStage<T> bounded(CompletionStage<T> stage) {
        return stage.toCompletableFuture().copy().orTimeout(STEP.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** A call of a seam, whose failure to begin is a failure of the stage. */
    static <T> CompletionStage<T> call(Supplier<CompletionStage<T>> seam) {
        try {
            return seam.get();
        } catch (RuntimeException e) { // a runtime or another foreign part: must not harm other pods
            return CompletableFuture.failedFuture(e);
        }
    }

    private static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }
}
