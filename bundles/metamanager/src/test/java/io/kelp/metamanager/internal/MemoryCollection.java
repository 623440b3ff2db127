package io.kelp.metamanager.internal;

import io.kelp.store.RecordCodec;
import io.kelp.store.RecordCollection;
import io.kelp.store.StoreException;
import java.io.IOException;
import java.util.List;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A collection of bytes in memory that can be told to fail; what is read has gone through the codec. */
final class MemoryCollection<T> implements RecordCollection<T> {

    /** A key that lives as long as the provider. */
    static final class MemoryKeys implements KeyProvider {
        KeyRing keys = new KeyRing(List.of(SealKey.random(new java.security.SecureRandom())), false);

        @Override
        public String where() {
            return "memory";
        }

        @Override
        public KeyRing load() {
            return keys;
        }

        @Override
        public void save(KeyRing fresh) {
            keys = fresh;
        }
    }

    final Map<String, byte[]> bytes = new TreeMap<>();
    final RecordCodec<T> codec;
    boolean broken;
    int writes;
    /** Where what is written waits for {@link #flush}; {@code null} while the disk is quick. */
    private Deque<Runnable> slow;

    MemoryCollection(RecordCodec<T> codec) {
        this.codec = codec;
    }

    static MemoryCollection<MetaCodec.Record> ofObjects() {
        return new MemoryCollection<>(new MetaCodec(new Sealer(new MemoryKeys())));
    }

    /** The same bytes seen through another codec, as after a restart. */
    <U> MemoryCollection<U> reopened(RecordCodec<U> other) {
        MemoryCollection<U> again = new MemoryCollection<>(other);
        again.bytes.putAll(bytes);
        return again;
    }

    private CompletionStage<Void> write(Runnable change) {
        if (broken) {
            return CompletableFuture.failedFuture(new StoreException("disk full", null));
        }
        writes++;
        if (slow == null) {
            change.run();
            return CompletableFuture.completedFuture(null);
        }
        CompletableFuture<Void> done = new CompletableFuture<>();
        slow.add(() -> {
            change.run();
            done.complete(null);
        });
        return done;
    }

    /** From now on nothing reaches the disk before {@link #flush}. */
    void slow() {
        slow = new ArrayDeque<>();
    }

    /** All that waits reaches the disk, in its order. */
    void flush() {
        while (!slow.isEmpty()) {
            slow.poll().run();
        }
    }

    @Override
    public Optional<T> get(String key) {
        return Optional.ofNullable(snapshot().get(key));
    }

    @Override
    public Map<String, T> snapshot() {
        Map<String, T> all = new TreeMap<>();
        bytes.forEach((key, value) -> {
            try {
                all.put(key, codec.read(value));
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        return all;
    }

    @Override
    public CompletionStage<Void> put(String key, T record) {
        return write(() -> bytes.put(key, codec.write(record)));
    }

    @Override
    public CompletionStage<Void> remove(String key) {
        return write(() -> bytes.remove(key));
    }

    @Override
    public CompletionStage<Void> apply(Map<String, T> changes) {
        return write(() -> changes.forEach((key, value) -> {
            if (value == null) {
                bytes.remove(key);
            } else {
                bytes.put(key, codec.write(value));
            }
        }));
    }
}
