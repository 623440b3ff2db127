package io.kelp.runtime.osgi.internal.process;

import io.kelp.edged.ContainerSpec;
import io.kelp.edged.WorkloadContainer.Usage;
import io.kelp.runtime.osgi.internal.ContainerGroup;
import io.kelp.runtime.osgi.internal.Containment;
import io.kelp.runtime.osgi.internal.output.ContainerLog;
import io.kelp.runtime.osgi.internal.usage.FileTable;
import io.kelp.runtime.osgi.internal.usage.Subject;
import io.kelp.runtime.osgi.internal.usage.UsageMeter;
import java.io.Closeable;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/** What is kept of a container while it runs. Safe for use by several threads. */
public final class WatchedContainer implements Containment.Watched, Subject {

    private static final long PAUSE_STEP_NANOS = 100_000_000;
    private static final int MOST_SAID = 100;

    private final ContainerGroup threads;
    private final ContainerLog log;
    private final UsageMeter meter;
    private final Events events;
    private final FileTable files = new FileTable();
    private final OpenResources resources = new OpenResources();
    private final ShutdownHooks hooks = new ShutdownHooks();
    private final AtomicBoolean condemned = new AtomicBoolean();
    private final AtomicBoolean slowed = new AtomicBoolean();
    private final Set<String> said = ConcurrentHashMap.newKeySet();
    private volatile Thread.UncaughtExceptionHandler handler;
    private volatile Properties properties;
    private volatile long pausedUntilNanos;

    /** What others must know. */
    interface Events {

        /** These threads of it cannot be ended. */
        void stuck(WatchedContainer container, List<Thread> threads);

        /** A thread of it ended since there was no heap left. */
        void outOfMemory(WatchedContainer container);

        void closed(WatchedContainer container);
    }

    WatchedContainer(ContainerGroup threads, ContainerLog log, UsageMeter meter, Events events) {
        this.threads = threads;
        this.log = log;
        this.meter = meter;
        this.events = events;
        threads.watched(this);
    }

    public ContainerGroup threads() {
        return threads;
    }

    ContainerLog log() {
        return log;
    }

    @Override
    public ContainerSpec spec() {
        return threads.spec();
    }

    @Override
    public UsageMeter meter() {
        return meter;
    }

    @Override
    public Usage usage() {
        return meter.usage();
    }

    @Override
    public void log(String line) {
        log.write(ContainerLog.Stream.STDERR, line + "\n");
    }

    @Override
    public void uncaught(Thread thread, Throwable failure) {
        Thread.UncaughtExceptionHandler own = handler;
        if (failure instanceof ContainerExit) {
            return;
        }
        if (failure instanceof OutOfMemoryError) {
            events.outOfMemory(this);
        }
        if (own != null) {
            own.uncaughtException(thread, failure);
            return;
        }
        StringWriter trace = new StringWriter();
        failure.printStackTrace(new PrintWriter(trace));
        log.write(ContainerLog.Stream.STDERR, "Exception in thread \"" + thread.getName() + "\" " + trace);
    }

    /** As {@link #log}, but each line is written once. */
    public void logOnce(String line) {
        if (said.size() < MOST_SAID && said.add(line)) {
            log(line);
        }
    }

    /** Its own system properties, those of the Java machine until it changes one. */
    public Properties properties() {
        Properties own = properties;
        return own == null ? System.getProperties() : own;
    }

    /** Its own system properties, to be changed. */
    public synchronized Properties ownProperties() {
        if (properties == null) {
            Properties own = new Properties();
            own.putAll((Properties) System.getProperties().clone());
            properties = own;
        }
        return properties;
    }

    /** Replaces its own system properties; null for those of the Java machine. */
    public synchronized void properties(Properties own) {
        properties = own;
    }

    /** In place of the default handler of the Java machine; null for the trace in the log. */
    public void uncaughtHandler(Thread.UncaughtExceptionHandler own) {
        handler = own;
    }

    // ---- its end

    /** Notes what {@link #end} is to close if it is still there then. */
    public void opened(Object resource) {
        if (resource instanceof Closeable file && files.isTooMuch(resources.size())) {
            WatchedContainer.<RuntimeException>refuse(file);
        }
        resources.add(resource);
    }

    /** As the JDK does when there are no more; what it called declares the exception, though not to this compiler. */
    @SuppressWarnings("unchecked")
    private static <E extends Exception> void refuse(Closeable file) throws E {
        IOException refused = new IOException("Too many open files: the container has half of those that the gateway may have");
        try {
            file.close();
        } catch (IOException e) {
            refused.addSuppressed(e);
        }
        throw (E) refused;
    }

    @Override
    public int openResources() {
        return resources.size();
    }

    /** As {@link #opened}, for what nobody else holds. */
    void keep(Closeable resource) {
        resources.keep(resource);
    }

    public void addHook(Thread hook) {
        hooks.add(hook);
    }

    public boolean removeHook(Thread hook) {
        return hooks.remove(hook);
    }

    public void dropHooks() {
        hooks.drop();
    }

    @Override
    public boolean runHooks(Duration limit) throws InterruptedException {
        return hooks.run(limit);
    }

    @Override
    public CompletionStage<List<Thread>> end(Duration patience) {
        return new ThreadEnding(this, resources).end(patience).thenApply(left -> {
            if (!left.isEmpty()) {
                events.stuck(this, left);
            }
            return left;
        });
    }

    /** Closes and interrupts until the deadline ({@link System#nanoTime}); false if a thread besides the calling one lives on. */
    boolean endKindly(long deadline) throws InterruptedException {
        ThreadEnding ending = new ThreadEnding(this, resources);
        ending.closeResources();
        return ending.awaitEnd(deadline);
    }

    @Override
    public void close() {
        log.close();
        if (condemned.get() && threads.threads().isEmpty() && condemned.compareAndSet(true, false)) {
            Checkpoint.done(); // else those that are stuck keep it for what they may do yet
        }
        unpause();
        events.closed(this);
        forget();
    }

    /** Until Java 19 the parent of a group would keep it for ever. */
    @SuppressWarnings("removal") // from Java 19 on of no effect and of no need
    private void forget() {
        try {
            if (!threads.isDestroyed()) {
                threads.destroy();
            }
        } catch (IllegalThreadStateException e) {
            threads.setDaemon(true); // a thread of it lives yet; the group goes when that does
        }
    }

    // ---- force

    @Override
    public void condemn() {
        if (condemned.compareAndSet(false, true)) {
            Checkpoint.want();
            threads.threads().forEach(LockSupport::unpark);
        }
    }

    @Override
    public void pauseUntil(long nanoTime) {
        pausedUntilNanos = nanoTime;
        if (slowed.compareAndSet(false, true)) {
            Checkpoint.want();
        }
    }

    @Override
    public void unpause() {
        if (slowed.compareAndSet(true, false)) {
            Checkpoint.done();
        }
    }

    void checkpoint() {
        boolean interrupted = false;
        while (!condemned.get() && slowed.get()) {
            long left = pausedUntilNanos - System.nanoTime();
            if (left <= 0) {
                break;
            }
            interrupted |= Thread.interrupted(); // or park would return at once
            LockSupport.parkNanos(this, Math.min(left, PAUSE_STEP_NANOS));
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (condemned.get()) {
            throw new ContainerExit("the container is being ended");
        }
    }

    @Override
    public String toString() {
        return threads.getName();
    }
}
