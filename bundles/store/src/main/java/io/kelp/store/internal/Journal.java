package io.kelp.store.internal;

import io.kelp.store.StoreException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The journal of {@code PROCESS} writes: numbered segments in the run directory, written without
 * sync. They survive the process, and where the directory is memory they wear no flash.
 *
 * <p>A fold closes the segment under way and takes the newest value of every row that the journal
 * holds; when those are in {@code meta.db} the closed segments are deleted. When the bound is
 * reached, the newest values alone are written to a fresh segment (compaction, memory only), and if
 * that does not help a fold is asked for.
 */
final class Journal implements WriteQueue.Sink {

    /** What a fold has to write. @param upTo the last segment that it contains */
    record Fold(long upTo, List<Write.Change> changes) {}

    private static final Logger LOG = LoggerFactory.getLogger(Journal.class);
    private static final long ROOM_WAIT_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Path folder;
    private final UUID database;
    private final Supplier<Settings> settings;
    private final Counters counters;
    private final Problems problems;
    private final Runnable foldWanted;
    private final BooleanSupplier foldFails;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition roomMade = lock.newCondition();
    private final TreeMap<Long, Long> segments = new TreeMap<>(); // number to bytes
    private Set<Row> dirty = new LinkedHashSet<>();
    private Set<Row> folding = Set.of();
    private long lastNumber;
    private FileOutputStream out; // null: the next write opens a segment
    private JournalFormat.Encoder encoder;

    Journal(Path folder, UUID database, Supplier<Settings> settings, Counters counters, Problems problems,
            Runnable foldWanted, BooleanSupplier foldFails) {
        this.folder = folder;
        this.database = database;
        this.settings = settings;
        this.counters = counters;
        this.problems = problems;
        this.foldWanted = foldWanted;
        this.foldFails = foldFails;
    }

