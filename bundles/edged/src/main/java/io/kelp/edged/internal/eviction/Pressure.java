package io.kelp.edged.internal.eviction;

import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * Which resources are short. A shortage counts until it has been over for the transition period, so
 * that the scheduler does not send back at once what was just evicted.
 *
 * <p>Safe for use by several threads.
 */
public final class Pressure {

    /** Stock kubelet's {@code evictionPressureTransitionPeriod}. */
    public static final Duration TRANSITION = Duration.ofMinutes(5);

    private final Map<Signal, Long> lastShort = new EnumMap<>(Signal.class);
    private Set<Signal> shortNow = EnumSet.noneOf(Signal.class);

    /**
     * Takes a look's result.
     *
     * @param missing what is short at this moment
     * @param nanoTime monotonic time of the look
     */
    public synchronized void observe(Set<Signal> missing, long nanoTime) {
        shortNow = missing.isEmpty() ? EnumSet.noneOf(Signal.class) : EnumSet.copyOf(missing);
        missing.forEach(signal -> lastShort.put(signal, nanoTime));
        lastShort.values().removeIf(at -> nanoTime - at >= TRANSITION.toNanos());
    }

    /** Whether the Node's condition holds: short now or within the transition period. */
    public synchronized boolean holds(Signal signal) {
        return lastShort.containsKey(signal);
    }

    /** What is short at this moment. */
    public synchronized Set<Signal> shortNow() {
        return EnumSet.copyOf(shortNow);
    }
}
