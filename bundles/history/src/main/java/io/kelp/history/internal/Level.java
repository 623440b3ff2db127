package io.kelp.history.internal;

import io.kelp.store.RecordRing;
import io.kelp.store.Store;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * The chunks of one resolution: a ring, and in memory what each of its records holds. Safe for use
 * by several threads.
 */
final class Level {

    /**
     * A chunk in the ring.
     *
     * @param from first record of the finest level that it says something about
     * @param to last one
     */
    record Entry(long position, Chunk.Header header, int bytes, long from, long to) {}

    private static final int RING = 200_000;
    private static final int BATCH = 4;

    final long widthMillis;
    private final boolean finest;
    private final RecordRing<Chunk> ring;
    private final ArrayDeque<Entry> index = new ArrayDeque<>();
    private long bytes;
    private long read;

    /** @param widthMillis span of a point; 1 on the finest level */
    Level(Store store, String name, long widthMillis) {
        this.widthMillis = widthMillis;
        this.finest = widthMillis == 1;
        this.ring = store.ring(name, Chunk.CODEC, RING);
    }

    CompletionStage<Void> append(Chunk chunk) {
        return ring.append(chunk);
    }

    /** Brings the index up to what the ring holds. */
    void refresh() {
        List<RecordRing.Entry<Chunk>> first = ring.after(0, 1);
        synchronized (this) {
            while (!index.isEmpty() && (first.isEmpty() || index.peek().position() < first.get(0).position())) {
                bytes -= index.poll().bytes(); // the database was lost, or the ring is full
            }
        }
        List<RecordRing.Entry<Chunk>> batch = ring.after(lastRead(), BATCH);
        while (!batch.isEmpty()) {
            synchronized (this) {
                batch.forEach(this::enter);
            }
            batch = ring.after(lastRead(), BATCH);
        }
    }

    private synchronized long lastRead() {
        return read;
    }

    private void enter(RecordRing.Entry<Chunk> entry) {
        if (entry.position() <= read) {
            return; // another thread was faster
        }
        read = entry.position();
        Chunk.Header header = entry.value().header();
        index.add(new Entry(read, header, entry.value().bytes().length,
                finest ? read : header.coversFrom(), finest ? read : header.coversTo()));
        bytes += entry.value().bytes().length;
    }

    synchronized List<Entry> entries() {
        return List.copyOf(index);
    }

    /** Chunks about what comes after a record of the finest level, oldest first. */
    synchronized List<Entry> entriesAfter(long covered) {
        List<Entry> entries = new ArrayList<>();
        for (Iterator<Entry> each = index.descendingIterator(); each.hasNext();) {
            Entry entry = each.next();
            if (entry.from() <= covered) {
                break;
            }
            entries.add(entry);
        }
        Collections.reverse(entries);
        return entries;
    }

    /** Last record of the finest level that this one says something about, 0 when it is empty. */
    synchronized long covered() {
        return index.isEmpty() ? 0 : index.peekLast().to();
    }

    synchronized long bytes() {
        return bytes;
    }

    synchronized int size() {
        return index.size();
    }

    /** Shows the tracks of some properties in a chunk; nothing when it is gone or unreadable. @return whether it was there */
    boolean visit(Entry entry, int fromSeries, int toSeries, Chunk.Visitor visitor) {
        List<RecordRing.Entry<Chunk>> found = ring.after(entry.position() - 1, 1);
        if (found.isEmpty() || found.get(0).position() != entry.position()) {
            return false;
        }
        try {
            found.get(0).value().visit(fromSeries, toSeries, visitor);
            return true;
        } catch (IOException e) {
            return false; // written by a later version; the store's checksum excludes the rest
        }
    }

    /**
     * Discards the oldest chunks beyond the bounds. Those that no coarser level sums up yet go only when
     * there is twice as much as there should be.
     */
    void trim(long mostBytes, int mostChunks, long coveredByCoarser) {
        long upTo = 0;
        synchronized (this) {
            while (index.size() > 1 && (bytes > mostBytes || index.size() > mostChunks)
                    && (index.peek().to() <= coveredByCoarser || bytes > 2 * mostBytes || index.size() > 2L * mostChunks)) {
                Entry gone = index.poll();
                bytes -= gone.bytes();
                upTo = gone.position();
            }
        }
        if (upTo > 0) {
            ring.discard(upTo);
        }
    }
}
