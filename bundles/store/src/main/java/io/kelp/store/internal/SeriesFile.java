package io.kelp.store.internal;

import io.kelp.store.StoreException;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The SQL of {@code series.db}. A broken file is set aside and begun anew; where none can be made,
 * a small database in memory takes its place until the next start. Guarded by its owner's lock.
 */
final class SeriesFile {

    /** What the database knows of a ring. @param id 0: it could not be entered yet */
    record State(int id, long next, long dropped, Ranges ranges) {}

    private static final Logger LOG = LoggerFactory.getLogger(SeriesFile.class);
    private static final int CHECKPOINT_FRAMES = 512;
    private static final long CHECK_NANOS = 600_000_000_000L;
    private static final int MEMORY_PAGES = 1024; // 4 MiB

    private final MetaFiles files;
    private final Supplier<Settings> settings;
    private final Problems problems;
    private final Counters counters;
    private Connection connection;
    private boolean inMemory;
    private boolean suspect; // a record did not match its checksum
    private long checked = System.nanoTime() - CHECK_NANOS;
    private long frames;

    SeriesFile(Path file, Supplier<Settings> settings, Problems problems, Counters counters) {
        this.files = new MetaFiles(file);
        this.settings = settings;
        this.problems = problems;
        this.counters = counters;
        try {
            MetaFiles.createPrivate(file);
            connect(Sqlite.open(file, "WAL", "NORMAL"));
            String verdict = Sqlite.pragma(connection, "quick_check(1)");
            if (!"ok".equalsIgnoreCase(verdict)) {
                beginAnew(verdict);
            }
        } catch (SQLException | IOException e) {
            if (e instanceof SQLException broken && Sqlite.isBroken(broken)) {
                beginAnew(e.getMessage());
            } else if (e instanceof SQLException used && Sqlite.fault(used) == Sqlite.Fault.IN_USE) {
                throw Sqlite.failure(file, used);
            } else {
                takeMemory(e.getMessage());
            }
        }
    }

    Path path() {
        return files.database;
    }

    /** Sets the file aside and begins an empty one. */
    void beginAnew(String damage) {
        if (connection != null) {
            Sqlite.close(connection);
        }
        try {
            Path aside = files.setAside();
            files.pruneBroken(settings.get().brokenFilesKept());
            MetaFiles.createPrivate(files.database);
            connect(Sqlite.open(files.database, "WAL", "NORMAL"));
            problems.report("STORE-SERIES-BROKEN", files.database + " was broken (" + damage.lines().filter(l -> !l.startsWith("***")).findFirst().orElse("no cause given")
                    + ") and is begun anew without the history", aside.toString(), "check the storage medium");
        } catch (SQLException | IOException e) {
            takeMemory(e.getMessage());
        }
    }

