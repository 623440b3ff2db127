package io.kelp.mapper.internal;

import io.kelp.mapper.internal.Timeline.Alarm;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/** A call that returns a stage: begun on a worker, which is free again while the device thinks. */
final class AsyncCall {

    private AsyncCall() {}

    /** Tells the result exactly once, on the timeline; at the deadline as failed. */
    static <A, B> void start(RuntimeContext runtime, boolean suspect, Duration deadline, Callable<CompletionStage<A>> body,
            Function<A, B> check, Workers.Result<B> result) {
        runtime.workers().call(suspect, deadline, body, new Workers.Result<CompletionStage<A>>() {
            @Override
            public void done(CompletionStage<A> stage) {
                if (stage == null) {
                    result.failed(new IllegalStateException("the mapper returned no stage"), null);
                } else {
                    await(runtime.timeline(), deadline, stage, check, result);
                }
            }

            @Override
            public void failed(Throwable cause, CompletionStage<A> late) {
                result.failed(cause, null);
            }

            @Override
            public void hung() {
                result.hung();
            }
        });
    }

    private static <A, B> void await(
            Timeline timeline, Duration deadline, CompletionStage<A> stage, Function<A, B> check, Workers.Result<B> result) {
        var pending = new Object() {
            boolean ended;
            Alarm alarm = () -> {};
        };
        pending.alarm = timeline.after(deadline, () -> {
            if (!pending.ended) {
                pending.ended = true;
                result.failed(new TimeoutException("no answer within " + deadline.toMillis() + " ms"), null);
            }
        });
        stage.thenApply(check).whenComplete((value, failure) -> timeline.run(() -> {
            if (!pending.ended) {
                pending.ended = true;
                pending.alarm.cancel();
                if (failure == null) {
                    result.done(value);
                } else {
                    result.failed(failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure, null);
                }
            }
        }));
    }
}
