package io.kelp.history.internal;

import java.util.Arrays;

/**
 * Values of one property in the order of their time, either all numbers or all texts. A point
 * stands for one value or for several that were merged. Not safe for several threads.
 */
final class Track {

    private static final int FIRST = 4;

    private final boolean text;
    private int size;
    private long[] times = new long[FIRST];
    private int[] counts; // null: all are 1
    private double[] means; // null for texts
    private double[] minima; // null: the same as the means
    private double[] maxima;
    private String[] texts;

    private Track(boolean text) {
        this.text = text;
        if (text) {
            texts = new String[FIRST];
        } else {
            means = new double[FIRST];
        }
    }

    static Track ofNumbers() {
        return new Track(false);
    }

    static Track ofTexts() {
        return new Track(true);
    }

    boolean isText() {
        return text;
    }

    int size() {
        return size;
    }

    /** Begin of the span of time that a point stands for, or the time of its one value. */
    long time(int i) {
        return times[i];
    }

    int count(int i) {
        return counts == null ? 1 : counts[i];
    }

    double mean(int i) {
        return means[i];
    }

    double minimum(int i) {
        return minima == null ? means[i] : minima[i];
    }

    double maximum(int i) {
        return maxima == null ? means[i] : maxima[i];
    }

    /** The last text of the span. */
    String text(int i) {
        return texts[i];
    }

    void add(long time, double value) {
        int at = insert(time);
        means[at] = value;
        if (minima != null) {
            minima[at] = value;
            maxima[at] = value;
        }
    }

    void add(long time, int count, double minimum, double mean, double maximum) {
        if (count != 1 && counts == null) {
            counts = ones();
        }
        if (minima == null && (minimum != mean || maximum != mean)) {
            minima = means.clone();
            maxima = means.clone();
        }
        int at = insert(time);
        means[at] = mean;
        if (counts != null) {
            counts[at] = count;
        }
        if (minima != null) {
            minima[at] = minimum;
            maxima[at] = maximum;
        }
    }

    /** Adds a text; one that only says again what the last one said becomes part of it. */
    void add(long time, int count, String value) {
        int last = size - 1;
        if (size > 0 && time >= times[last] && value.equals(texts[last])) {
            if (counts == null) {
                counts = ones();
            }
            counts[last] = sum(counts[last], count);
            return;
        }
        addChange(time, count, value);
    }

    /** Adds a text as a point of its own. */
    void addChange(long time, int count, String value) {
        if (count != 1 && counts == null) {
            counts = ones();
        }
        int at = insert(time);
        texts[at] = value;
        if (counts != null) {
            counts[at] = count;
        }
    }

    /** Adds point {@code i} of another track of the same kind. */
    void add(Track other, int i) {
        if (text) {
            addChange(other.times[i], other.count(i), other.texts[i]);
        } else {
            add(other.times[i], other.count(i), other.minimum(i), other.means[i], other.maximum(i));
        }
    }

    Track copy() {
        Track copy = new Track(text);
        copy.size = size;
        copy.times = times.clone();
        copy.counts = counts == null ? null : counts.clone();
        copy.means = means == null ? null : means.clone();
        copy.minima = minima == null ? null : minima.clone();
        copy.maxima = maxima == null ? null : maxima.clone();
        copy.texts = texts == null ? null : texts.clone();
        return copy;
    }

    /** Merges neighbours pairwise, so that half as many points remain. */
    void halve() {
        int kept = 0;
        for (int i = 0; i < size; i += 2, kept++) {
            move(i, kept);
            if (i + 1 < size) {
                merge(kept, i + 1);
            }
        }
        size = kept;
    }

    /** Merges the points that begin in the same span of {@code widthMillis}; each then begins where the span does. */
    void bucket(long widthMillis) {
        int kept = 0;
        for (int i = 0; i < size; i++) {
            long begin = Math.floorDiv(times[i], widthMillis) * widthMillis;
            if (kept > 0 && times[kept - 1] == begin) {
                merge(kept - 1, i);
            } else {
                move(i, kept);
                times[kept++] = begin;
            }
        }
        size = kept;
    }

    private void move(int from, int to) {
        times[to] = times[from];
        if (counts != null) {
            counts[to] = counts[from];
        }
        if (text) {
            texts[to] = texts[from];
            return;
        }
        means[to] = means[from];
        if (minima != null) {
            minima[to] = minima[from];
            maxima[to] = maxima[from];
        }
    }

    private void merge(int into, int from) {
        if (counts == null) {
            counts = ones();
        }
        int a = counts[into];
        int b = counts[from];
        counts[into] = sum(a, b);
        if (text) {
            texts[into] = texts[from];
            return;
        }
        if (minima == null) {
            minima = means.clone();
            maxima = means.clone();
        }
        minima[into] = Math.min(minima[into], minima[from]);
        maxima[into] = Math.max(maxima[into], maxima[from]);
        double all = (double) a + b;
        double mean = means[into] * (a / all) + means[from] * (b / all); // in this form nothing overflows
        means[into] = Math.max(minima[into], Math.min(maxima[into], mean));
    }

    private static int sum(int a, int b) {
        return (int) Math.min(Integer.MAX_VALUE, (long) a + b);
    }

    private int[] ones() {
        int[] ones = new int[times.length];
        Arrays.fill(ones, 1);
        return ones;
    }

    /** Makes room for a point at its place in time. @return its index */
    private int insert(long time) {
        if (size == times.length) {
            grow();
        }
        int at = size;
        while (at > 0 && times[at - 1] > time) {
            at--;
        }
        if (at < size) { // out of order: rare and near the end
            shift(times, at);
            shift(counts, at);
            shift(means, at);
            shift(minima, at);
            shift(maxima, at);
            shift(texts, at);
        }
        times[at] = time;
        if (counts != null) {
            counts[at] = 1;
        }
        size++;
        return at;
    }

    private void shift(Object array, int at) {
        if (array != null) {
            System.arraycopy(array, at, array, at + 1, size - at);
        }
    }

    private void grow() {
        int length = times.length * 2;
        times = Arrays.copyOf(times, length);
        counts = counts == null ? null : Arrays.copyOf(counts, length);
        means = means == null ? null : Arrays.copyOf(means, length);
        minima = minima == null ? null : Arrays.copyOf(minima, length);
        maxima = maxima == null ? null : Arrays.copyOf(maxima, length);
        texts = texts == null ? null : Arrays.copyOf(texts, length);
    }
}
