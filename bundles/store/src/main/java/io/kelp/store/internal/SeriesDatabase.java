package io.kelp.store.internal;

import io.kelp.store.StoreException;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rings and the one thread that writes them to {@code series.db}, all together, every 30 s or
 * when much waits. Commits are synced after the lock is released, so a reader never waits for the
 * medium.
 */
final class SeriesDatabase {

    private static final Logger LOG = LoggerFactory.getLogger(SeriesDatabase.class);
    private static final long PRESSURE_BYTES = 256 * 1024;
    private static final int READ_MAX = 10_000;
    private static final int DISK_SHARE = 15; // 1/15 of the promised time is left for gathering, writing and syncing

    private final Supplier<Settings> settings;
    private final Problems problems;
    private final Counters counters;
    private final AtomicLong pendingBytes = new AtomicLong();
    private final AtomicBoolean flushAsked = new AtomicBoolean();
    private final List<Runnable> gatherers = new CopyOnWriteArrayList<>();
    private volatile boolean closed;

    private final ReentrantLock disk = new ReentrantLock(); // taken before a ring's monitor
    private final SeriesFile file;
    private final Map<String, Ring> rings = new LinkedHashMap<>();
    private final ScheduledThreadPoolExecutor thread;

    SeriesDatabase(Path path, Supplier<Settings> settings, Problems problems, Counters counters) {
        this.settings = settings;
        this.problems = problems;
        this.counters = counters;
        this.file = new SeriesFile(path, settings, problems, counters);
        this.thread = new ScheduledThreadPoolExecutor(1, r -> {
            var t = new Thread(r, "kelp-store-series");
            t.setDaemon(true);
            return t;
        }, new ThreadPoolExecutor.DiscardPolicy()); // after the end nothing is scheduled any more
        thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        scheduleNext();
    }

    Path path() {
        return file.path();
    }

    Ring ring(String name, int capacity) {
        disk.lock();
        try {
            Ring ring = rings.get(name);
            if (ring != null) {
                ring.capacity(capacity);
                return ring;
            }
            SeriesFile.State state = state(name);
            // What a crash has cost had positions, too: skip them.
            long next = state.id() == 0 ? state.next() : state.next() + Ring.UNFLUSHED_MAX;
            ring = new Ring(name, capacity, next, state.dropped(), state.ranges(), this);
            ring.id = state.id();
            rings.put(name, ring);
            return ring;
        } finally {
            disk.unlock();
        }
    }

    /** Names of the rings that hold something. */
    List<String> names() {
        disk.lock();
        try {
            Set<String> names = new TreeSet<>();
            for (String stored : file.names()) {
                if (!rings.containsKey(stored)) {
                    names.add(stored);
                }
            }
            rings.values().stream().filter(ring -> ring.count() > 0).forEach(ring -> names.add(ring.name));
            return List.copyOf(names);
        } catch (SQLException e) {
            LOG.warn("{}: the names of the rings cannot be read: {}", path(), e.getMessage());
            return List.of();
        } finally {
            disk.unlock();
        }
    }

    AutoCloseable beforeWriting(Runnable gather) {
        gatherers.add(gather);
        return () -> gatherers.remove(gather);
    }

    private SeriesFile.State state(String name) {
        try {
            return file.ring(name);
        } catch (SQLException e) {
            if (!Sqlite.isBroken(e)) {
                throw Sqlite.failure(path(), e);
            }
            beginAnew(e.getMessage());
        } catch (IllegalArgumentException e) {
            beginAnew(e.getMessage());
        }
        return new SeriesFile.State(0, 1, 0, new Ranges());
    }

    /** Records after the position, oldest first, from the database and then from memory. */
    List<Ring.Pending> after(Ring ring, long position, int limit) {
        int most = Math.min(limit, READ_MAX);
        disk.lock();
        try {
            long from = Math.max(position, ring.floor());
            List<Ring.Pending> found = ring.id == 0 ? new ArrayList<>() : select(ring, from, most);
            if (found.size() < most) {
                long last = found.isEmpty() ? from : found.get(found.size() - 1).position();
                found.addAll(ring.pendingAfter(last, most - found.size()));
            }
            return found;
        } finally {
            disk.unlock();
        }
    }

