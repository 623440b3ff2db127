package io.kelp.history.internal;

import io.kelp.store.Store;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The chunks in {@code series.db}, in three resolutions: as written, a minute, a quarter of an hour.
 * A coarser level is made from the finer one when enough has come together there; what is coarser
 * reaches further back. Everything goes by the order of writing, not by the clock, so a clock that
 * jumps makes no hole and removes nothing.
 */
final class Archive {

    /**
     * @param bytes of all chunks
     * @param chunkBytes of a chunk of the coarser levels
     * @param days chunks of the coarsest level are kept for so many days of operation
     */
    record Bounds(long bytes, int chunkBytes, int days) {}

    /** A chunk to be read. */
    record Source(Level level, Level.Entry entry) {}

    private static final int SLICE = 512; // properties summed up at once: bounds the memory
    private static final int[] TOGETHER = {30, 24}; // chunks of a level that make one of the next: a quarter of an hour, six hours
    private static final int[] PARTS = {4, 6, 6}; // sixteenths of all bytes
    private static final int FINEST_CHUNKS = 2880; // a day
    private static final int MINUTE_CHUNKS = 2880; // a month

    final Level finest;
    private final List<Level> levels;
    private volatile Bounds bounds;

    Archive(Store store, Bounds bounds) {
        this.bounds = bounds;
        finest = new Level(store, "history.values", 1);
        levels = List.of(finest, new Level(store, "history.minutes", 60_000), new Level(store, "history.quarters", 900_000));
    }

    void bounds(Bounds wanted) {
        bounds = wanted;
    }

    void refresh() {
        levels.forEach(Level::refresh);
    }

    long bytes() {
        return levels.stream().mapToLong(Level::bytes).sum();
    }

    List<Level> levels() {
        return levels;
    }

    /** Sums up what is due and discards what is beyond the bounds. @return bytes of the chunks made */
    List<Integer> tend(Names names) {
        List<Integer> made = new ArrayList<>();
        for (int i = 0; i + 1 < levels.size(); i++) {
            Level fine = levels.get(i);
            Level coarse = levels.get(i + 1);
            List<Level.Entry> due = fine.entriesAfter(coarse.covered());
            while (due.size() >= TOGETHER[i]) {
                made.add(sumUp(fine, due.subList(0, TOGETHER[i]), coarse, names));
                coarse.refresh();
                due = fine.entriesAfter(coarse.covered());
            }
        }
        Bounds now = bounds;
        int[] chunks = {FINEST_CHUNKS, MINUTE_CHUNKS, 4 * now.days()};
        for (int i = 0; i < levels.size(); i++) {
            long covered = i + 1 < levels.size() ? levels.get(i + 1).covered() : Long.MAX_VALUE;
            levels.get(i).trim(now.bytes() * PARTS[i] / 16, chunks[i], covered);
        }
        return made;
    }

    private int sumUp(Level fine, List<Level.Entry> chunks, Level coarse, Names names) {
        List<Names.Name> known = names.list();
        Chunk.Builder builder = new Chunk.Builder(chunks.get(0).header().firstMillis());
        for (int from = 0; from < known.size(); from += SLICE) {
            List<Names.Name> slice = known.subList(from, Math.min(known.size(), from + SLICE));
            SortedMap<Integer, List<Track>> tracks = new TreeMap<>();
            for (Level.Entry chunk : chunks) {
                fine.visit(chunk, slice.get(0).series(), slice.get(slice.size() - 1).series() + 1, (series, track) -> {
                    track.bucket(coarse.widthMillis);
                    merge(tracks, series, track, coarse.widthMillis);
                });
            }
            tracks.keySet().retainAll(slice.stream().map(Names.Name::series).toList());
            Fitting.fit(builder, tracks, (long) bounds.chunkBytes() * slice.size() / known.size(), Integer.MAX_VALUE);
        }
        Chunk chunk = builder.build(names.next(), chunks.get(0).from(), chunks.get(chunks.size() - 1).to());
        coarse.append(chunk);
        return chunk.bytes().length;
    }

    private static void merge(SortedMap<Integer, List<Track>> tracks, int series, Track track, long width) {
        List<Track> of = tracks.computeIfAbsent(series, s -> new ArrayList<>(2));
        Track into = null;
        for (Track each : of) {
            into = each.isText() == track.isText() ? each : into;
        }
        if (into == null) {
            into = track.isText() ? Track.ofTexts() : Track.ofNumbers();
            of.add(into);
        }
        for (int i = 0; i < track.size(); i++) {
            into.add(track, i);
        }
        into.bucket(width);
    }

    /** What to read for points that stand for {@code widthMillis}: no value twice, as fine as wanted, as far back as there is. */
    List<Source> sources(long widthMillis) {
        int wanted = 0;
        for (int i = 1; i < levels.size(); i++) {
            wanted = levels.get(i).widthMillis <= widthMillis ? i : wanted;
        }
        List<Source> sources = new ArrayList<>(of(levels.get(wanted), 0));
        for (int i = wanted + 1; i < levels.size(); i++) {
            List<Source> older = new ArrayList<>();
            long low = sources.isEmpty() ? Long.MAX_VALUE : sources.get(0).entry().from();
            for (Source each : of(levels.get(i), 0)) {
                if (each.entry().from() < low) {
                    older.add(each);
                }
            }
            long covered = older.isEmpty() ? 0 : older.get(older.size() - 1).entry().to();
            sources.removeIf(source -> source.entry().from() <= covered);
            sources.addAll(0, older);
        }
        for (int i = wanted - 1; i >= 0; i--) {
            long covered = sources.isEmpty() ? 0 : sources.get(sources.size() - 1).entry().to();
            sources.addAll(of(levels.get(i), covered));
        }
        return sources;
    }

    private static List<Source> of(Level level, long after) {
        return level.entriesAfter(after).stream().map(entry -> new Source(level, entry)).toList();
    }
}
