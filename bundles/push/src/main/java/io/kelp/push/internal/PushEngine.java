package io.kelp.push.internal;

import io.kelp.devicetwin.DeviceTwins.Device;
import io.kelp.devicetwin.DeviceTwins.DeviceId;
import io.kelp.devicetwin.DeviceTwins.Reading;
import io.kelp.store.RecordRing;
import io.kelp.store.Store;
import io.kelp.store.StoreException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Queues values for their destinations and sends them. One thread decides what goes out when; a few
 * others, which live only while there is something to send, wait for the destinations.
 */
final class PushEngine {

    /** Makes the sender of a destination. */
    interface Senders {
        Sender of(String destination, ScheduledThreadPoolExecutor deadlines);
    }

    private static final Logger LOG = LoggerFactory.getLogger(PushEngine.class);
    private static final String RINGS = "push.";
    private static final long GATHER_MILLIS = 20; // values of one moment are looked at together
    private static final long TICK_SECONDS = 30;
    private static final long THREAD_IDLE_SECONDS = 30;
    private static final long JUMP_MILLIS = 60_000;
    private static final long SETTLE_NANOS = 3_600_000_000_000L;
    private static final long READ_AGAIN_NANOS = 5_000_000_000L;

    private final Store store;
    private final Payloads payloads;
    private final Senders senders;
    private final Destination.Limits limits;
    private final int mostDestinations;
    private final int timeoutMillis;
    private final LongSupplier clockMillis;
    private final ScheduledThreadPoolExecutor thread;
    private final ThreadPoolExecutor workers;
    private final int threads;
    private final AtomicInteger working = new AtomicInteger();

    private final Map<DeviceId, Targets.Found> devices = new ConcurrentHashMap<>();
    private final Map<DeviceId, Map<String, String>> types = new ConcurrentHashMap<>();
    private final Map<String, Destination> destinations = new ConcurrentHashMap<>();
    private final Map<String, Long> wakeAt = new ConcurrentHashMap<>(); // nanoseconds of the next pump
    private final AtomicLong withoutDestination = new AtomicLong();
    private final AtomicLong unqueued = new AtomicLong();
    private long offset;
    private long settledNanos;

    PushEngine(Store store, Payloads payloads, Senders senders, Destination.Limits limits, int mostDestinations, int threads, int timeoutMillis,
            LongSupplier clockMillis) {
        this.store = store;
        this.payloads = payloads;
        this.senders = senders;
        this.limits = limits;
        this.mostDestinations = mostDestinations;
        this.timeoutMillis = timeoutMillis;
        this.clockMillis = clockMillis;
        this.threads = threads;
        this.offset = offset();
        this.settledNanos = System.nanoTime();
        thread = new ScheduledThreadPoolExecutor(1, r -> daemon(r, "kelp-push"), new ThreadPoolExecutor.DiscardPolicy());
        thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        thread.setRemoveOnCancelPolicy(true);
        // The queue is for the moment between the end of one sending and that thread's being free; what is
        // under way is counted before it is handed over, so that it never is more than the threads.
        workers = new ThreadPoolExecutor(threads, threads, THREAD_IDLE_SECONDS, TimeUnit.SECONDS, new ArrayBlockingQueue<>(threads),
                r -> daemon(r, "kelp-push-send"));
        workers.allowCoreThreadTimeOut(true);
    }

    private static Thread daemon(Runnable run, String name) {
        Thread thread = new Thread(run, name);
        thread.setDaemon(true);
        return thread;
    }

    void start() {
        thread.execute(this::openLeftOver);
        thread.scheduleWithFixedDelay(this::tick, TICK_SECONDS, TICK_SECONDS, TimeUnit.SECONDS);
    }

