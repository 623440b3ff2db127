package io.kelp.mapper.internal;

import io.kelp.mapper.internal.Timeline.Alarm;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads on which drivers are called, a few for all devices.
 *
 * <p>Bad devices must not use up the threads of the good ones. So devices that have just failed or
 * taken long are called in a compartment of their own, and a call that takes long is made up for by one more
 * thread as long as it lasts, up to a bound. At its deadline a call is interrupted; one that does
 * not end then is reported as hung, and its thread is given up until it comes back.
 *
 * <p>Confined to the timeline, but for the calls themselves.
 */
final class WorkerPool implements Workers, AutoCloseable {

    /**
     * @param threads in each of the two compartments
     * @param mostExtra further threads that stand in for slow calls, in each compartment
     * @param slow from when on a call counts as slow
     */
    record Limits(int threads, int mostExtra, Duration slow) {}

    private static final int LONGEST_QUEUE = 10_000;
    private static final Duration GRACE = Duration.ofMillis(500);

    private final Timeline timeline;
    private final Limits limits;
    private final ClassLoader loader = Thread.currentThread().getContextClassLoader();
    private final AtomicInteger threadNumber = new AtomicInteger();
    private Compartment healthy;
    private Compartment suspect;

    WorkerPool(Timeline timeline, Limits limits) {
        this.timeline = timeline;
        this.limits = limits;
        renew();
    }

    @Override
    public <T> void call(boolean suspected, Duration deadline, Callable<T> body, Result<T> result) {
        Call<T> call = new Call<>(suspected ? suspect : healthy, deadline, body, result);
        try {
            call.alarm = timeline.after(min(limits.slow(), deadline), call::watch);
            if (!call.compartment.takeNext(call)) {
                call.compartment.threads.execute(call);
            }
        } catch (RejectedExecutionException e) {
            call.alarm.cancel();
            timeline.run(() -> result.failed(new IllegalStateException("more than " + LONGEST_QUEUE + " calls wait for a thread", e), null));
        }
    }

    @Override
    public void renew() {
        Compartment oldHealthy = healthy;
        Compartment oldSuspect = suspect;
        healthy = new Compartment();
        suspect = new Compartment();
        if (oldHealthy != null) {
            oldHealthy.threads.shutdown();
            oldSuspect.threads.shutdown();
        }
    }

    /** Interrupts what is running and ends; does not wait. */
    @Override
    public void close() {
        healthy.threads.shutdownNow();
        suspect.threads.shutdownNow();
    }

    private final class Compartment {

        final ThreadPoolExecutor threads = new ThreadPoolExecutor(limits.threads(), limits.threads(), 30, TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(LONGEST_QUEUE),
                task -> new Worker(task, this));
        private int slowCalls;

        Compartment() {
            threads.allowCoreThreadTimeOut(true);
        }

        /** A step that is taken on one of these threads has it make the next call, too, unless others wait for a thread. */
        boolean takeNext(Call<?> call) {
            if (Thread.currentThread() instanceof Worker worker && worker.compartment == this && worker.next == null
                    && worker.takesNext && !threads.isShutdown() && threads.getQueue().isEmpty()) {
                worker.next = call;
                return true;
            }
            return false;
        }

        void slow(int change) {
            slowCalls += change;
            int size = limits.threads() + Math.min(slowCalls, limits.mostExtra());
            if (size > threads.getMaximumPoolSize()) {
                threads.setMaximumPoolSize(size);
                threads.setCorePoolSize(size);
            } else {
                threads.setCorePoolSize(size);
                threads.setMaximumPoolSize(size);
            }
        }
    }

    /** A thread that makes calls. */
    private final class Worker extends Thread {

        private final Compartment compartment;
        private Call<?> next; // touched by this thread alone
        private boolean takesNext;

        Worker(Runnable task, Compartment compartment) {
            super(null, task, "kelp-mapper-io-" + threadNumber.incrementAndGet(), 0, false);
            this.compartment = compartment;
            setContextClassLoader(loader); // not what a driver may have left in the thread that makes this one
        }
    }

    private final class Call<T> implements Runnable {

        final Compartment compartment;
        private final Duration deadline;
        private final Callable<T> body;
        private final Result<T> result;
        private Thread thread; // guarded by this; null while the body does not run
        private volatile long startNanos; // valid once started
        private volatile boolean started;
        private volatile boolean awaited; // the timeline wants to be told of the start
        private Alarm alarm = () -> {}; // timeline
        private boolean slow; // timeline
        private boolean overdue; // timeline
        private boolean ended; // timeline

        Call(Compartment compartment, Duration deadline, Callable<T> body, Result<T> result) {
            this.compartment = compartment;
            this.deadline = deadline;
            this.body = body;
            this.result = result;
        }

        @Override
        public void run() {
            Worker worker = (Worker) Thread.currentThread();
            perform(worker);
            for (Call<?> next = worker.next; next != null; next = worker.next) {
                worker.next = null;
                next.perform(worker);
            }
        }

        private void perform(Worker worker) {
            startNanos = timeline.nanos();
            started = true;
            if (awaited) {
                timeline.run(this::watch);
            }
            synchronized (this) {
                thread = Thread.currentThread();
            }
            T value = null;
            Throwable failure = null;
            try {
                value = body.call();
            } catch (Throwable e) {
                // A driver is foreign code: whatever it throws, linkage errors included, is its device's failure.
                failure = e;
            }
            synchronized (this) {
                thread = null;
            }
            // An interrupt that came too late for the driver must not hit the next one.
            Thread.interrupted();
            T outcome = value;
            Throwable cause = failure;
            worker.takesNext = true;
            try {
                timeline.runHere(() -> ended(outcome, cause));
            } finally {
                worker.takesNext = false;
            }
        }

        /** Looks whether the call is slow. Only one that has waited for its thread tells of its start: that wakes the timeline. */
        private void watch() {
            awaited = !started;
            if (ended || slow || !started) { // started is asked after awaited was said, so that one side sees the other
                return;
            }
            alarm.cancel();
            Duration rest = min(limits.slow(), deadline).minusNanos(timeline.nanos() - startNanos);
            if (rest.isNegative() || rest.isZero()) {
                slow();
            } else {
                alarm = timeline.after(rest, this::watch);
            }
        }

        private void slow() {
            slow = true;
            compartment.slow(+1);
            result.slow();
            Duration rest = deadline.minus(min(limits.slow(), deadline));
            alarm = timeline.after(rest, this::overdue);
        }

        private void overdue() {
            overdue = true;
            synchronized (this) {
                if (thread != null) {
                    thread.interrupt();
                }
            }
            alarm = timeline.after(GRACE, result::hung);
        }

        private void ended(T value, Throwable failure) {
            ended = true;
            alarm.cancel();
            if (slow) {
                compartment.slow(-1);
            }
            if (overdue) {
                result.failed(new TimeoutException("no answer within " + deadline.toMillis() + " ms"), value);
            } else if (failure != null) {
                result.failed(failure, null);
            } else {
                result.done(value);
            }
        }
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }
}
