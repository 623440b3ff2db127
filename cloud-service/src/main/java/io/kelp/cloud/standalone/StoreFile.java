package io.kelp.cloud.standalone;

import io.kelp.cloud.standalone.LossMarker.Losses;
import io.kelp.kubeapi.ApiStore.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the file of a store into a state that can be worked with: makes a new one, sets a broken one aside, takes over a
 * backup that was copied into its place. Whoever calls holds the {@link DataLock}.
 */
final class StoreFile {

    /** Only we may read: Secrets are in it. SQLite gives its own files the same mode. */
    static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private static final Logger LOG = LoggerFactory.getLogger(StoreFile.class);
    private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss.SSS'Z'").withZone(ZoneOffset.UTC);
    private static final int CACHE_KIB = 4096;
    /** More than anybody writes between two backups; what etcdutl's {@code --bump-revision} is documented with. */
    private static final long LEAP = 1_000_000_000;
    private static final int HEADER = 100;
    private static final byte[] MAGIC = {'S', 'Q', 'L', 'i', 't', 'e', ' ', 'f', 'o', 'r', 'm', 'a', 't', ' ', '3', 0};
    private static final int WRITE_VERSION = 18;
    private static final int READ_VERSION = 19;
    private static final int APPLICATION = 68;
    private static final byte ROLLBACK = 1;
    private static final byte WAL = 2;

    private final Path file;
    private final LossMarker marker;

    StoreFile(Path file) {
        this.file = file;
        this.marker = new LossMarker(file);
    }

