package io.kelp.store.internal;

import io.kelp.store.RecordCodec;
import io.kelp.store.RecordCollection;
import io.kelp.store.StoreException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** A table seen through a codec. Memory holds the bytes; a record is decoded when it is asked for. */
final class CodecCollection<T> implements RecordCollection<T> {

    private static final int KEY_BYTES = 1024;

    private final Table table;
    private final RecordCodec<T> codec;
    private final Supplier<Settings> settings;
    private final Problems problems;
    private final Counters counters;

    CodecCollection(Table table, RecordCodec<T> codec, Supplier<Settings> settings, Problems problems,
            Counters counters) {
        this.table = table;
        this.codec = codec;
        this.settings = settings;
        this.problems = problems;
        this.counters = counters;
    }

    @Override
    public Optional<T> get(String key) {
        byte[] bytes = table.get(key);
        return bytes == null ? Optional.empty() : Optional.ofNullable(decode(key, bytes));
    }

    @Override
    public Map<String, T> snapshot() {
        var records = new LinkedHashMap<String, T>();
        table.snapshot().forEach((key, bytes) -> {
            T record = decode(key, bytes);
            if (record != null) {
                records.put(key, record);
            }
        });
        return records;
    }

    @Override
    public CompletionStage<Void> put(String key, T record) {
        return write(Collections.singletonMap(key, codec.write(record)));
    }

    @Override
    public CompletionStage<Void> remove(String key) {
        return write(Collections.singletonMap(key, null));
    }

    @Override
    public CompletionStage<Void> apply(Map<String, T> changes) {
        Map<String, byte[]> bytes = new HashMap<>();
        changes.forEach((key, record) -> bytes.put(key, record == null ? null : codec.write(record)));
        return write(bytes);
    }

    private CompletionStage<Void> write(Map<String, byte[]> changes) {
        int most = settings.get().recordBytes();
        for (var change : changes.entrySet()) {
            int keyBytes = change.getKey().getBytes(StandardCharsets.UTF_8).length;
            if (keyBytes == 0 || keyBytes > KEY_BYTES) {
                return CompletableFuture.failedFuture(new StoreException("collection " + table.name + ": a key of "
                        + keyBytes + " bytes, allowed are 1 to " + KEY_BYTES, null));
            }
            if (change.getValue() != null && change.getValue().length > most) {
                return CompletableFuture.failedFuture(new StoreException("collection " + table.name + ": record "
                        + change.getKey() + " has " + change.getValue().length / 1024 + " KiB, allowed are "
                        + most / 1024 + "; see io.kelp.store recordKibibytes", null));
            }
        }
        return table.write(changes);
    }

    /** @return {@code null} for bytes that are no record; they stay in the database until they are overwritten */
    private T decode(String key, byte[] bytes) {
        try {
            return codec.read(bytes);
        } catch (IOException | RuntimeException e) {
            // The codec is foreign code; whatever it makes of the bytes, the other records are fine.
            counters.unreadableRecords.increment();
            problems.report("STORE-RECORD", "record " + key + " of collection " + table.name
                    + " cannot be read and is left out: " + e.getMessage(), table.name,
                    "it comes again from the cloud, or write it again");
            return null;
        }
    }
}
