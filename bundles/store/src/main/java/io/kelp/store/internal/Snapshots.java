package io.kelp.store.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Supplier;

/**
 * The safety copy of {@code meta.db}, and when it is due: a minute after the first change if there is none, after an hour if
 * much has changed since the last one, else once per period in which anything changed. Only for
 * the thread of {@code meta.db}.
 */
final class Snapshots {

    private static final Duration FIRST = Duration.ofMinutes(1);
    private static final Duration AFTER_MUCH = Duration.ofHours(1);
    private static final Duration POSTPONED = Duration.ofMinutes(10);
    private static final long MUCH_BYTES = 256 * 1024;

    private final Supplier<Duration> every;
    private boolean exists;
    private boolean changed;
    private long changedBytes;
    private long lastNanos; // of the last copy, or of the first change while there is none
    private long notBeforeNanos;

    Snapshots(Path snapshot, Supplier<Duration> every) {
        this.every = every;
        long now = System.nanoTime();
        Duration age = Duration.ZERO;
        try {
            // The wall clock may have jumped; an age that makes no sense counts as old.
            age = Duration.between(Files.getLastModifiedTime(snapshot).toInstant(), Instant.now());
            exists = true;
        } catch (IOException e) {
            exists = false; // there is none
        }
        if (age.isNegative() || age.compareTo(every.get()) > 0) {
            age = every.get();
        }
        lastNanos = now - age.toNanos();
        notBeforeNanos = now;
    }

    void changed(long bytes) {
        if (!changed && !exists) {
            lastNanos = System.nanoTime();
        }
        changed = true;
        changedBytes += bytes;
    }

    /** Folded values alone make a copy due only once per period. */
    void folded() {
        changed(0);
    }

    boolean isDue() {
        if (!changed || System.nanoTime() - notBeforeNanos < 0) {
            return false;
        }
        long age = System.nanoTime() - lastNanos;
        Duration wanted = !exists ? FIRST : changedBytes >= MUCH_BYTES ? AFTER_MUCH : every.get();
        return age >= wanted.toNanos();
    }

    /** At the end of the process: there is something to copy and no copy yet. */
    boolean isWanted() {
        return changed && !exists || isDue();
    }

    /** Makes the copy; the former one stays until the new one is on the disk. */
    void make(Connection connection, MetaFiles files) throws SQLException, IOException {
        Path fresh = files.beside(".snapshot.new");
        Files.deleteIfExists(fresh);
        MetaFiles.createPrivate(fresh);
        Sqlite.execute(connection, "VACUUM INTO '" + fresh.toString().replace("'", "''") + "'");
        Sqlite.sync(fresh, false);
        Files.move(fresh, files.snapshot, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        Sqlite.sync(fresh.getParent(), true);
        exists = true;
        changed = false;
        changedBytes = 0;
        lastNanos = System.nanoTime();
    }

    void postponed() {
        notBeforeNanos = System.nanoTime() + POSTPONED.toNanos();
    }

    /** When it is worth looking again. */
    long pauseMillis() {
        return changed ? 10_000 : 60_000;
    }
}
