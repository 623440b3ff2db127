package io.kelp.cloud.standalone;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * The tables. Every version is a row of {@code change}, written once and in order. {@code current} says which version of
 * an object is the newest, {@code history} which one was before a change: version {@code revision} was seen at all
 * revisions from its own up to but without {@code superseded}. A deletion is a row of {@code change} that neither names.
 * {@code counts} are the objects in {@code current}. {@code moment} says what was newest at a time (ms since 1970), and
 * how many bytes of values had been written so far.
 */
final class StoreSchema {

    /** Says whose file it is ({@code PRAGMA application_id}): "Kelp". */
    static final int APPLICATION = 0x4b656c70;
    static final int FORMAT = 1;

    private static final List<String> TABLES = List.of(
            "CREATE TABLE state(id INTEGER PRIMARY KEY CHECK(id=1), format INTEGER NOT NULL, revision INTEGER NOT NULL,"
                    + " oldest INTEGER NOT NULL, swept INTEGER NOT NULL, bytes INTEGER NOT NULL)",
            "CREATE TABLE change(revision INTEGER PRIMARY KEY, kind INTEGER NOT NULL, collection TEXT NOT NULL, namespace TEXT NOT NULL,"
                    + " name TEXT NOT NULL, previous INTEGER NOT NULL, checksum INTEGER NOT NULL, value BLOB NOT NULL)",
            "CREATE TABLE current(collection TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL, revision INTEGER NOT NULL,"
                    + " PRIMARY KEY(collection, namespace, name)) WITHOUT ROWID",
            "CREATE TABLE history(collection TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL, superseded INTEGER NOT NULL,"
                    + " revision INTEGER NOT NULL, PRIMARY KEY(collection, namespace, name, superseded)) WITHOUT ROWID",
            "CREATE TABLE counts(collection TEXT NOT NULL, namespace TEXT NOT NULL, objects INTEGER NOT NULL,"
                    + " PRIMARY KEY(collection, namespace)) WITHOUT ROWID",
            "CREATE TABLE moment(revision INTEGER PRIMARY KEY, millis INTEGER NOT NULL, bytes INTEGER NOT NULL)");

    /** The one row of {@code state}. */
    record State(long revision, long oldest, long swept, long bytes) {}

    private StoreSchema() {}

    /** Fills an empty database. */
    static void create(Connection connection, long revision) throws SQLException {
        Sqlite.pragma(connection, "auto_vacuum=INCREMENTAL");
        Sqlite.pragma(connection, "journal_mode=WAL");
        Sqlite.execute(connection, "BEGIN IMMEDIATE");
        for (String table : TABLES) {
            Sqlite.execute(connection, table);
        }
        Sqlite.execute(connection, "INSERT INTO state VALUES(1, " + FORMAT + ", " + revision + ", " + revision + ", " + revision + ", 0)");
        Sqlite.pragma(connection, "application_id=" + APPLICATION);
        Sqlite.pragma(connection, "user_version=" + FORMAT);
        Sqlite.execute(connection, "COMMIT");
    }

    /**
     * Makes a copied store one of its own time: the revisions after the copy was made have been seen by clients and must
     * not come back with another meaning, so the next ones are far beyond, and what happened before is no longer told.
     */
    static long leapForward(Connection connection, long distance) throws SQLException {
        Sqlite.execute(connection, "BEGIN IMMEDIATE");
        Sqlite.execute(connection, "UPDATE state SET revision=revision+" + distance);
        Sqlite.execute(connection, "UPDATE state SET oldest=revision, swept=revision");
        Sqlite.execute(connection, "DELETE FROM change WHERE revision NOT IN (SELECT revision FROM current)");
        Sqlite.execute(connection, "DELETE FROM history");
        Sqlite.execute(connection, "DELETE FROM moment");
        Sqlite.execute(connection, "COMMIT");
        return state(connection).revision();
    }

    static State state(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT revision, oldest, swept, bytes FROM state")) {
            if (!row.next()) {
                throw new SQLException("the row of state is missing");
            }
            return new State(row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4));
        }
    }
}
