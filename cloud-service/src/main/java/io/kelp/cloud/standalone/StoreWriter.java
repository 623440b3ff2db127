package io.kelp.cloud.standalone;

import io.kelp.kubeapi.ApiStore.Change;
import io.kelp.kubeapi.ApiStore.ConflictException;
import io.kelp.kubeapi.ApiStore.Item;
import io.kelp.kubeapi.ApiStore.Key;
import io.kelp.kubeapi.ApiStore.Kind;
import io.kelp.kubeapi.ApiStore.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that writes. All that waits when it is free shares a transaction and its sync of the disk; each write is
 * checked in it against what the writes before it have left.
 */
final class StoreWriter implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(StoreWriter.class);
    private static final int BATCH_WRITES = 256;
    private static final long BATCH_BYTES = 8L << 20;
    private static final int SWEEP_PER_WRITE = 4;
    private static final int SWEEP_AT_REST = 500;
    private static final int SHRINK_PAGES = 256;
    private static final int SPARE_PAGES = 1024;
    private static final long ROOM_BYTES = 1L << 20;
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);
    private static final Duration CLOSING = Duration.ofSeconds(20);

    /** A write that waits. */
    private static final class Operation {
        final Key key;
        final long expected;
        final boolean delete;
        final LongFunction<byte[]> value;
        final AtomicBoolean taken = new AtomicBoolean();
        final CompletableFuture<Item> done = new CompletableFuture<>();
        Exception refusal;
        Item result;

        Operation(Key key, long expected, boolean delete, LongFunction<byte[]> value) {
            this.key = key;
            this.expected = expected;
            this.delete = delete;
            this.value = value;
        }
    }

    private final Path file;
    private final StoreTables tables;
    private final StoreHistory history;
    private final Duration patience;
    private final Consumer<List<Change>> committed;
    private final BlockingQueue<Operation> queue;
    private final Thread thread;
    private volatile boolean stopping;
    private volatile String refusal; // null while writes work

    /** @param committed gets what has become durable, before the writes return; on the writing thread */
    StoreWriter(Path file, StoreTables tables, StoreHistory history, StoreSettings settings, Consumer<List<Change>> committed) {
        this.file = file;
        this.tables = tables;
        this.history = history;
        this.patience = settings.patience();
        this.committed = committed;
        this.queue = new ArrayBlockingQueue<>(settings.queue());
        this.thread = new Thread(this::run, "kelp-api-store");
        this.thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Why the disk has refused what was written last; empty when it has taken it. */
    Optional<String> refusal() {
        return Optional.ofNullable(refusal);
    }

    /** Waits until the write is durable. @return the version written; of a deletion its revision */
    Item write(Key key, long expected, boolean delete, LongFunction<byte[]> value) throws ConflictException {
        if (Thread.currentThread() == thread) {
            throw new IllegalStateException("A listener of the store must not write to it");
        }
        Operation operation = new Operation(key, expected, delete, value);
        boolean queued = false;
        try {
            queued = !stopping && queue.offer(operation, patience.toMillis(), TimeUnit.MILLISECONDS);
            if (!queued) {
                throw new StoreException(stopping ? file + ": the store is closed"
                        : file + ": " + queue.size() + " writes wait for the disk for " + patience.toSeconds()
                                + " s; see what keeps it, or write less", null);
            }
            if (stopping && !thread.isAlive()) {
                abandon();
            }
            return operation.done.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw refused(e.getCause());
        } catch (TimeoutException | InterruptedException e) {
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            boolean undone = !queued || operation.taken.compareAndSet(false, true);
            throw new StoreException(file + ": " + (e instanceof TimeoutException ? "no answer of the disk within " + patience.toSeconds() + " s"
                    : "interrupted") + "; the write " + (undone ? "was not made" : "may or may not have been made"), e);
        }
    }

    private static StoreException refused(Throwable cause) throws ConflictException {
        if (cause instanceof ConflictException conflict) {
            throw conflict;
        }
        if (cause instanceof StoreException failure) {
            return new StoreException(failure.getMessage(), failure);
        }
        if (cause instanceof RuntimeException fault) {
            throw fault;
        }
        return new StoreException(cause.toString(), cause);
    }

    private void run() {
        try {
            while (true) {
                Operation first = next();
                if (first != null) {
                    carry(first);
                } else if (stopping) {
                    break;
                } else {
                    tend();
                }
            }
        } catch (InterruptedException e) {
            stopping = true; // nobody but the end of the virtual machine interrupts this thread
        } finally {
            stopping = true;
            abandon();
        }
    }

    private Operation next() throws InterruptedException {
        if (stopping) {
            return queue.poll();
        }
        Duration pause = refusal != null ? AFTER_FAILURE : history.isDue() ? Duration.ofMillis(1) : history.pause();
        return queue.poll(pause.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void carry(Operation first) {
        List<Operation> batch = new ArrayList<>();
        List<Change> changes = new ArrayList<>();
        Exception failure = null;
        try {
            tables.begin();
            long bytes = 0;
            for (Operation operation = first; operation != null;
                    operation = batch.size() < BATCH_WRITES && bytes < BATCH_BYTES ? queue.poll() : null) {
                if (operation.taken.compareAndSet(false, true)) {
                    batch.add(operation);
                    Change change = apply(operation);
                    if (change != null) {
                        changes.add(change);
                        bytes += change.value().length;
                    }
                }
            }
            history.step(SWEEP_PER_WRITE * (1 + changes.size()));
            tables.commit();
            history.committed();
            recovered();
        } catch (SQLException e) {
            failure = failed(e);
        } catch (RuntimeException e) {
            // A fault of ours must not leave the callers waiting, nor end the thread of all others.
            LOG.error("{}: a transaction failed unexpectedly", file, e);
            undo(new SQLException(e));
            failure = e;
        }
        if (failure == null && !changes.isEmpty()) {
            committed.accept(List.copyOf(changes));
        }
        if (failure != null && first.taken.compareAndSet(false, true)) {
            batch.add(first); // the transaction did not even begin
        }
        for (Operation operation : batch) {
            if (failure != null) {
                operation.done.completeExceptionally(failure);
            } else if (operation.refusal != null) {
                operation.done.completeExceptionally(operation.refusal);
            } else {
                operation.done.complete(operation.result);
            }
        }
    }

    /** @return {@code null} when the write is refused */
    private Change apply(Operation operation) throws SQLException {
        Key key = operation.key;
        Item before = tables.current(key);
        long actual = before == null ? 0 : before.revision();
        if (actual != operation.expected || operation.delete && before == null) {
            operation.refusal = new ConflictException(key, actual);
            return null;
        }
        long revision = tables.working().revision() + 1;
        byte[] value;
        try {
            value = operation.value.apply(revision);
            if (value == null) {
                throw new IllegalArgumentException("no value for " + key);
            }
        } catch (RuntimeException e) {
            operation.refusal = e; // the caller's own code; the others have nothing to do with it
            return null;
        }
        Kind kind = operation.delete ? Kind.DELETED : before == null ? Kind.ADDED : Kind.MODIFIED;
        tables.add(revision, kind, key, value, before);
        operation.result = new Item(key, revision, value);
        return new Change(revision, kind, key, value, before == null ? null : before.value());
    }

    private void tend() {
        try {
            if (history.isDue()) {
                tables.begin();
                history.step(SWEEP_AT_REST);
                tables.commit();
                history.committed();
                committed.accept(List.of());
                recovered();
            } else if (refusal != null && hasRoom()) {
                tables.begin();
                tables.touch();
                tables.commit();
                recovered();
            }
            if (!history.isDue()) {
                while (queue.isEmpty() && !stopping && tables.shrink(SHRINK_PAGES, SPARE_PAGES)) {
                    // a step at a time, so that writes need not wait
                }
            }
        } catch (SQLException e) {
            failed(e);
        }
    }

    /** The log may take a small write in place of an old one when there is no room for those that were refused. */
    private boolean hasRoom() {
        try {
            return Files.getFileStore(file).getUsableSpace() >= ROOM_BYTES;
        } catch (IOException e) {
            LOG.debug("{}: its file system does not tell its room: {}", file, e.getMessage());
            return true; // the write will show
        }
    }

    private StoreException failed(SQLException e) {
        undo(e);
        StoreException failure = Sqlite.failure(file, e);
        if (refusal == null) {
            LOG.error("Nothing can be written: {}", failure.getMessage());
        }
        refusal = failure.getMessage();
        return failure;
    }

    private void undo(SQLException e) {
        tables.rollback(e);
        history.rolledBack();
    }

    private void recovered() {
        if (refusal != null) {
            LOG.info("{}: writes work again", file);
        }
        refusal = null;
    }

    private void abandon() {
        for (Operation left = queue.poll(); left != null; left = queue.poll()) {
            left.done.completeExceptionally(new StoreException(file + ": the store was closed before this write was made", null));
        }
    }

    /** Makes what waits durable, then ends the thread and closes the connection. */
    @Override
    public void close() throws SQLException {
        stopping = true;
        // A write of nothing wakes the thread; it is refused at once.
        queue.offer(new Operation(new Key("", "", ""), -1, false, revision -> new byte[0]));
        try {
            thread.join(CLOSING.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive()) {
            throw new SQLException("the disk has not taken the last writes within " + CLOSING.toSeconds() + " s");
        }
        tables.close();
    }
}
