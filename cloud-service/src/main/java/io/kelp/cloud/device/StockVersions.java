package io.kelp.cloud.device;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Knows which twins stock edges would refuse to change. Such an edge counts its own writes of
 * {@code expected}, and refuses a desired value of the cloud that carries a lower count or a lower
 * resourceVersion than it has (specification section 3.6 and traps 12 and 13); it answers then with what it has.
 */
final class StockVersions {

    /** An answer that comes later than this is not to what was sent. */
    private static final long ANSWER_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Map<String, Long> sent = new ConcurrentHashMap<>();
    private final Set<String> written = ConcurrentHashMap.newKeySet();
    private final LongSupplier nanoClock;

    StockVersions(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    /** Desired values of the device have just been sent to a stock edge. */
    void sent(Device device) {
        sent.put(device.uid(), nanoClock.getAsLong());
    }

    /** Whether the next desired value has to come with a new membership; forgets that it had. */
    boolean mustReplace(Device device) {
        return written.remove(device.uid());
    }

    /**
     * The edge told a desired value of its own.
     *
     * @return whether this refuses what was sent to it, so that the device has to be replaced now
     */
    boolean edgeHas(Device device, boolean differs) {
        Long last = sent.get(device.uid());
        boolean isAnswer = last != null && nanoClock.getAsLong() - last < ANSWER_NANOS;
        if (differs && isAnswer) {
            sent.remove(device.uid());
            written.remove(device.uid());
            return true;
        }
        written.add(device.uid());
        return false;
    }

    void forget(Device device) {
        sent.remove(device.uid());
        written.remove(device.uid());
    }
}
