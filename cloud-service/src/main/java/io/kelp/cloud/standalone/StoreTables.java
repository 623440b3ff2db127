package io.kelp.cloud.standalone;

import io.kelp.cloud.standalone.StoreSchema.State;
import io.kelp.kubeapi.ApiStore.Item;
import io.kelp.kubeapi.ApiStore.Key;
import io.kelp.kubeapi.ApiStore.Kind;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The writing connection and its statements: transactions of changes. After a failure the next transaction begins with new
 * statements, and with a new connection when the old one is of no use. Used by the store's writing thread only.
 */
final class StoreTables implements AutoCloseable {

    /** Opens a connection that writes. */
    interface Opening {
        Connection open() throws SQLException;
    }

    private static final Logger LOG = LoggerFactory.getLogger(StoreTables.class);

    private record Group(String collection, String namespace) {}

    private final Opening opening;
    private final Map<String, PreparedStatement> prepared = new HashMap<>();
    private final Map<Group, Long> counted = new HashMap<>(); // what the transaction adds to counts
    private Connection connection;
    private boolean useless; // the connection is to be replaced
    private State state;
    private State working;

    /**
     * @param connection closed with this
     * @param opening gives the one after it when it fails
     */
    StoreTables(Connection connection, Opening opening) throws SQLException {
        this.connection = connection;
        this.opening = opening;
        this.state = StoreSchema.state(connection);
        this.working = state;
    }

    /** As committed last. */
    State state() {
        return state;
    }

    /** As it will be when the transaction is committed. */
    State working() {
        return working;
    }

    void begin() throws SQLException {
        if (useless) {
            replaceConnection();
        }
        prepare("BEGIN IMMEDIATE").execute();
    }

    /** Durable when it returns. */
    void commit() throws SQLException {
        for (Map.Entry<Group, Long> each : counted.entrySet()) {
            count(each.getKey(), each.getValue());
        }
        if (!working.equals(state)) {
            run("UPDATE state SET revision=?, oldest=?, swept=?, bytes=?", working.revision(), working.oldest(), working.swept(),
                    working.bytes());
        }
        prepare("COMMIT").execute();
        counted.clear();
        state = working;
    }

    /** Never fails: without a transaction there is nothing to undo, and a connection that stays in one is not used again. */
    void rollback(SQLException because) {
        counted.clear();
        working = state;
        // The driver has finalized the statement that the disk refused, but leaves its object to be tripped over.
        prepared.values().forEach(statement -> Sqlite.close(statement, because));
        prepared.clear();
        try {
            Sqlite.execute(connection, "ROLLBACK");
        } catch (SQLException e) {
            because.addSuppressed(e); // SQLite has rolled back itself, as it may when the disk is full
        }
        try {
            Sqlite.execute(connection, "BEGIN"); // refused within a transaction; touches no file
            Sqlite.execute(connection, "ROLLBACK");
        } catch (SQLException e) {
            because.addSuppressed(e);
            useless = true;
        }
    }

    /** The old one is closed last: the last connection would take the log's index with it, which a full disk has no room for. */
    private void replaceConnection() throws SQLException {
        Connection old = connection;
        connection = opening.open();
        useless = false;
        try {
            old.close();
        } catch (SQLException e) {
            LOG.warn("A connection that had failed cannot be closed either: {}", e.getMessage());
        }
    }

    /** Writes something that changes nothing. */
    void touch() throws SQLException {
        run("UPDATE state SET revision=revision");
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }

    /** The newest version of an object, those of this transaction included; {@code null} when there is none. */
    Item current(Key key) throws SQLException {
        PreparedStatement statement = prepare("SELECT c.revision, c.value FROM current AS k JOIN change AS c ON c.revision=k.revision"
                + " WHERE k.collection=? AND k.namespace=? AND k.name=?");
        bind(statement, key.collection(), key.namespace(), key.name());
        try (ResultSet row = statement.executeQuery()) {
            return row.next() ? new Item(key, row.getLong(1), row.getBytes(2)) : null;
        }
    }

