package io.kelp.edged.internal.pod;

import com.google.gson.JsonObject;
import io.kelp.edged.WorkloadContainer;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** The end of a container that was asked for: hook, grace period, and a word when it takes too long. Used on the loop only. */
final class ContainerStop {

    private static final Duration OVERDUE = Duration.ofSeconds(30);
    private static final Duration LEAST = Duration.ofSeconds(2);

    private final Seams seams;
    private final Hooks hooks;
    private final boolean again;
    private final long since;
    private Duration grace;
    private boolean told;
    private Loop.Timer overdue;

    /** @param again whether it is to be started again after it */
    ContainerStop(Seams seams, Hooks hooks, boolean again, Duration grace) {
        this.seams = seams;
        this.hooks = hooks;
        this.again = again;
        this.grace = grace;
        this.since = seams.loop().nanos();
    }

    boolean isAgain() {
        return again;
    }

    /**
     * The hook, then the stop.
     *
     * @param wanted whether the container has not ended meanwhile
     */
    void begin(Pod pod, JsonObject spec, WorkloadContainer running, BooleanSupplier wanted) {
        JsonObject hook = Pod.object(Pod.object(spec, "lifecycle"), "preStop");
        if (hook.size() == 0 || grace.isZero()) {
            kill(pod, spec, running);
            return;
        }
        CompletionStage<Void> stage = Seams.call(() -> hooks.run(hook, spec, running, seams.address().get(), grace))
                .toCompletableFuture().copy().orTimeout(Math.max(1, grace.toMillis()), TimeUnit.MILLISECONDS);
        seams.then(stage, wanted, done -> kill(pod, spec, running), e -> {
            seams.events().pod(pod, Pod.text(spec, "name"), "Warning", "FailedPreStopHook", "PreStopHook failed: " + e.getMessage());
            kill(pod, spec, running);
        });
    }

    private void kill(Pod pod, JsonObject spec, WorkloadContainer running) {
        if (told) {
            return;
        }
        told = true;
        Duration left = grace.minusNanos(seams.loop().nanos() - since);
        Duration rest = grace.compareTo(LEAST) <= 0 ? grace : left.compareTo(LEAST) < 0 ? LEAST : left;
        running.stop(rest);
        String name = Pod.text(spec, "name");
        overdue = seams.loop().schedule(() -> seams.events().pod(pod, name, "Warning", "FailedKillPod", "error killing pod: container "
                + name + " goes on " + OVERDUE.toSeconds() + " s after its grace period"), rest.plus(OVERDUE));
    }

    /** It is to end sooner. @param running {@code null} while it has not been started */
    void shorten(Duration now, WorkloadContainer running) {
        if (now.compareTo(grace) < 0) {
            grace = now;
            if (running != null && (told || now.isZero())) {
                told = true;
                running.stop(now);
            }
        }
    }

    /** It has ended. */
    void close() {
        if (overdue != null) {
            overdue.cancel();
        }
    }
}
