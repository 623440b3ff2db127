package io.kelp.store.internal;

import io.kelp.store.StoreException;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes {@code meta.db}: batches of {@code POWER} writes, and now and then the fold of the
 * journal. One transaction and one sync each. All of it on the thread of its queue.
 *
 * <p>Memory holds every record, so a file that turns out broken while we run is made anew from
 * there and nothing is lost.
 */
final class MetaDatabase implements WriteQueue.Sink {

    private static final Logger LOG = LoggerFactory.getLogger(MetaDatabase.class);
    private static final int CHECKPOINT_FRAMES = 1024;
    private static final int FRAME_BYTES = 4096 + 24;
    private static final long RETRY_MILLIS = 2_000;
    private static final long FOLD_RETRY_MILLIS = 10_000;

    private final MetaFiles files;
    private final MetaLoader loader;
    private final ConcurrentMap<String, Table> tables;
    private final Supplier<Settings> settings;
    private final Problems problems;
    private final Counters counters;
    private final UUID database;
    private final Snapshots snapshots;

    private Journal journal;
    private Connection connection; // null while the file cannot be opened
    private PreparedStatement replace;
    private PreparedStatement delete;
    private boolean rewrite;
    private long folded;
    private long nextId;
    private int nextTable;
    private long frames;
    private long lastFoldNanos = System.nanoTime();
    private long lastTryNanos = System.nanoTime();
    private StoreException failure; // why the last attempt failed; null: it did not
    private volatile boolean foldWanted;
    private volatile boolean snapshotWanted;
    private volatile boolean failing;

    MetaDatabase(MetaFiles files, MetaLoader loader, MetaLoader.Loaded loaded, ConcurrentMap<String, Table> tables,
            Supplier<Settings> settings, Problems problems, Counters counters) {
        this.files = files;
        this.loader = loader;
        this.tables = tables;
        this.settings = settings;
        this.problems = problems;
        this.counters = counters;
        MetaContent content = loaded.content();
        this.database = content.database;
        this.folded = content.folded;
        this.connection = loaded.connection();
        this.rewrite = loaded.rewrite();
        this.failing = connection == null;
        this.snapshots = new Snapshots(files.snapshot, () -> settings.get().snapshotEvery());
        adopt(content);
        for (var entry : content.records.entrySet()) {
            Table table = tables.computeIfAbsent(entry.getKey(), Table::new);
            entry.getValue().forEach((key, stored) -> table.load(key, stored.id(), stored.value()));
        }
        if (failing) {
            failure = new StoreException(files.database + ": the disk takes no writes since the start", null);
        }
    }

    /** The journal whose values are folded in; before the thread starts. */
    void attach(Journal journal) {
        this.journal = journal;
    }

    UUID database() {
        return database;
    }

    long folded() {
        return folded;
    }

    boolean isFailing() {
        return failing;
    }

    @Override
    public long batchBytes() {
        return 4L << 20;
    }

    @Override
    public void commit(List<Write> batch) {
        Map<Row, byte[]> newest = new LinkedHashMap<>();
        for (Write write : batch) {
            for (Write.Change change : write.changes) {
                newest.put(change.row(), change.value());
            }
            snapshots.changed(write.bytes);
        }
        try {
            transaction(newest, folded);
        } catch (StoreException e) {
            counters.failedWrites.add(batch.size());
            throw e;
        }
        for (Write write : batch) {
            write.table.settled(write, false);
        }
    }

    void requestFold() {
        foldWanted = true;
    }

    void requestSnapshot() {
        snapshotWanted = true;
    }

    @Override
    public long tend() {
        long now = System.nanoTime();
        if (failing && millis(now - lastTryNanos) >= RETRY_MILLIS) {
            probe();
        }
        long foldEvery = settings.get().foldEvery().toMillis();
        long due = failing ? Math.min(foldEvery, FOLD_RETRY_MILLIS) : foldEvery;
        if (foldWanted || millis(now - lastFoldNanos) >= due) {
            fold();
        }
        if (frames >= CHECKPOINT_FRAMES) {
            checkpoint();
        }
        if (!failing && connection != null && (snapshotWanted || snapshots.isDue())) {
            snapshotWanted = false;
            snapshot();
        }
        long untilFold = due - millis(System.nanoTime() - lastFoldNanos);
        return Math.max(1, Math.min(failing ? RETRY_MILLIS : snapshots.pauseMillis(), untilFold));
    }