    /** @return the connection that will write */
    Connection open() {
        try {
            if (!Files.exists(file)) {
                Optional<Losses> known = marker.read();
                create(known.isPresent() ? known.get().last() + LEAP : 1);
            }
            try {
                return openSound();
            } catch (BrokenStoreException e) {
                replace(e);
                return openSound();
            }
        } catch (SQLException e) {
            throw Sqlite.failure(file, e);
        } catch (BrokenStoreException e) {
            throw Sqlite.broken(file, "new, and yet: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new StoreException(file + " cannot be used (" + e + "); see whether its folder has room and belongs to this user", e);
        }
    }

    private Connection openSound() throws IOException, SQLException, BrokenStoreException {
        boolean copied = checkHeader();
        if (copied) {
            // A log left here belongs to the file that the copy has replaced; SQLite would play it into the copy.
            Files.deleteIfExists(beside("-wal"));
            Files.deleteIfExists(beside("-shm"));
        }
        Path damagedLog = copied ? null : keepDamagedLog();
        Connection connection = null;
        try {
            connection = Sqlite.open(file, CACHE_KIB);
            StoreCheck.check(file, connection);
            long kept = StoreSchema.state(connection).revision();
            boolean empty = Sqlite.number(connection, "SELECT COUNT(*) FROM current") == 0;
            Optional<Losses> known = marker.read();
            // Clients may know the revisions of an empty store that was begun meanwhile.
            long distance = known.isEmpty() ? LEAP : Math.max(kept, known.get().last()) - kept + LEAP;
            if (damagedLog != null) {
                if (empty) {
                    noteLoss(kept + distance, file + "-wal was damaged, and all objects with it, a copy of it is " + damagedLog);
                }
                LOG.error("{}-wal is damaged: changes after revision {} are lost. A copy of it is {}; the store goes on at revision {}, clients"
                        + " list anew", file, kept, damagedLog, StoreSchema.leapForward(connection, distance));
            } else if (known.isPresent() && !empty && kept < known.get().first()) {
                marker.remove();
                LOG.warn("{} was lost and is there again: {} objects up to revision {}, it goes on at revision {}, clients list anew", file,
                        Sqlite.number(connection, "SELECT COUNT(*) FROM current"), kept, StoreSchema.leapForward(connection, distance));
            } else if (copied) {
                LOG.info("{} is a backup; it goes on at revision {}, clients list anew", file, StoreSchema.leapForward(connection, distance));
            }
            prepareToWrite(connection);
            return connection;
        } catch (SQLException e) {
            if (connection != null) {
                Sqlite.close(connection, e);
            }
            if (Sqlite.isBroken(e)) {
                throw new BrokenStoreException(e.getMessage(), e);
            }
            throw e;
        } catch (BrokenStoreException | StoreException | IOException e) {
            Sqlite.close(connection, e);
            throw e;
        }
    }

    /** @return another connection that will write, to a file that {@link #open} has found sound */
    Connection reopen() throws SQLException {
        Connection connection = Sqlite.open(file, CACHE_KIB);
        try {
            prepareToWrite(connection);
            return connection;
        } catch (SQLException e) {
            Sqlite.close(connection, e);
            throw e;
        }
    }

    private static void prepareToWrite(Connection connection) throws SQLException {
        Sqlite.pragma(connection, "journal_mode=WAL");
        Sqlite.pragma(connection, "synchronous=FULL");
        Sqlite.pragma(connection, "wal_autocheckpoint=2000");
        Sqlite.pragma(connection, "journal_size_limit=" + (16 << 20));
    }

    /** @return the copy, {@code null} when the log is sound */
    private Path keepDamagedLog() throws IOException {
        if (!WriteAheadLog.hidesCommits(beside("-wal"))) {
            return null;
        }
        Path copy = beside("-wal.broken-" + STAMP.format(Instant.now()));
        Files.copy(beside("-wal"), copy);
        return copy;
    }

    /**
     * Looks at the first bytes as they are in the file (https://www.sqlite.org/fileformat.html, 1.3). A store at work is in
     * WAL mode, a backup never.
     *
     * @return whether this is a backup
     */
    private boolean checkHeader() throws IOException, BrokenStoreException {
        byte[] header;
        try (InputStream in = Files.newInputStream(file)) {
            header = in.readNBytes(HEADER);
        }
        if (header.length < HEADER) {
            throw new BrokenStoreException("it has " + header.length + " bytes, less than a header", null);
        }
        if (!Arrays.equals(header, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw new BrokenStoreException("it is no database", null);
        }
        if (ByteBuffer.wrap(header).getInt(APPLICATION) != StoreSchema.APPLICATION) {
            throw new BrokenStoreException("it is not a database of Kelp", null);
        }
        byte mode = header[WRITE_VERSION];
        if (mode != header[READ_VERSION] || mode != ROLLBACK && mode != WAL) {
            throw new BrokenStoreException("its journal mode is none", null);
        }
        return mode == ROLLBACK;
    }

    private void replace(BrokenStoreException problem) throws IOException, SQLException {
        Optional<Losses> known = marker.read();
        long revision = Math.max(Math.max(revisionOfBroken(), known.isPresent() ? known.get().last() : 0) + LEAP, System.currentTimeMillis());
        Path aside = beside(".broken-" + STAMP.format(Instant.now()));
        // Before anything is moved: whenever this process ends, the next one must not take a missing file for a new installation.
        noteLoss(revision, file + " was broken (" + problem.getMessage() + ") and set aside as " + aside);
        if (Files.exists(beside("-wal"))) {
            Files.move(beside("-wal"), aside.resolveSibling(aside.getFileName() + "-wal"), StandardCopyOption.ATOMIC_MOVE);
        }
        Files.move(file, aside, StandardCopyOption.ATOMIC_MOVE);
        LOG.error("{} is broken ({}). It was set aside as {} and an empty store begun: all objects are gone. To get them back stop the"
                + " service, copy a backup (kelp-cloud backup) to {} and start it again; {} reminds of it", file, problem.getMessage(), aside,
                file, marker);
        create(revision);
    }

    private void noteLoss(long begun, String what) throws IOException {
        marker.add(begun, Instant.now().truncatedTo(ChronoUnit.SECONDS) + ": " + what);
    }

    /** So that clients which still know the broken store's revisions do not take new ones for them. */
    private long revisionOfBroken() {
        try (Connection connection = Sqlite.open(file, CACHE_KIB)) {
            return Math.min(StoreSchema.state(connection).revision(), Long.MAX_VALUE / 2);
        } catch (SQLException e) {
            LOG.debug("{}: its revision cannot be read: {}", file, e.getMessage());
            return 0;
        }
    }

    /** Makes an empty store that appears whole or not at all. */
    private void create(long revision) throws IOException, SQLException {
        Path fresh = beside(".new");
        for (String leftover : new String[] {".new", ".new-wal", ".new-shm", "-wal", "-shm"}) {
            Files.deleteIfExists(beside(leftover));
        }
        Files.createFile(fresh, PRIVATE);
        try (Connection connection = Sqlite.open(fresh, CACHE_KIB)) {
            StoreSchema.create(connection, revision);
        }
        DataLock.sync(fresh);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        DataLock.sync(file.toAbsolutePath().getParent());
    }

    private Path beside(String suffix) {
        return file.resolveSibling(file.getFileName() + suffix);
    }

    /** The content is not what was written. */
    static final class BrokenStoreException extends Exception {
        private static final long serialVersionUID = 1L;

        BrokenStoreException(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
