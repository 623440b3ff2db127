package io.kelp.cloud.standalone;

import io.kelp.kubeapi.ApiStore.CompactedException;
import io.kelp.kubeapi.ApiStore.StoreException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** A bounded number of reading connections, opened when they are needed. Safe for use by several threads. */
final class StoreReaders implements AutoCloseable {

    /** What is read. */
    interface Reading<T> {
        T read(StoreReader reader) throws SQLException, CompactedException;
    }

    private static final Duration CLOSING = Duration.ofSeconds(10);

    private final Path file;
    private final int most;
    private final Duration patience;
    private final PagePositions positions = new PagePositions();
    private final Semaphore permits;
    private final ConcurrentLinkedDeque<StoreReader> idle = new ConcurrentLinkedDeque<>();
    private volatile boolean closed;

    StoreReaders(Path file, int most, Duration patience) {
        this.file = file;
        this.most = most;
        this.patience = patience;
        this.permits = new Semaphore(most); // not fair: in order, each read would cost two changes of threads
    }

    /** @throws StoreException when no connection is free in time, or the disk refuses */
    <T> T read(Reading<T> reading) throws CompactedException {
        acquire();
        StoreReader reader = null;
        try {
            if (closed) {
                throw new StoreException(file + ": the store is closed", null);
            }
            reader = idle.poll(); // the one used last: its cache is warm
            if (reader == null) {
                reader = new StoreReader(file, positions);
            }
            T result = reading.read(reader);
            idle.push(reader);
            return result;
        } catch (CompactedException e) {
            idle.push(reader);
            throw e;
        } catch (SQLException e) {
            discard(reader, e);
            throw Sqlite.failure(file, e);
        } catch (RuntimeException e) {
            discard(reader, e);
            throw e;
        } finally {
            permits.release();
        }
    }

    private void acquire() {
        try {
            if (!permits.tryAcquire(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new StoreException(file + ": " + most + " readers have been busy for " + patience.toSeconds()
                        + " s; see what keeps the disk", null);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException(file + ": interrupted while waiting to read", e);
        }
    }

    private static void discard(StoreReader reader, Exception because) {
        if (reader != null) {
            Sqlite.close(reader, because);
        }
    }

    /** Waits for those who read, then closes the connections. */
    @Override
    public void close() throws SQLException {
        closed = true;
        try {
            permits.tryAcquire(most, CLOSING.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        for (StoreReader reader = idle.poll(); reader != null; reader = idle.poll()) {
            reader.close();
        }
        permits.release(most);
    }
}
