package io.kelp.mapper.internal;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The timeline on a thread of its own, named {@code kelp-mapper}. */
final class SerialTimeline implements Timeline, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SerialTimeline.class);

    private final ScheduledThreadPoolExecutor thread;

    SerialTimeline() {
        // The thread is made here and now: made later, it could be made by a driver's call, and would
        // hold on to that driver's classes through the access control context it inherits.
        thread = new ScheduledThreadPoolExecutor(1, task -> new Thread(null, task, "kelp-mapper", 0, false));
        thread.setRemoveOnCancelPolicy(true);
        thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        thread.prestartAllCoreThreads();
    }

    @Override
    public long nanos() {
        return System.nanoTime();
    }

    @Override
    public Instant now() {
        return Instant.now();
    }

    @Override
    public void run(Runnable task) {
        try {
            thread.execute(() -> guarded(task));
        } catch (RejectedExecutionException e) {
            LOG.debug("Mapper runtime has ended; a late task is left out");
        }
    }

    @Override
    public Alarm after(Duration delay, Runnable task) {
        try {
            Future<?> future = thread.schedule(() -> guarded(task), delay.toNanos(), TimeUnit.NANOSECONDS);
            return () -> future.cancel(false);
        } catch (RejectedExecutionException e) {
            LOG.debug("Mapper runtime has ended; a late alarm is left out");
            return () -> {};
        }
    }

    /** Completes when the thread has come to it; fails when it has ended. */
    CompletableFuture<Void> probe() {
        return thread.isShutdown() ? CompletableFuture.failedFuture(new RejectedExecutionException("the mapper runtime has ended"))
                : CompletableFuture.runAsync(() -> {}, thread);
    }

    private static void guarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            // The executor would drop it without a word, and the thread must go on for the other devices.
            LOG.error("A step of the mapper runtime failed", e);
        }
    }

    /** Ends the thread, waiting for the step at hand for at most a second. */
    @Override
    public void close() {
        thread.shutdownNow();
        try {
            if (!thread.awaitTermination(1, TimeUnit.SECONDS)) {
                LOG.warn("The mapper runtime's thread is still busy after 1 s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
