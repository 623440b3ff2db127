package io.kelp.broker.internal;

import io.kelp.store.Durability;
import io.kelp.store.RecordCodec;
import io.kelp.store.RecordCollection;
import io.kelp.store.RecordRing;
import io.kelp.store.Store;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A store that keeps the bytes of records and counts real changes. */
final class MemoryStore implements Store {

    final AtomicInteger changes = new AtomicInteger();
    private final Map<String, Map<String, byte[]>> data = new ConcurrentHashMap<>();

    int records(String collection) {
        return data.getOrDefault(collection, Map.of()).size();
    }

    @Override
    public <T> RecordCollection<T> collection(String name, RecordCodec<T> codec, Durability durability) {
        Map<String, byte[]> records = data.computeIfAbsent(name, n -> new ConcurrentHashMap<>());
        return new RecordCollection<>() {
            @Override
            public Optional<T> get(String key) {
                return Optional.ofNullable(records.get(key)).map(this::read);
            }

            @Override
            public Map<String, T> snapshot() {
                Map<String, T> all = new TreeMap<>();
                records.forEach((key, bytes) -> all.put(key, read(bytes)));
                return all;
            }

            @Override
            public CompletionStage<Void> put(String key, T record) {
                return apply(Map.of(key, record));
            }

            @Override
            public CompletionStage<Void> remove(String key) {
                return apply(Collections.singletonMap(key, null));
            }

            @Override
            public CompletionStage<Void> apply(Map<String, T> changed) {
                changed.forEach((key, value) -> {
                    byte[] bytes = value == null ? null : codec.write(value);
                    byte[] old = bytes == null ? records.remove(key) : records.put(key, bytes);
                    if (!Arrays.equals(old, bytes)) {
                        changes.incrementAndGet();
                    }
                });
                return CompletableFuture.completedFuture(null);
            }

            private T read(byte[] bytes) {
                try {
                    return codec.read(bytes);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
    }

    @Override
    public <T> RecordRing<T> ring(String name, RecordCodec<T> codec, int capacity) {
        throw new UnsupportedOperationException("the broker has no rings");
    }
}
