package io.kelp.history.internal;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A track as bytes and back, exactly but for merged means, which keep two decimals more than the
 * numbers they are of.
 *
 * <p>Form: kind; number of points; times as differences of differences in the largest unit that
 * says them exactly; counts; then numbers as a {@link Column} or texts by a dictionary.
 */
final class TrackCodec {

    /** Points that a track of sound bytes can have. */
    static final int MOST_POINTS = 100_000;

    private static final int TEXT = 1;
    private static final int MERGED = 2; // numbers: minimum, mean and maximum of each point
    private static final int COUNTED = 4;
    private static final long[] UNITS = {900_000, 60_000, 1000, 1};
    private static final double[] TENS = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
    private static final int EVEN = 8; // flag beside the unit: all differences are the same

    private TrackCodec() {}

    /** Writes a track that is not empty. @param base a time near its points */
    static void write(Bytes.Writer out, Track track, long base) {
        int size = track.size();
        boolean counted = false;
        boolean merged = false;
        for (int i = 0; i < size; i++) {
            counted |= track.count(i) != 1;
            merged |= !track.isText() && (track.minimum(i) != track.mean(i) || track.maximum(i) != track.mean(i));
        }
        out.octet((track.isText() ? TEXT : 0) | (merged ? MERGED : 0) | (counted ? COUNTED : 0));
        out.number(size);
        writeTimes(out, track, base);
        if (counted) {
            for (int i = 0; i < size; i++) {
                out.number(track.count(i));
            }
        }
        if (track.isText()) {
            writeTexts(out, track);
        } else {
            double[] numbers = merged ? merged(track) : single(track);
            Column.write(out, numbers, numbers.length);
        }
    }

    static Track read(Bytes.Reader in, long base) throws IOException {
        int kind = in.octet();
        if (kind > (TEXT | MERGED | COUNTED)) {
            throw new IOException("kind of track " + kind);
        }
        int size = in.number(1, MOST_POINTS);
        long[] times = readTimes(in, size, base);
        int[] counts = new int[size];
        for (int i = 0; i < size; i++) {
            counts[i] = (kind & COUNTED) == 0 ? 1 : in.number(1, Integer.MAX_VALUE);
        }
        return (kind & TEXT) != 0 ? readTexts(in, times, counts) : readNumbers(in, times, counts, (kind & MERGED) != 0);
    }

    private static void writeTimes(Bytes.Writer out, Track track, long base) {
        int size = track.size();
        int unit = 0;
        for (int i = 0; i < size; i++) {
            while (Math.floorMod(track.time(i), UNITS[unit]) != 0) {
                unit++;
            }
        }
        long width = UNITS[unit];
        long start = Math.floorDiv(base, width);
        long first = Math.floorDiv(track.time(0), width);
        long step = size < 2 ? 0 : Math.floorDiv(track.time(1), width) - first;
        boolean even = true;
        for (int i = 2; i < size && even; i++) {
            even = track.time(i) - track.time(i - 1) == step * width;
        }
        out.octet(unit | (even ? EVEN : 0));
        out.signed(first - start);
        if (size < 2) {
            return;
        }
        out.signed(step);
        long last = first + step;
        for (int i = 2; i < size && !even; i++) {
            long now = Math.floorDiv(track.time(i), width);
            out.signed(now - last - step);
            step = now - last;
            last = now;
        }
    }

    private static long[] readTimes(Bytes.Reader in, int size, long base) throws IOException {
        int form = in.octet();
        int unit = form & ~EVEN;
        if (unit >= UNITS.length) {
            throw new IOException("unit of time " + unit);
        }
        long width = UNITS[unit];
        long now = Math.floorDiv(base, width) + in.signed();
        long step = size < 2 ? 0 : in.signed();
        long[] times = new long[size];
        for (int i = 0; i < size; i++) {
            if (i > 0) {
                step += i > 1 && (form & EVEN) == 0 ? in.signed() : 0;
                now += step;
            }
            times[i] = now * width;
            if (i > 0 && times[i] < times[i - 1]) {
                throw new IOException("times go back");
            }
        }
        return times;
    }

    private static double[] single(Track track) {
        double[] numbers = new double[track.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = track.mean(i);
        }
        return numbers;
    }

    /** Minimum, mean and maximum of each point in turn: neighbours that differ little. */
    private static double[] merged(Track track) {
        int size = track.size();
        int decimals = 0;
        for (int i = 0; i < size && decimals >= 0; i++) {
            decimals = decimals(track.minimum(i), decimals);
            decimals = decimals < 0 ? decimals : decimals(track.maximum(i), decimals);
        }
        double[] numbers = new double[3 * size];
        for (int i = 0; i < size; i++) {
            double low = track.minimum(i);
            double high = track.maximum(i);
            numbers[3 * i] = low;
            numbers[3 * i + 1] = decimals < 0 ? (float) track.mean(i) : round(track.mean(i), decimals + 2);
            if (!(numbers[3 * i + 1] >= low && numbers[3 * i + 1] <= high)) {
                numbers[3 * i + 1] = Math.max(low, Math.min(high, track.mean(i)));
            }
            numbers[3 * i + 2] = high;
        }
        return numbers;
    }

    /** Decimals that say the value and what needed {@code least}; -1: more than seven. */
    private static int decimals(double value, int least) {
        for (int decimals = least; decimals <= 7; decimals++) {
            if (round(value, decimals) == value) {
                return decimals;
            }
        }
        return -1;
    }

    private static double round(double value, int decimals) {
        double units = value * TENS[decimals];
        return Math.abs(units) < 1L << 53 ? Math.round(units) / TENS[decimals] : value;
    }

    private static Track readNumbers(Bytes.Reader in, long[] times, int[] counts, boolean merged) throws IOException {
        Track track = Track.ofNumbers();
        double[] numbers = Column.read(in, merged ? 3 * times.length : times.length);
        for (int i = 0; i < times.length; i++) {
            if (merged) {
                track.add(times[i], counts[i], numbers[3 * i], numbers[3 * i + 1], numbers[3 * i + 2]);
            } else {
                track.add(times[i], counts[i], numbers[i], numbers[i], numbers[i]);
            }
        }
        return track;
    }

    private static void writeTexts(Bytes.Writer out, Track track) {
        Map<String, Integer> words = new LinkedHashMap<>();
        for (int i = 0; i < track.size(); i++) {
            words.putIfAbsent(track.text(i), words.size());
        }
        out.number(words.size());
        words.keySet().forEach(out::text);
        for (int i = 0; i < track.size(); i++) {
            out.number(words.get(track.text(i)));
        }
    }

    private static Track readTexts(Bytes.Reader in, long[] times, int[] counts) throws IOException {
        String[] words = new String[in.number(1, times.length)];
        for (int i = 0; i < words.length; i++) {
            words[i] = in.text();
        }
        Track track = Track.ofTexts();
        for (int i = 0; i < times.length; i++) {
            track.addChange(times[i], counts[i], words[in.number(0, words.length - 1)]);
        }
        return track;
    }
}
