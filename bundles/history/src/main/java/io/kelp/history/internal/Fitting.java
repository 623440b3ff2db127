package io.kelp.history.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/**
 * Puts tracks into chunks of bounded size. When they are too large together, those that take most
 * are made coarser, none below what an equal share would leave it.
 */
final class Fitting {

    private static final int LEAST_SHARE = 64;

    private Fitting() {}

    /**
     * Appends to a chunk.
     *
     * @param tracks number of the property → its tracks; not changed
     * @param most bytes that the tracks may take together, exceeded only where one point of each is too much
     * @param mostEach bytes that one track may take
     */
    static void fit(Chunk.Builder into, SortedMap<Integer, List<Track>> tracks, long most, int mostEach) {
        long base = into.base();
        Chunk.Builder all = new Chunk.Builder(base);
        List<Integer> sizes = new ArrayList<>();
        int largest = 0;
        for (Map.Entry<Integer, List<Track>> of : tracks.entrySet()) {
            for (Track track : of.getValue()) {
                int before = all.length();
                all.add(of.getKey(), track);
                sizes.add(all.length() - before);
                largest = Math.max(largest, all.length() - before);
            }
        }
        int each = Math.max(LEAST_SHARE, mostEach);
        if (all.length() <= most && largest <= each) {
            into.addAll(all);
            return;
        }
        long share = Math.min(each, share(sizes, most));
        int i = 0;
        for (Map.Entry<Integer, List<Track>> of : tracks.entrySet()) {
            for (Track track : of.getValue()) {
                into.add(of.getKey(), sizes.get(i++) <= share ? track : coarser(track, base, share));
            }
        }
    }

    /** The share at which all together take {@code most} when those that need less take what they need. */
    private static long share(List<Integer> sizes, long most) {
        List<Integer> ascending = sizes.stream().sorted().toList();
        long left = most;
        for (int i = 0; i < ascending.size(); i++) {
            long equal = left / (ascending.size() - i);
            if (ascending.get(i) > equal) {
                return equal;
            }
            left -= ascending.get(i);
        }
        return Long.MAX_VALUE;
    }

    private static Track coarser(Track track, long base, long most) {
        Track coarser = track.copy();
        while (coarser.size() > 1) {
            coarser.halve();
            Bytes.Writer out = new Bytes.Writer();
            TrackCodec.write(out, coarser, base);
            if (out.length() <= most) {
                break;
            }
        }
        return coarser;
    }
}
