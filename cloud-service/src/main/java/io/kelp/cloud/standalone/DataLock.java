package io.kelp.cloud.standalone;

import io.kelp.kubeapi.ApiStore.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;

/** Says that a store belongs to this process. The kernel ends the lock with the process, however that ends. */
final class DataLock implements AutoCloseable {

    private static final int PID_DIGITS = 20;

    private final FileChannel channel;

    private DataLock(FileChannel channel) {
        this.channel = channel;
    }

    /** @throws StoreException when another process, or another store of this one, has it */
    static DataLock of(Path database) {
        Path file = database.resolveSibling(database.getFileName() + ".lock");
        FileChannel channel = null;
        try {
            Files.createDirectories(database.toAbsolutePath().getParent(),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            channel = FileChannel.open(file, Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            FileLock lock = channel.tryLock();
            if (lock != null) {
                channel.truncate(0);
                channel.write(ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII)), 0);
                return new DataLock(channel);
            }
            String owner = owner(channel);
            channel.close();
            throw taken(database, owner, null);
        } catch (OverlappingFileLockException e) {
            Sqlite.close(channel, e);
            throw taken(database, String.valueOf(ProcessHandle.current().pid()), e);
        } catch (IOException e) {
            if (channel != null) {
                Sqlite.close(channel, e);
            }
            throw new StoreException(file + " cannot be written (" + e + "); see whether its folder has room and belongs to this user", e);
        }
    }

    /**
     * Which process has a store.
     *
     * @return empty when none has, or there is no such store
     */
    static Optional<String> holder(Path database) {
        Path file = database.resolveSibling(database.getFileName() + ".lock");
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            try (FileLock lock = channel.tryLock()) {
                return lock == null ? Optional.of(owner(channel)) : Optional.empty();
            }
        } catch (OverlappingFileLockException e) {
            return Optional.of(String.valueOf(ProcessHandle.current().pid()));
        } catch (IOException e) {
            throw new StoreException(file + " cannot be read (" + e + "); see whether it belongs to this user", e);
        }
    }

    private static StoreException taken(Path database, String owner, RuntimeException cause) {
        return new StoreException(database + " is in use by process " + owner + "; stop that one, or give this one another --data folder",
                cause);
    }

    private static String owner(FileChannel channel) throws IOException {
        ByteBuffer text = ByteBuffer.allocate(PID_DIGITS);
        channel.read(text, 0);
        String pid = new String(text.array(), 0, text.position(), StandardCharsets.US_ASCII).strip();
        return pid.matches("[0-9]+") ? pid : "of unknown number";
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    /** Has a finished file, or the names in a folder, reach the disk. */
    static void sync(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, Files.isDirectory(path) ? StandardOpenOption.READ : StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }
}
