package io.kelp.cloud.standalone;

import io.kelp.cloud.standalone.PagePositions.Position;
import io.kelp.cloud.standalone.StoreSchema.State;
import io.kelp.kubeapi.ApiStore.Change;
import io.kelp.kubeapi.ApiStore.CompactedException;
import io.kelp.kubeapi.ApiStore.Item;
import io.kelp.kubeapi.ApiStore.Key;
import io.kelp.kubeapi.ApiStore.Kind;
import io.kelp.kubeapi.ApiStore.Page;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The statements of one reading connection. Sees what is committed, thus durable: SQLite syncs its log before it shows a
 * commit to others. Used by one thread at a time.
 */
final class StoreReader implements AutoCloseable {

    private static final int CACHE_KIB = 1024;
    private static final Kind[] KINDS = Kind.values();

    private static final String VERSION = "c.revision, c.kind, c.collection, c.namespace, c.name, c.previous, c.checksum, c.value";
    private static final String GET = "SELECT " + VERSION + " FROM current AS k JOIN change AS c ON c.revision=k.revision"
            + " WHERE k.collection=?1 AND k.namespace=?2 AND k.name=?3";
    /** What lies behind a key, in all namespaces or in the one of the key. */
    private static final String BEHIND_ALL = " WHERE collection=?1 AND (namespace, name)>(?2, ?3)";
    private static final String BEHIND_ONE = " WHERE collection=?1 AND namespace=?2 AND name>?3";
    private static final String NOW = "SELECT namespace, name, revision FROM current%1$s";
    private static final String THEN = "SELECT namespace, name, revision FROM current%1$s AND revision<=?5"
            + " UNION ALL SELECT namespace, name, revision FROM history%1$s AND revision<=?5 AND superseded>?5";
    private static final String PAGE = "SELECT " + VERSION + " FROM (%2$s ORDER BY namespace, name LIMIT ?4) AS k"
            + " CROSS JOIN change AS c ON c.revision=k.revision ORDER BY k.namespace, k.name";
    private static final String COUNT = "SELECT COUNT(*) FROM (%2$s)";
    private static final String CHANGES = "SELECT " + VERSION + ", b.value FROM change AS c LEFT JOIN change AS b ON b.revision=c.previous"
            + " WHERE c.revision>?1 AND (?2='' OR c.collection=?2) ORDER BY c.revision LIMIT ?3";

    private final Path file;
    private final Connection connection;
    private final PagePositions positions;
    private final Map<String, PreparedStatement> prepared = new HashMap<>();

    StoreReader(Path file, PagePositions positions) throws SQLException {
        this.file = file;
        this.positions = positions;
        this.connection = Sqlite.open(file, CACHE_KIB);
        try {
            Sqlite.pragma(connection, "query_only=ON");
        } catch (SQLException e) {
            Sqlite.close(connection, e);
            throw e;
        }
    }

    Optional<Item> get(Key key) throws SQLException {
        PreparedStatement statement = prepare(GET);
        texts(statement, key.collection(), key.namespace(), key.name());
        try (ResultSet row = statement.executeQuery()) {
            return row.next() ? Optional.of(item(row)) : Optional.empty();
        }
    }

    Page list(String collection, String namespace, Key after, int limit, long asked) throws SQLException, CompactedException {
        begin();
        try {
            State state = state();
            long at = asked == 0 ? state.revision() : Math.min(asked, state.revision());
            if (at < state.oldest()) {
                throw new CompactedException(at, state.oldest());
            }
            int order = after == null || namespace.isEmpty() ? 0 : after.namespace().compareTo(namespace);
            if (order > 0) {
                return new Page(List.of(), 0, at);
            }
            Key behind = after == null || order < 0 ? new Key(collection, namespace, "") : after;
            List<Item> items = page(behind, namespace, limit, at, at == state.revision());
            long remaining = items.size() < limit ? 0
                    : remaining(namespace, after == null ? null : behind, items, at, at == state.revision());
            return new Page(List.copyOf(items), remaining, at);
        } finally {
            end();
        }
    }

