package io.kelp.push.internal;

import io.kelp.push.internal.SendException.Remedy;
import io.kelp.store.RecordRing;
import io.kelp.store.StoreException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The queue of one server or broker, and what may be sent to it now. Oldest first; of one series one
 * value at a time, so that none overtakes another; several series at once. Called by one thread.
 *
 * <p>A series that is refused again and again while others are taken keeps no more than its share of
 * the values in memory, its oldest are dropped and counted: one wrong path cannot hold up the rest.
 * While nothing is taken, and when a server comes back, nothing is dropped; values of other series are
 * tried ahead of their turn.
 */
final class Destination {

    /** Bounds of one destination. */
    record Limits(int capacity, Duration purge, int inFlight, int ratePerSecond, Duration firstPause, Duration longestPause) {}

    /** What one sees from outside. @param oldestMillis when the oldest waiting value was queued, 0: none waits */
    record Report(String name, long sent, long refused, long purged, long overflowed, long retries, int inFlight, long waiting, long oldestMillis,
            String lastError, boolean failing) {}

    private static final class Slot {
        final Item item;
        boolean inFlight;
        boolean done;
        long startedNanos;

        Slot(Item item) {
            this.item = item;
        }
    }

    /** @param sinceNanos when another series was taken first @param times it was tried and refused after that */
    private record Alone(long sinceNanos, int times) {}

    private static final Logger LOG = LoggerFactory.getLogger(Destination.class);
    private static final int WINDOW = 512; // values in memory
    private static final int SHARE = 64; // of them, for a series that is stuck while others are not
    private static final int STUCK_AFTER = 3; // refusals of tries that began when others had been taken
    private static final int MOST_AHEAD = 64; // series that are tried ahead of their turn
    private static final long BELIEVED_MILLIS = 1_577_836_800_000L; // 2020: what is stamped earlier had no clock

    final String name;
    final Sender sender;
    private final RecordRing<Item> ring;
    private final Limits limits;
    private final TreeMap<Long, Slot> window = new TreeMap<>();
    private final Map<Item.Series, Long> pausedUntil = new HashMap<>();
    private final Map<Item.Series, Integer> seriesFailures = new HashMap<>();
    private final Map<Item.Series, Alone> alone = new HashMap<>(); // refused, and another was taken since
    private long read;
    private long looked; // further than read when values ahead were looked at
    private int inFlight;
    private int failures;
    private long waitUntil;
    private double tokens;
    private long tokensSince;
    private long sent;
    private long refused;
    private long purged;
    private long cut;
    private long retries;
    private String lastError = "";
    private volatile Report report;

    /** @param nanos monotonic time of now */
    Destination(String name, Sender sender, RecordRing<Item> ring, Limits limits, long nanos) {
        this.name = name;
        this.sender = sender;
        this.ring = ring;
        this.limits = limits;
        this.tokens = limits.ratePerSecond();
        this.tokensSince = nanos;
        publish();
    }

    RecordRing<Item> ring() {
        return ring;
    }

    /** Nothing waits and nothing is under way. */
    boolean isIdle() {
        return window.isEmpty() && ring.after(read, 1).isEmpty();
    }

    /**
     * Starts what may be started.
     *
     * @param nowMillis wall clock to purge by, 0 when it cannot be believed
     * @param start takes position and value
     * @return nanoseconds after which to call again, {@link Long#MAX_VALUE}: when something happens
     * @throws StoreException when the disk cannot be read
     */
    long pump(long nanos, long nowMillis, BiConsumer<Long, Item> start) {
        fill(nowMillis);
        refillTokens(nanos);
        long next = Long.MAX_VALUE;
        int most = failures > 0 ? 1 : limits.inFlight();
        Set<Item.Series> busy = new HashSet<>();
        window.values().forEach(slot -> {
            if (slot.inFlight) {
                busy.add(slot.item.series());
            }
        });
        for (Map.Entry<Long, Slot> entry : window.entrySet()) {
            Slot slot = entry.getValue();
            if (slot.done || slot.inFlight || !busy.add(slot.item.series())) {
                continue;
            }
            long until = Math.max(waitUntil, pausedUntil.getOrDefault(slot.item.series(), waitUntil));
            if (until - nanos > 0) {
                next = Math.min(next, until - nanos);
            } else if (inFlight >= most) {
                break;
            } else if (tokens < 1) {
                next = Math.min(next, (long) ((1 - tokens) / limits.ratePerSecond() * 1e9) + 1);
                break;
            } else {
                tokens--;
                inFlight++;
                slot.inFlight = true;
                slot.startedNanos = nanos;
                start.accept(entry.getKey(), slot.item);
            }
        }
        publish();
        return next;
    }

