package io.kelp.mapper;

import java.time.Duration;
import java.util.Objects;

/**
 * How a device may be called.
 *
 * @param bus what can serve one request at a time, for example {@code /dev/ttyS1} or
 *     {@code 10.0.0.5:502}; the runtime keeps buses of different drivers apart
 * @param pause between the end of a call and the start of the next on this bus; 0 to 10 s
 * @param deadline for one call; zero for the runtime's default; at most 60 s
 */
public record Lane(String bus, Duration pause, Duration deadline) {

    public Lane {
        Objects.requireNonNull(bus, "bus");
        requireWithin("pause", pause, Duration.ofSeconds(10));
        requireWithin("deadline", deadline, Duration.ofSeconds(60));
    }

    /** A bus that several devices share. */
    public static Lane shared(String bus) {
        return new Lane(bus, Duration.ZERO, Duration.ZERO);
    }

    /** A bus of the device's own. */
    public static Lane own(DeviceConfig device) {
        return shared("device " + device.id());
    }

    public Lane withPause(Duration pause) {
        return new Lane(bus, pause, deadline);
    }

    public Lane withDeadline(Duration deadline) {
        return new Lane(bus, pause, deadline);
    }

    private static void requireWithin(String what, Duration value, Duration most) {
        if (value.isNegative() || value.compareTo(most) > 0) {
            throw new IllegalArgumentException(what + " of a lane is " + value + ", allowed are 0 to " + most);
        }
    }
}
