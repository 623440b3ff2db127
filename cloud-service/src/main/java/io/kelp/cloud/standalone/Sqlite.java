package io.kelp.cloud.standalone;

import io.kelp.kubeapi.ApiStore.Key;
import io.kelp.kubeapi.ApiStore.StoreException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
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

    private static final int BUSY_MILLIS = 10_000;
    private static final int FULL = 13; // SQLITE_FULL
    private static final int NO_ROOM_FOR_INDEX = 4874; // SQLITE_IOERR_SHMSIZE: the log's index cannot grow
    private static final int SHORT_READ = 522; // SQLITE_IOERR_SHORT_READ
    private static final int CORRUPT_FILE_SYSTEM = 8458; // SQLITE_IOERR_CORRUPTFS

    private Sqlite() {}

    /** A connection with small caches; other connections, also of other processes, may use the file at the same time. */
    static Connection open(Path file, int cacheKib) throws SQLException {
        Connection connection = JDBC.createConnection("jdbc:sqlite:" + file, new Properties());
        try {
            pragma(connection, "busy_timeout=" + BUSY_MILLIS);
            pragma(connection, "trusted_schema=OFF");
            pragma(connection, "cell_size_check=ON");
            pragma(connection, "temp_store=MEMORY");
            pragma(connection, "cache_size=-" + cacheKib);
            pragma(connection, "mmap_size=0");
            return connection;
        } catch (SQLException e) {
            close(connection, e);
            throw e;
        }
    }

    /** Runs a pragma to its end and answers with the first column of its first row, or {@code null}. */
    static String pragma(Connection connection, String text) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            if (!statement.execute("PRAGMA " + text)) {
                return null;
            }
            try (ResultSet rows = statement.getResultSet()) {
                String first = rows.next() ? rows.getString(1) : null;
                while (rows.next()) {
                    // incremental_vacuum frees one page with each row
                }
                return first;
            }
        }
    }

    static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    static long number(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(sql)) {
            return rows.next() ? rows.getLong(1) : 0;
        }
    }

    /** Closes after something went wrong; what goes wrong now is noted there. */
    static void close(AutoCloseable resource, Exception because) {
        try {
            resource.close();
        } catch (Exception e) { // declared so by AutoCloseable
            because.addSuppressed(e);
        }
    }

    /**
     * Whether the content is at fault, for statements that a sound database never refuses: with them even "no such
     * column" means a broken schema.
     */
    static boolean isBroken(SQLException e) {
        int code = extended(e);
        int primary = code & 0xff;
        return code == SHORT_READ || code == CORRUPT_FILE_SYSTEM || primary == 11 || primary == 26 // SQLITE_CORRUPT, SQLITE_NOTADB
                || primary == 1 && e instanceof SQLiteException;
    }

    /** What went wrong and what to do, as a sentence. */
    static StoreException failure(Path file, SQLException e) {
        if (isBroken(e)) {
            return broken(file, e.getMessage(), e);
        }
        String cause = switch (extended(e) == NO_ROOM_FOR_INDEX ? FULL : extended(e) & 0xff) {
            case FULL -> "the disk is full (" + e.getMessage() + "); free some space";
            case 8 -> "the file takes no writes (" + e.getMessage() + "); mount its file system writable"; // SQLITE_READONLY
            case 5, 6 -> "another process holds the file (" + e.getMessage() + "); end what is using it"; // SQLITE_BUSY, SQLITE_LOCKED
            case 14 -> "the file cannot be opened (" + e.getMessage() + "); see who owns it and its folder"; // SQLITE_CANTOPEN
            default -> "the disk refused (" + e.getMessage() + "); see whether it has room and is mounted writable, and the kernel's log";
        };
        return new StoreException(file + ": " + cause, e);
    }

    static StoreException broken(Path file, String what, Exception cause) {
        return new StoreException(file + ": the database is broken (" + what + "); start the service again, it will then set the file aside,"
                + " or stop it and copy a backup to " + file, cause);
    }

    private static int extended(SQLException e) {
        return e instanceof SQLiteException known ? known.getResultCode().code : e.getErrorCode();
    }

    /** Checksum of a version, so that a flipped bit is noticed where SQLite would not. */
    static long checksum(long revision, int kind, Key key, long previous, byte[] value) {
        CRC32C crc = new CRC32C();
        number(crc, revision);
        number(crc, previous);
        crc.update(kind);
        text(crc, key.collection());
        text(crc, key.namespace());
        text(crc, key.name());
        crc.update(value, 0, value.length);
        return crc.getValue();
    }

    private static void number(CRC32C crc, long number) {
        for (int shift = 56; shift >= 0; shift -= 8) {
            crc.update((int) (number >>> shift));
        }
    }

    private static void text(CRC32C crc, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        crc.update(bytes, 0, bytes.length);
        crc.update(0);
    }
}
