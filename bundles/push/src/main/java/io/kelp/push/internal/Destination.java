package io.kelp.push.internal;

import io.kelp.push.internal.SendException.Remedy;
import io.kelp.store.RecordRing;
import io.kelp.store.StoreException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The queue of one server or broker, and what may be sent to it now. Oldest first; of one series one
 * value at a time, so that none overtakes another; several series at once. Called by one thread.
 *
 * <p>Values of other series are sent ahead of those that are refused; what was sent behind one that still
 * waits is remembered, a bit for each. A series that is refused again and again while others are taken
 * keeps no more than its share of the values in memory, its oldest are dropped and counted, and so is
 * what has a quarter of the queue behind it that was sent: one wrong path cannot hold up the rest. While
 * nothing is taken, and when a server comes back, nothing is dropped.
 */
final class Destination {

    /** Bounds of one destination. */
    record Limits(int capacity, Duration purge, int inFlight, int ratePerSecond, Duration firstPause, Duration longestPause) {}

    /** What one sees from outside. @param oldestMillis when the oldest waiting value was queued, 0: none waits */
    record Report(String name, long sent, long refused, long purged, long overflowed, long retries, int inFlight, long waiting, long oldestMillis,
            String lastError, boolean failing) {}

    private static final class Slot {
        final Item item;
        final Item.Series series;
        boolean inFlight;
        long startedNanos;

        Slot(Item item) {
            this.item = item;
            this.series = item.series();
        }
    }

    /** @param sinceNanos when another series was taken first @param times it was tried and refused after that */
    private record Alone(long sinceNanos, int times) {}

    private static final Logger LOG = LoggerFactory.getLogger(Destination.class);
    private static final int WINDOW = 512; // values in memory
    private static final int SHARE = 64; // of them, for a series that is stuck while others are not
    private static final int STUCK_AFTER = 3; // refusals of tries that began when others had been taken
    private static final int MOST_AHEAD = 256; // values of series that are not refused, ahead of their turn
    private static final int MOST_REFUSED_AHEAD = 3_072; // of refused ones, the first of each
    private static final int MOST_PAGES = 8; // that are looked through at a time
    private static final long LOOK_AGAIN_NANOS = 30_000_000_000L;
    private static final long BELIEVED_MILLIS = 1_577_836_800_000L; // 2020: what is stamped earlier had no clock

