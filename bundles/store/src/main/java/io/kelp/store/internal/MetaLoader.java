package io.kelp.store.internal;

import io.kelp.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/** Opens {@code meta.db}, whatever state it is in, and makes a new one of what can be saved. */
final class MetaLoader {

    /** Larger databases are not copied into memory-backed storage. */
    private static final long COPY_BYTES = 64L << 20;

    /**
     * What was found.
     *
     * @param connection {@code null} while the disk takes no writes
     * @param rewrite the file on the disk is not the content: it must be made anew before the first write
     */
    record Loaded(MetaContent content, Connection connection, boolean rewrite) {}

    private final MetaFiles files;
    private final Path run;
    private final Problems problems;
    private final Supplier<Settings> settings;

    MetaLoader(MetaFiles files, Path run, Problems problems, Supplier<Settings> settings) {
        this.files = files;
        this.run = run;
        this.problems = problems;
        this.settings = settings;
    }

    /**
     * @param predecessor the database that a journal lying there belongs to
     * @throws StoreException when there is a database that cannot be read, or another process has it
     */
    Loaded load(Optional<UUID> predecessor) {
        try {
            files.finishExchange();
        } catch (IOException e) {
            problems.report("STORE-DISK", "an interrupted repair cannot be finished: " + e.getMessage(),
                    files.rebuilt.toString(), "make the data directory writable");
        }
        boolean exists = MetaFiles.size(files.database) > 0 || MetaFiles.size(files.log) > 0;
        boolean copied = MetaFiles.size(files.snapshot) > 0;
        Connection connection = null;
        try {
            if (!exists && copied) {
                return recover(lost("it is gone or empty"), predecessor);
            }
            if (!exists) {
                MetaFiles.createPrivate(files.database);
            }
            connection = open();
            if (isBlank(connection)) {
                if (copied) {
                    Sqlite.close(connection);
                    return recover(lost("it holds nothing"), predecessor);
                }
                Sqlite.execute(connection, "BEGIN IMMEDIATE");
                MetaContent.create(connection, UUID.randomUUID());
                Sqlite.execute(connection, "COMMIT");
            }
            refuseNewer(connection);
            MetaContent content = MetaContent.read(connection);
            if (content.damage == null) {
                return new Loaded(content, connection, false);
            }
            Sqlite.close(connection);
            return recover(content, predecessor);
        } catch (SQLException e) {
            if (connection != null) {
                Sqlite.close(connection);
            }
            return switch (Sqlite.fault(e)) {
                case BROKEN -> recover(lost(e.getMessage()), predecessor);
                case IN_USE -> throw Sqlite.failure(files.database, e);
                default -> withoutWriting(exists, e, predecessor);
            };
        } catch (IOException e) {
            return withoutWriting(exists, new SQLException(e.getMessage(), e), predecessor);
        }
    }

    Connection open() throws SQLException {
        return Sqlite.open(files.database, "WAL", "FULL");
    }

    /**
     * Makes a new database of the content and puts it in the place of the present one, which is
     * kept under another name. A crash leaves the one or the other.
     */
    Path rebuild(UUID database, long folded, Map<String, Map<String, byte[]>> records) throws SQLException, IOException {
        Files.deleteIfExists(files.rebuilt);
        Files.deleteIfExists(files.beside(".rebuilt-journal"));
        MetaFiles.createPrivate(files.rebuilt);
        Connection fresh = Sqlite.open(files.rebuilt, "DELETE", "FULL");
        try {
            Sqlite.execute(fresh, "BEGIN IMMEDIATE");
            MetaContent.create(fresh, database);
            MetaContent.fact(fresh, "folded", Long.toString(folded));
            fill(fresh, records);
            Sqlite.execute(fresh, "COMMIT");
        } finally {
            Sqlite.close(fresh);
        }
        Path aside = files.setAside();
        files.finishExchange();
        files.pruneBroken(settings.get().brokenFilesKept());
        return aside;
    }

    private static void fill(Connection fresh, Map<String, Map<String, byte[]>> records) throws SQLException {
        try (PreparedStatement collection = fresh.prepareStatement("INSERT INTO collection VALUES(?,?)");
                PreparedStatement record = fresh.prepareStatement("INSERT INTO record(c,k,s,v) VALUES(?,?,?,?)")) {
            int number = 0;
            for (var table : records.entrySet()) {
                collection.setInt(1, ++number);
                collection.setString(2, table.getKey());
                collection.executeUpdate();
                for (var entry : table.getValue().entrySet()) {
                    record.setInt(1, number);
                    record.setString(2, entry.getKey());
                    record.setLong(3, Sqlite.checksum(table.getKey(), entry.getKey(), entry.getValue()));
                    record.setBytes(4, entry.getValue());
                    record.executeUpdate();
                }
            }
        }
    }

