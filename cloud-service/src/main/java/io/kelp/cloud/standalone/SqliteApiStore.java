package io.kelp.cloud.standalone;

import io.kelp.kubeapi.ApiStore;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Objects and their history in one SQLite file. One thread writes, all that waits for it in one transaction; some
 * connections read beside it. A change is answered, told and shown to readers when it would survive a power cut.
 *
 * <p>A file that does not hold what was written to it is renamed to {@code FILE.broken-TIME} when it is opened, and an
 * empty one is begun. Revisions go on above those of the broken file, and of a backup that was copied into its place. Until
 * such a backup is there, or somebody {@link #acceptLoss accepts} it, {@code FILE.lost} keeps in mind that objects are {@link #loss lost}.
 */
public final class SqliteApiStore implements ApiStore {

    private static final Logger LOG = LoggerFactory.getLogger(SqliteApiStore.class);

    private final Path file;
    private final DataLock lock;
    private final StoreTables tables;
    private final StoreWriter writer;
    private final StoreReaders readers;
    private final RecentChanges recent;
    private final AtomicLong revision = new AtomicLong();
    private final CopyOnWriteArrayList<Subscription> listeners = new CopyOnWriteArrayList<>();
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile long oldest;

    private record Subscription(Listener listener, Object identity) {}

    /**
     * Opens the store of a file, which is made when it is missing. Checks all that is in it, at some 100 MB a second.
     *
     * @throws StoreException when another process has it, or the disk refuses; says what to do
     */
    public static SqliteApiStore open(Path file, StoreSettings settings) {
        return open(file, settings, InstantSource.system());
    }

    static SqliteApiStore open(Path file, StoreSettings settings, InstantSource clock) {
        DataLock lock = DataLock.of(file);
        try {
            return new SqliteApiStore(file, settings, clock, lock);
        } catch (StoreException e) {
            Sqlite.close(lock, e);
            throw e;
        }
    }

    private SqliteApiStore(Path file, StoreSettings settings, InstantSource clock, DataLock lock) {
        this.file = file;
        this.lock = lock;
        StoreFile storeFile = new StoreFile(file);
        Connection connection = storeFile.open();
        try {
            this.tables = new StoreTables(connection, storeFile::reopen);
            this.writer = new StoreWriter(file, tables, new StoreHistory(connection, tables, settings, clock), settings,
                    this::committed);
        } catch (SQLException e) {
            Sqlite.close(connection, e);
            throw Sqlite.failure(file, e);
        }
        this.revision.set(tables.state().revision());
        this.oldest = tables.state().oldest();
        this.readers = new StoreReaders(file, settings.readers(), settings.patience());
        this.recent = new RecentChanges(revision.get(), settings.recentChanges(), settings.recentBytes());
        this.writer.start();
    }

    /** On the writing thread. */
    private void committed(List<Change> changes) {
        oldest = tables.state().oldest();
        if (changes.isEmpty()) {
            return;
        }
        recent.add(changes);
        seen(tables.state().revision());
        for (Subscription each : listeners) {
            try {
                each.listener.changed(changes);
            } catch (RuntimeException e) {
                // Somebody else's fault must not end the thread that writes, nor keep others from being told.
                LOG.error("A listener of {} failed", file, e);
            }
        }
    }

    /** Readers may see a commit a moment before the writing thread goes on to tell of it. */
    private void seen(long newest) {
        revision.accumulateAndGet(newest, Math::max);
    }

    /**
     * What was lost and has not been brought back.
     *
     * @return a sentence for the operator; empty when nothing is lost
     */
    public Optional<String> loss() {
        try {
            return new LossMarker(file).read().map(LossMarker.Losses::text);
        } catch (IOException e) {
            throw new StoreException("What was lost of " + file + " cannot be read (" + e + "); see who owns " + new LossMarker(file), e);
        }
    }

    /** What is in the store now counts, whatever was lost. */
    public void acceptLoss() {
        try {
            new LossMarker(file).remove();
        } catch (IOException e) {
            throw new StoreException(new LossMarker(file) + " cannot be deleted (" + e + "); see whether its folder belongs to this user", e);
        }
    }

    @Override
    public long revision() {
        return revision.get();
    }

    @Override
    public long oldest() {
        return oldest;
    }

    @Override
    public Optional<Item> get(Key key) {
        try {
            Optional<Item> item = readers.read(reader -> reader.get(key));
            item.ifPresent(found -> seen(found.revision()));
            return item;
        } catch (CompactedException e) {
            throw new IllegalStateException(e); // only states of the past can be gone
        }
    }

    /** A state that is yet to come is answered with the newest. */
    @Override
    public Page list(String collection, String namespace, Key after, int limit, long at) throws CompactedException {
        if (limit < 1) {
            throw new IllegalArgumentException("limit is " + limit);
        }
        Page page = readers.read(reader -> reader.list(collection, namespace, after, limit, at));
        seen(page.revision());
        return page;
    }

    @Override
    public List<Change> changes(String collection, long after, int limit) throws CompactedException {
        if (after < oldest) {
            throw new CompactedException(after, oldest);
        }
        Optional<List<Change>> known = recent.after(collection, after, limit);
        return known.isPresent() ? known.get() : readers.read(reader -> reader.changes(collection, after, limit));
    }

    @Override
    public Item write(Key key, long expected, LongFunction<byte[]> value) throws ConflictException {
        return writer.write(named(key), expected, false, value);
    }

    @Override
    public long delete(Key key, long expected, LongFunction<byte[]> last) throws ConflictException {
        return writer.write(named(key), expected, true, last).revision();
    }

    private static Key named(Key key) {
        if (key.collection().isEmpty() || key.name().isEmpty()) {
            throw new IllegalArgumentException("An object needs a collection and a name: " + key);
        }
        return key;
    }

    @Override
    public Optional<String> refusal() {
        return writer.refusal();
    }

    @Override
    public Registration listen(Listener listener) {
        Subscription subscription = new Subscription(listener, new Object());
        listeners.add(subscription);
        return () -> listeners.remove(subscription);
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        try {
            readers.close();
            writer.close();
        } catch (SQLException e) {
            throw Sqlite.failure(file, e);
        } finally {
            listeners.clear();
            try {
                lock.close();
            } catch (IOException e) {
                LOG.warn("{} stays locked until the process ends: {}", file, e.getMessage());
            }
        }
    }
}