    /** Ends sending; what is queued stays queued. */
    void stop() {
        thread.shutdownNow();
        workers.shutdownNow();
        destinations.values().forEach(destination -> destination.sender.close());
        try {
            if (!workers.awaitTermination(5, TimeUnit.SECONDS)) {
                LOG.warn("A destination of push does not let go; its thread ends with its deadline");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    // ---- What comes in ----

    void changed(Device device) {
        Targets.Found found = Targets.read(device);
        Targets.Found before = found.of().isEmpty() && found.faults().isEmpty() ? devices.remove(device.id()) : devices.put(device.id(), found);
        Map<String, String> of = new ConcurrentHashMap<>();
        found.of().keySet().forEach(property -> of.put(property, device.twins().containsKey(property) ? device.twins().get(property).type() : "string"));
        types.put(device.id(), of);
        if (of.isEmpty()) {
            types.remove(device.id());
        }
        for (String fault : found.faults()) {
            if (before == null || !before.faults().contains(fault)) {
                LOG.warn("Push of {}; correct the Device", fault);
            }
        }
    }

    void removed(DeviceId device) {
        devices.remove(device);
        types.remove(device);
    }

    void reported(DeviceId device, String property, Reading reading) {
        Targets.Found found = devices.get(device);
        List<Target> targets = found == null ? List.of() : found.of().getOrDefault(property, List.of());
        for (Target target : targets) {
            if (!payloads.says(reading.text(), reading.quality())) {
                continue;
            }
            Destination destination = destination(target.destination());
            if (destination == null) {
                withoutDestination.incrementAndGet();
                continue;
            }
            Item item = new Item(target, device, property, types.getOrDefault(device, Map.of()).getOrDefault(property, "string"),
                    reading.text(), reading.timestampMillis(), reading.quality(), clockMillis.getAsLong());
            destination.ring().append(item).whenComplete((nothing, failure) -> {
                if (failure != null) {
                    unqueued.incrementAndGet();
                }
            });
            wake(destination, GATHER_MILLIS * 1_000_000);
        }
    }

    private Destination destination(String name) {
        Destination known = destinations.get(name);
        if (known != null) {
            return known;
        }
        synchronized (destinations) {
            if (destinations.size() >= mostDestinations) {
                return null;
            }
            return destinations.computeIfAbsent(name, n -> open(n, store.ring(ringName(n), Item.CODEC, limits.capacity())));
        }
    }

    private Destination open(String name, RecordRing<Item> ring) {
        return new Destination(name, senders.of(name, thread), ring, limits, System.nanoTime());
    }

    static String ringName(String destination) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(destination.getBytes(StandardCharsets.UTF_8));
            return RINGS + HexFormat.of().formatHex(digest, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java runtime has it
        }
    }

    /** What a former run has left goes out, too, also to destinations that no device names any more. */
    private void openLeftOver() {
        try {
            for (String ring : store.rings()) {
                if (ring.startsWith(RINGS)) {
                    List<RecordRing.Entry<Item>> first = store.ring(ring, Item.CODEC, limits.capacity()).after(0, 1);
                    Destination left = first.isEmpty() ? null : destination(first.get(0).value().target().destination());
                    if (left != null) {
                        wake(left, 0);
                    }
                }
            }
        } catch (StoreException e) {
            LOG.warn("What waits to be pushed cannot be read, again in 5 s: {}", e.getMessage());
            thread.schedule(this::openLeftOver, READ_AGAIN_NANOS, TimeUnit.NANOSECONDS);
        }
    }

    // ---- What goes out ----

    /** Has a destination looked at after a while, unless it will be looked at earlier anyway. */
    private void wake(Destination destination, long inNanos) {
        long at = System.nanoTime() + inNanos;
        Long earlier = wakeAt.get(destination.name);
        if (earlier != null && earlier - at <= 0) {
            return;
        }
        wakeAt.put(destination.name, at);
        thread.schedule(() -> pump(destination), inNanos, TimeUnit.NANOSECONDS);
    }

    private void pump(Destination destination) {
        wakeAt.remove(destination.name);
        long next;
        try {
            next = destination.pump(System.nanoTime(), believedMillis(), (position, item) -> send(destination, position, item));
        } catch (StoreException e) {
            LOG.warn("What waits for {} cannot be read, again in 5 s: {}", destination.name, e.getMessage());
            next = READ_AGAIN_NANOS;
        } catch (RuntimeException e) { // the executor would drop it without a word
            LOG.error("A fault while pushing to {}", destination.name, e);
            next = READ_AGAIN_NANOS;
        }
        if (next != Long.MAX_VALUE) {
            wake(destination, Math.max(1_000_000, next));
        }
    }

    private void send(Destination destination, long position, Item item) {
        if (working.incrementAndGet() > threads) {
            working.decrementAndGet();
            // All wait for others; as if it had not been tried.
            thread.execute(() -> destination.postponed(position));
            wake(destination, GATHER_MILLIS * 1_000_000);
            return;
        }
        workers.execute(() -> {
            SendException failure = null;
            try {
                destination.sender.send(item, item.target().timeoutMillis() > 0 ? item.target().timeoutMillis() : timeoutMillis);
            } catch (SendException e) {
                failure = e;
            } catch (RuntimeException e) { // of a library: this value goes nowhere, the others may
                LOG.error("A fault while sending to {}", destination.name, e);
                failure = new SendException(SendException.Remedy.DROP, destination.name + ": " + e);
            }
            SendException result = failure;
            working.decrementAndGet();
            thread.execute(() -> {
                destination.ended(position, result, System.nanoTime());
                pump(destination);
            });
        });
    }

    /** Lets destinations go that nobody names and nothing waits for, and purges. */
    private void tick() {
        for (Destination destination : List.copyOf(destinations.values())) {
            boolean named = devices.values().stream().flatMap(found -> found.of().values().stream()).flatMap(List::stream)
                    .anyMatch(target -> target.destination().equals(destination.name));
            if (!named && destination.isIdle() && destinations.remove(destination.name, destination)) {
                closeSoon(destination);
            } else {
                pump(destination);
            }
        }
    }

    private void closeSoon(Destination destination) {
        Thread closing = daemon(destination.sender::close, "kelp-push-close"); // ends with the sender's own deadline
        closing.start();
    }

    private long offset() {
        return clockMillis.getAsLong() - System.nanoTime() / 1_000_000;
    }

    /** The wall clock for purging; 0 for an hour after it has jumped: nothing expires because of that. */
    private long believedMillis() {
        long now = offset();
        long nanos = System.nanoTime();
        if (Math.abs(now - offset) > JUMP_MILLIS) {
            settledNanos = nanos + SETTLE_NANOS;
        }
        offset = now;
        return nanos - settledNanos >= 0 ? clockMillis.getAsLong() : 0;
    }

    // ---- What one can see ----

    List<Destination.Report> reports() {
        return destinations.values().stream().map(Destination::report).sorted(java.util.Comparator.comparing(Destination.Report::name)).toList();
    }

    List<String> faults() {
        return devices.values().stream().flatMap(found -> found.faults().stream()).sorted().toList();
    }

    Map<String, List<Target>> targets(DeviceId device) {
        Targets.Found found = devices.get(device);
        return found == null ? Map.of() : found.of();
    }

    long withoutDestination() {
        return withoutDestination.get();
    }

    long unqueued() {
        return unqueued.get();
    }
}
