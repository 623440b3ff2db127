package io.kelp.store.internal;

import io.kelp.store.StoreException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The records of one ring as bytes: which positions exist, and the records that are not in the
 * database yet. Safe for use by several threads.
 */
final class Ring {

    /** A crash loses fewer positions than this, so as many are skipped at the next start. */
    static final int UNFLUSHED_MAX = 65_536;

    /** A record; {@code done} is {@code null} when it comes from the database. */
    record Pending(long position, byte[] value, CompletableFuture<Void> done) {}

    /** What the database has to be told, and who waits for it. */
    record Flush(long floor, List<Pending> entries, long next, long dropped, String ranges,
            CompletableFuture<Void> discarded) {

        void complete() {
            entries.forEach(entry -> entry.done().complete(null));
            discarded.complete(null);
        }
    }

    final String name;
    int id; // number in series.db, 0: none yet; guarded by the database's lock

    private final SeriesDatabase series;
    private final ArrayDeque<Pending> pending = new ArrayDeque<>();
    private CompletableFuture<Void> discarded = new CompletableFuture<>(); // one for all until the next flush
    private int capacity;
    private Ranges ranges;
    private long next;
    private long floor;
    private long dropped;
    private boolean changed;

    Ring(String name, int capacity, long next, long dropped, Ranges stored, SeriesDatabase series) {
        this.name = name;
        this.series = series;
        this.capacity = capacity;
        this.next = next;
        this.dropped = dropped;
        this.ranges = stored;
        evict(); // nothing waits yet
    }

    void capacity(int wanted) {
        List<Pending> gone;
        synchronized (this) {
            capacity = wanted;
            gone = evict();
        }
        gone.forEach(each -> each.done().complete(null));
    }

    CompletionStage<Void> append(byte[] value) {
        var done = new CompletableFuture<Void>();
        List<Pending> gone;
        synchronized (this) {
            if (pending.size() >= UNFLUSHED_MAX - 1) {
                return CompletableFuture.failedFuture(new StoreException(series.path() + ": " + pending.size()
                        + " records of " + name + " wait for the disk; append again when it has recovered", null));
            }
            StoreException refusal = series.admit(value.length);
            if (refusal != null) {
                return CompletableFuture.failedFuture(refusal);
            }
            pending.add(new Pending(next, value, done));
            ranges.add(next);
            next++;
            changed = true;
            gone = evict();
        }
        // Overwritten before they were written: nothing of them is left to do.
        gone.forEach(each -> each.done().complete(null));
        return done.minimalCompletionStage();
    }

    CompletionStage<Void> discard(long position) {
        List<Pending> gone;
        CompletionStage<Void> stage;
        synchronized (this) {
            long upTo = Math.min(position, next - 1);
            if (upTo <= floor) {
                return CompletableFuture.completedFuture(null);
            }
            gone = drop(upTo);
            stage = discarded.minimalCompletionStage();
        }
        gone.forEach(each -> each.done().complete(null));
        return stage;
    }

    synchronized long dropped() {
        return dropped;
    }

    synchronized long count() {
        return ranges.count();
    }

    synchronized long floor() {
        return floor;
    }

    /** Records not in the database that follow the position. */
    synchronized List<Pending> pendingAfter(long position, int limit) {
        List<Pending> found = new ArrayList<>();
        for (Pending each : pending) {
            if (found.size() >= limit) {
                break;
            }
            if (each.position() > position) {
                found.add(each);
            }
        }
        return found;
    }

    /** @return what to write, {@code null}: nothing */
    synchronized Flush beginFlush() {
        if (!changed) {
            return null;
        }
        changed = false;
        var waiting = discarded;
        discarded = new CompletableFuture<>();
        return new Flush(floor, List.copyOf(pending), next, dropped, ranges.upTo(next - 1), waiting);
    }

    /** The records of the flush are in the database, whose lock the caller holds. */
    synchronized void flushed(Flush flush) {
        while (!pending.isEmpty() && pending.peek().position() < flush.next()) {
            series.release(pending.poll().value().length);
        }
    }

    /** The flush failed: everything waits for the next one. */
    synchronized void notFlushed(Flush flush) {
        changed = true;
        discarded.thenRun(() -> flush.discarded().complete(null));
    }

    /** The database was lost: only what is in memory remains. */
    synchronized void lostDatabase() {
        ranges = new Ranges();
        pending.forEach(each -> ranges.add(each.position()));
        changed = true;
    }

    private List<Pending> evict() {
        if (ranges.count() <= capacity) {
            return List.of();
        }
        List<Pending> gone = new ArrayList<>();
        while (ranges.count() > capacity) {
            dropped++;
            gone.addAll(drop(ranges.first()));
        }
        return gone;
    }

    private List<Pending> drop(long upTo) {
        ranges.dropUpTo(upTo);
        floor = Math.max(floor, upTo);
        changed = true;
        List<Pending> gone = new ArrayList<>();
        while (!pending.isEmpty() && pending.peek().position() <= upTo) {
            Pending each = pending.poll();
            series.release(each.value().length);
            gone.add(each);
        }
        return gone;
    }
}
