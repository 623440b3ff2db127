package io.kelp.runtime.osgi.internal;

import io.kelp.edged.WorkloadContainer;
import io.kelp.edged.WorkloadException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A container: deadlines and force around a {@link ContainerProcess}. Whatever the process does, it
 * does on threads of its group; the gateway's threads only watch the clock.
 */
final class OsgiContainer implements WorkloadContainer {

    private static final Logger LOG = LoggerFactory.getLogger(OsgiContainer.class);
    private static final Duration OWN_END_GRACE = Duration.ofSeconds(10); // for the rest of it when it has ended by itself
    private static final Duration FORCE = Duration.ofSeconds(2); // from interrupt to more than that
    private static final Duration CLOSE = Duration.ofSeconds(10);
    private static final int NAMED_THREADS = 3;

    private final String id;
    private final ContainerGroup threads;
    private final ContainerProcess process;
    private final Containment.Watched watched;
    private final Map<Integer, Integer> ports;
    private final Commands commands;
    private final ScheduledExecutorService clock;
    private final Runnable released;
    private final Instant startedAt = Instant.now();
    private final CompletableFuture<WorkloadContainer> started = new CompletableFuture<>();
    private final CompletableFuture<Exit> exit = new CompletableFuture<>();
    private final AtomicReference<Boolean> ending = new AtomicReference<>(false);

    /** Runs a command of the container; see {@link WorkloadContainer#exec}. */
    interface Commands {
        CompletionStage<ExecResult> exec(List<String> command, Duration limit);
    }

    /**
     * @param clock for deadlines; nothing runs on it for long
     * @param released called when it has ended and nothing of it is left
     */
    OsgiContainer(String id, ContainerGroup threads, ContainerProcess process, Containment.Watched watched, Map<Integer, Integer> ports,
            Commands commands, ScheduledExecutorService clock, Runnable released) {
        this.id = id;
        this.threads = threads;
        this.process = process;
        this.watched = watched;
        this.ports = Map.copyOf(ports);
        this.commands = commands;
        this.clock = clock;
        this.released = released;
    }

    /** Starts it; fails with {@link WorkloadException} after which nothing is left of it, as far as its threads allow. */
    CompletionStage<WorkloadContainer> start(Duration limit) {
        Thread thread = new Thread(threads, () -> {
            try {
                if (ending.get()) {
                    return; // whoever ends it says so
                }
                process.start();
                process.exit().thenAccept(this::endedByItself);
                started.complete(this);
            } catch (WorkloadException e) {
                fail(e);
            } catch (InterruptedException e) {
                fail(new WorkloadException("RunContainerError", "it was not started within " + limit.toSeconds()
                        + " s; a start must return: work that lasts belongs in a thread of its own"));
            } catch (RuntimeException | LinkageError e) {
                fail(new WorkloadException("RunContainerError", "it could not be started: " + e, e));
            }
        }, "start");
        thread.start();
        Future<?> deadline = clock.schedule(() -> {
            if (!started.isDone()) {
                String where = where(thread);
                threads.interrupt();
                clock.schedule(() -> {
                    if (!started.isDone()) {
                        fail(new WorkloadException("RunContainerError", "it was not started within " + limit.toSeconds()
                                + " s and cannot be interrupted" + where + "; a start must return: work that lasts belongs in a thread of its own"));
                    }
                }, FORCE.toMillis(), TimeUnit.MILLISECONDS);
            }
        }, limit.toMillis(), TimeUnit.MILLISECONDS);
        return started.whenComplete((container, failure) -> deadline.cancel(false));
    }

    /** Ends it if it is not started yet. */
    void cancel() {
        if (!started.isDone()) {
            fail(new WorkloadException("RunContainerError", "it was stopped before it was started"));
        }
    }

    private void fail(WorkloadException why) {
        if (ending.compareAndSet(false, true)) {
            watched.log(why.getMessage());
            end(Duration.ZERO, null, (end, left) -> {
                if (!started.completeExceptionally(why)) {
                    complete(end, left); // its start came through at the last moment
                }
            });
        }
    }

    /** Of itself, as far as the runtime can tell: by its code, by an exit call. */
    void endedByItself(Exit how) {
        if (ending.compareAndSet(false, true)) {
            end(OWN_END_GRACE, how, this::complete);
        }
    }

