package io.kelp.devicetwin.internal;

import io.kelp.store.Durability;
import io.kelp.store.RecordCodec;
import io.kelp.store.RecordCollection;
import io.kelp.store.RecordRing;
import io.kelp.store.Store;
import io.kelp.store.StoreException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;

/** A store in memory that outlives the component, counts bytes, and can be slow or broken. */
final class FakeStore implements Store {

    private final Map<String, TreeMap<String, byte[]>> collections = new HashMap<>();
    private final Queue<Runnable> held = new ArrayDeque<>();
    final AtomicLong bytesWritten = new AtomicLong();
    final Map<Durability, Integer> writes = Collections.synchronizedMap(new HashMap<>());
    private boolean holding;
    volatile boolean broken;

    /** From now on writes are seen at once, but complete only with {@link #release}. */
    synchronized void hold() {
        holding = true;
    }

    void release() {
        while (true) {
            Runnable next;
            synchronized (this) {
                next = held.poll();
                if (next == null) {
                    holding = false;
                    return;
                }
            }
            next.run();
        }
    }

    synchronized int heldWrites() {
        return held.size();
    }

    /** A copy of what is stored now, as after a kill. */
    synchronized FakeStore copy() {
        FakeStore copy = new FakeStore();
        collections.forEach((name, records) -> copy.collections.put(name, new TreeMap<>(records)));
        return copy;
    }

    synchronized String text(String collection, String key) {
        byte[] bytes = collections.getOrDefault(collection, new TreeMap<>()).get(key);
        return bytes == null ? null : new String(bytes, java.nio.charset.StandardCharsets.UTF_8);
    }

    @Override
    public synchronized <T> RecordCollection<T> collection(String name, RecordCodec<T> codec, Durability durability) {
        TreeMap<String, byte[]> records = collections.computeIfAbsent(name, n -> new TreeMap<>());
        return new RecordCollection<>() {
            @Override
            public Optional<T> get(String key) {
                return Optional.ofNullable(snapshot().get(key));
            }

            @Override
            public Map<String, T> snapshot() {
                synchronized (FakeStore.this) {
                    Map<String, T> copy = new TreeMap<>();
                    records.forEach((key, bytes) -> {
                        try {
                            copy.put(key, codec.read(bytes));
                        } catch (IOException e) {
                            throw new AssertionError("record " + key + " of " + name, e);
                        }
                    });
                    return copy;
                }
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
            public CompletionStage<Void> apply(Map<String, T> changes) {
                synchronized (FakeStore.this) {
                    if (broken) {
                        return CompletableFuture.failedFuture(new StoreException("the disk is full", null));
                    }
                    writes.merge(durability, 1, Integer::sum);
                    changes.forEach((key, record) -> {
                        if (record == null) {
                            records.remove(key);
                        } else {
                            byte[] bytes = codec.write(record);
                            bytesWritten.addAndGet(key.length() + bytes.length);
                            records.put(key, bytes);
                        }
                    });
                    CompletableFuture<Void> done = new CompletableFuture<>();
                    if (holding) {
                        held.add(() -> done.complete(null));
                    } else {
                        done.complete(null);
                    }
                    return done;
                }
            }
        };
    }

    @Override
    public <T> RecordRing<T> ring(String name, RecordCodec<T> codec, int capacity) {
        throw new UnsupportedOperationException("twins need no ring");
    }
}