    final String name;
    final Sender sender;
    private final RecordRing<Item> ring;
    private final Limits limits;
    private final TreeMap<Long, Slot> window = new TreeMap<>(); // by position; what is done is not in it
    private final DoneAhead done = new DoneAhead();
    private final Map<Item.Series, Long> pausedUntil = new HashMap<>();
    private final Map<Item.Series, Integer> seriesFailures = new HashMap<>();
    private final Map<Item.Series, Alone> alone = new HashMap<>(); // refused, and another was taken since
    private long read;
    private long looked; // further than read when values ahead were looked at; what was left out is of paused series
    private final Set<Item.Series> leftOut = new HashSet<>(); // those of them with no value in memory, perhaps
    private long lookedAgain;
    private long discarded;
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
        this.lookedAgain = nanos;
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
        fill(nanos, nowMillis);
        refillTokens(nanos);
        long next = Long.MAX_VALUE;
        int most = failures > 0 ? 1 : limits.inFlight();
        Set<Item.Series> busy = new HashSet<>();
        window.values().forEach(slot -> {
            if (slot.inFlight) {
                busy.add(slot.series);
            }
        });
        for (Map.Entry<Long, Slot> entry : window.entrySet()) {
            Slot slot = entry.getValue();
            if (slot.inFlight || !busy.add(slot.series)) {
                continue;
            }
            long until = Math.max(waitUntil, pausedUntil.getOrDefault(slot.series, waitUntil));
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
        Item.Series series = slot.series;
        if (failure == null || failure.remedy() == Remedy.DROP) {
            window.remove(position);
            done.add(position);
            if (failures > 0) {
                LOG.info("{} takes values again, {} wait", name, ring.size());
            }
            failures = 0;
            waitUntil = nanos;
            seriesFailures.remove(series);
            if (pausedUntil.remove(series) != null) {
                looked = Math.min(looked, Math.max(read, position)); // its values that were passed over have their turn now
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
            window.tailMap(Math.max(position, read), false).values().removeIf(each -> !each.inFlight && each.series.equals(series));
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

    private void fill(long nanos, long nowMillis) {
        if (nowMillis > 0) {
            long dueBefore = nowMillis - limits.purge().toMillis();
            purged += drop(window.entrySet().iterator(), slot -> slot.item.queuedMillis() > BELIEVED_MILLIS && slot.item.queuedMillis() < dueBefore);
        }
        makeRoom();
        if (window.size() > WINDOW / 2) {
            cutStuck();
        }
        if (window.size() > WINDOW / 2) {
            lookAhead(nanos);
            return;
        }
        List<RecordRing.Entry<Item>> entries = ring.after(read, WINDOW - window.size());
        for (RecordRing.Entry<Item> entry : entries) {
            read = entry.position();
            if (!done.contains(read)) {
                window.putIfAbsent(read, new Slot(entry.value()));
            }
        }
        if (entries.isEmpty() && window.isEmpty()) { // what was refused has gone, too
            pausedUntil.clear();
            seriesFailures.clear();
            alone.clear();
        }
        clear();
    }

    /** @return how many were dropped */
    private int drop(Iterator<Map.Entry<Long, Slot>> each, Predicate<Slot> which) {
        int count = 0;
        while (each.hasNext()) {
            Map.Entry<Long, Slot> entry = each.next();
            Slot slot = entry.getValue();
            if (!slot.inFlight && which.test(slot)) {
                done.add(entry.getKey());
                if (pausedUntil.containsKey(slot.series)) {
                    leftOut.add(slot.series);
                }
                each.remove();
                count++;
            }
        }
        if (count > 0) {
            clear();
        }
        return count;
    }

    /** The oldest goes when it keeps room taken by what is done behind it. */
    private void makeRoom() {
        while (done.size() > 0 && !window.isEmpty()) {
            Slot oldest = window.firstEntry().getValue();
            boolean full = ring.size() > limits.capacity() - limits.capacity() / 16;
            if (oldest.inFlight || !full && !(isStuck(oldest.series) && done.size() > limits.capacity() / 4)) {
                return;
            }
            cut += drop(window.headMap(window.firstKey(), true).entrySet().iterator(), slot -> true);
        }
    }

    private void cutStuck() {
        Map<Item.Series, Integer> kept = new HashMap<>();
        cut += drop(window.descendingMap().entrySet().iterator(),
                slot -> isStuck(slot.series) && kept.merge(slot.series, 1, Integer::sum) > SHARE);
    }

    private boolean isStuck(Item.Series series) {
        Alone of = alone.get(series);
        return of != null && of.times() >= STUCK_AFTER;
    }

    /** When all that is in memory waits for refused series, others get their turn. */
    private void lookAhead(long nanos) {
        if (!leftOut.isEmpty() && nanos - lookedAgain >= LOOK_AGAIN_NANOS) {
            looked = read;
            lookedAgain = nanos;
            leftOut.clear();
        }
        Set<Item.Series> waiting = new HashSet<>();
        window.values().forEach(slot -> waiting.add(slot.series));
        if (!pausedUntil.keySet().containsAll(waiting)) {
            return;
        }
        waiting.addAll(leftOut); // what comes now must not overtake what was passed over
        looked = Math.max(looked, read);
        int room = MOST_AHEAD;
        for (int page = 0; page < MOST_PAGES && room == MOST_AHEAD; page++) {
            List<RecordRing.Entry<Item>> entries = ring.after(looked, WINDOW);
            for (RecordRing.Entry<Item> entry : entries) {
                if (room == 0 || window.size() >= WINDOW + MOST_AHEAD + MOST_REFUSED_AHEAD) {
                    return;
                }
                looked = entry.position();
                if (done.contains(looked) || window.containsKey(looked)) {
                    continue;
                }
                Item.Series series = entry.value().series();
                if (!pausedUntil.containsKey(series)) {
                    window.put(looked, new Slot(entry.value()));
                    room--;
                } else if (waiting.add(series)) {
                    window.put(looked, new Slot(entry.value()));
                }
            }
            if (entries.isEmpty()) {
                return;
            }
        }
    }

    /** Forgets what is done up to the first that is not; after a crash what is done behind it goes out twice. */
    private void clear() {
        long upTo = window.isEmpty() ? read : Math.min(read, window.firstKey() - 1);
        if (upTo > discarded) {
            discarded = upTo;
            ring.discard(upTo);
            done.forget(upTo);
        }
    }

    private void refillTokens(long nanos) {
        tokens = Math.min(limits.ratePerSecond(), tokens + (nanos - tokensSince) / 1e9 * limits.ratePerSecond());
        tokensSince = nanos;
    }

    private void publish() {
        long oldest = window.isEmpty() ? 0 : window.firstEntry().getValue().item.queuedMillis();
        report = new Report(name, sent, refused, purged, ring.dropped() + cut, retries, inFlight, Math.max(0, ring.size() - done.size()), oldest, lastError,
                failures > 0 || !pausedUntil.isEmpty());
    }

    Report report() {
        return report;
    }
}
