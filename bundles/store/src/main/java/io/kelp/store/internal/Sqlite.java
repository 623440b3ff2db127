package io.kelp.store.internal;

import io.kelp.store.StoreException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import java.util.zip.CRC32C;
import org.sqlite.JDBC;
import org.sqlite.SQLiteException;

/** How we use SQLite: connections, what its errors mean, checksums of rows. */
final class Sqlite {

    /** What an error calls for. */
    enum Fault {
        /** The content is broken: set the file aside. */
        BROKEN,
        /** No room: writes fail until there is. */
        FULL,
        /** The file system takes no writes. */
        READ_ONLY,
        /** Another process has the file. */
        IN_USE,
        /** The device or anything else. */
        DEVICE
    }

    private Sqlite() {}

    /**
     * Opens a database for this process alone: no shared-memory file is made, and a second gateway
     * on the same data is refused.
     */
    static Connection open(Path file, String journalMode, String synchronous) throws SQLException {
        Connection connection = JDBC.createConnection("jdbc:sqlite:" + file, new Properties());
        try {
            pragma(connection, "locking_mode=EXCLUSIVE");
            pragma(connection, "trusted_schema=OFF");
            pragma(connection, "cell_size_check=ON");
            pragma(connection, "temp_store=MEMORY");
            pragma(connection, "cache_size=-1024");
            pragma(connection, "mmap_size=0");
            pragma(connection, "journal_mode=" + journalMode);
            pragma(connection, "synchronous=" + synchronous);
            pragma(connection, "wal_autocheckpoint=0");
            return connection;
        } catch (SQLException e) {
            close(connection);
            throw e;
        }
    }

    /** Runs a pragma and answers with the first column of its first row, or {@code null}. */
    static String pragma(Connection connection, String text) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            if (!statement.execute("PRAGMA " + text)) {
                return null;
            }
            try (ResultSet rows = statement.getResultSet()) {
                return rows.next() ? rows.getString(1) : null;
            }
        }
    }

    static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Closes and forgets errors: whatever mattered was committed, and nothing else can be done. */
    static SQLException close(Connection connection) {
        try {
            connection.close();
            return null;
        } catch (SQLException e) {
            return e;
        }
    }

    static Fault fault(SQLException e) {
        int code = e instanceof SQLiteException known ? known.getResultCode().code : e.getErrorCode();
        if (code == 522 || code == 8458) { // SQLITE_IOERR_SHORT_READ, SQLITE_IOERR_CORRUPTFS
            return Fault.BROKEN;
        }
        return switch (code & 0xff) {
            case 11, 26 -> Fault.BROKEN; // SQLITE_CORRUPT, SQLITE_NOTADB
            case 13 -> Fault.FULL; // SQLITE_FULL
            case 8 -> Fault.READ_ONLY; // SQLITE_READONLY
            case 5, 6 -> Fault.IN_USE; // SQLITE_BUSY, SQLITE_LOCKED
            default -> Fault.DEVICE;
        };
    }

    /**
     * Whether the content is at fault, for statements that a sound database never refuses: with
     * them even "no such column" means a broken schema.
     */
    static boolean isBroken(SQLException e) {
        return fault(e) == Fault.BROKEN || e instanceof SQLiteException && (e.getErrorCode() & 0xff) == 1;
    }

    static StoreException failure(Path file, SQLException e) {
        String cause = switch (fault(e)) {
            case BROKEN -> "the database is broken (" + e.getMessage() + ")";
            case FULL -> "the disk is full (" + e.getMessage() + "); free some space";
            case READ_ONLY -> "the file system takes no writes (" + e.getMessage() + "); mount it writable";
            case IN_USE -> "another process uses it (" + e.getMessage() + "); stop the other gateway on the same data";
            case DEVICE -> "the disk refused (" + e.getMessage() + "); see whether it is mounted writable, "
                    + "and look at the kernel's log";
        };
        return new StoreException(file + ": " + cause, e);
    }

    /** Checksum of a row, so that a flipped bit is noticed where SQLite would not. */
    static long checksum(String collection, String key, byte[] value) {
        var crc = new CRC32C();
        crc.update(collection.getBytes(StandardCharsets.UTF_8));
        crc.update(0);
        crc.update(key.getBytes(StandardCharsets.UTF_8));
        crc.update(0);
        crc.update(value);
        return crc.getValue();
    }

    /** Has a finished file, or the names in a directory, reach the disk. */
    static void sync(Path path, boolean directory) throws IOException {
        try (FileChannel channel = directory
                ? FileChannel.open(path, StandardOpenOption.READ)
                : FileChannel.open(path, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }
}