    private Loaded recover(MetaContent content, Optional<UUID> predecessor) {
        complete(content, predecessor);
        String found = content.size() + " records could be saved";
        try {
            Path aside = rebuild(content.database, content.folded, content.plain());
            Connection connection = open();
            MetaContent again = MetaContent.read(connection);
            problems.report("STORE-META-BROKEN", files.database + " was broken (" + content.damage + "), " + found,
                    aside.toString(), "check the storage medium; the cloud sends again what it knows better");
            return new Loaded(again, connection, again.damage != null);
        } catch (SQLException | IOException e) {
            problems.report("STORE-META-BROKEN", files.database + " is broken (" + content.damage + "), " + found
                    + ", but it cannot be made anew: " + e.getMessage(), files.database.toString(),
                    "free space and make the data directory writable");
            return new Loaded(content, null, true);
        }
    }

    /** The disk takes no writes: what it holds is read from a private copy. */
    private Loaded withoutWriting(boolean exists, SQLException cause, Optional<UUID> predecessor) {
        problems.report("STORE-DISK", Sqlite.failure(files.database, cause).getMessage(), files.database.toString(),
                "until then values are kept in memory only");
        if (!exists) {
            MetaContent nothing = lost("not made yet");
            nothing.database = predecessor.orElseGet(UUID::randomUUID);
            return new Loaded(nothing, null, true);
        }
        Path copy = run.resolve("meta-copy.db");
        MetaFiles copies = new MetaFiles(copy);
        try {
            deleteCopy(copies);
            long bytes = MetaFiles.size(files.database) + MetaFiles.size(files.log);
            if (bytes > COPY_BYTES) {
                throw new IOException(bytes / 1024 + " KiB are too much to read from a copy");
            }
            MetaFiles.createPrivate(copy);
            Files.copy(files.database, copy, StandardCopyOption.REPLACE_EXISTING);
            if (Files.exists(files.log)) {
                Files.copy(files.log, copies.log);
            }
            MetaContent content = readAndClose(copy, "WAL");
            if (content.damage != null) {
                complete(content, predecessor);
            }
            return new Loaded(content, null, content.damage != null);
        } catch (IOException | SQLException e) {
            throw new StoreException(files.database + ": cannot be read (" + cause.getMessage() + "; "
                    + e.getMessage() + "); repair or remount the storage medium", e);
        } finally {
            try {
                deleteCopy(copies);
            } catch (IOException e) {
                problems.report("STORE-RUN", "a temporary copy cannot be deleted: " + e.getMessage(), run.toString(),
                        "delete it by hand");
            }
        }
    }

    private static void deleteCopy(MetaFiles copies) throws IOException {
        Files.deleteIfExists(copies.database);
        Files.deleteIfExists(copies.log);
    }

    /** Fills gaps from the safety copy and names the database. */
    private void complete(MetaContent content, Optional<UUID> predecessor) {
        if (content.incomplete && MetaFiles.size(files.snapshot) > 0) {
            try {
                content.fill(readAndClose(files.snapshot, "DELETE"));
            } catch (SQLException e) {
                problems.report("STORE-SNAPSHOT", "the safety copy cannot be read: " + e.getMessage(),
                        files.snapshot.toString(), "check the storage medium");
            }
        }
        if (content.database == null) {
            content.database = predecessor.orElseGet(UUID::randomUUID);
        }
    }

    private static MetaContent readAndClose(Path file, String journalMode) throws SQLException {
        Connection connection = Sqlite.open(file, journalMode, "OFF");
        try {
            return MetaContent.read(connection);
        } finally {
            Sqlite.close(connection);
        }
    }

    private static MetaContent lost(String why) {
        var content = new MetaContent();
        content.damage = why;
        content.incomplete = true;
        return content;
    }

    private static boolean isBlank(Connection connection) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT count(*) FROM sqlite_master")) {
            return rows.next() && rows.getInt(1) == 0;
        }
    }

    private void refuseNewer(Connection connection) throws SQLException {
        String version = Sqlite.pragma(connection, "user_version");
        if (version != null && Integer.parseInt(version) > MetaContent.SCHEMA) {
            // A broken header can say anything: only a sound file is believed.
            if ("ok".equalsIgnoreCase(Sqlite.pragma(connection, "quick_check(1)"))) {
                Sqlite.close(connection);
                throw new StoreException(files.database + " has schema " + version + ", this version knows "
                        + MetaContent.SCHEMA + "; install the newer version again or reset the gateway", null);
            }
        }
    }
}
