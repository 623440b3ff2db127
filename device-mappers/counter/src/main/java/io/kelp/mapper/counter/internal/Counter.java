package io.kelp.mapper.counter.internal;

import io.kelp.mapper.BlockingConnection;
import io.kelp.mapper.DeviceConfig;
import io.kelp.mapper.DeviceContext;
import io.kelp.mapper.DeviceProperty;
import io.kelp.mapper.PropertyValue;
import io.kelp.mapper.Reading;
import io.kelp.mapper.RequestRefusedException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * One counter. ON makes it 1 at once and then one more each second; OFF makes it 0; ON while it
 * is ON changes nothing.
 *
 * <p>A device without property {@code count} is that of KubeEdge's first demo (v1alpha2): there
 * the reported value of {@code status} is the count, while its desired value is ON or OFF.
 */
final class Counter implements BlockingConnection {

    static final String STATUS = "status";
    static final String COUNT = "count";

    private static final long SECOND = 1_000_000_000;
    private static final long MARGIN = SECOND / 10;

    private final boolean countInStatus;
    private final DeviceLog log;
    private final LongSupplier nanos;
    private boolean on;
    private long base; // the count at the moment "since"
    private long since;
    private boolean aligned;

    Counter(DeviceConfig device, DeviceContext context, DeviceLog log, LongSupplier nanos) {
        this.countInStatus = device.property(COUNT).isEmpty();
        this.log = log;
        this.nanos = nanos;
        // It goes on where it was, so that neither a restart nor a new version of this mapper loses a count.
        long last = context.lastReported(countInStatus ? STATUS : COUNT).filter(t -> t.matches("\\d{1,18}"))
                .map(Long::parseLong).orElse(0L);
        boolean wasOn = countInStatus ? last > 0 : context.lastReported(STATUS).filter("ON"::equals).isPresent();
        set(wasOn, last);
        log.write("open " + (on ? "ON " : "OFF ") + base);
    }

    private void set(boolean nowOn, long count) {
        on = nowOn;
        base = count;
        since = nanos.getAsLong();
        aligned = false;
    }

    private long count() {
        if (!on) {
            return base;
        }
        long elapsed = nanos.getAsLong() - since;
        if (!aligned && elapsed >= SECOND / 2) {
            // Reads come at a raster of their own. Were it the raster of the seconds, a millisecond more or
            // less would show a count twice and skip the next; so the seconds are moved away from it, once.
            aligned = true;
            long phase = elapsed % SECOND;
            since -= phase < MARGIN ? MARGIN : phase > SECOND - MARGIN ? SECOND - phase + MARGIN : 0;
            elapsed = nanos.getAsLong() - since;
        }
        return base + elapsed / SECOND;
    }

    @Override
    public boolean readsBack(DeviceProperty property) {
        return property.name().equals(STATUS) && !countInStatus;
    }

    @Override
    public Map<String, Reading> read(List<DeviceProperty> properties) {
        long count = count();
        log.write("read " + count);
        Map<String, Reading> readings = new LinkedHashMap<>();
        for (DeviceProperty property : properties) {
            switch (property.name()) {
                case STATUS -> readings.put(STATUS, countInStatus ? Reading.of(count) : Reading.of(on ? "ON" : "OFF"));
                case COUNT -> readings.put(COUNT, Reading.of(count));
                default -> readings.put(property.name(), Reading.bad("a counter has only status and count"));
            }
        }
        return readings;
    }

    @Override
    public Optional<Reading> write(DeviceProperty property, PropertyValue value) throws RequestRefusedException {
        String text = value.asText();
        log.write("write " + property.name() + " " + text);
        if (property.name().equals(STATUS)) {
            switch (text.toUpperCase(Locale.ROOT)) {
                case "ON" -> {
                    if (!on) {
                        set(true, 1);
                    }
                }
                case "OFF" -> set(false, 0);
                default -> throw new RequestRefusedException("status is ON or OFF");
            }
        } else if (property.name().equals(COUNT) && text.matches("\\d{1,18}")) {
            set(on, Long.parseLong(text));
        } else {
            throw new RequestRefusedException("only status and count can be set, count to a whole number");
        }
        return Optional.empty();
    }

    @Override
    public void close() {
        log.write("close " + count());
    }
}