    @Override
    public void finish() {
        fold();
        if (connection != null) {
            if (!failing && snapshots.isWanted()) {
                snapshot();
            }
            SQLException error = Sqlite.close(connection);
            if (error != null) {
                LOG.warn("{}: closed with an error: {}", files.database, error.getMessage());
            }
        }
    }

    private void fold() {
        foldWanted = false;
        lastFoldNanos = System.nanoTime();
        Journal.Fold fold = journal.beginFold();
        if (fold == null) {
            return;
        }
        boolean done = false;
        try {
            Map<Row, byte[]> newest = new LinkedHashMap<>();
            fold.changes().forEach(change -> newest.put(change.row(), change.value()));
            transaction(newest, fold.upTo());
            counters.folds.increment();
            snapshots.folded();
            done = true;
        } catch (StoreException e) {
            LOG.debug("The journal is folded later: {}", e.getMessage());
        } finally {
            journal.endFold(fold, done);
        }
    }

    /** Finds out whether the disk takes writes again when nobody writes. */
    private void probe() {
        try {
            transaction(Map.of(), folded);
        } catch (StoreException e) {
            LOG.debug("Still: {}", e.getMessage());
        }
    }

    private void transaction(Map<Row, byte[]> newest, long foldUpTo) {
        boolean repaired = false;
        while (true) {
            List<Table> numbered = new ArrayList<>();
            try {
                ensureOpen();
                Sqlite.execute(connection, "BEGIN IMMEDIATE");
                for (var entry : newest.entrySet()) {
                    write(entry.getKey(), entry.getValue(), numbered);
                }
                if (foldUpTo != folded || newest.isEmpty()) {
                    MetaContent.fact(connection, "folded", Long.toString(foldUpTo));
                }
                Sqlite.execute(connection, "COMMIT");
                folded = foldUpTo;
                committed();
                return;
            } catch (SQLException e) {
                numbered.forEach(table -> table.id = 0);
                giveUp(e);
                if (Sqlite.fault(e) == Sqlite.Fault.BROKEN && !repaired) {
                    LOG.warn("{}: found broken while running ({}); it is made anew from memory",
                            files.database, e.getMessage());
                    rewrite = true;
                    repaired = true;
                    lastTryNanos = System.nanoTime() - Duration.ofSeconds(60).toNanos();
                    continue;
                }
                throw failed(Sqlite.failure(files.database, e));
            }
        }
    }

    private void write(Row row, byte[] value, List<Table> numbered) throws SQLException {
        if (value == null) {
            if (row.id != 0) {
                delete.setLong(1, row.id);
                delete.executeUpdate();
            }
            return;
        }
        Table table = row.table;
        if (table.id == 0) {
            table.id = nextTable++;
            numbered.add(table);
            try (PreparedStatement insert = connection.prepareStatement("INSERT INTO collection VALUES(?,?)")) {
                insert.setInt(1, table.id);
                insert.setString(2, table.name);
                insert.executeUpdate();
            }
        }
        if (row.id == 0) {
            row.id = nextId++;
        }
        replace.setLong(1, row.id);
        replace.setInt(2, table.id);
        replace.setString(3, row.key);
        replace.setLong(4, Sqlite.checksum(table.name, row.key, value));
        replace.setBytes(5, value);
        replace.executeUpdate();
    }

    private void committed() {
        counters.commits.increment();
        failure = null;
        if (failing) {
            failing = false;
            problems.clear("STORE-DISK");
        }
        try {
            long now = walFrames("NOOP");
            counters.metaBytes.add((now >= frames ? now - frames : now) * FRAME_BYTES);
            frames = now;
        } catch (SQLException e) {
            LOG.debug("{}: the log's length is unknown: {}", files.database, e.getMessage()); // it is committed all the same
        }
    }

