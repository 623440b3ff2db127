package io.kelp.cloud.history;

import com.google.gson.JsonArray;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The last minutes of properties that this replica has heard of, so that they can be drawn while a gateway is away. Bounded: of more properties
 * than there is room for, those are kept that came first or that somebody has looked at, until nothing is heard of them for a while. Safe for
 * use by several threads.
 */
final class RecentValues {

    private static final long SILENT_NANOS = TimeUnit.MINUTES.toNanos(15);
    private static final long CLEAN_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final int most;
    private final LongSupplier nanos;
    private final Map<String, RecentSeries> series = new HashMap<>();
    private long cleaned;

    /**
     * @param most properties at a time
     * @param nanos as {@link System#nanoTime}
     */
    RecentValues(int most, LongSupplier nanos) {
        this.most = most;
        this.nanos = nanos;
        this.cleaned = nanos.getAsLong();
    }

    /** @param key of the property @param millis Unix time of the value */
    synchronized void add(String key, String value, long millis) {
        long now = nanos.getAsLong();
        RecentSeries known = series.get(key);
        if (known == null) {
            clean(now);
            if (series.size() >= most) {
                return;
            }
            known = new RecentSeries(now);
            series.put(key, known);
        }
        known.usedNanos = now;
        known.add(millis, value);
    }

    /** The points of a time, oldest first, as on the wire. What is looked at has a place from then on. */
    synchronized JsonArray points(String key, long fromMillis, long toMillis) {
        long now = nanos.getAsLong();
        JsonArray points = new JsonArray();
        RecentSeries known = series.get(key);
        if (known == null) {
            if (series.size() >= most) {
                Optional<String> unread = series.entrySet().stream().min(Comparator.comparingLong((Map.Entry<String, RecentSeries> e) -> e.getValue().readNanos - now))
                        .map(Map.Entry::getKey);
                unread.ifPresent(series::remove);
            }
            known = new RecentSeries(now);
            series.put(key, known);
        }
        known.readNanos = now;
        known.into(points, fromMillis, toMillis);
        return points;
    }

    private void clean(long now) {
        if (series.size() >= most && now - cleaned > CLEAN_NANOS) {
            cleaned = now;
            series.values().removeIf(one -> now - one.usedNanos > SILENT_NANOS && now - one.readNanos > SILENT_NANOS);
        }
    }

    synchronized int size() {
        return series.size();
    }
}
