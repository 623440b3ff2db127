package io.kelp.mapper.internal;

import java.time.Duration;
import java.time.Instant;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The timeline on a thread of its own, named {@code kelp-mapper}. While that has nothing to do, a worker that has finished a call
 * takes what follows from it itself: with hundreds of reads in a second, to wake the thread costs more than the steps.
 */
final class SerialTimeline implements Timeline, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SerialTimeline.class);
    private static final int MOST_HERE = 16; // steps a worker takes at a time

    private final ScheduledThreadPoolExecutor thread;
    private final Queue<Runnable> steps = new ConcurrentLinkedQueue<>();
    private final AtomicInteger open = new AtomicInteger(); // steps that are not over; whoever makes it 1 sees to them
    private final Semaphore turn = new Semaphore(1); // held while steps are taken
    private volatile boolean closed;

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
        if (add(task)) {
            handOver();
        }
    }

    @Override
    public void runHere(Runnable task) {
        if (add(task)) {
            take(MOST_HERE);
        }
    }

    @Override
    public Alarm after(Duration delay, Runnable task) {
        Due due = new Due(task);
        try {
            Future<?> future = thread.schedule(() -> {
                if (add(due)) {
                    take(Integer.MAX_VALUE);
                }
            }, delay.toNanos(), TimeUnit.NANOSECONDS);
            return () -> {
                due.cancelled = true; // it may be among the steps already
                future.cancel(false);
            };
        } catch (RejectedExecutionException e) {
            LOG.debug("Mapper runtime has ended; a late alarm is left out");
            return () -> {};
        }
    }

    /** The task of an alarm. */
    private static final class Due implements Runnable {

        private final Runnable task;
        private boolean cancelled; // by a step

        Due(Runnable task) {
            this.task = task;
        }

        @Override
        public void run() {
            if (!cancelled) {
                task.run();
            }
        }
    }

    /** Whether the caller has to see to the steps. */
    private boolean add(Runnable step) {
        if (closed) {
            LOG.debug("Mapper runtime has ended; a late task is left out");
            return false;
        }
        steps.add(step);
        return open.getAndIncrement() == 0;
    }

    private void handOver() {
        try {
            thread.execute(() -> take(Integer.MAX_VALUE));
        } catch (RejectedExecutionException e) {
            LOG.debug("Mapper runtime has ended; late tasks are left out");
        }
    }

    /** Takes steps until there are none, or leaves the rest to the timeline's thread. */
    private void take(int most) {
        turn.acquireUninterruptibly();
        boolean more = true;
        try {
            for (int taken = 0; more && taken < most; taken++) {
                Runnable step = steps.remove();
                if (!closed) {
                    guarded(step);
                }
                more = open.decrementAndGet() > 0;
            }
        } finally {
            turn.release();
        }
        if (more) {
            handOver();
        }
    }

    /** Completes when its turn has come; fails when the timeline has ended. */
    CompletableFuture<Void> probe() {
        if (closed) {
            return CompletableFuture.failedFuture(new RejectedExecutionException("the mapper runtime has ended"));
        }
        CompletableFuture<Void> reached = new CompletableFuture<>();
        run(() -> reached.complete(null));
        return reached;
    }

    private static void guarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            // Whatever it is, it concerns one device; steps and calls must go on for the others.
            LOG.error("A step of the mapper runtime failed", e);
        }
    }

    /** Ends the thread, waiting for the step at hand for at most a second. */
    @Override
    public void close() {
        closed = true;
        thread.shutdownNow();
        try {
            if (!turn.tryAcquire(1, TimeUnit.SECONDS) || !thread.awaitTermination(1, TimeUnit.SECONDS)) {
                LOG.warn("The mapper runtime's thread is still busy after 1 s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
