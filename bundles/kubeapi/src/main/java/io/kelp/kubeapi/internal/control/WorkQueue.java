package io.kelp.kubeapi.internal.control;

import io.kelp.kubeapi.ApiException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs tasks on a few threads of its own: the same task never twice at a time, once more when it was added meanwhile, and again
 * after a growing pause when it failed. Holds each task at most once, so its size is bounded by the objects that need work.
 */
final class WorkQueue implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(WorkQueue.class);
    private static final int THREADS = 3;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

    private static final class State {
        private ScheduledFuture<?> scheduled; // null when it is not to run
        private long due; // System.nanoTime of the run that is scheduled
        private boolean running;
        private boolean again;
        private int failures;
    }

    private final Map<Task, State> states = new HashMap<>(); // guarded by this
    private final ScheduledThreadPoolExecutor threads;
    private boolean started; // guarded by this
    private boolean closed; // guarded by this

    WorkQueue(String name) {
        AtomicInteger number = new AtomicInteger();
        threads = new ScheduledThreadPoolExecutor(THREADS, work -> {
            Thread thread = new Thread(work, name + "-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
        threads.setRemoveOnCancelPolicy(true);
        threads.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /** Begins with what was added so far. */
    synchronized void start() {
        started = true;
        states.forEach((task, state) -> schedule(task, state, Duration.ZERO));
    }

    void add(Task task) {
        add(task, Duration.ZERO);
    }

    /** @param delay does not postpone what is to run earlier already */
    synchronized void add(Task task, Duration delay) {
        if (closed) {
            return;
        }
        State state = states.computeIfAbsent(task, key -> new State());
        if (state.running) {
            state.again = true;
        } else if (started && (state.scheduled == null
                || state.due - System.nanoTime() > delay.toNanos() && state.scheduled.cancel(false))) {
            schedule(task, state, delay);
        }
    }

    /** How many tasks wait or run. */
    synchronized int size() {
        return states.size();
    }

    private void schedule(Task task, State state, Duration delay) {
        if (!threads.isShutdown()) {
            state.due = System.nanoTime() + delay.toNanos();
            state.scheduled = threads.schedule(() -> run(task), delay.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    private void run(Task task) {
        synchronized (this) {
            State state = states.get(task);
            state.scheduled = null;
            state.running = true;
        }
        Duration next = null;
        boolean failed = false;
        try {
            next = task.run();
        } catch (ApiException e) {
            failed = true;
            if (isFirstFailure(task)) {
                LOG.info("{} is tried again later: {}", task, e.getMessage());
            }
        } catch (RuntimeException e) { // the store or a rule failed; without this the task would be forgotten without a word
            failed = true;
            if (isFirstFailure(task)) {
                LOG.warn("{} failed and is tried again later", task, e);
            }
        }
        finish(task, next, failed);
    }

    private synchronized boolean isFirstFailure(Task task) {
        return !closed && states.get(task).failures == 0;
    }

    private synchronized void finish(Task task, Duration next, boolean failed) {
        State state = states.get(task);
        state.running = false;
        boolean again = state.again;
        state.again = false;
        if (closed) {
            states.remove(task);
        } else if (failed) {
            state.failures++;
            schedule(task, state, pause(state.failures));
        } else if (again || next != null) {
            state.failures = 0;
            schedule(task, state, again ? Duration.ZERO : next);
        } else {
            states.remove(task);
        }
    }

    private static Duration pause(int failures) {
        long millis = FIRST_PAUSE.toMillis() << Math.min(failures - 1, 20);
        return millis < LONGEST_PAUSE.toMillis() ? Duration.ofMillis(millis) : LONGEST_PAUSE;
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            threads.shutdown();
        }
        try {
            if (!threads.awaitTermination(5, TimeUnit.SECONDS)) {
                threads.shutdownNow();
            }
        } catch (InterruptedException e) {
            threads.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
