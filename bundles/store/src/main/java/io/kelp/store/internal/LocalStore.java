package io.kelp.store.internal;

import io.kelp.store.Durability;
import io.kelp.store.RecordCodec;
import io.kelp.store.RecordCollection;
import io.kelp.store.RecordRing;
import io.kelp.store.Store;
import io.kelp.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The store of one data directory and one run directory. */
final class LocalStore implements Store {

    private static final Pattern NAME = Pattern.compile("[a-z0-9.]{1,64}");
    private static final int RING_MAX = 1_000_000;
    private static final Duration STOP_WITHIN = Duration.ofSeconds(10);

    final Counters counters = new Counters();
    final Problems problems = new Problems();

    private final Supplier<Settings> settings;
    private final ConcurrentMap<String, Table> tables = new ConcurrentHashMap<>();
    private final MetaDatabase meta;
    private final Journal journal;
    private final WriteQueue metaQueue;
    private final WriteQueue journalQueue;
    private final SeriesDatabase series;
    final boolean journalInMemory;

    /**
     * Opens both databases, repairs what is broken and replays the journal.
     *
     * @param data where the databases are
     * @param run private directory, memory-backed where possible
     * @throws StoreException when nothing can be read, or another process has the data
     */
    LocalStore(Path data, Path run, Supplier<Settings> settings) {
        this.settings = settings;
        makePrivate(data);
        makePrivate(run);
        NativeLibrary.prepare(data, run);
        var files = new MetaFiles(data.resolve("meta.db"));
        var loader = new MetaLoader(files, run, problems, settings);
        Path folder = run.resolve("journal");
        meta = new MetaDatabase(files, loader, loader.load(Journal.owner(folder)), tables, settings, problems, counters);
        metaQueue = new WriteQueue("kelp-store-meta", files.database.toString(), meta, settings);
        journal = new Journal(folder, meta.database(), settings, counters, problems, () -> {
            meta.requestFold();
            metaQueue.wake();
        }, meta::isFailing);
        journal.replay(meta.folded(), tables);
        meta.attach(journal);
        journalInMemory = journal.inMemory();
        journalQueue = new WriteQueue("kelp-store-journal", folder.toString(), journal, settings);
        series = openSeries(data.resolve("series.db"));
        metaQueue.start();
        journalQueue.start();
    }

    private SeriesDatabase openSeries(Path file) {
        try {
            return new SeriesDatabase(file, settings, problems, counters);
        } catch (StoreException e) {
            meta.finish(); // its thread does not run yet; the next attempt needs the file
            throw e;
        }
    }

    @Override
    public <T> RecordCollection<T> collection(String name, RecordCodec<T> codec, Durability durability) {
        requireName(name);
        if (durability == Durability.SERIES) {
            throw new IllegalArgumentException("collection " + name + ": SERIES is for rings");
        }
        Table table = tables.computeIfAbsent(name, Table::new);
        table.open(durability, durability == Durability.POWER ? metaQueue : journalQueue);
        return new CodecCollection<>(table, codec, settings, problems, counters);
    }

    @Override
    public <T> RecordRing<T> ring(String name, RecordCodec<T> codec, int capacity) {
        requireName(name);
        if (capacity < 1 || capacity > RING_MAX) {
            throw new IllegalArgumentException("ring " + name + ": capacity " + capacity + ", allowed are 1 to " + RING_MAX);
        }
        return new CodecRing<>(series.ring(name, capacity), codec, series, settings, counters);
    }

    @Override
    public List<String> rings() {
        return series.names();
    }

    @Override
    public AutoCloseable beforeWriting(Runnable gather) {
        return series.beforeWriting(gather);
    }

    /** Writes everything that waits, folds the journal and closes the files; waits for the disk at most 10 s each. */
    void close() {
        journalQueue.stop(STOP_WITHIN);
        metaQueue.stop(STOP_WITHIN);
        series.close();
    }

    /** Has a safety copy of {@code meta.db} made soon. */
    void snapshotNow() {
        meta.requestSnapshot();
        metaQueue.wake();
    }

    /** Name of a thread that should write and has ended; empty when all live. */
    String endedThread() {
        return Stream.of(metaQueue, journalQueue).filter(queue -> !queue.isAlive()).map(WriteQueue::threadName).findFirst().orElse("");
    }

    int records() {
        return tables.values().stream().mapToInt(Table::size).sum();
    }

    int metaQueueDepth() {
        return metaQueue.depth();
    }

    int journalQueueDepth() {
        return journalQueue.depth();
    }

    long journalBytes() {
        return journal.bytes();
    }

    int unfoldedRows() {
        return journal.dirtyRows();
    }

    long seriesPendingBytes() {
        return series.pendingBytes();
    }

    private static void requireName(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("\"" + name + "\" is no name of a collection: [a-z0-9.]{1,64}");
        }
    }

    private static void makePrivate(Path directory) {
        try {
            Files.createDirectories(directory,
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (IOException e) {
            throw new StoreException(directory + " cannot be made: " + e.getMessage()
                    + "; make its parent writable", e);
        }
    }
}
