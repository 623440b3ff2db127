package io.kelp.store.internal;

import io.kelp.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteJDBCLoader;
import org.sqlite.util.OSInfo;

/**
 * Puts SQLite's machine code where only we may write. Left alone the driver unpacks it into the
 * world-writable temporary directory at every start. {@code /run} is often mounted without the
 * right to execute, so it lies in the data directory, written once and compared at every start.
 * A launcher that has set {@code org.sqlite.lib.path} to a file of its archive is obeyed.
 */
final class NativeLibrary {

    private static final Logger LOG = LoggerFactory.getLogger(NativeLibrary.class);
    private static final String LIB_PATH = "org.sqlite.lib.path";
    private static final String LIB_NAME = "org.sqlite.lib.name";
    private static final String FILE = "libsqlitejdbc.so";

    private static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private NativeLibrary() {}

    /** Must be called before the first connection; harmless when called again. */
    static void prepare(Path data, Path run) {
        Path folder = data.resolve("native");
        if (System.getProperty(LIB_PATH) == null) {
            try {
                unpack(folder);
            } catch (IOException e) {
                LOG.info("{} cannot be written ({}), SQLite's library goes to {}", folder, e.getMessage(), run);
                folder = run;
                unpackHere(run);
            }
            System.setProperty(LIB_PATH, folder.toString());
            System.setProperty(LIB_NAME, FILE);
            System.setProperty("org.sqlite.tmpdir", folder.toString());
        }
        try {
            SQLiteJDBCLoader.initialize();
        } catch (Exception first) { // declared so by the driver
            loadCopy(data, first);
        }
    }

    /**
     * One class loader only can load a library from one path. After an update of the driver's
     * bundle, or a restart of the framework in the same process, the new one needs a copy.
     */
    private static void loadCopy(Path data, Exception first) {
        String path = System.getProperty(LIB_PATH);
        String name = System.getProperty(LIB_NAME, FILE);
        Path copy = data.resolve("native").resolve("copy-" + ProcessHandle.current().pid() + "-" + System.nanoTime() + ".so");
        try {
            Files.createDirectories(copy.getParent(), PRIVATE);
            Files.copy(Path.of(path, name), copy);
            System.setProperty(LIB_PATH, copy.getParent().toString());
            System.setProperty(LIB_NAME, copy.getFileName().toString());
            SQLiteJDBCLoader.initialize();
            LOG.debug("SQLite's library loaded from {}", copy);
        } catch (Exception e) { // declared so by the driver
            throw new StoreException("SQLite's library for " + OSInfo.getNativeLibFolderPathForCurrentOS()
                    + " cannot be loaded from " + path + ": " + first.getMessage()
                    + "; use the archive made for this machine", e);
        } finally {
            System.setProperty(LIB_PATH, path);
            System.setProperty(LIB_NAME, name);
            delete(copy); // what is loaded stays loaded
        }
    }

    private static void delete(Path copy) {
        try {
            Files.deleteIfExists(copy);
        } catch (IOException e) {
            LOG.debug("{} stays: {}", copy, e.getMessage());
        }
    }

    private static void unpackHere(Path run) {
        try {
            unpack(run);
        } catch (IOException e) {
            throw new StoreException(run + " cannot be written: " + e.getMessage()
                    + "; SQLite needs a place for its library", e);
        }
    }

    private static void unpack(Path folder) throws IOException {
        String resource = "/org/sqlite/native/" + OSInfo.getNativeLibFolderPathForCurrentOS() + "/" + FILE;
        try (InputStream in = SQLiteJDBCLoader.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new StoreException("sqlite-jdbc holds no " + resource
                        + "; use the archive made for this machine", null);
            }
            byte[] wanted = in.readAllBytes();
            Path target = folder.resolve(FILE);
            if (Files.exists(target) && Arrays.equals(Files.readAllBytes(target), wanted)) {
                return;
            }
            Files.createDirectories(folder, PRIVATE);
            Path fresh = folder.resolve(FILE + ".new");
            Files.write(fresh, wanted);
            Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
