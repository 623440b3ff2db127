package io.kelp.store.internal;

import io.kelp.store.RecordCodec;
import io.kelp.store.RecordRing;
import io.kelp.store.StoreException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** A ring seen through a codec. */
final class CodecRing<T> implements RecordRing<T> {

    private final Ring ring;
    private final RecordCodec<T> codec;
    private final SeriesDatabase series;
    private final Supplier<Settings> settings;
    private final Counters counters;

    CodecRing(Ring ring, RecordCodec<T> codec, SeriesDatabase series, Supplier<Settings> settings, Counters counters) {
        this.ring = ring;
        this.codec = codec;
        this.series = series;
        this.settings = settings;
        this.counters = counters;
    }

    @Override
    public CompletionStage<Void> append(T record) {
        byte[] bytes = codec.write(record);
        int most = settings.get().recordBytes();
        if (bytes.length > most) {
            return CompletableFuture.failedFuture(new StoreException("ring " + ring.name + ": a record of "
                    + bytes.length / 1024 + " KiB, allowed are " + most / 1024
                    + "; see io.kelp.store recordKibibytes", null));
        }
        return ring.append(bytes);
    }

    @Override
    public List<Entry<T>> after(long position, int limit) {
        if (limit < 1) {
            return List.of();
        }
        List<Entry<T>> entries = new ArrayList<>();
        long last = position;
        List<Ring.Pending> batch;
        do { // what is left out must not look like the end
            batch = series.after(ring, last, limit - entries.size());
            for (Ring.Pending each : batch) {
                last = each.position();
                try {
                    entries.add(new Entry<>(last, codec.read(each.value())));
                } catch (IOException | RuntimeException e) {
                    // The codec is foreign code; the record is left out, the others are fine.
                    counters.unreadableRecords.increment();
                }
            }
        } while (!batch.isEmpty() && entries.isEmpty());
        return entries;
    }

    @Override
    public CompletionStage<Void> discard(long position) {
        return ring.discard(position);
    }

    @Override
    public long dropped() {
        return ring.dropped();
    }

    @Override
    public long size() {
        return ring.count();
    }
}
