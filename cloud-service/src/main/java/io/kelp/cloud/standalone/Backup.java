package io.kelp.cloud.standalone;

import io.kelp.kubeapi.ApiStore.StoreException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/** Copies a store while it is at work, also from another process. */
public final class Backup {

    private static final int CACHE_KIB = 4096;

    private Backup() {}

    /**
     * What a copy holds.
     *
     * @param objects in it
     * @param revision of the moment that it shows
     * @param bytes size of the file
     */
    public record Result(long objects, long revision, long bytes) {}

    /**
     * Copies one moment of a store into a new file that only this user can read; it appears when it is whole and checked.
     *
     * @throws StoreException when there is no store, the file exists already, or the disk refuses; says what to do
     */
    public static Result make(Path store, Path target) {
        Path folder = target.toAbsolutePath().getParent();
        if (!Files.exists(store)) {
            throw new StoreException("There is no store at " + store + "; give the folder of the installation with --data", null);
        }
        if (!Files.isDirectory(folder)) {
            throw new StoreException("There is no folder " + folder + "; make it first", null);
        }
        if (Files.exists(target)) {
            throw exists(target, null);
        }
        Path fresh = target.resolveSibling("." + target.getFileName() + "." + ProcessHandle.current().pid() + ".tmp");
        try {
            Files.deleteIfExists(fresh);
            Files.createFile(fresh, StoreFile.PRIVATE);
            copy(store, fresh);
            Result result = check(fresh);
            DataLock.sync(fresh);
            appear(fresh, target);
            DataLock.sync(folder);
            return result;
        } catch (FileAlreadyExistsException e) {
            throw exists(target, e);
        } catch (IOException e) {
            throw new StoreException(target + " cannot be written (" + e + "); see whether its folder has room and belongs to this user", e);
        } finally {
            discard(fresh);
        }
    }

    private static void copy(Path store, Path fresh) {
        try (Connection connection = Sqlite.open(store, CACHE_KIB);
                PreparedStatement statement = connection.prepareStatement("VACUUM INTO ?")) {
            statement.setString(1, fresh.toString());
            statement.execute();
        } catch (SQLException e) {
            throw Sqlite.failure(store, e);
        }
    }

    /** A copy is never in WAL mode: by that it is known when it is put in place. */
    private static Result check(Path fresh) throws IOException {
        try (Connection connection = Sqlite.open(fresh, CACHE_KIB)) {
            String mode = Sqlite.pragma(connection, "journal_mode=DELETE");
            if (!"delete".equals(mode)) {
                throw new IOException("the copy stays in mode " + mode);
            }
            StoreCheck.check(fresh, connection);
            return new Result(Sqlite.number(connection, "SELECT COALESCE(SUM(objects), 0) FROM counts"),
                    Sqlite.number(connection, "SELECT revision FROM state"), Files.size(fresh));
        } catch (StoreFile.BrokenStoreException e) {
            throw new StoreException("What was copied is broken (" + e.getMessage() + "); an older backup may be all there is", e);
        } catch (SQLException e) {
            throw Sqlite.failure(fresh, e);
        }
    }

    /** Renames without ever replacing another file, where the file system can. */
    private static void appear(Path fresh, Path target) throws IOException {
        try {
            Files.createLink(target, fresh);
        } catch (FileAlreadyExistsException e) {
            throw e;
        } catch (UnsupportedOperationException | IOException e) {
            Files.move(fresh, target); // looks for the target first, if not in the same moment
        }
    }

    private static void discard(Path fresh) {
        try {
            Files.deleteIfExists(fresh);
        } catch (IOException e) {
            throw new StoreException(fresh + " stays behind (" + e.getMessage() + "); delete it", e);
        }
    }

    private static StoreException exists(Path target, IOException cause) {
        return new StoreException(target + " exists already; give another name, a backup never replaces a file", cause);
    }
}