    private List<Ring.Pending> select(Ring ring, long from, int limit) {
        try {
            List<Ring.Pending> found = file.select(ring, from, limit);
            String damage = file.damage();
            if (!damage.isEmpty()) {
                beginAnew(damage);
            }
            return found;
        } catch (SQLException e) {
            if (!Sqlite.isBroken(e)) {
                throw Sqlite.failure(path(), e);
            }
            beginAnew(e.getMessage());
            return new ArrayList<>();
        }
    }

    private void beginAnew(String damage) {
        file.beginAnew(damage);
        for (Ring ring : rings.values()) {
            ring.id = 0;
            ring.lostDatabase();
        }
    }

    /** Whether so many bytes may wait. @return {@code null}, or why not */
    StoreException admit(int bytes) {
        if (closed) {
            return new StoreException(path() + ": the store is stopped, nothing more is written", null);
        }
        long waiting = pendingBytes.addAndGet(bytes);
        if (waiting > settings.get().queueBytes()) {
            pendingBytes.addAndGet(-bytes);
            return new StoreException(path() + ": " + waiting / 1024
                    + " KiB wait for the disk; append again when it has recovered", null);
        }
        if (waiting > PRESSURE_BYTES) {
            flushSoon();
        }
        return null;
    }

    void release(int bytes) {
        pendingBytes.addAndGet(-bytes);
    }

    long pendingBytes() {
        return pendingBytes.get();
    }

    private void flushSoon() {
        if (flushAsked.compareAndSet(false, true)) {
            thread.execute(this::flush);
        }
    }

    void close() {
        if (closed) {
            return;
        }
        closed = true;
        thread.execute(this::flush);
        thread.shutdown();
        try {
            if (!thread.awaitTermination(10, TimeUnit.SECONDS)) {
                LOG.error("{}: the disk has not taken the last records within 10 s", path());
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        file.close();
    }

    private void scheduleNext() {
        long period = settings.get().seriesFlushEvery().toMillis();
        thread.schedule(() -> {
            gather();
            flush();
            scheduleNext();
        }, period - period / DISK_SHARE, TimeUnit.MILLISECONDS);
    }

    private void gather() {
        for (Runnable each : gatherers) {
            try {
                each.run();
            } catch (RuntimeException e) {
                LOG.error("{}: what was to be gathered was not", path(), e); // foreign code: the others' records go on
            }
        }
    }

    private void flush() {
        flushAsked.set(false);
        List<Ring.Flush> done = new ArrayList<>();
        try {
            if (write(done)) {
                file.sync();
                problems.clear("STORE-SERIES");
            }
        } catch (SQLException | IOException e) {
            counters.failedWrites.increment();
            problems.report("STORE-SERIES", "history is not written: " + e.getMessage(), path().toString(),
                    "free space and make the data directory writable; what is recent stays in memory");
        } catch (RuntimeException e) {
            LOG.error("{}: a fault in the store", path(), e); // the executor would drop it without a word
        }
        done.forEach(Ring.Flush::complete);
    }

    /** Writes all rings. @return whether there was anything */
    private boolean write(List<Ring.Flush> done) throws SQLException {
        disk.lock();
        try {
            for (int attempt = 1; ; attempt++) {
                Map<Ring, Ring.Flush> flushes = new LinkedHashMap<>();
                for (Ring ring : rings.values()) {
                    Ring.Flush flush = ring.beginFlush();
                    if (flush != null) {
                        flushes.put(ring, flush);
                    }
                }
                if (flushes.isEmpty()) {
                    return false;
                }
                try {
                    file.write(flushes);
                } catch (SQLException e) {
                    flushes.forEach(Ring::notFlushed);
                    if (Sqlite.isBroken(e) && attempt == 1) {
                        beginAnew(e.getMessage());
                        continue;
                    }
                    throw e;
                }
                flushes.forEach((ring, flush) -> {
                    ring.flushed(flush);
                    done.add(flush);
                });
                return true;
            }
        } finally {
            disk.unlock();
        }
    }
}
