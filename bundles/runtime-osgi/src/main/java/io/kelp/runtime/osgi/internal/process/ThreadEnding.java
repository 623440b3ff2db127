package io.kelp.runtime.osgi.internal.process;

import io.kelp.runtime.osgi.internal.ContainerGroup;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends the threads of a container, first kindly, then by force. */
final class ThreadEnding {

    private static final Logger LOG = LoggerFactory.getLogger(ThreadEnding.class);
    private static final long FORCE_NANOS = Duration.ofSeconds(3).toNanos();
    private static final long CLOSE_MILLIS = 2_000;
    private static final long STEP_MILLIS = 10;
    private static final long AGAIN_NANOS = Duration.ofMillis(250).toNanos();

    private final WatchedContainer container;
    private final ContainerGroup threads;
    private final OpenResources resources;

    ThreadEnding(WatchedContainer container, OpenResources resources) {
        this.container = container;
        this.threads = container.threads();
        this.resources = resources;
    }

    /** Completes with those that live on. On a thread of its own, since it waits: for the patience and some seconds. */
    CompletionStage<List<Thread>> end(Duration patience) {
        CompletableFuture<List<Thread>> ended = new CompletableFuture<>();
        Thread thread = new Thread(threads.getParent(), () -> {
            try {
                ended.complete(endNow(patience));
            } catch (InterruptedException e) {
                ended.complete(running()); // the gateway stops
            }
        }, "kelp-end " + threads.getName());
        thread.setDaemon(true);
        thread.setContextClassLoader(null);
        thread.start();
        return ended;
    }

    private List<Thread> endNow(Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        if (running().isEmpty() && resources.isEmpty()) {
            return List.of();
        }
        closeResources();
        if (!awaitEnd(deadline)) {
            container.condemn();
            awaitEnd(System.nanoTime() + FORCE_NANOS);
        }
        return running();
    }

    /** On a thread of the container: closing may run its code. */
    void closeResources() throws InterruptedException {
        List<Object> left = resources.take();
        if (left.isEmpty()) {
            return;
        }
        Thread closing = closing(() -> left.forEach(this::close));
        closing.setDaemon(true);
        closing.start();
        closing.join(CLOSE_MILLIS);
    }

    private Thread closing(Runnable work) {
        try {
            return new Thread(threads, work, "closing");
        } catch (IllegalThreadStateException e) {
            // Java 17 destroys a group that was made by a daemon group when its last thread has ended.
            return new Thread(threads.getParent(), work, "closing");
        }
    }

    private void close(Object resource) {
        try {
            OpenResources.close(resource);
        } catch (IOException | RuntimeException e) { // a subclass of the container's may throw what it likes
            LOG.debug("{}: closing {} failed: {}", threads.getName(), resource.getClass().getName(), e.toString());
        }
    }

    /** Interrupts now and then, for those that swallow it, until none runs or the time is over. */
    boolean awaitEnd(long deadline) throws InterruptedException {
        long again = System.nanoTime();
        while (true) {
            List<Thread> left = running();
            if (left.isEmpty()) {
                return true;
            }
            long now = System.nanoTime();
            if (now - deadline >= 0) {
                return false;
            }
            if (now - again >= 0) {
                left.forEach(Thread::interrupt);
                again = now + AGAIN_NANOS;
            }
            left.get(0).join(STEP_MILLIS);
        }
    }

    /** But for the calling thread. */
    private List<Thread> running() {
        return threads.threads().stream().filter(Thread::isAlive).filter(thread -> thread != Thread.currentThread())
                .filter(thread -> !sharedByAll(thread)).filter(thread -> !idle(thread)).toList();
    }

    /** Threads of the Java machine that happened to be made first by a container. */
    private static boolean sharedByAll(Thread thread) {
        return thread instanceof ForkJoinWorkerThread worker && worker.getPool() == ForkJoinPool.commonPool()
                || thread.getName().equals("CompletableFutureDelayScheduler");
    }

    /** A worker of the JDK that waits for work which nobody will give it: costs a little memory until it gives up. */
    private static boolean idle(Thread thread) {
        if (thread.getState() != Thread.State.WAITING && thread.getState() != Thread.State.TIMED_WAITING) {
            return false;
        }
        boolean worker = false;
        for (StackTraceElement frame : thread.getStackTrace()) {
            String module = frame.getModuleName();
            if (module == null || !(module.startsWith("java.") || module.startsWith("jdk."))) {
                return false;
            }
            worker |= frame.getMethodName().equals("getTask");
        }
        return worker;
    }
}
