package io.kelp.history.internal;

import io.kelp.history.DeviceHistory.Point;
import java.util.List;

/** A line of bars for a terminal: the mean over time, a blank where nothing was reported. */
final class Sparkline {

    private static final String BARS = "▁▂▃▄▅▆▇█";

    private Sparkline() {}

    /** @param points numbers between the two times, oldest first */
    static String of(List<Point> points, long fromMillis, long toMillis, int width) {
        double[] sums = new double[width];
        double[] weights = new double[width];
        double least = Double.POSITIVE_INFINITY;
        double most = Double.NEGATIVE_INFINITY;
        double span = Math.max(1.0, (double) toMillis - fromMillis);
        for (Point point : points) {
            int at = (int) Math.max(0, Math.min(width - 1, (point.fromMillis() - fromMillis) / span * width));
            sums[at] += point.mean() * point.count();
            weights[at] += point.count();
        }
        for (int i = 0; i < width; i++) {
            if (weights[i] > 0) {
                sums[i] /= weights[i];
                least = Math.min(least, sums[i]);
                most = Math.max(most, sums[i]);
            }
        }
        StringBuilder line = new StringBuilder(width);
        for (int i = 0; i < width; i++) {
            double height = most > least ? (sums[i] - least) / (most - least) : 0.5;
            line.append(weights[i] > 0 ? BARS.charAt((int) Math.min(7, Math.floor(height * 8))) : ' ');
        }
        return line.toString();
    }
}
