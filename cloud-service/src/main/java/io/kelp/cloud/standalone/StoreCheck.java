package io.kelp.cloud.standalone;

import io.kelp.cloud.standalone.StoreFile.BrokenStoreException;
import io.kelp.kubeapi.ApiStore.Key;
import io.kelp.kubeapi.ApiStore.StoreException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** Whether a database holds what was written to it: SQLite's own check, checksums of all versions, and that the tables agree. */
final class StoreCheck {

    private static final String WITHOUT_VERSION = "SELECT COUNT(*) FROM %1$s AS k LEFT JOIN change AS c ON c.revision=k.revision"
            + " WHERE c.revision IS NULL OR c.kind=2 OR c.collection<>k.collection OR c.namespace<>k.namespace OR c.name<>k.name";

    private StoreCheck() {}

    /**
     * @throws BrokenStoreException when it does not
     * @throws StoreException when a newer program has written it
     */
    static void check(Path file, Connection connection) throws SQLException, BrokenStoreException {
        String verdict = Sqlite.pragma(connection, "quick_check(1)");
        if (!"ok".equals(verdict)) {
            throw new BrokenStoreException(verdict == null ? "no verdict" : verdict.replace("*** in database main ***", "").strip(), null);
        }
        if (Sqlite.number(connection, "SELECT COUNT(*) FROM state") != 1) {
            throw new BrokenStoreException("it has no state", null);
        }
        long format = Sqlite.number(connection, "SELECT format FROM state");
        if (format != Long.parseLong(Sqlite.pragma(connection, "user_version"))) {
            throw new BrokenStoreException("its format is unclear", null);
        }
        if (format > StoreSchema.FORMAT) {
            throw new StoreException(file + " has format " + format + " of a newer version, this one knows up to " + StoreSchema.FORMAT
                    + "; install the newer version again, or give another --data folder", null);
        }
        versions(connection);
        require(connection, WITHOUT_VERSION.formatted("current"), "objects without content");
        require(connection, WITHOUT_VERSION.formatted("history"), "old versions without content");
        require(connection, "SELECT COUNT(*) FROM history WHERE superseded<=revision", "old versions that end before they begin");
        require(connection, "SELECT (SELECT COUNT(*) FROM (SELECT collection, namespace, COUNT(*) FROM current GROUP BY 1, 2"
                + " EXCEPT SELECT collection, namespace, objects FROM counts)) + (SELECT COUNT(*) FROM (SELECT collection, namespace, objects"
                + " FROM counts EXCEPT SELECT collection, namespace, COUNT(*) FROM current GROUP BY 1, 2))", "wrong counts");
        require(connection, "SELECT COUNT(*) FROM state WHERE oldest>revision OR swept>oldest"
                + " OR revision<(SELECT COALESCE(MAX(revision), 0) FROM change)", "revisions out of order");
    }

    private static void versions(Connection connection) throws SQLException, BrokenStoreException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT revision, kind, collection, namespace, name, previous, checksum, value FROM change")) {
            while (row.next()) {
                Key key = new Key(row.getString(3), row.getString(4), row.getString(5));
                byte[] value = row.getBytes(8);
                if (value == null || Sqlite.checksum(row.getLong(1), row.getInt(2), key, row.getLong(6), value) != row.getLong(7)) {
                    throw new BrokenStoreException("the version at revision " + row.getLong(1) + " does not have its checksum", null);
                }
            }
        }
    }

    private static void require(Connection connection, String count, String what) throws SQLException, BrokenStoreException {
        long found = Sqlite.number(connection, count);
        if (found != 0) {
            throw new BrokenStoreException(found + " " + what, null);
        }
    }
}
