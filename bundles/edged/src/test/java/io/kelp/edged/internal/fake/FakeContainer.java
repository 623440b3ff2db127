package io.kelp.edged.internal.fake;

import io.kelp.edged.WorkloadContainer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** A container that is as ready as the test says. */
public final class FakeContainer implements WorkloadContainer {

    public final CompletableFuture<Exit> exit = new CompletableFuture<>();
    public volatile Readiness readiness = new Readiness(true, "");
    public volatile Map<Integer, Integer> ports = Map.of();
    public volatile Function<List<String>, CompletionStage<ExecResult>> exec = c -> CompletableFuture.completedFuture(new ExecResult(0, ""));
    /** Whether it tells of its readiness by itself. */
    public boolean tells;
    public Runnable listener;

    public void readiness(boolean ready, String message) {
        readiness = new Readiness(ready, message);
        if (listener != null) {
            listener.run();
        }
    }

    @Override
    public boolean onReadiness(Runnable given) {
        if (tells) {
            listener = given;
        }
        return tells;
    }

    @Override
    public String id() {
        return "kelp-fake://1";
    }

    @Override
    public Instant startedAt() {
        return Instant.EPOCH;
    }

    @Override
    public CompletionStage<Exit> exit() {
        return exit;
    }

    @Override
    public CompletionStage<Exit> stop(Duration grace) {
        exit.complete(new Exit(0, "Completed", "", Instant.EPOCH));
        return exit;
    }

    @Override
    public Readiness readiness() {
        return readiness;
    }

    @Override
    public Map<Integer, Integer> ports() {
        return ports;
    }

    @Override
    public Usage usage() {
        return new Usage(0, 0, 0);
    }

    @Override
    public CompletionStage<ExecResult> exec(List<String> command, Duration limit) {
        return exec.apply(command);
    }
}
