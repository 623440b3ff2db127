package io.kelp.push.internal;

import java.util.SortedMap;
import java.util.TreeMap;

/** Positions of values that are done although one before them still waits: a bit each. */
final class DoneAhead {

    private final TreeMap<Long, Long> words = new TreeMap<>(); // of 64 positions each
    private int size;

    /** @param position that is not in it yet */
    void add(long position) {
        words.merge(position >> 6, 1L << position, (a, b) -> a | b);
        size++;
    }

    boolean contains(long position) {
        return (words.getOrDefault(position >> 6, 0L) & 1L << position) != 0;
    }

    int size() {
        return size;
    }

    /** Up to and including the position. */
    void forget(long upTo) {
        SortedMap<Long, Long> whole = words.headMap(upTo >> 6);
        whole.values().forEach(word -> size -= Long.bitCount(word));
        whole.clear();
        words.computeIfPresent(upTo >> 6, (key, word) -> {
            long left = word & ~(-1L >>> 63 - (upTo & 63));
            size -= Long.bitCount(word) - Long.bitCount(left);
            return left == 0 ? null : left;
        });
    }
}
