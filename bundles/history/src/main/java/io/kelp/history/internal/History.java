package io.kelp.history.internal;

import io.kelp.devicetwin.DeviceTwins.DeviceId;
import io.kelp.history.DeviceHistory;
import io.kelp.store.Store;
import io.kelp.store.StoreException;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Takes values in, has them written and gives them back. {@link #note} and {@link #points} may be
 * called by any thread, {@link #gather} by the store's, {@link #load} and {@link #tend} by one.
 */
final class History implements DeviceHistory {

    private static final Pattern NUMBER = Pattern.compile("[-+]?(0|[1-9][0-9]{0,39})(\\.[0-9]{1,40})?([eE][-+]?[0-9]{1,3})?");
    private static final int MOST_CHARACTERS = 64; // of a number
    private static final long LATE_MILLIS = 7 * 86_400_000L;
    private static final long EARLY_MILLIS = 300_000;
    private static final long LONGEST_WAIT_NANOS = 600_000_000_000L; // even beyond the budget
    private static final int LEAST_BYTES = 12; // of one point of a property
    private static final int MOST_EARLY = 2000;
    private static final int CHUNK_BYTES = 65_536;

    private final Recorder recorder = new Recorder();
    private final Names names;
    private final Archive archive;
    private final LongSupplier clockMillis;
    private final LongSupplier nanos;
    private final Wear wear; // guarded by itself
    private final Map<Names.Name, Long> goneSince = new HashMap<>();
    private final ArrayDeque<Early> early = new ArrayDeque<>(); // what came before the disk was read
    private volatile Bounds bounds;
    private volatile boolean loaded;
    private volatile String refusal = "";
    private long lastWrite;

    final AtomicLong withoutNumber = new AtomicLong();
    final AtomicLong lost = new AtomicLong();

    /** The settings in the terms of the code. */
    record Bounds(long bytes, int days, long bytesPerHour, int propertyPercent, int properties, long forgetNanos) {

        static Bounds of(HistoryConfig config) {
            return new Bounds(config.totalKibibytes() * 1024L, config.days(), config.writeKibibytesPerHour() * 1024L,
                    config.propertyPercent(), config.mostProperties(), config.forgetHours() * 3_600_000_000_000L);
        }

        Archive.Bounds archive() {
            // A quarter of an hour may cost an eighth of the hour's bytes beside what was written at first.
            return new Archive.Bounds(bytes, (int) Math.max(4096, Math.min(1 << 20, bytesPerHour / 16)), days);
        }
    }

    private record Early(DeviceId device, String property, String text, long measuredMillis) {}

    /**
     * @param clockMillis the best time known, Unix time
     * @param nanos monotonic
     */
    History(Store store, Bounds bounds, LongSupplier clockMillis, LongSupplier nanos) {
        this.bounds = bounds;
        this.clockMillis = clockMillis;
        this.nanos = nanos;
        this.names = new Names(store, bounds.properties());
        this.archive = new Archive(store, bounds.archive());
        this.wear = new Wear(bounds.bytesPerHour(), nanos.getAsLong());
        this.lastWrite = nanos.getAsLong();
    }

    void bounds(Bounds wanted) {
        bounds = wanted;
        names.most(wanted.properties());
        archive.bounds(wanted.archive());
        synchronized (wear) {
            wear.perHour(wanted.bytesPerHour());
        }
    }

    /** Finds what the disk has. Until then values are only collected. @throws StoreException when the disk cannot be read */
    void load() {
        names.load();
        archive.refresh();
        long generation = 0;
        for (Level level : archive.levels()) {
            List<Level.Entry> entries = level.entries();
            if (!entries.isEmpty()) {
                names.atLeast(entries.get(entries.size() - 1).header().series());
            }
        }
        for (Level.Entry entry : archive.finest.entries()) {
            generation = Math.max(generation, entry.header().coversTo());
        }
        recorder.generation(generation + 1);
        while (!loaded) {
            Early value;
            synchronized (early) {
                value = early.poll();
                loaded = value == null;
            }
            if (value != null) {
                take(value);
            }
        }
    }

    boolean isLoaded() {
        return loaded;
    }

    /**
     * Takes a value.
     *
     * @param measuredMillis when it was measured, in Unix time; replaced by now when it cannot be
     */
    void note(DeviceId device, String property, String text, long measuredMillis) {
        Early value = new Early(device, property, text, measuredMillis);
        if (!loaded) {
            synchronized (early) {
                if (!loaded) {
                    if (early.size() == MOST_EARLY) {
                        early.poll();
                        lost.incrementAndGet();
                    }
                    early.add(value);
                    return;
                }
            }
        }
        take(value);
    }

    private void take(Early value) {
        int series = names.number(value.device(), value.property());
        if (series == 0) {
            withoutNumber.incrementAndGet();
            return;
        }
        long now = clockMillis.getAsLong();
        long measured = value.measuredMillis();
        long time = measured < now - LATE_MILLIS || measured > now + EARLY_MILLIS ? now : measured;
        String text = value.text();
        if (text.length() <= MOST_CHARACTERS && NUMBER.matcher(text).matches()) {
            double number = Double.parseDouble(text);
            if (Double.isFinite(number)) {
                recorder.note(series, time, number);
                return;
            }
        }
        recorder.note(series, time, text);
    }

    /** Hands what was noted to the store, as far as the wear allows. */
    void gather() {
        if (loaded) {
            gather(false);
        }
    }

    /** Hands everything to the store, whatever it costs. */
    void finish() {
        if (loaded) {
            gather(true);
        }
    }

    private synchronized void gather(boolean all) {
        long most;
        synchronized (wear) {
            most = wear.allowed(nanos.getAsLong());
        }
        boolean enough = most >= (long) recorder.active() * LEAST_BYTES;
        if (!enough && !all && nanos.getAsLong() - lastWrite < LONGEST_WAIT_NANOS) {
            return; // goes on being joined in memory
        }
        Recorder.Batch batch = recorder.take();
        lastWrite = nanos.getAsLong();
        if (batch == null) {
            return;
        }
        try {
            write(batch, Math.max(most, 4096));
        } finally {
            recorder.written();
        }
    }

    private void write(Recorder.Batch batch, long most) {
        Chunk.Builder builder = new Chunk.Builder(batch.tracks().firstEntry().getValue().get(0).time(0));
        Fitting.fit(builder, batch.tracks(), most, (int) Math.min(CHUNK_BYTES, most * bounds.propertyPercent() / 100));
        Chunk chunk = builder.build(names.next(), batch.generation(), batch.generation());
        synchronized (wear) {
            wear.wrote(chunk.bytes().length);
        }
        archive.finest.append(chunk).whenComplete((nothing, failure) -> {
            if (failure != null) {
                lost.incrementAndGet();
                refusal = String.valueOf(failure.getMessage());
            } else {
                refusal = "";
            }
        });
    }

    /** Sums up, discards and forgets what is due. @throws StoreException when the disk cannot be read */
    void tend(Predicate<Names.Name> exists) {
        archive.refresh();
        for (int bytes : archive.tend(names)) {
            synchronized (wear) {
                wear.wrote(bytes);
            }
        }
        long now = nanos.getAsLong();
        boolean full = names.size() >= bounds.properties();
        List<Names.Name> gone = names.list().stream().filter(name -> !exists.test(name)).toList();
        goneSince.keySet().retainAll(gone);
        gone.forEach(name -> goneSince.putIfAbsent(name, now));
        names.forget(name -> goneSince.containsKey(name) && (full || now - goneSince.get(name) > bounds.forgetNanos()));
        names.tend();
    }

    @Override
    public List<Point> points(DeviceId device, String property, long fromMillis, long toMillis, int most) {
        if (most < 1 || most > MOST_POINTS) {
            throw new IllegalArgumentException("points at most is " + most + ", allowed are 1 to " + MOST_POINTS);
        }
        int series = names.find(device, property);
        if (series == 0 || toMillis <= fromMillis) {
            return List.of();
        }
        // Recent values before chunks: those written in between are told by their generation and left out.
        Recorder.Recent recent = recorder.recent(series);
        archive.refresh();
        long from = fromMillis;
        long to = toMillis;
        long first = Long.MAX_VALUE;
        long last = Long.MIN_VALUE;
        List<Archive.Source> all = archive.sources(0);
        for (Archive.Source source : all) {
            first = Math.min(first, source.entry().header().firstMillis());
            last = Math.max(last, source.entry().header().lastMillis());
        }
        for (Track track : recent.tracks()) {
            first = Math.min(first, track.time(0));
            last = Math.max(last, track.time(track.size() - 1));
        }
        from = Math.max(from, first);
        to = Math.min(to, last == Long.MAX_VALUE ? last : last + 1);
        if (to <= from) {
            return List.of();
        }
        Joiner joiner = new Joiner(from, to, most);
        for (Archive.Source source : archive.sources(Joiner.width(from, to, most))) {
            Chunk.Header header = source.entry().header();
            boolean copied = source.level() == archive.finest && header.coversTo() >= recent.generation();
            if (!copied && header.lastMillis() + source.level().widthMillis > from && header.firstMillis() < to) {
                source.level().visit(source.entry(), series, series + 1, (number, track) -> joiner.add(track));
            }
        }
        recent.tracks().forEach(joiner::add);
        return joiner.points();
    }

    /** Whether the property has a number. */
    boolean knows(DeviceId device, String property) {
        return names.find(device, property) != 0;
    }

    /** Why the store has refused the last write, empty when it has not. */
    String refusal() {
        return refusal;
    }

    int properties() {
        return names.size();
    }

    long values() {
        return recorder.values();
    }

    long bytes() {
        return archive.bytes();
    }

    long written() {
        synchronized (wear) {
            return wear.written();
        }
    }
}