    /** Adds a change. @param before version that it ends, {@code null} for none */
    void add(long revision, Kind kind, Key key, byte[] value, Item before) throws SQLException {
        long previous = before == null ? 0 : before.revision();
        run("INSERT INTO change VALUES(?, ?, ?, ?, ?, ?, ?, ?)", revision, kind.ordinal(), key.collection(), key.namespace(), key.name(),
                previous, Sqlite.checksum(revision, kind.ordinal(), key, previous, value), value);
        if (before != null) {
            run("INSERT INTO history VALUES(?, ?, ?, ?, ?)", key.collection(), key.namespace(), key.name(), revision, previous);
        }
        switch (kind) {
            case ADDED -> run("INSERT INTO current VALUES(?, ?, ?, ?)", key.collection(), key.namespace(), key.name(), revision);
            case MODIFIED -> run("UPDATE current SET revision=? WHERE collection=? AND namespace=? AND name=?", revision, key.collection(),
                    key.namespace(), key.name());
            case DELETED -> run("DELETE FROM current WHERE collection=? AND namespace=? AND name=?", key.collection(), key.namespace(),
                    key.name());
        }
        if (kind != Kind.MODIFIED) {
            counted.merge(new Group(key.collection(), key.namespace()), kind == Kind.ADDED ? 1L : -1L, Long::sum);
        }
        working = new State(revision, working.oldest(), working.swept(), working.bytes() + value.length);
    }

    private void count(Group group, long difference) throws SQLException {
        run("INSERT INTO counts VALUES(?, ?, ?) ON CONFLICT DO UPDATE SET objects=objects+excluded.objects", group.collection(),
                group.namespace(), difference);
        if (difference <= 0) {
            run("DELETE FROM counts WHERE collection=? AND namespace=? AND objects=0", group.collection(), group.namespace());
        }
    }

    /** Moves the oldest revision that can be read. */
    void forget(long before) throws SQLException {
        working = new State(working.revision(), before, working.swept(), working.bytes());
        run("DELETE FROM moment WHERE revision<=?", before);
    }

    /**
     * Drops versions that ended up to the oldest revision.
     *
     * @param limit most changes to look at
     * @return whether all is dropped
     */
    boolean sweep(int limit) throws SQLException {
        PreparedStatement statement = prepare("SELECT revision, kind, collection, namespace, name, previous FROM change"
                + " WHERE revision>? AND revision<=? ORDER BY revision LIMIT ?");
        bind(statement, working.swept(), working.oldest(), limit);
        long swept = working.swept();
        int seen = 0;
        try (ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                seen++;
                swept = row.getLong(1);
                if (row.getLong(6) != 0) {
                    run("DELETE FROM change WHERE revision=?", row.getLong(6));
                    run("DELETE FROM history WHERE collection=? AND namespace=? AND name=? AND superseded=?", row.getString(3),
                            row.getString(4), row.getString(5), swept);
                }
                if (row.getInt(2) == Kind.DELETED.ordinal()) {
                    run("DELETE FROM change WHERE revision=?", swept);
                }
            }
        }
        boolean done = seen < limit;
        working = new State(working.revision(), working.oldest(), done ? working.oldest() : swept, working.bytes());
        return done;
    }

    void moment(long revision, long millis, long bytes) throws SQLException {
        run("INSERT OR REPLACE INTO moment VALUES(?, ?, ?)", revision, millis, bytes);
    }

    /** Gives free pages back to the file system when they are many. @return whether there are more */
    boolean shrink(int pages, int spare) throws SQLException {
        long free = Long.parseLong(Sqlite.pragma(connection, "freelist_count"));
        long all = Long.parseLong(Sqlite.pragma(connection, "page_count"));
        if (free < spare || free < all / 8) {
            return false;
        }
        Sqlite.pragma(connection, "incremental_vacuum(" + pages + ")");
        return true;
    }

    private void run(String sql, Object... values) throws SQLException {
        PreparedStatement statement = prepare(sql);
        bind(statement, values);
        statement.executeUpdate();
    }

    private static void bind(PreparedStatement statement, Object... values) throws SQLException {
        for (int i = 0; i < values.length; i++) {
            statement.setObject(i + 1, values[i]);
        }
    }

    private PreparedStatement prepare(String sql) throws SQLException {
        PreparedStatement statement = prepared.get(sql);
        if (statement == null) {
            statement = connection.prepareStatement(sql);
            prepared.put(sql, statement);
        }
        return statement;
    }
}