    State ring(String name) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT id, next, dropped, ranges FROM ring WHERE name=?")) {
            query.setString(1, name);
            try (ResultSet row = query.executeQuery()) {
                if (row.next()) {
                    return new State(row.getInt(1), row.getLong(2), row.getLong(3), Ranges.parse(row.getString(4)));
                }
            }
        }
        return new State(0, 1, 0, new Ranges());
    }

    /** Names of the rings that have records. */
    List<String> names() throws SQLException {
        List<String> names = new ArrayList<>();
        try (var query = connection.createStatement();
                ResultSet rows = query.executeQuery("SELECT name FROM ring WHERE EXISTS(SELECT 1 FROM entry WHERE r=ring.id)")) {
            while (rows.next()) {
                names.add(rows.getString(1));
            }
        }
        return names;
    }

    /** Enters a ring. @return its number */
    int enter(String name) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO ring(name, next, dropped, ranges) VALUES(?,1,0,'')")) {
            insert.setString(1, name);
            insert.executeUpdate();
        }
        return ring(name).id();
    }

    /** Reads records; those that do not match their checksum are left out. */
    List<Ring.Pending> select(Ring ring, long after, int limit) throws SQLException {
        List<Ring.Pending> found = new ArrayList<>();
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT p, s, v FROM entry WHERE r=? AND p>? ORDER BY p")) {
            query.setInt(1, ring.id);
            query.setLong(2, after);
            try (ResultSet rows = query.executeQuery()) {
                while (found.size() < limit && rows.next()) {
                    long position = rows.getLong(1);
                    byte[] value = rows.getBytes(3);
                    if (value != null && checksum(ring, position, value) == rows.getLong(2)) {
                        found.add(new Ring.Pending(position, value, null));
                    } else {
                        counters.unreadableRecords.increment();
                        suspect = true;
                    }
                }
            }
        }
        return found;
    }

    /** What is wrong with the file when reading has given cause to ask, empty when nothing is; asks at most every ten minutes. */
    String damage() throws SQLException {
        long now = System.nanoTime();
        if (!suspect || now - checked < CHECK_NANOS) {
            return "";
        }
        suspect = false;
        checked = now;
        String verdict = Sqlite.pragma(connection, "quick_check(1)");
        return "ok".equalsIgnoreCase(verdict) ? "" : String.valueOf(verdict);
    }

    /** Writes all of it in one transaction, not synced. */
    void write(Map<Ring, Ring.Flush> flushes) throws SQLException {
        for (Ring ring : flushes.keySet()) {
            if (ring.id == 0) {
                ring.id = enter(ring.name);
            }
        }
        Sqlite.execute(connection, "BEGIN IMMEDIATE");
        try {
            for (var entry : flushes.entrySet()) {
                write(entry.getKey(), entry.getValue());
            }
            Sqlite.execute(connection, "COMMIT");
        } catch (SQLException e) {
            try {
                Sqlite.execute(connection, "ROLLBACK");
            } catch (SQLException rolledBack) {
                LOG.debug("{}: SQLite has rolled back by itself: {}", path(), rolledBack.getMessage());
            }
            throw e;
        }
        account();
    }

    /** Has what was written reach the medium. Needs no lock: another file handle does it. */
    void sync() throws IOException {
        if (!inMemory) {
            Sqlite.sync(files.log, false);
        }
    }

    void close() {
        SQLException error = Sqlite.close(connection);
        if (error != null) {
            LOG.warn("{}: closed with an error: {}", path(), error.getMessage());
        }
    }

    private void write(Ring ring, Ring.Flush flush) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement("DELETE FROM entry WHERE r=? AND p<=?");
                PreparedStatement insert = connection.prepareStatement("INSERT INTO entry VALUES(?,?,?,?)");
                PreparedStatement state = connection.prepareStatement(
                        "UPDATE ring SET next=?, dropped=?, ranges=? WHERE id=?")) {
            delete.setInt(1, ring.id);
            delete.setLong(2, flush.floor());
            delete.executeUpdate();
            for (Ring.Pending entry : flush.entries()) {
                insert.setInt(1, ring.id);
                insert.setLong(2, entry.position());
                insert.setLong(3, checksum(ring, entry.position(), entry.value()));
                insert.setBytes(4, entry.value());
                insert.executeUpdate();
            }
            state.setLong(1, flush.next());
            state.setLong(2, flush.dropped());
            state.setString(3, flush.ranges());
            state.setInt(4, ring.id);
            state.executeUpdate();
        }
    }

    private static long checksum(Ring ring, long position, byte[] value) {
        return Sqlite.checksum(ring.name, Long.toString(position), value);
    }

    private void account() throws SQLException {
        long log = walFrames("NOOP");
        counters.seriesBytes.add((log >= frames ? log - frames : log) * 4120);
        frames = log;
        if (frames >= CHECKPOINT_FRAMES) {
            walFrames("PASSIVE");
            counters.seriesBytes.add(log * 4096);
            frames = 0;
        }
    }

    private long walFrames(String mode) throws SQLException {
        try (var statement = connection.createStatement();
                ResultSet row = statement.executeQuery("PRAGMA wal_checkpoint(" + mode + ")")) {
            return row.next() ? Math.max(0, row.getLong(2)) : 0;
        }
    }

    private void connect(Connection fresh) throws SQLException {
        connection = fresh;
        frames = 0;
        Sqlite.execute(fresh, "CREATE TABLE IF NOT EXISTS ring(id INTEGER PRIMARY KEY, name TEXT NOT NULL,"
                + " next INTEGER NOT NULL, dropped INTEGER NOT NULL, ranges TEXT NOT NULL)");
        Sqlite.execute(fresh, "CREATE TABLE IF NOT EXISTS entry(r INTEGER NOT NULL, p INTEGER NOT NULL,"
                + " s INTEGER NOT NULL, v BLOB NOT NULL, PRIMARY KEY(r, p)) WITHOUT ROWID");
    }

    private void takeMemory(String cause) {
        inMemory = true;
        if (connection != null) {
            Sqlite.close(connection);
        }
        problems.report("STORE-SERIES", "history is kept in memory until the next start: " + cause, path().toString(),
                "free space and make the data directory writable, then restart the gateway");
        try {
            connect(Sqlite.open(Path.of(":memory:"), "MEMORY", "OFF"));
            Sqlite.pragma(connection, "max_page_count=" + MEMORY_PAGES);
        } catch (SQLException e) {
            throw new StoreException("SQLite works not even in memory: " + e.getMessage()
                    + "; check the installation", e);
        }
    }
}
