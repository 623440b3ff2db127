package io.kelp.eventbus.internal;

import io.kelp.store.RecordCollection;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/** The stored topics; can be told to fail. */
final class FakeTopics implements RecordCollection<String> {

    final Map<String, String> records = new ConcurrentHashMap<>();
    volatile RuntimeException failure;

    @Override
    public Optional<String> get(String key) {
        return Optional.ofNullable(records.get(key));
    }

    @Override
    public Map<String, String> snapshot() {
        return new TreeMap<>(records);
    }

    @Override
    public CompletionStage<Void> put(String key, String record) {
        if (failure != null) {
            return CompletableFuture.failedFuture(failure);
        }
        records.put(key, record);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<Void> remove(String key) {
        records.remove(key);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<Void> apply(Map<String, String> changes) {
        throw new UnsupportedOperationException("the event bus changes one topic at a time");
    }
}
