package io.kelp.history.internal;

import io.kelp.history.DeviceHistory.Point;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Puts points of many tracks together into as few as are asked for, in memory bounded by that. */
final class Joiner {

    private static final MathContext MEAN = new MathContext(13);

    private final long from;
    private final long to;
    private final int most;
    private final long width;
    private final Track numbers = Track.ofNumbers();
    private final Track texts = Track.ofTexts();

    /**
     * @param from time of the first point, included
     * @param to excluded
     * @param most points at most
     */
    Joiner(long from, long to, int most) {
        this.from = from;
        this.to = to;
        this.most = most;
        this.width = width(from, to, most);
    }

    /** Width of the buckets that points are joined in when there are too many: a multiple of what the levels have. */
    static long width(long from, long to, int most) {
        long span = to - from;
        // The edges of the span may cut one bucket in two.
        long least = Math.max(1, most < 2 ? span : (span + most - 2) / (most - 1));
        for (long unit : new long[] {900_000, 60_000, 1000}) {
            if (least > unit / 2) {
                return (least + unit - 1) / unit * unit;
            }
        }
        return least;
    }

    void add(Track track) {
        Track into = track.isText() ? texts : numbers;
        for (int i = 0; i < track.size(); i++) {
            if (track.time(i) >= from && track.time(i) < to) {
                into.add(track, i);
            }
        }
        if (into.size() > 2 * most + 100) {
            into.bucket(width);
        }
    }

    /** All points, oldest first. */
    List<Point> points() {
        numbers.bucket(1); // what was divided between two chunks
        if (numbers.size() + texts.size() > most) {
            numbers.bucket(width);
            texts.bucket(width);
        }
        while (numbers.size() + texts.size() > most && numbers.size() + texts.size() > 2) {
            (numbers.size() > texts.size() ? numbers : texts).halve();
        }
        List<Point> points = new ArrayList<>(numbers.size() + texts.size());
        for (int i = 0; i < numbers.size(); i++) {
            points.add(new Point(Math.max(from, numbers.time(i)), numbers.count(i), numbers.minimum(i), mean(i), numbers.maximum(i), null));
        }
        for (int i = 0; i < texts.size(); i++) {
            points.add(new Point(Math.max(from, texts.time(i)), texts.count(i), Double.NaN, Double.NaN, Double.NaN, texts.text(i)));
        }
        if (numbers.size() > 0 && texts.size() > 0) {
            points.sort(Comparator.comparingLong(Point::fromMillis));
        }
        return points;
    }

    /** Without the last digits, which are of the adding and of no value: 0.15, not 0.15000000000000002. */
    private double mean(int i) {
        double least = numbers.minimum(i);
        double most = numbers.maximum(i);
        double mean = numbers.mean(i);
        return least == most || !Double.isFinite(mean) ? mean : Math.max(least, Math.min(most, new BigDecimal(mean).round(MEAN).doubleValue()));
    }
}
