package io.kelp.store.internal;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * What {@code meta.db} holds, read as a whole.
 *
 * <p>Schema 1: {@code collection(id, name)}; {@code record(id, c, k, s, v)} with collection,
 * key, checksum and value; {@code fact(k, v)} with {@code database} (a UUID) and {@code folded}
 * (the last journal segment that is contained). There is no index: keys live in memory, and a
 * single tree is cheaper to write and easier to salvage.
 */
final class MetaContent {

    static final int SCHEMA = 1;

    record Stored(long id, byte[] value) {}

    final Map<String, Map<String, Stored>> records = new TreeMap<>();
    final Map<String, Integer> collections = new HashMap<>();
    UUID database;
    long folded;
    long lastId;

    /** What was wrong, {@code null}: nothing. */
    String damage;

    /** Rows may be missing, not only known ones unreadable. */
    boolean incomplete;

    static void create(Connection connection, UUID database) throws SQLException {
        Sqlite.execute(connection, "CREATE TABLE collection(id INTEGER PRIMARY KEY, name TEXT NOT NULL)");
        Sqlite.execute(connection, "CREATE TABLE record(id INTEGER PRIMARY KEY, c INTEGER NOT NULL,"
                + " k TEXT NOT NULL, s INTEGER NOT NULL, v BLOB NOT NULL)");
        Sqlite.execute(connection, "CREATE TABLE fact(k TEXT PRIMARY KEY, v TEXT NOT NULL) WITHOUT ROWID");
        fact(connection, "database", database.toString());
        fact(connection, "folded", "0");
        Sqlite.pragma(connection, "user_version=" + SCHEMA);
    }

    static void fact(Connection connection, String key, String value) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("REPLACE INTO fact VALUES(?,?)")) {
            statement.setString(1, key);
            statement.setString(2, value);
            statement.executeUpdate();
        }
    }

    /**
     * Reads everything that can be read. Damage is noted, never thrown, so the answer of a broken
     * file is what can be saved of it.
     *
     * @throws SQLException when the trouble is not the content
     */
    static MetaContent read(Connection connection) throws SQLException {
        var content = new MetaContent();
        content.section(() -> {
            String verdict = Sqlite.pragma(connection, "quick_check(1)");
            if (!"ok".equalsIgnoreCase(verdict)) {
                content.damaged(verdict, true);
            }
        });
        var names = new HashMap<Integer, String>();
        content.section(() -> {
            try (var statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery("SELECT id, name FROM collection")) {
                while (rows.next()) {
                    names.put(rows.getInt(1), rows.getString(2));
                    content.collections.put(rows.getString(2), rows.getInt(1));
                }
            }
        });
        content.section(() -> content.readFacts(connection));
        long from = Long.MIN_VALUE;
        long skip = 1;
        // Beyond a broken page the rows go on: jump ahead, further each time.
        for (int attempt = 0; attempt < 64; attempt++) {
            try {
                content.readRecords(connection, names, from);
                break;
            } catch (SQLException e) {
                content.noteOrThrow(e);
                from = Math.max(content.lastId, Math.max(0, from)) + skip;
                skip = Math.min(skip * 2, 1L << 40);
            }
        }
        return content;
    }

    /** Takes over what the other has and this one lost. */
    void fill(MetaContent older) {
        older.records.forEach((name, rows) -> {
            var mine = records.computeIfAbsent(name, n -> new TreeMap<>());
            rows.forEach(mine::putIfAbsent);
        });
        if (database == null) {
            database = older.database;
            folded = older.folded;
        }
    }

    Map<String, Map<String, byte[]>> plain() {
        var plain = new TreeMap<String, Map<String, byte[]>>();
        records.forEach((name, rows) -> {
            var copy = new TreeMap<String, byte[]>();
            rows.forEach((key, stored) -> copy.put(key, stored.value()));
            plain.put(name, copy);
        });
        return plain;
    }

    int size() {
        return records.values().stream().mapToInt(Map::size).sum();
    }

    private void readFacts(Connection connection) throws SQLException {
        try (var statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT k, v FROM fact")) {
            while (rows.next()) {
                String value = rows.getString(2);
                try {
                    switch (rows.getString(1)) {
                        case "database" -> database = UUID.fromString(value);
                        case "folded" -> folded = Long.parseLong(value);
                        default -> { } // of a later version
                    }
                } catch (IllegalArgumentException e) {
                    damaged("fact " + rows.getString(1) + " is " + value, false);
                }
            }
        }
        if (database == null) {
            damaged("the table of facts names no database", false);
        }
    }

    private void readRecords(Connection connection, Map<Integer, String> names, long from) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT id, c, k, s, v FROM record WHERE id >= ? ORDER BY id")) {
            statement.setLong(1, from);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    long id = rows.getLong(1);
                    String name = names.get(rows.getInt(2));
                    String key = rows.getString(3);
                    byte[] value = rows.getBytes(5);
                    if (name == null || key == null || value == null
                            || Sqlite.checksum(name, key, value) != rows.getLong(4)) {
                        // Which key it was cannot be trusted either.
                        damaged("record " + id + " does not match its checksum", true);
                    } else if (records.computeIfAbsent(name, n -> new TreeMap<>())
                            .put(key, new Stored(id, value)) != null) {
                        damaged("record " + id + " repeats a key", false);
                    }
                    lastId = Math.max(lastId, id);
                }
            }
        }
    }

    private void section(Section section) throws SQLException {
        try {
            section.read();
        } catch (SQLException e) {
            noteOrThrow(e);
        }
    }

    private void noteOrThrow(SQLException e) throws SQLException {
        if (!Sqlite.isBroken(e)) {
            throw e;
        }
        damaged(e.getMessage(), true);
    }

    private void damaged(String what, boolean lost) {
        if (damage == null) {
            damage = what.lines().filter(line -> !line.startsWith("***")).findFirst().orElse(what);
        }
        incomplete |= lost;
    }

    private interface Section {
        void read() throws SQLException;
    }
}
