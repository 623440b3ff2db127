package io.kelp.history.internal;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The values since the last write, few enough per property that memory is bounded however fast
 * they come: beyond that neighbours are merged. Safe for use by several threads.
 */
final class Recorder {

    /** Values of a property; either may be missing. */
    private static final class Open {
        Track numbers;
        Track texts;
    }

    /** Values being written. @param generation number of this write */
    record Batch(long generation, TreeMap<Integer, List<Track>> tracks) {}

    /** Copies of the values of a property that no chunk of a generation below has. */
    record Recent(List<Track> tracks, long generation) {}

    static final int MOST_TEXT = 200;
    private static final int MOST_POINTS = 64;
    private static final int LEAST_POINTS = 4;
    private static final int POINTS_IN_ALL = 65_536;

    private Map<Integer, Open> open = new HashMap<>();
    private Batch closing;
    private long generation = 1;
    private long values;

    void note(int series, long time, double number) {
        synchronized (this) {
            Open to = open.computeIfAbsent(series, s -> new Open());
            if (to.numbers == null) {
                to.numbers = Track.ofNumbers();
            } else if (to.numbers.size() >= mostPoints()) {
                to.numbers.halve();
            }
            to.numbers.add(time, number + 0.0); // no negative zero
            values++;
        }
    }

    void note(int series, long time, String text) {
        String kept = text.length() <= MOST_TEXT ? text : text.substring(0, MOST_TEXT - 1) + "…";
        synchronized (this) {
            Open to = open.computeIfAbsent(series, s -> new Open());
            if (to.texts == null) {
                to.texts = Track.ofTexts();
            } else if (to.texts.size() >= mostPoints()) {
                to.texts.halve();
            }
            to.texts.add(time, 1, kept);
            values++;
        }
    }

    private int mostPoints() {
        return Math.max(LEAST_POINTS, Math.min(MOST_POINTS, POINTS_IN_ALL / open.size()));
    }

    /** Writes of this process are numbered from here on. */
    synchronized void generation(long first) {
        generation = first;
    }

    synchronized int active() {
        return open.size();
    }

    synchronized long values() {
        return values;
    }

    /** Takes the values to be written, which nobody changes any more; {@link #written} ends it. {@code null}: there are none. */
    synchronized Batch take() {
        if (open.isEmpty() || closing != null) {
            return null;
        }
        TreeMap<Integer, List<Track>> tracks = new TreeMap<>();
        open.forEach((series, values) -> {
            List<Track> of = new ArrayList<>(2);
            if (values.numbers != null) {
                of.add(values.numbers);
            }
            if (values.texts != null) {
                of.add(values.texts);
            }
            tracks.put(series, of);
        });
        open = new HashMap<>();
        closing = new Batch(generation++, tracks);
        return closing;
    }

    synchronized void written() {
        closing = null;
    }

    /** What is known of a property that may not be in a chunk yet; generations tell what of it is. */
    synchronized Recent recent(int series) {
        List<Track> copies = new ArrayList<>();
        if (closing != null) {
            closing.tracks().getOrDefault(series, List.of()).forEach(track -> copies.add(track.copy()));
        }
        Open values = open.get(series);
        if (values != null && values.numbers != null) {
            copies.add(values.numbers.copy());
        }
        if (values != null && values.texts != null) {
            copies.add(values.texts.copy());
        }
        return new Recent(copies, closing != null ? closing.generation() : generation);
    }
}
