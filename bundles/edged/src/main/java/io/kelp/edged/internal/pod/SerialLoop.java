package io.kelp.edged.internal.pod;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The thread {@code kelp-pods}. What is put on it is bounded by the pods there are: changes are collected before they come here. */
final class SerialLoop implements Loop, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SerialLoop.class);

    private final ScheduledThreadPoolExecutor thread;

    SerialLoop() {
        thread = new ScheduledThreadPoolExecutor(1, r -> {
            Thread t = new Thread(r, "kelp-pods");
            t.setDaemon(true);
            return t;
        });
        thread.setRemoveOnCancelPolicy(true);
        thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    @Override
    public void execute(Runnable task) {
        try {
            thread.execute(guarded(task));
        } catch (RejectedExecutionException e) {
            LOG.debug("Pods are not looked after any more: {}", e.getMessage());
        }
    }

    @Override
    public Timer schedule(Runnable task, Duration delay) {
        try {
            ScheduledFuture<?> future = thread.schedule(guarded(task), delay.toNanos(), TimeUnit.NANOSECONDS);
            return () -> future.cancel(false);
        } catch (RejectedExecutionException e) {
            LOG.debug("Pods are not looked after any more: {}", e.getMessage());
            return () -> {};
        }
    }

    /** The thread itself, for parts that take turns on it. */
    ScheduledExecutorService executor() {
        return thread;
    }

    @Override
    public long nanos() {
        return System.nanoTime();
    }

    /** One task that fails must not keep the others from being done. */
    private static Runnable guarded(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (RuntimeException e) { // a defect of ours, or a foreign service that is going away
                LOG.error("Looking after pods failed once, going on", e);
            }
        };
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
