package io.kelp.mapper.mqtt.internal.live;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Time for all devices: one look at each of them twice a second, and deadlines. Safe for use by several threads. */
public final class Pulse {

    private static final Logger LOG = LoggerFactory.getLogger(Pulse.class);
    private static final long BEAT_MILLIS = 500;

    /** Looked at twice a second, on the mapper's thread; must return soon. */
    public interface Beater {
        void beat(long nowNanos);
    }

    private final ScheduledExecutorService thread;
    private final LongSupplier nanos;
    private final Set<Beater> beaters = ConcurrentHashMap.newKeySet();

    public Pulse(ScheduledExecutorService thread, LongSupplier nanos) {
        this.thread = thread;
        this.nanos = nanos;
    }

    public void start() {
        thread.scheduleWithFixedDelay(this::beat, BEAT_MILLIS, BEAT_MILLIS, TimeUnit.MILLISECONDS);
    }

    public long nanos() {
        return nanos.getAsLong();
    }

    public void add(Beater beater) {
        beaters.add(beater);
    }

    public void remove(Beater beater) {
        beaters.remove(beater);
    }

    void beat() {
        long now = nanos();
        for (Beater beater : beaters) {
            try {
                beater.beat(now);
            } catch (RuntimeException e) { // one device must not stop the time of the others
                LOG.warn("A device could not be looked at", e);
            }
        }
    }

    /** @return cancels it */
    public Runnable after(Duration delay, Runnable what) {
        try {
            Future<?> alarm = thread.schedule(what, delay.toMillis(), TimeUnit.MILLISECONDS);
            return () -> alarm.cancel(false);
        } catch (RejectedExecutionException e) { // the mapper is ending
            what.run();
            return () -> { };
        }
    }
}
