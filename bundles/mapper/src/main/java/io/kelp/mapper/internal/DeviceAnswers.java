package io.kelp.mapper.internal;

import io.kelp.control.ControlCommand.Result;
import io.kelp.mapper.RequestRefusedException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/** Waits for what a device answers, for people at a terminal. Stateless. */
final class DeviceAnswers {

    /** How long people wait; less than the time after which the command itself is given up. */
    static final Duration PATIENCE = Duration.ofSeconds(12);

    private static final int REFUSED = 1;
    private static final int NOT_FOUND = 3;
    private static final int NOT_READY = 4;

    private DeviceAnswers() {}

    static <T> Result await(CompletionStage<T> answer, Function<T, List<String>> lines) {
        try {
            return new Result(0, lines.apply(answer.toCompletableFuture().get(PATIENCE.plusSeconds(1).toMillis(), TimeUnit.MILLISECONDS)));
        } catch (ExecutionException e) {
            return Result.failed(code(e.getCause()), String.valueOf(e.getCause().getMessage()));
        } catch (TimeoutException e) {
            return Result.failed(NOT_READY, "The mapper runtime did not answer within " + PATIENCE.toSeconds() + " s; look at the log.");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Result.failed(NOT_READY, "The gateway is being stopped.");
        }
    }

    private static int code(Throwable cause) {
        if (cause instanceof CallRefusal refusal) {
            return refusal.reason == CallRefusal.Reason.ARGUMENT_INVALID ? REFUSED : NOT_FOUND;
        }
        return cause instanceof IOException && !(cause instanceof RequestRefusedException) ? NOT_READY : REFUSED;
    }
}
