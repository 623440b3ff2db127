package io.kelp.edged.internal.fake;

import io.kelp.store.Durability;
import io.kelp.store.RecordCodec;
import io.kelp.store.RecordCollection;
import io.kelp.store.RecordRing;
import io.kelp.store.Store;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentSkipListMap;

/** Bytes in memory that outlive those who use them, as those of the real store do. */
public final class FakeStore implements Store {

    private final Map<String, ConcurrentSkipListMap<String, byte[]>> collections = new TreeMap<>();
    private final Map<String, ConcurrentSkipListMap<Long, byte[]>> rings = new TreeMap<>();
    private final Map<String, long[]> counts = new TreeMap<>();
    /** Writes of all collections. */
    public int writes;

    @Override
    public <T> RecordCollection<T> collection(String name, RecordCodec<T> codec, Durability durability) {
        Map<String, byte[]> records = collections.computeIfAbsent(name, n -> new ConcurrentSkipListMap<>());
        return new RecordCollection<>() {
            @Override
            public Optional<T> get(String key) {
                return Optional.ofNullable(records.get(key)).map(bytes -> read(codec, bytes));
            }

            @Override
            public Map<String, T> snapshot() {
                Map<String, T> all = new TreeMap<>();
                records.forEach((key, bytes) -> all.put(key, read(codec, bytes)));
                return all;
            }

            @Override
            public CompletionStage<Void> put(String key, T record) {
                writes++;
                records.put(key, codec.write(record));
                return CompletableFuture.completedFuture(null);
            }

            @Override
            public CompletionStage<Void> remove(String key) {
                records.remove(key);
                return CompletableFuture.completedFuture(null);
            }

            @Override
            public CompletionStage<Void> apply(Map<String, T> changes) {
                changes.forEach((key, value) -> {
                    if (value == null) {
                        remove(key);
                    } else {
                        put(key, value);
                    }
                });
                return CompletableFuture.completedFuture(null);
            }
        };
    }

    private static <T> T read(RecordCodec<T> codec, byte[] bytes) {
        try {
            return codec.read(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public <T> RecordRing<T> ring(String name, RecordCodec<T> codec, int capacity) {
        ConcurrentSkipListMap<Long, byte[]> records = rings.computeIfAbsent(name, n -> new ConcurrentSkipListMap<>());
        long[] count = counts.computeIfAbsent(name, n -> new long[2]); // last position, dropped
        return new RecordRing<>() {
            @Override
            public synchronized CompletionStage<Void> append(T record) {
                records.put(++count[0], codec.write(record));
                if (records.size() > capacity) {
                    records.pollFirstEntry();
                    count[1]++;
                }
                return CompletableFuture.completedFuture(null);
            }

            @Override
            public List<Entry<T>> after(long position, int limit) {
                List<Entry<T>> entries = new ArrayList<>();
                records.tailMap(position, false).forEach((at, bytes) -> {
                    if (entries.size() < limit) {
                        entries.add(new Entry<>(at, read(codec, bytes)));
                    }
                });
                return entries;
            }

            @Override
            public CompletionStage<Void> discard(long position) {
                records.headMap(position, true).clear();
                return CompletableFuture.completedFuture(null);
            }

            @Override
            public long dropped() {
                return count[1];
            }
        };
    }
}
