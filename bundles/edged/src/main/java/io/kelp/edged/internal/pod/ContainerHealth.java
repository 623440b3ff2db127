package io.kelp.edged.internal.pod;

import com.google.gson.JsonObject;
import io.kelp.edged.WorkloadContainer;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;

/** How a running container fares: its {@code postStart} hook, then its probes. One for each start. Used on the loop only. */
final class ContainerHealth {

    private static final Duration HOOK_LIMIT = Duration.ofMinutes(2);

    private final Seams seams;
    private final PodWorker pod;
    private final BooleanSupplier wanted;
    private final BiConsumer<String, String> sick;
    private AutoCloseable probes;
    private boolean ready;
    private boolean started;

    /**
     * @param wanted whether the container still runs undisturbed
     * @param sick told when it has to be started again: name of the probe, {@code postStart} for the hook, and why
     */
    ContainerHealth(Seams seams, PodWorker pod, BooleanSupplier wanted, BiConsumer<String, String> sick) {
        this.seams = seams;
        this.pod = pod;
        this.wanted = wanted;
        this.sick = sick;
    }

    boolean isReady() {
        return ready;
    }

    boolean isStarted() {
        return started;
    }

    void begin(Hooks hooks, JsonObject spec, WorkloadContainer running) {
        JsonObject hook = Pod.object(Pod.object(spec, "lifecycle"), "postStart");
        if (hook.size() == 0) {
            watch(spec, running);
            return;
        }
        CompletionStage<Void> stage = Seams.call(() -> hooks.run(hook, spec, running, seams.address().get(), HOOK_LIMIT));
        seams.then(Seams.bounded(stage), wanted, done -> watch(spec, running), e -> {
            sick.accept("postStart", String.valueOf(e.getMessage()));
            pod.touch();
        });
    }

    private void watch(JsonObject spec, WorkloadContainer running) {
        probes = seams.probes().watch(pod.pod(), spec, running, new ContainerProbes.Listener() {
            @Override
            public void ready(boolean now, String message) {
                onLoop(() -> ready = now);
            }

            @Override
            public void started() {
                onLoop(() -> started = true);
            }

            @Override
            public void failed(String probe, String message) {
                onLoop(() -> sick.accept(probe, message));
            }
        });
    }

    private void onLoop(Runnable change) {
        seams.loop().execute(() -> {
            if (wanted.getAsBoolean()) {
                change.run();
                pod.touch();
            }
        });
    }

    /** It ends: no longer ready, no longer probed. */
    void close() {
        ready = false;
        if (probes != null) {
            AutoCloseable closing = probes;
            probes = null;
            try {
                closing.close();
            } catch (Exception e) { // the declared type of AutoCloseable; probes throw nothing checked
                throw new IllegalStateException(e);
            }
        }
    }
}
