package io.kelp.metamanager.internal;

import io.kelp.metamanager.MetaStore.MetaObject;
import io.kelp.store.RecordCollection;
import io.kelp.store.StoreException;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A collection of bytes in memory that can be told to fail; what is read has gone through the codec. */
final class MemoryCollection implements RecordCollection<MetaObject> {

    final Map<String, byte[]> bytes = new TreeMap<>();
    final MetaCodec codec = new MetaCodec();
    boolean broken;
    int writes;

    private CompletionStage<Void> write(Runnable change) {
        if (broken) {
            return CompletableFuture.failedFuture(new StoreException("disk full", null));
        }
        writes++;
        change.run();
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public Optional<MetaObject> get(String key) {
        return Optional.ofNullable(snapshot().get(key));
    }

    @Override
    public Map<String, MetaObject> snapshot() {
        Map<String, MetaObject> all = new TreeMap<>();
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
    public CompletionStage<Void> put(String key, MetaObject record) {
        return write(() -> bytes.put(key, codec.write(record)));
    }

    @Override
    public CompletionStage<Void> remove(String key) {
        return write(() -> bytes.remove(key));
    }

    @Override
    public CompletionStage<Void> apply(Map<String, MetaObject> changes) {
        return write(() -> changes.forEach((key, value) -> bytes.put(key, codec.write(value))));
    }
}
