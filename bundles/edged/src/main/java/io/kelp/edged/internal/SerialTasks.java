package io.kelp.edged.internal;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts tasks on somebody's serial executor so that none fails unseen, and none fails because the executor is stopping. */
public final class SerialTasks {

    private static final Logger LOG = LoggerFactory.getLogger(SerialTasks.class);

    private final ScheduledExecutorService executor;
    private final String owner;

    /** @param owner for the log */
    public SerialTasks(ScheduledExecutorService executor, String owner) {
        this.executor = executor;
        this.owner = owner;
    }

    public void run(Runnable task) {
        try {
            executor.execute(guarded(task));
        } catch (RejectedExecutionException e) {
            LOG.debug("{} is stopping: {}", owner, e.getMessage());
        }
    }

    public void runAfter(Duration delay, Runnable task) {
        try {
            executor.schedule(guarded(task), Math.max(0, delay.toNanos()), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("{} is stopping: {}", owner, e.getMessage());
        }
    }

    private Runnable guarded(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (RuntimeException e) { // a defect of ours, or a foreign service that is going away; the executor would swallow it
                LOG.error("A task of {} failed, going on", owner, e);
            }
        };
    }
}
