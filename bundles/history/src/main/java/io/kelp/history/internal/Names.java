package io.kelp.history.internal;

import io.kelp.devicetwin.DeviceTwins.DeviceId;
import io.kelp.store.RecordCodec;
import io.kelp.store.RecordRing;
import io.kelp.store.Store;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * The numbers that properties have in chunks. Kept in {@code series.db} beside the chunks, so that
 * both are lost together or not at all. Safe for use by several threads.
 */
final class Names {

    /** A property of a device. */
    record Name(int series, DeviceId device, String property) {}

    private static final int RING = 100_000;
    private static final int BATCH = 1000;

    private final RecordRing<Name> ring;
    private final Map<DeviceId, Map<String, Integer>> numbers = new HashMap<>();
    private final TreeMap<Integer, Name> names = new TreeMap<>();
    private int next = 1;
    private int most;
    private int written; // records in the ring
    private long firstPosition;
    private long lastPosition;

    Names(Store store, int most) {
        this.ring = store.ring("history.names", CODEC, RING);
        this.most = most;
    }

    /** Reads what was noted; numbers given meanwhile keep their meaning. */
    void load() {
        long position = 0;
        for (List<RecordRing.Entry<Name>> batch = ring.after(0, BATCH); !batch.isEmpty(); batch = ring.after(position, BATCH)) {
            position = batch.get(batch.size() - 1).position();
            synchronized (this) {
                for (RecordRing.Entry<Name> entry : batch) {
                    enter(entry.value());
                    written++;
                }
            }
        }
        mark();
    }

    /** Numbers below this one may be in chunks although their names are lost. */
    synchronized void atLeast(int series) {
        next = Math.max(next, series);
    }

    synchronized int next() {
        return next;
    }

    synchronized int size() {
        return names.size();
    }

    synchronized void most(int wanted) {
        most = wanted;
    }

    /** @return the number, 0 when it has none */
    synchronized int find(DeviceId device, String property) {
        return numbers.getOrDefault(device, Map.of()).getOrDefault(property, 0);
    }

    /** @return the number, which it is given if need be; 0 when there are too many */
    int number(DeviceId device, String property) {
        Name name;
        boolean first;
        synchronized (this) {
            int known = numbers.getOrDefault(device, Map.of()).getOrDefault(property, 0);
            if (known != 0 || names.size() >= most) {
                return known;
            }
            name = new Name(next++, device, property);
            enter(name);
            written++;
            first = firstPosition == 0;
        }
        ring.append(name);
        if (first) {
            mark();
        }
        return name.series();
    }

    /** Properties with a number, in the order of the numbers. */
    synchronized List<Name> list() {
        return List.copyOf(names.values());
    }

    /** Takes away the numbers of those that match; what chunks have of them is read no more. */
    synchronized int forget(Predicate<Name> gone) {
        List<Name> forgotten = names.values().stream().filter(gone).toList();
        for (Name name : forgotten) {
            names.remove(name.series());
            Map<String, Integer> of = numbers.get(name.device());
            of.remove(name.property());
            if (of.isEmpty()) {
                numbers.remove(name.device());
            }
        }
        return forgotten.size();
    }

    /** Writes all names again when the ring has lost some or holds more old ones than valid ones. */
    void tend() {
        List<RecordRing.Entry<Name>> first = ring.after(0, 1);
        long found = first.isEmpty() ? 0 : first.get(0).position();
        List<Name> all;
        long before;
        synchronized (this) {
            if (names.isEmpty() || found == firstPosition && written <= 2 * names.size() + 100) {
                return;
            }
            all = List.copyOf(names.values());
            written = all.size();
            before = lastPosition;
        }
        before = last(before);
        all.forEach(ring::append);
        ring.discard(before);
        mark();
    }

    private void mark() {
        List<RecordRing.Entry<Name>> first = ring.after(0, 1);
        long last = last(lastPosition);
        synchronized (this) {
            firstPosition = first.isEmpty() ? 0 : first.get(0).position();
            lastPosition = last;
        }
    }

    private long last(long from) {
        long position = from;
        for (List<RecordRing.Entry<Name>> batch = ring.after(position, BATCH); !batch.isEmpty(); batch = ring.after(position, BATCH)) {
            position = batch.get(batch.size() - 1).position();
        }
        return position;
    }

    private void enter(Name name) {
        int known = numbers.getOrDefault(name.device(), Map.of()).getOrDefault(name.property(), 0);
        if (known > name.series()) {
            return; // it was forgotten and came back
        }
        names.remove(known);
        names.put(name.series(), name);
        numbers.computeIfAbsent(name.device(), d -> new HashMap<>(4)).put(name.property(), name.series());
        next = Math.max(next, name.series() + 1);
    }

    private static final RecordCodec<Name> CODEC = new RecordCodec<>() {
        @Override
        public byte[] write(Name name) {
            Bytes.Writer out = new Bytes.Writer();
            out.number(name.series());
            for (String text : new ArrayList<>(List.of(name.device().namespace(), name.device().name(), name.property()))) {
                out.text(text);
            }
            return out.toArray();
        }

        @Override
        public Name read(byte[] bytes) throws IOException {
            Bytes.Reader in = new Bytes.Reader(bytes);
            return new Name(in.number(1, Integer.MAX_VALUE - 1), new DeviceId(in.text(), in.text()), in.text());
        }
    };
}
