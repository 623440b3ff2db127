package io.kelp.edgehub.internal.link;

import io.kelp.edgehub.CloudLink.Peer;
import io.kelp.edgehub.CloudMessageHandler;
import io.kelp.message.Message;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The queue in front of one handler: calls it serially, one message at a time, and waits for each
 * to be done, but not for ever. A slow handler fills its own lane and nobody else's.
 *
 * <p>Safe for use by several threads.
 */
final class Lane implements Executor {

    /** What became of a message. */
    interface Outcome {
        void handled(Message message);

        void failed(Message message, String reason);
    }

    static final int CAPACITY = 512;
    /** Of all messages that wait; one message alone may be longer. */
    static final int MAX_CHARACTERS = 8_000_000;
    private static final Duration HANDLE_DEADLINE = Duration.ofSeconds(60);
    private static final Logger LOG = LoggerFactory.getLogger(Lane.class);

    private final CloudMessageHandler handler;
    private final int ranking;
    private final ScheduledExecutorService pool;
    private final Outcome outcome;
    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>(); // guarded by itself, like what follows
    private int messages;
    private long characters;
    private boolean busy;
    private boolean closed;

    Lane(CloudMessageHandler handler, int ranking, ScheduledExecutorService pool, Outcome outcome) {
        this.handler = handler;
        this.ranking = ranking;
        this.pool = pool;
        this.outcome = outcome;
    }

    CloudMessageHandler handler() {
        return handler;
    }

    int ranking() {
        return ranking;
    }

    /** Whether the handler owns the message; a handler that fails to say so owns nothing. */
    boolean claims(Message message) {
        try {
            return handler.claims(message);
        } catch (RuntimeException e) { // foreign code
            LOG.warn("Handler {} failed to say whether it takes {}", handler, message.resource(), e);
            return false;
        }
    }

    /** False when the queue is full. */
    boolean offer(Message message, int length) {
        synchronized (tasks) {
            if (closed || messages >= CAPACITY || messages > 0 && characters + length > MAX_CHARACTERS) {
                return false;
            }
            messages++;
            characters += length;
            tasks.add(() -> handle(message, length));
        }
        next();
        return true;
    }

    void connected(Peer peer) {
        execute(() -> handler.connected(peer));
    }

    void disconnected() {
        execute(handler::disconnected);
    }

    /** Runs a task in turn with the messages. */
    @Override
    public void execute(Runnable task) {
        synchronized (tasks) {
            if (closed) {
                return;
            }
            tasks.add(() -> {
                try {
                    task.run();
                } catch (RuntimeException e) { // foreign code
                    LOG.warn("Handler {} failed to take note of a change of the link", handler, e);
                }
                done();
            });
        }
        next();
    }

    void close() {
        synchronized (tasks) {
            closed = true;
            tasks.clear();
        }
    }

    private void next() {
        Runnable task;
        synchronized (tasks) {
            if (busy || tasks.isEmpty()) {
                return;
            }
            busy = true;
            task = tasks.remove();
        }
        try {
            pool.execute(task);
        } catch (RejectedExecutionException e) {
            LOG.debug("The hub is stopping: {}", e.getMessage());
        }
    }

    private void done() {
        synchronized (tasks) {
            busy = false;
        }
        next();
    }

    private void handle(Message message, int length) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        Future<?> deadline = pool.schedule(
                () -> result.completeExceptionally(new IllegalStateException(
                        "the handler did not finish within " + HANDLE_DEADLINE.toSeconds() + " s")),
                HANDLE_DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
        result.whenComplete((nothing, failure) -> {
            deadline.cancel(false);
            synchronized (tasks) {
                messages--;
                characters -= length;
            }
            if (failure == null) {
                outcome.handled(message);
            } else {
                outcome.failed(message, Reasons.of(failure));
            }
            done();
        });
        try {
            CompletionStage<Void> stage = handler.handle(message);
            stage.whenComplete((nothing, failure) -> {
                if (failure == null) {
                    result.complete(null);
                } else {
                    result.completeExceptionally(failure);
                }
            });
        } catch (RuntimeException e) { // foreign code
            LOG.warn("Handler {} failed on {} {}", handler, message.operation(), message.resource(), e);
            result.completeExceptionally(e);
        }
    }
}