    /** How it ended. @param failure {@code null}: the value was taken */
    void ended(long position, SendException failure, long nanos) {
        Slot slot = window.get(position);
        inFlight--;
        slot.inFlight = false;
        Item.Series series = slot.item.series();
        if (failure == null || failure.remedy() == Remedy.DROP) {
            slot.done = true;
            if (failures > 0) {
                LOG.info("{} takes values again, {} wait", name, ring.size());
            }
            failures = 0;
            waitUntil = nanos;
            seriesFailures.remove(series);
            if (pausedUntil.remove(series) != null) {
                looked = read; // its values that were passed over have their turn now
            }
            alone.remove(series);
            pausedUntil.keySet().forEach(paused -> alone.putIfAbsent(paused, new Alone(nanos, 0)));
            if (failure == null) {
                sent++;
            } else {
                if (refused++ == 0) {
                    LOG.warn("{} of {} is refused for good and dropped: {}; further ones are only counted", slot.item.property(), slot.item.device(),
                            failure.getMessage());
                }
                lastError = failure.getMessage();
            }
            clear();
            return;
        }
        lastError = failure.getMessage();
        retries++;
        if (failure.remedy() == Remedy.WAIT) {
            if (failures++ == 0) {
                LOG.warn("{} takes no values, they wait: {}", name, lastError);
            }
            waitUntil = nanos + pause(failures);
        } else {
            pausedUntil.put(series, nanos + pause(seriesFailures.merge(series, 1, Integer::sum)));
            alone.computeIfPresent(series,
                    (same, was) -> slot.startedNanos - was.sinceNanos() >= 0 ? new Alone(was.sinceNanos(), was.times() + 1) : was);
        }
    }

    /** It was not tried after all. */
    void postponed(long position) {
        inFlight--;
        window.get(position).inFlight = false;
    }

    private long pause(int times) {
        long pause = limits.firstPause().toNanos();
        for (int i = 1; i < times && pause < limits.longestPause().toNanos(); i++) {
            pause *= 2;
        }
        return Math.min(pause, limits.longestPause().toNanos());
    }

    private void fill(long nowMillis) {
        if (nowMillis > 0) {
            long dueBefore = nowMillis - limits.purge().toMillis();
            for (Slot slot : window.values()) {
                if (!slot.inFlight && !slot.done && slot.item.queuedMillis() > BELIEVED_MILLIS && slot.item.queuedMillis() < dueBefore) {
                    slot.done = true;
                    purged++;
                }
            }
            clear();
        }
        if (window.size() > WINDOW / 2) {
            cutStuck();
        }
        if (window.size() <= WINDOW / 2) {
            for (RecordRing.Entry<Item> entry : ring.after(read, WINDOW - window.size())) {
                read = entry.position();
                window.putIfAbsent(read, new Slot(entry.value()));
            }
        } else {
            lookAhead();
        }
    }

    private void cutStuck() {
        Map<Item.Series, Integer> kept = new HashMap<>();
        for (Slot slot : window.descendingMap().values()) {
            Item.Series series = slot.item.series();
            if (!slot.done && isStuck(series) && kept.merge(series, 1, Integer::sum) > SHARE && !slot.inFlight) {
                slot.done = true;
                cut++;
            }
        }
        clear();
    }

    private boolean isStuck(Item.Series series) {
        Alone of = alone.get(series);
        return of != null && of.times() >= STUCK_AFTER;
    }

    /** When all that is in memory waits for refused series, others get their turn, one value each. */
    private void lookAhead() {
        Set<Item.Series> waiting = new HashSet<>();
        for (Slot slot : window.values()) {
            if (!slot.done) {
                waiting.add(slot.item.series());
            }
        }
        if (!pausedUntil.keySet().containsAll(waiting)) {
            return;
        }
        looked = Math.max(looked, read);
        boolean passed = true; // what was refused is tried again first, what is taken needs no second look
        for (RecordRing.Entry<Item> entry : ring.after(looked, WINDOW)) {
            if (window.size() >= WINDOW + MOST_AHEAD) {
                return;
            }
            Item.Series series = entry.value().series();
            if (!window.containsKey(entry.position())) {
                if (waiting.add(series)) {
                    window.put(entry.position(), new Slot(entry.value()));
                } else if (!pausedUntil.containsKey(series)) {
                    passed = false; // one before it is under way
                }
            }
            if (passed) {
                looked = entry.position();
            }
        }
    }

    /** Forgets what is done up to the first that is not; after a crash what is done behind it goes out twice. */
    private void clear() {
        long upTo = 0;
        for (Iterator<Map.Entry<Long, Slot>> each = window.entrySet().iterator(); each.hasNext();) {
            Map.Entry<Long, Slot> entry = each.next();
            if (!entry.getValue().done || entry.getKey() > read) {
                break;
            }
            upTo = entry.getKey();
            each.remove();
        }
        if (upTo > 0) {
            ring.discard(upTo);
        }
    }

    private void refillTokens(long nanos) {
        tokens = Math.min(limits.ratePerSecond(), tokens + (nanos - tokensSince) / 1e9 * limits.ratePerSecond());
        tokensSince = nanos;
    }

    private void publish() {
        long done = window.values().stream().filter(slot -> slot.done).count();
        long oldest = window.values().stream().filter(slot -> !slot.done).mapToLong(slot -> slot.item.queuedMillis()).findFirst().orElse(0);
        report = new Report(name, sent, refused, purged, ring.dropped() + cut, retries, inFlight, Math.max(0, ring.size() - done), oldest, lastError,
                failures > 0 || !pausedUntil.isEmpty());
    }

    Report report() {
        return report;
    }
}
