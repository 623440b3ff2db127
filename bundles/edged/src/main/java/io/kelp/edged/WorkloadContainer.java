package io.kelp.edged;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ConsumerType;

/** A container that was started. Safe for use by several threads; no method blocks. */
@ConsumerType
public interface WorkloadContainer {

    /** For {@code containerID}, for example {@code kelp-osgi://…}; another one at each start. */
    String id();

    Instant startedAt();

    /** Completes when the container has ended, by itself or by {@link #stop}. Never fails. */
    CompletionStage<Exit> exit();

    /**
     * Asks it to end and, after the grace period, ends it by what force there is.
     *
     * @return completes with {@link #exit}; completes with reason {@code ContainerCannotStop} when threads
     *     of it go on all the same, which the runtime deals with
     */
    CompletionStage<Exit> stop(Duration grace);

    /** Whether it can do its work as far as the runtime sees: all bundles active, all components satisfied. */
    Readiness readiness();

    /**
     * Asks to be told of readiness instead of looking for it again and again.
     *
     * @param listener to be called, on any thread, whenever {@link #readiness} may have changed; must not block
     * @return whether the runtime will do so until the container ends; otherwise readiness is polled
     */
    default boolean onReadiness(Runnable listener) {
        return false;
    }

    /** Ports in use, number in the pod → number on the gateway. */
    Map<Integer, Integer> ports();

    /** What it has used since it started. */
    Usage usage();

    /**
     * Runs a command in the container: one that it has registered.
     *
     * @param limit after which the command is interrupted
     * @return fails with {@link WorkloadException} when there is no such command or the time ran out
     */
    CompletionStage<ExecResult> exec(List<String> command, Duration limit);

    /**
     * How a container ended.
     *
     * @param code 0 for success, 137 when killed, 143 when ended on request without a code of its own
     * @param reason {@code Completed}, {@code Error}, {@code OOMKilled}, {@code ContainerCannotStop} …
     * @param message for people, may be empty
     */
    record Exit(int code, String reason, String message, Instant at) {}

    /** @param message why not, empty when ready */
    record Readiness(boolean ready, String message) {}

    /**
     * @param cpuNanos processor time of its threads, those that ended included
     * @param allocatedBytes heap allocated by its threads, whether still in use or not
     * @param threads alive now
     */
    record Usage(long cpuNanos, long allocatedBytes, int threads) {}

    /** @param output at most 64 KiB of what it wrote */
    record ExecResult(int code, String output) {}
}