    /** Without grace, for what it does to the others: as a kernel kills. */
    void kill(Exit why) {
        watched.condemn();
        threads.interrupt(); // before anything else: it may hold the lock that is needed to start a thread
        if (ending.compareAndSet(false, true)) {
            watched.log(why.message());
            end(Duration.ZERO, why, this::complete);
        }
    }

    @Override
    public CompletionStage<Exit> stop(Duration grace) {
        if (ending.compareAndSet(false, true)) {
            end(grace, null, this::complete);
        }
        return exit;
    }

    private void complete(Exit how, List<Thread> left) {
        started.complete(this); // one that ended itself while it was started has had its life all the same
        exit.complete(left.isEmpty() ? how : new Exit(137, "ContainerCannotStop", left.size() + " threads go on after they were interrupted: "
                + left.stream().limit(NAMED_THREADS).map(t -> t.getName() + where(t)).collect(Collectors.joining("; ")), Instant.now()));
    }

    private interface Ended {
        void ended(Exit how, List<Thread> left);
    }

    /** Stop, grace, interrupt, close; each on a thread of the container, none waited for longer than it may take. */
    private void end(Duration grace, Exit how, Ended then) {
        CompletableFuture<Exit> stopped = new CompletableFuture<>();
        inGroup("stop", () -> {
            try {
                long began = System.nanoTime();
                Exit end = process.stop(grace);
                watched.runHooks(grace.minusNanos(System.nanoTime() - began));
                stopped.complete(how == null ? end : how);
            } catch (InterruptedException e) {
                stopped.complete(how == null ? killed(grace) : how);
            } catch (RuntimeException | LinkageError e) {
                stopped.complete(new Exit(1, "Error", "failed while it was stopped: " + e, Instant.now()));
            }
        });
        clock.schedule(() -> {
            if (!stopped.isDone()) {
                threads.interrupt();
                clock.schedule(() -> stopped.complete(how == null ? killed(grace) : how), FORCE.toMillis(), TimeUnit.MILLISECONDS);
            }
        }, grace.toMillis(), TimeUnit.MILLISECONDS);
        stopped.thenAcceptAsync(end -> close(end, then), clock);
    }

    private static Exit killed(Duration grace) {
        return new Exit(137, "Error", "did not end within the grace period of " + grace.toSeconds() + " s", Instant.now());
    }

    /** Threads that go on although the process has stopped are ended; then all that is held for it goes. */
    private void close(Exit end, Ended then) {
        CompletableFuture<Void> closed = new CompletableFuture<>();
        inGroup("close", () -> {
            try {
                process.close();
            } finally {
                closed.complete(null);
            }
        });
        closed.orTimeout(CLOSE.toMillis(), TimeUnit.MILLISECONDS).handle((v, late) -> watched.end(FORCE)).thenCompose(left -> left)
                .whenCompleteAsync((left, failure) -> {
                    try {
                        if (failure != null) {
                            LOG.error("The threads of {} could not be ended", threads.getName(), failure);
                        }
                        watched.close();
                        released.run();
                    } catch (RuntimeException e) { // a defect of ours; the pod must not wait for ever because of it
                        LOG.error("What is held for {} could not be let go of", threads.getName(), e);
                    } finally {
                        then.ended(end, left == null ? threads.threads() : left);
                    }
                }, clock);
    }

    boolean isOf(ContainerGroup group) {
        return threads == group;
    }

    private void inGroup(String name, Runnable work) {
        new Thread(threads, work, name).start();
    }

    private static String where(Thread thread) {
        StackTraceElement[] stack = thread.getStackTrace();
        return stack.length == 0 ? "" : " (in " + stack[0].getClassName() + "." + stack[0].getMethodName() + ")";
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public Instant startedAt() {
        return startedAt;
    }

    @Override
    public CompletionStage<Exit> exit() {
        return exit;
    }

    @Override
    public Readiness readiness() {
        return ending.get() ? new Readiness(false, "it is ending") : process.readiness();
    }

    @Override
    public boolean onReadiness(Runnable listener) {
        process.onReadiness(listener);
        return true;
    }

    @Override
    public Map<Integer, Integer> ports() {
        return ports;
    }

    @Override
    public Usage usage() {
        return watched.usage();
    }

    @Override
    public CompletionStage<ExecResult> exec(List<String> command, Duration limit) {
        if (exit.isDone()) {
            return CompletableFuture.failedFuture(new WorkloadException("ContainerNotRunning", "the container has ended"));
        }
        return commands.exec(command, limit);
    }
}