    /**
     * Reads what an earlier process has left, before the threads start.
     *
     * @param folded segments up to this one are contained in the database
     */
    void replay(long folded, Map<String, Table> tables) {
        try {
            Files.createDirectories(folder,
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            lastNumber = folded;
            for (var segment : list(folder).entrySet()) {
                replay(segment.getKey(), segment.getValue(), folded, tables);
            }
        } catch (IOException e) {
            throw new StoreException(folder + ": the journal cannot be read (" + e.getMessage()
                    + "); make the run directory accessible", e);
        }
    }

    private void replay(long number, Path file, long folded, Map<String, Table> tables)
            throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        boolean ours = JournalFormat.database(bytes).filter(database::equals).isPresent();
        if (!ours || number <= folded) {
            LOG.debug("{}: nothing in it is newer than the database", file);
            Files.delete(file);
            return;
        }
        JournalFormat.Content content = JournalFormat.read(bytes);
        if (content.goodBytes() < bytes.length) {
            LOG.info("{}: cut at byte {} of {}, where the last whole record ends", file, content.goodBytes(), bytes.length);
            try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(content.goodBytes());
            }
        }
        for (JournalFormat.Entry entry : content.entries()) {
            Table table = tables.computeIfAbsent(entry.table(), Table::new);
            dirty.add(table.overlay(entry.key(), entry.value()));
        }
        segments.put(number, (long) content.goodBytes());
        lastNumber = Math.max(lastNumber, number);
    }

    /** The database whose journal lies in the folder, for a database that was lost and is made anew. */
    static Optional<UUID> owner(Path folder) {
        if (!Files.isDirectory(folder)) {
            return Optional.empty();
        }
        try {
            Optional<UUID> owner = Optional.empty();
            for (Path file : list(folder).values()) {
                try (var in = Files.newInputStream(file)) {
                    var named = JournalFormat.database(in.readNBytes(JournalFormat.HEADER_BYTES));
                    owner = named.isPresent() ? named : owner;
                }
            }
            return owner;
        } catch (IOException e) {
            LOG.warn("{}: the journal cannot be read ({})", folder, e.getMessage());
            return Optional.empty();
        }
    }

    private static TreeMap<Long, Path> list(Path folder) throws IOException {
        var found = new TreeMap<Long, Path>();
        try (var files = Files.newDirectoryStream(folder, "segment-*")) {
            for (Path file : files) {
                String number = file.getFileName().toString().substring("segment-".length());
                if (number.matches("[0-9]{1,18}")) {
                    found.put(Long.parseLong(number), file);
                }
            }
        }
        return found;
    }

    /** Whether the directory is memory-backed, so that writing there wears no flash. */
    boolean inMemory() {
        try {
            String type = Files.getFileStore(folder).type();
            return type.equals("tmpfs") || type.equals("ramfs");
        } catch (IOException e) {
            return false;
        }
    }

    long bytes() {
        lock.lock();
        try {
            return total();
        } finally {
            lock.unlock();
        }
    }

    int dirtyRows() {
        lock.lock();
        try {
            return dirty.size() + folding.size();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long batchBytes() {
        return settings.get().journalBytes() / 4;
    }

    @Override
    public void commit(List<Write> batch) {
        lock.lock();
        try {
            long estimate = 0;
            for (Write write : batch) {
                estimate += write.bytes + 64;
            }
            makeRoom(estimate);
            openSegment();
            for (Write write : batch) {
                encoder.add(write.table.name, write.changes);
            }
            append(encoder.take());
            for (Write write : batch) {
                write.table.settled(write, true);
                for (Write.Change change : write.changes) {
                    dirty.add(change.row());
                }
            }
            problems.clear("STORE-JOURNAL");
        } catch (IOException e) {
            abandonSegment();
            counters.failedWrites.add(batch.size());
            String cause = folder + ": the journal cannot be written (" + e.getMessage() + ")";
            problems.report("STORE-JOURNAL", "reported values are refused: " + e.getMessage(), folder.toString(),
                    "make room in the run directory or lower io.kelp.store journalKibibytes");
            throw new StoreException(cause + "; make room in the run directory", e);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long tend() {
        return 60_000;
    }

    @Override
    public void finish() {
        lock.lock();
        try {
            closeSegment();
        } finally {
            lock.unlock();
        }
    }

    /** Begins a fold. @return {@code null} when there is nothing to fold */
    Fold beginFold() {
        lock.lock();
        try {
            if (dirty.isEmpty()) {
                return null;
            }
            closeSegment();
            folding = dirty;
            dirty = new LinkedHashSet<>();
            List<Write.Change> changes = new ArrayList<>(folding.size());
            for (Row row : folding) {
                changes.add(new Write.Change(row, row.table.takeDirty(row)));
            }
            return new Fold(lastNumber, changes);
        } finally {
            lock.unlock();
        }
    }

    /** Ends a fold: the segments that {@code meta.db} now contains go, or everything stays as it was. */
    void endFold(Fold fold, boolean done) {
        lock.lock();
        try {
            folding = Set.of();
            for (Write.Change change : fold.changes()) {
                if (!done) {
                    dirty.add(change.row());
                    change.row().table.markDirty(change.row());
                } else if (change.value() == null) {
                    change.row().table.forget(change.row());
                }
            }
            if (done) {
                deleteUpTo(fold.upTo());
            }
            roomMade.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void makeRoom(long bytes) throws IOException {
        long limit = settings.get().journalBytes();
        if (total() + bytes <= limit) {
            return;
        }
        if (liveBytes() + bytes <= limit / 2) {
            compact();
            return;
        }
        long left = ROOM_WAIT_NANOS;
        while (total() + bytes > limit && left > 0 && !foldFails.getAsBoolean()) {
            foldWanted.run();
            left = awaitRoom(left);
        }
        if (total() + bytes > limit && liveBytes() + bytes <= limit) {
            compact(); // dear, but the disk takes nothing
        }
        if (total() + bytes > limit) {
            throw new IOException("it is full: " + total() / 1024 + " of " + limit / 1024 + " KiB, " + dirty.size()
                    + " values not yet in meta.db");
        }
    }

    private long awaitRoom(long nanos) {
        try {
            return roomMade.awaitNanos(nanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }

    private long liveBytes() {
        long sum = 0;
        for (Set<Row> rows : List.of(dirty, folding)) {
            for (Row row : rows) {
                sum += new Write.Change(row, row.table.stored(row)).bytes();
            }
        }
        return sum;
    }

    /** Writes the newest values to a fresh segment, then deletes the others. */
    private void compact() throws IOException {
        closeSegment();
        long before = lastNumber;
        openSegment();
        Set<Row> live = new LinkedHashSet<>(folding);
        live.addAll(dirty);
        for (Row row : live) {
            encoder.add(row.table.name, List.of(new Write.Change(row, row.table.stored(row))));
        }
        append(encoder.take());
        deleteUpTo(before);
        counters.compactions.increment();
    }

    private void openSegment() throws IOException {
        if (out != null) {
            return;
        }
        long number = lastNumber + 1;
        lastNumber = number; // also if the opening fails: a number is never used twice
        Path file = file(number);
        out = new FileOutputStream(file.toFile());
        encoder = new JournalFormat.Encoder();
        segments.put(number, 0L);
        append(JournalFormat.header(database));
    }

    private void append(byte[] bytes) throws IOException {
        out.write(bytes);
        segments.merge(lastNumber, (long) bytes.length, Long::sum);
        counters.journalBytes.add(bytes.length);
    }

    private void closeSegment() {
        if (out == null) {
            return;
        }
        try {
            out.close();
        } catch (IOException e) {
            LOG.debug("{}: {}", folder, e.getMessage()); // everything was written already
        }
        out = null;
    }

    /** A failed write may have left half a frame: cut it off, go on in a new segment. */
    private void abandonSegment() {
        if (out == null) {
            return;
        }
        long good = segments.getOrDefault(lastNumber, 0L);
        try {
            out.getChannel().truncate(good);
        } catch (IOException e) {
            LOG.debug("{}: half a record stays at the end of segment {}: {}", folder, lastNumber, e.getMessage());
        }
        closeSegment();
    }

    private void deleteUpTo(long number) {
        var old = segments.headMap(number, true);
        for (Long each : List.copyOf(old.keySet())) {
            try {
                Files.deleteIfExists(file(each));
                old.remove(each);
            } catch (IOException e) {
                LOG.debug("{}: segment {} stays for now: {}", folder, each, e.getMessage());
            }
        }
    }

    private long total() {
        long sum = 0;
        for (long bytes : segments.values()) {
            sum += bytes;
        }
        return sum;
    }

    private Path file(long number) {
        return folder.resolve("segment-" + number);
    }
}