    List<Change> changes(String collection, long after, int limit) throws SQLException, CompactedException {
        begin();
        try {
            State state = state();
            if (after < state.oldest()) {
                throw new CompactedException(after, state.oldest());
            }
            PreparedStatement statement = prepare(CHANGES);
            statement.setLong(1, after);
            statement.setString(2, collection);
            statement.setLong(3, limit);
            List<Change> changes = new ArrayList<>();
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    Item item = item(row);
                    changes.add(new Change(item.revision(), KINDS[row.getInt(2)], item.key(), item.value(), row.getBytes(9)));
                }
            }
            return List.copyOf(changes);
        } finally {
            end();
        }
    }

    private List<Item> page(Key behind, String namespace, int limit, long at, boolean newest) throws SQLException {
        PreparedStatement statement = prepare(query(PAGE, namespace, newest));
        texts(statement, behind.collection(), behind.namespace(), behind.name());
        statement.setLong(4, limit);
        if (!newest) {
            statement.setLong(5, at);
        }
        List<Item> items = new ArrayList<>(Math.min(limit, 1000));
        try (ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                items.add(item(row));
            }
        }
        return items;
    }

    private long remaining(String namespace, Key after, List<Item> items, long at, boolean newest) throws SQLException {
        Key last = items.get(items.size() - 1).key();
        long remaining;
        if (after == null && newest) {
            remaining = total(last.collection(), namespace) - items.size();
        } else {
            OptionalLong known = after == null ? OptionalLong.empty() : positions.remaining(new Position(namespace, after, at));
            remaining = known.isPresent() ? known.getAsLong() - items.size() : count(last, namespace, at, newest);
        }
        if (remaining > 0) {
            positions.note(new Position(namespace, last, at), remaining);
        }
        return remaining;
    }

    private long total(String collection, String namespace) throws SQLException {
        PreparedStatement statement = prepare("SELECT COALESCE(SUM(objects), 0) FROM counts WHERE collection=?1"
                + (namespace.isEmpty() ? "" : " AND namespace=?2"));
        statement.setString(1, collection);
        if (!namespace.isEmpty()) {
            statement.setString(2, namespace);
        }
        try (ResultSet row = statement.executeQuery()) {
            return row.getLong(1);
        }
    }

    private long count(Key behind, String namespace, long at, boolean newest) throws SQLException {
        PreparedStatement statement = prepare(query(COUNT, namespace, newest));
        texts(statement, behind.collection(), behind.namespace(), behind.name());
        if (!newest) {
            statement.setLong(5, at);
        }
        try (ResultSet row = statement.executeQuery()) {
            return row.getLong(1);
        }
    }

    private static String query(String form, String namespace, boolean newest) {
        String behind = namespace.isEmpty() ? BEHIND_ALL : BEHIND_ONE;
        return form.formatted(behind, (newest ? NOW : THEN).formatted(behind));
    }

    private Item item(ResultSet row) throws SQLException {
        long revision = row.getLong(1);
        Key key = new Key(row.getString(3), row.getString(4), row.getString(5));
        byte[] value = row.getBytes(8);
        if (value == null || Sqlite.checksum(revision, row.getInt(2), key, row.getLong(6), value) != row.getLong(7)) {
            throw Sqlite.broken(file, "the version at revision " + revision + " does not have its checksum", null);
        }
        return new Item(key, revision, value);
    }

    private State state() throws SQLException {
        try (ResultSet row = prepare("SELECT revision, oldest, swept, bytes FROM state").executeQuery()) {
            return new State(row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4));
        }
    }

    private void begin() throws SQLException {
        prepare("BEGIN").execute();
    }

    private void end() throws SQLException {
        prepare("COMMIT").execute();
    }

    private static void texts(PreparedStatement statement, String first, String second, String third) throws SQLException {
        statement.setString(1, first);
        statement.setString(2, second);
        statement.setString(3, third);
    }

    private PreparedStatement prepare(String sql) throws SQLException {
        PreparedStatement statement = prepared.get(sql);
        if (statement == null) {
            statement = connection.prepareStatement(sql);
            prepared.put(sql, statement);
        }
        return statement;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
