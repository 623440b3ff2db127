package io.kelp.store.internal;

import io.kelp.store.Durability;
import io.kelp.store.StoreException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.ToLongFunction;

/**
 * The records of one collection as bytes, in memory, so that reading never touches the disk.
 *
 * <p>A write shows at once and is handed to the queue of its durability; when it fails, readers
 * see the durable value again unless a later write has replaced it meanwhile.
 */
final class Table {

    final String name;

    /** Number in {@code meta.db}; 0 while it has none. Only the thread of {@code meta.db} touches it. */
    int id;

    private final ReentrantLock lock = new ReentrantLock();
    private final TreeMap<String, Row> rows = new TreeMap<>();
    private Durability durability; // null until somebody opens the collection
    private WriteQueue queue;

    Table(String name) {
        this.name = name;
    }

    /** @throws IllegalArgumentException when it has been opened with another durability */
    void open(Durability wanted, WriteQueue target) {
        lock.lock();
        try {
            if (durability != null && durability != wanted) {
                throw new IllegalArgumentException("collection " + name + " is open with durability "
                        + durability + ", not " + wanted);
            }
            durability = wanted;
            queue = target;
        } finally {
            lock.unlock();
        }
    }

    /** Takes over a durable record while the store starts. */
    void load(String key, long rowId, byte[] value) {
        Row row = rows.computeIfAbsent(key, k -> new Row(this, k));
        row.id = rowId;
        row.stored = value;
        row.current = value;
    }

    /** Takes over a record, or a removal, of the journal while the store starts. */
    Row overlay(String key, byte[] value) {
        Row row = rows.computeIfAbsent(key, k -> new Row(this, k));
        row.stored = value;
        row.current = value;
        row.dirty = true;
        return row;
    }

    byte[] get(String key) {
        lock.lock();
        try {
            Row row = rows.get(key);
            return row == null ? null : row.current;
        } finally {
            lock.unlock();
        }
    }

    Map<String, byte[]> snapshot() {
        lock.lock();
        try {
            var copy = new TreeMap<String, byte[]>();
            for (Row row : rows.values()) {
                if (row.current != null) {
                    copy.put(row.key, row.current);
                }
            }
            return copy;
        } finally {
            lock.unlock();
        }
    }

    int size() {
        lock.lock();
        try {
            return rows.size();
        } finally {
            lock.unlock();
        }
    }

    /** Writes what differs from the durable state; a {@code null} value removes. */
    CompletionStage<Void> write(Map<String, byte[]> wanted) {
        lock.lock();
        try {
            List<Write.Change> changes = new ArrayList<>(wanted.size());
            for (var entry : wanted.entrySet()) {
                Row row = rows.get(entry.getKey());
                if (row == null && entry.getValue() == null) {
                    continue;
                }
                // A row with a write under way is written again: its value may yet be taken back.
                if (row != null && row.last == null && Arrays.equals(row.current, entry.getValue())) {
                    continue;
                }
                changes.add(new Write.Change(row == null ? new Row(this, entry.getKey()) : row, entry.getValue()));
            }
            if (changes.isEmpty()) {
                return CompletableFuture.completedFuture(null);
            }
            var write = new Write(this, changes);
            StoreException refusal = queue.offer(write);
            if (refusal != null) {
                return CompletableFuture.failedFuture(refusal);
            }
            for (Write.Change change : changes) {
                rows.putIfAbsent(change.row().key, change.row());
                change.row().current = change.value();
                change.row().last = write;
            }
            return write.done.minimalCompletionStage();
        } finally {
            lock.unlock();
        }
    }

    /** The write is durable. */
    void settled(Write write, boolean inJournal) {
        lock.lock();
        try {
            for (Write.Change change : write.changes) {
                Row row = change.row();
                row.stored = change.value();
                row.dirty |= inJournal;
                release(row, write);
            }
        } finally {
            lock.unlock();
        }
    }

    /** The write could not be made: the durable value shows again. */
    void failed(Write write) {
        lock.lock();
        try {
            for (Write.Change change : write.changes) {
                Row row = change.row();
                if (row.last == write) {
                    row.current = row.stored;
                }
                release(row, write);
            }
        } finally {
            lock.unlock();
        }
    }

    /** What {@code meta.db} has to hold for this row, which is clean from now on. */
    byte[] takeDirty(Row row) {
        lock.lock();
        try {
            row.dirty = false;
            return row.stored;
        } finally {
            lock.unlock();
        }
    }

    /** The value last made durable. */
    byte[] stored(Row row) {
        lock.lock();
        try {
            return row.stored;
        } finally {
            lock.unlock();
        }
    }

    void markDirty(Row row) {
        lock.lock();
        try {
            row.dirty = true;
        } finally {
            lock.unlock();
        }
    }

    /** Drops the row if nothing of it is left, once a removal has reached {@code meta.db}. */
    void forget(Row row) {
        lock.lock();
        try {
            if (row.isGone()) {
                rows.remove(row.key, row);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Takes over the row ids of a database made anew. */
    void renumber(ToLongFunction<String> idOf) {
        lock.lock();
        try {
            rows.values().forEach(row -> row.id = idOf.applyAsLong(row.key));
        } finally {
            lock.unlock();
        }
    }

    /** Every row and its durable value, for writing the database anew. */
    void forEachStored(BiConsumer<Row, byte[]> action) {
        List<Write.Change> all = new ArrayList<>();
        lock.lock();
        try {
            for (Row row : rows.values()) {
                if (row.stored != null) {
                    all.add(new Write.Change(row, row.stored));
                }
            }
        } finally {
            lock.unlock();
        }
        all.forEach(change -> action.accept(change.row(), change.value()));
    }

    private void release(Row row, Write write) {
        if (row.last == write) {
            row.last = null;
            if (row.isGone()) {
                rows.remove(row.key, row);
            }
        }
    }
}
