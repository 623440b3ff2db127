package io.kelp.mapper.mqtt.internal.live;

import io.kelp.mapper.PropertyValue;
import io.kelp.mapper.Reading;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/** The last value of one property, and who waits for the next. Guarded by itself; nobody else is called under its lock. */
public final class Slot {

    private static final int MOST_WAITERS = 8; // the runtime makes one call at a time

    private Reading last;
    private long lastNanos;
    private boolean stale;
    private final List<Waiter> waiters = new ArrayList<>();

    private record Waiter(CompletableFuture<Reading> future, Predicate<PropertyValue> enough) {}

    void take(Reading reading, long nanos) {
        List<CompletableFuture<Reading>> told = new ArrayList<>();
        synchronized (this) {
            last = reading;
            lastNanos = nanos;
            stale = false;
            waiters.removeIf(waiter -> {
                boolean enough = reading.value() == null || waiter.enough().test(reading.value());
                if (enough) {
                    told.add(waiter.future());
                }
                return enough || waiter.future().isDone();
            });
        }
        told.forEach(future -> future.complete(reading));
    }

    /** The next reading that is enough. */
    synchronized CompletableFuture<Reading> next(Predicate<PropertyValue> enough) {
        CompletableFuture<Reading> future = new CompletableFuture<>();
        waiters.removeIf(waiter -> waiter.future().isDone());
        if (waiters.size() < MOST_WAITERS) {
            waiters.add(new Waiter(future, enough));
        } else {
            future.complete(null);
        }
        return future;
    }

    /** The last reading; {@code null} if there was none since, or it is no longer sure. */
    synchronized Reading since(long nanos) {
        return last != null && !stale && lastNanos - nanos >= 0 ? last : null;
    }

    public synchronized Reading last() {
        return stale ? null : last;
    }

    /** @return the last reading, the first time that it is older than this; otherwise {@code null} */
    public synchronized Reading expire(long nowNanos, long mostNanos) {
        if (last == null || stale || last.value() == null || nowNanos - lastNanos < mostNanos) {
            return null;
        }
        stale = true;
        return last;
    }
}
