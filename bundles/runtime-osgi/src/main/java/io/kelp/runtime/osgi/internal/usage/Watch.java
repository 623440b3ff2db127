package io.kelp.runtime.osgi.internal.usage;

import io.kelp.edged.WorkloadContainer.Exit;
import io.kelp.edged.WorkloadContainer.Usage;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures containers now and then and deals with those that take more than theirs: holds them to their
 * processor limit, has those ended that use up threads or heap. One thread, which there is only while there
 * are containers. Safe for use by several threads.
 */
public final class Watch implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Watch.class);
    private static final long HOT_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long FULL_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long LIMITED_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final int LATE_TIMES = 3;
    private static final long EMERGENCY_MILLIS = 500; // what is left of a processor for one without limit while the gateway lags
    private static final int SUSPICIOUS_PERCENT = 70;
    private static final int SHORT_PERCENT = 70; // of file descriptors
    private static final int MANY_FILES = 100;
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final WatchSettings settings;
    private final Culprits culprits;
    private final Consumer<Verdict> misbehaves;
    private final Consumer<String> restart;
    private final HeapWatch heap;
    private final FileTable files = new FileTable();
    private final LockWatch locks;
    private final ThreadGroup threads;
    private final Map<Subject, CpuLimit> containers = new ConcurrentHashMap<>();
    private final Set<Subject> sentenced = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private Thread thread;
    private boolean closed;
    private boolean full;
    private int late;
    private long lastVerdictAt;
    private boolean saidFull;
    private boolean saidShort;

    /**
     * @param misbehaves has a container ended; returns at once
     * @param restart has the Java machine started anew, for the reason given; returns at once
     */
    public Watch(WatchSettings settings, Culprits culprits, Consumer<Verdict> misbehaves, Consumer<String> restart) {
        this.settings = settings;
        this.culprits = culprits;
        this.misbehaves = misbehaves;
        this.restart = restart;
        this.threads = Thread.currentThread().getThreadGroup();
        this.locks = new LockWatch(threads);
        this.lastVerdictAt = System.nanoTime() - FULL_NANOS;
        this.heap = new HeapWatch(settings.heapPercent(), () -> wake(true));
    }

    public void add(Subject container) {
        containers.put(container, new CpuLimit());
        lock.lock();
        try {
            if (thread == null && !closed) {
                thread = new Thread(threads, this::run, "kelp-pod-watch");
                thread.setDaemon(true);
                thread.setContextClassLoader(null);
                thread.start();
            }
        } finally {
            lock.unlock();
        }
    }

    public void remove(Subject container) {
        containers.remove(container);
        sentenced.remove(container);
    }

    /** A thread of it ended since there was no heap left: that is the one, even if nothing of it is left to be ended. */
    public void outOfMemory(Subject container) {
        Exit exit = new Exit(137, "OOMKilled", "it found the heap exhausted that all containers share; the gateway was started anew", Instant.now());
        culprits.convict(container.spec(), exit);
        sentence(container, exit);
        wake(true);
    }

    private void wake(boolean heapIsFull) {
        lock.lock();
        try {
            full |= heapIsFull;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        try {
            long next = System.nanoTime();
            while (true) {
                boolean heapIsFull;
                lock.lock();
                try {
                    long wait = next - System.nanoTime();
                    while (wait > 0 && !closed && !full) {
                        wait = changed.awaitNanos(wait);
                    }
                    if (closed || containers.isEmpty()) {
                        files.close();
                        thread = null;
                        return;
                    }
                    heapIsFull = full;
                    full = false;
                } finally {
                    lock.unlock();
                }
                long now = System.nanoTime();
                lag(now - next);
                next = now + measure(now, heapIsFull);
            }
        } catch (InterruptedException e) {
            LOG.warn("the watch over containers was interrupted by a stranger; it goes on with the next container");
            lock.lock();
            try {
                thread = null;
            } finally {
                lock.unlock();
            }
        }
    }

    private void lag(long nanos) {
        late = nanos > TimeUnit.MILLISECONDS.toNanos(settings.lagMillis()) ? Math.min(late + 1, 2 * LATE_TIMES) : Math.max(0, late - 1);
    }

    /** Returns after how many nanoseconds the next is due. */
    private long measure(long now, boolean heapIsFull) {
        long next = TimeUnit.SECONDS.toNanos(settings.sampleSeconds());
        for (Map.Entry<Subject, CpuLimit> entry : containers.entrySet()) {
            Subject container = entry.getKey();
            Usage usage = container.meter().sample();
            if (usage.threads() > settings.maxThreads()) {
                sentence(container, new Exit(137, "Error", "it has " + usage.threads() + " threads, more than the " + settings.maxThreads()
                        + " that a container may have (setting maxThreads)", Instant.now()));
            }
            long limit = container.spec().cpuLimitMillis() > 0 ? container.spec().cpuLimitMillis() : late >= LATE_TIMES ? EMERGENCY_MILLIS : 0;
            if (limit > 0 && !sentenced.contains(container)) {
                next = Math.min(next, hold(container, entry.getValue(), now, usage.cpuNanos(), limit));
            } else if (!sentenced.contains(container)) {
                container.unpause();
            }
        }
        locks.look().forEach((group, what) -> containers.keySet().stream().filter(c -> c.spec().equals(group.spec()))
                .forEach(c -> sentence(c, new Exit(137, "Error", what, Instant.now()))));
        if (locks.suspects()) {
            next = Math.min(next, FULL_NANOS);
        }
        if (files.percent() >= SHORT_PERCENT) {
            next = Math.min(next, FULL_NANOS);
            filesAreShort();
        } else {
            saidShort = false;
            files.hold();
        }
        heap.measured(containers.keySet());
        int percent = heap.percent();
        if (percent >= SUSPICIOUS_PERCENT || heap.percentNow() >= SUSPICIOUS_PERCENT) {
            next = Math.min(next, FULL_NANOS);
            noteSuspect(percent);
        }
        if (culprits.heapExhausted()) {
            noteSuspect(percent);
            restart.accept("the heap is exhausted");
        } else if (heapIsFull || percent >= settings.heapPercent()) {
            heapIsFull(now, Math.max(percent, heap.percent()));
        } else {
            saidFull = false;
        }
        return next;
    }

    private long hold(Subject container, CpuLimit limit, long now, long cpuNanos, long millis) {
        switch (limit.measure(now, cpuNanos, millis, TimeUnit.SECONDS.toNanos(settings.stubbornSeconds()))) {
            case NONE -> { }
            case UNPAUSE -> container.unpause();
            case PAUSE -> container.pauseUntil(now + limit.pauseNanos(millis));
            case STUBBORN -> sentence(container, new Exit(137, "Error", "it has used more than its limit of " + millis
                    + " thousandths of a processor for " + settings.stubbornSeconds() + " s and cannot be slowed down", Instant.now()));
        }
        return limit.hot() ? HOT_NANOS : LIMITED_NANOS;
    }

    private void noteSuspect(int percent) {
        List<Subject> suspects = heap.suspects(containers.keySet());
        if (!suspects.isEmpty()) {
            culprits.suspect(suspects.get(0).spec(), oomKilled(suspects.get(0), percent));
        }
    }

    private Exit oomKilled(Subject container, int percent) {
        return new Exit(137, "OOMKilled", "the heap that all containers share is full (" + percent + " % of the old generation); this one has allocated most since it had room, "
                + (heap.guilt(container) >> 20) + " MiB", Instant.now());
    }

    /** One at a time, and time for its memory to be collected before the next. */
    private void heapIsFull(long now, int percent) {
        if (now - lastVerdictAt < FULL_NANOS) {
            return;
        }
        lastVerdictAt = now;
        if (saidFull) {
            System.gc(); // what the last one held may be free by now
            if (heap.percent() < settings.heapPercent()) {
                return;
            }
        }
        saidFull = true;
        List<Subject> suspects = heap.suspects(containers.keySet()).stream().filter(c -> !sentenced.contains(c)).toList();
        if (!suspects.isEmpty()) {
            sentence(suspects.get(0), oomKilled(suspects.get(0), percent));
        } else if (!sentenced.isEmpty() && percent >= settings.heapPercent()) {
            Subject unending = sentenced.iterator().next();
            culprits.convict(unending.spec(), oomKilled(unending, percent));
            restart.accept("the heap stays full although its containers were ended");
        }
    }

    /** What is not referenced any more may have been left open; if that is not it, the one that holds most is ended. */
    private void filesAreShort() {
        if (!saidShort) {
            saidShort = true;
            System.gc(); // has the JDK close them
            return;
        }
        containers.keySet().stream().filter(c -> !sentenced.contains(c)).max(Comparator.comparingInt(Subject::openResources))
                .filter(c -> c.openResources() >= MANY_FILES)
                .ifPresent(c -> sentence(c, new Exit(137, "Error", "it holds " + c.openResources() + " files and sockets, most of those that the gateway may have open ("
                        + files.percent() + " % in use)", Instant.now())));
        files.close();
    }

    private void sentence(Subject container, Exit exit) {
        if (sentenced.add(container)) {
            LOG.warn("container {} of {} is ended: {}", container.spec().name(), container.spec().pod(), exit.message());
            container.pauseUntil(System.nanoTime() + PAUSE_NANOS); // it must not go on until it is ended
            misbehaves.accept(new Verdict(container, exit));
        }
    }

    @Override
    public void close() {
        Thread ending;
        lock.lock();
        try {
            closed = true;
            ending = thread;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        heap.close();
        culprits.clear();
        if (ending != null) {
            ending.interrupt();
        }
    }
}
