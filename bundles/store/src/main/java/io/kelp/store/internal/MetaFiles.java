package io.kelp.store.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A database file and the files around it: its log, set-aside predecessors, the safety copy. */
final class MetaFiles {

    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss.SSS'Z'").withZone(ZoneOffset.UTC);

    final Path database;
    final Path log;
    final Path rebuilt;
    final Path snapshot;

    MetaFiles(Path database) {
        this.database = database;
        this.log = beside("-wal");
        this.rebuilt = beside(".rebuilt");
        this.snapshot = beside(".snapshot");
    }

    Path beside(String suffix) {
        return database.resolveSibling(database.getFileName() + suffix);
    }

    /** Makes an empty file that only we can read, so that SQLite's own files inherit the mode. */
    static void createPrivate(Path file) throws IOException {
        if (!Files.exists(file)) {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        }
    }

    /** Completes an exchange that a crash has interrupted; afterwards the state is before or after it. */
    void finishExchange() throws IOException {
        if (!Files.exists(rebuilt)) {
            return;
        }
        if (Files.exists(database)) {
            Files.delete(rebuilt);
            Files.deleteIfExists(beside(".rebuilt-journal"));
            return;
        }
        if (Files.exists(log)) {
            Files.move(log, beside(".broken-" + STAMP.format(Instant.now()) + "-wal"), StandardCopyOption.ATOMIC_MOVE);
        }
        Files.move(rebuilt, database, StandardCopyOption.ATOMIC_MOVE);
        Sqlite.sync(database.getParent(), true);
    }

    /** Renames the database with its log. @return the new name, or the old one if there was no file */
    Path setAside() throws IOException {
        Path aside = beside(".broken-" + STAMP.format(Instant.now()));
        if (!Files.exists(database)) {
            return database;
        }
        Files.move(database, aside, StandardCopyOption.ATOMIC_MOVE);
        if (Files.exists(log)) {
            Files.move(log, aside.resolveSibling(aside.getFileName() + "-wal"), StandardCopyOption.ATOMIC_MOVE);
        }
        return aside;
    }

    /** Deletes all but the newest set-aside databases. */
    void pruneBroken(int kept) throws IOException {
        String prefix = database.getFileName() + ".broken-";
        List<Path> broken = new ArrayList<>();
        try (Stream<Path> files = Files.list(database.getParent())) {
            files.filter(f -> f.getFileName().toString().startsWith(prefix)
                    && !f.getFileName().toString().endsWith("-wal")).forEach(broken::add);
        }
        broken.sort(Comparator.comparing(Path::getFileName).reversed());
        for (Path old : broken.subList(Math.min(kept, broken.size()), broken.size())) {
            Files.delete(old);
            Files.deleteIfExists(old.resolveSibling(old.getFileName() + "-wal"));
        }
    }

    static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            return 0; // absent
        }
    }
}
