package io.kelp.history;

import io.kelp.devicetwin.DeviceTwins.DeviceId;
import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/**
 * What the properties of this gateway's devices were. The older, the coarser: as reported, then
 * points of a minute, then of a quarter of an hour. Safe for use by several threads; reads the disk.
 */
@ProviderType
public interface DeviceHistory {

    /** Most points of one answer. */
    int MOST_POINTS = 10_000;

    /**
     * What a property was in a span of time that begins at {@code fromMillis}; of a number minimum, mean and maximum of all values
     * in the span, of anything else only {@code text}, the last value of the span.
     *
     * @param fromMillis milliseconds of Unix time
     * @param count values of the span, at least 1
     */
    record Point(long fromMillis, int count, double minimum, double mean, double maximum, String text) {}

    /**
     * Points of a property, oldest first.
     *
     * @param fromMillis begin, included, milliseconds of Unix time
     * @param toMillis end, excluded
     * @param most points at most, 1 to 10 000; joined when there are more
     * @return empty when nothing is known
     * @throws IllegalArgumentException when {@code most} is out of bounds
     * @throws io.kelp.store.StoreException when the disk refuses to be read
     */
    List<Point> points(DeviceId device, String property, long fromMillis, long toMillis, int most);
}