    private void ensureOpen() throws SQLException {
        if (connection != null && replace != null) {
            return;
        }
        if (connection == null) {
            if (failure != null && millis(System.nanoTime() - lastTryNanos) < RETRY_MILLIS / 2) {
                throw failure;
            }
            lastTryNanos = System.nanoTime();
            if (rewrite) {
                rewriteFromMemory();
            } else {
                connection = loader.open();
            }
        }
        frames = walFrames("NOOP");
        replace = connection.prepareStatement("REPLACE INTO record(id,c,k,s,v) VALUES(?,?,?,?,?)");
        delete = connection.prepareStatement("DELETE FROM record WHERE id=?");
    }

    private void rewriteFromMemory() throws SQLException {
        Map<String, Map<String, byte[]>> records = new TreeMap<>();
        for (Table table : tables.values()) {
            Map<String, byte[]> rows = new TreeMap<>();
            table.forEachStored((row, value) -> rows.put(row.key, value));
            records.put(table.name, rows);
        }
        try {
            var aside = loader.rebuild(database, folded, records);
            connection = loader.open();
            MetaContent content = MetaContent.read(connection);
            if (content.damage != null) {
                throw new SQLException("also broken when made anew: " + content.damage);
            }
            adopt(content);
            for (Table table : tables.values()) {
                var stored = content.records.getOrDefault(table.name, Map.of());
                table.renumber(key -> stored.containsKey(key) ? stored.get(key).id() : 0);
            }
            rewrite = false;
            problems.report("STORE-META-BROKEN", files.database + " was made anew from memory", aside.toString(),
                    "check the storage medium");
        } catch (IOException e) {
            throw new SQLException(e.getMessage(), e);
        }
    }

    private void adopt(MetaContent content) {
        nextId = content.lastId + 1;
        nextTable = content.collections.values().stream().mapToInt(Integer::intValue).max().orElse(0) + 1;
        tables.values().forEach(table -> table.id = 0);
        content.collections.forEach((name, id) -> tables.computeIfAbsent(name, Table::new).id = id);
    }

    /** After an error: takes the transaction back; unless it was for want of room, opens the file afresh. */
    private void giveUp(SQLException cause) {
        lastTryNanos = System.nanoTime();
        if (connection == null) {
            return;
        }
        try {
            Sqlite.execute(connection, "ROLLBACK");
        } catch (SQLException e) {
            LOG.debug("{}: SQLite has rolled back by itself: {}", files.database, e.getMessage());
        }
        if (Sqlite.fault(cause) != Sqlite.Fault.FULL) {
            Sqlite.close(connection);
            connection = null;
            replace = null;
            delete = null;
        }
    }

    private StoreException failed(StoreException e) {
        failure = e;
        failing = true;
        problems.report("STORE-DISK", "writes fail: " + e.getMessage(), files.database.toString(),
                "reading goes on, reported values stay in memory");
        return e;
    }

    /** Asks for the log's length, with mode PASSIVE after moving its pages into the file. @return frames in the log */
    private long walFrames(String mode) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("PRAGMA wal_checkpoint(" + mode + ")")) {
            return row.next() ? Math.max(0, row.getLong(2)) : 0;
        }
    }

    private void checkpoint() {
        if (connection == null) {
            return;
        }
        try {
            long log = walFrames("PASSIVE");
            counters.metaBytes.add(Math.min(log * 4096L, MetaFiles.size(files.database)));
            frames = 0; // the next write begins the log anew
        } catch (SQLException e) {
            LOG.debug("{}: the log stays for now: {}", files.database, e.getMessage());
            frames = 0;
        }
    }

    private void snapshot() {
        if (replace == null) {
            return; // nothing was written since the file was opened
        }
        try {
            // The driver leaves executed statements open until they are used again, which VACUUM refuses.
            replace.close();
            delete.close();
            replace = null;
            snapshots.make(connection, files);
            counters.snapshots.increment();
            counters.metaBytes.add(MetaFiles.size(files.snapshot));
            problems.clear("STORE-SNAPSHOT");
        } catch (SQLException | IOException e) {
            snapshots.postponed();
            problems.report("STORE-SNAPSHOT", "no safety copy can be made: " + e.getMessage(),
                    files.snapshot.toString(), "free some space");
        }
    }

    private static long millis(long nanos) {
        return Duration.ofNanos(nanos).toMillis();
    }
}
