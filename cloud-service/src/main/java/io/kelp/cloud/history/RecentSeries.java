package io.kelp.cloud.history;

import com.google.gson.JsonArray;

/** The last values of one property, numbers or text, oldest first. Not safe for use by several threads. */
final class RecentSeries {

    private static final int MOST = 300;
    private static final int FIRST = 8;
    private static final long SPACING_MILLIS = 3000;
    private static final int MAX_TEXT = 120;

    private long[] times = new long[FIRST];
    private double[] numbers = new double[FIRST]; // null once there was text
    private String[] texts; // null while there are numbers
    private int start;
    private int size;
    long usedNanos;
    long readNanos;

    RecentSeries(long nanos) {
        usedNanos = nanos;
        readNanos = nanos;
    }

    /** Numbers closer to one another than the spacing are one, the last; of text only changes are kept. */
    void add(long millis, String value) {
        double number = number(value);
        if (Double.isNaN(number) && texts == null) {
            texts = new String[numbers.length];
            numbers = null;
            size = 0;
        }
        if (size > 0 && millis < times[at(size - 1)]) {
            return; // a repetition
        }
        if (texts == null) {
            boolean close = size > 1 && millis - times[at(size - 2)] < SPACING_MILLIS;
            int place = close ? at(size - 1) : next();
            times[place] = millis;
            numbers[place] = number;
        } else {
            String text = value.substring(0, Math.min(MAX_TEXT, value.length()));
            if (size == 0 || !text.equals(texts[at(size - 1)])) {
                int place = next();
                times[place] = millis;
                texts[place] = text;
            }
        }
    }

    private int at(int index) {
        return (start + index) % times.length;
    }

    private int next() {
        if (size == times.length && size < MOST) {
            grow();
        }
        if (size == times.length) {
            start = (start + 1) % times.length;
            size--;
        }
        return at(size++);
    }

    private void grow() {
        int length = Math.min(MOST, 2 * times.length);
        long[] newTimes = new long[length];
        double[] newNumbers = numbers == null ? null : new double[length];
        String[] newTexts = texts == null ? null : new String[length];
        for (int i = 0; i < size; i++) {
            newTimes[i] = times[at(i)];
            if (newNumbers != null) {
                newNumbers[i] = numbers[at(i)];
            } else {
                newTexts[i] = texts[at(i)];
            }
        }
        times = newTimes;
        numbers = newNumbers;
        texts = newTexts;
        start = 0;
    }

    /** Appends the points of a time, in the form of the wire: {@code [ms, count, min, mean, max]} or {@code [ms, count, text]}. */
    void into(JsonArray points, long fromMillis, long toMillis) {
        for (int i = 0; i < size; i++) {
            long time = times[at(i)];
            if (time >= fromMillis && time < toMillis) {
                JsonArray point = new JsonArray(5);
                point.add(time);
                point.add(1);
                if (texts != null) {
                    point.add(texts[at(i)]);
                } else {
                    for (int n = 0; n < 3; n++) {
                        point.add(numbers[at(i)]);
                    }
                }
                points.add(point);
            }
        }
    }

    /** NaN for what is no number, or none that a graph could show. */
    private static double number(String value) {
        if (value.isEmpty() || value.length() > 40 || "+-.0123456789".indexOf(value.charAt(0)) < 0 || !isPlain(value)) {
            return Double.NaN;
        }
        try {
            double number = Double.parseDouble(value);
            return Double.isInfinite(number) ? Double.NaN : number;
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }

    /** Java knows more forms of numbers than devices have, such as 1d. */
    private static boolean isPlain(String value) {
        return value.chars().allMatch(c -> "+-.eE0123456789".indexOf(c) >= 0);
    }

    int capacity() {
        return times.length;
    }
}
