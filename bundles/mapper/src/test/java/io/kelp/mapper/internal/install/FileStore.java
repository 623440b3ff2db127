package io.kelp.mapper.internal.install;

import io.kelp.store.Durability;
import io.kelp.store.RecordCodec;
import io.kelp.store.RecordCollection;
import io.kelp.store.RecordRing;
import io.kelp.store.Store;
import io.kelp.store.StoreException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** One file per collection, written anew and synced with each change: as durable as the real store promises, and slow. */
public final class FileStore implements Store {

    private final Path folder;
    public volatile boolean broken;

    public FileStore(Path folder) {
        this.folder = folder;
    }

    @Override
    public <T> RecordCollection<T> collection(String name, RecordCodec<T> codec, Durability durability) {
        Path file = folder.resolve(name);
        Map<String, T> records = new TreeMap<>();
        try {
            Files.createDirectories(folder);
            if (Files.exists(file)) {
                for (String line : Files.readAllLines(file)) {
                    String[] part = line.split(" ");
                    records.put(part[0], codec.read(Base64.getDecoder().decode(part[1])));
                }
            }
        } catch (IOException e) {
            throw new StoreException("test store", e);
        }
        return new Collection<>(file, codec, records);
    }

    @Override
    public <T> RecordRing<T> ring(String name, RecordCodec<T> codec, int capacity) {
        throw new UnsupportedOperationException();
    }

    private final class Collection<T> implements RecordCollection<T> {
        private final Path file;
        private final RecordCodec<T> codec;
        private final Map<String, T> records;

        Collection(Path file, RecordCodec<T> codec, Map<String, T> records) {
            this.file = file;
            this.codec = codec;
            this.records = records;
        }

        @Override
        public synchronized Optional<T> get(String key) {
            return Optional.ofNullable(records.get(key));
        }

        @Override
        public synchronized Map<String, T> snapshot() {
            return new TreeMap<>(records);
        }

        @Override
        public CompletionStage<Void> put(String key, T record) {
            return apply(Map.of(key, record));
        }

        @Override
        public CompletionStage<Void> remove(String key) {
            Map<String, T> change = new TreeMap<>();
            change.put(key, null);
            return apply(change);
        }

        @Override
        public synchronized CompletionStage<Void> apply(Map<String, T> changes) {
            if (broken) {
                return CompletableFuture.failedFuture(new StoreException("no space left on device", null));
            }
            changes.forEach((key, record) -> {
                if (record == null) {
                    records.remove(key);
                } else {
                    records.put(key, record);
                }
            });
            StringBuilder text = new StringBuilder();
            records.forEach((key, record) -> text.append(key).append(' ')
                    .append(Base64.getEncoder().encodeToString(codec.write(record))).append('\n'));
            try {
                Path part = file.resolveSibling(file.getFileName() + ".part");
                Files.writeString(part, text);
                try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
                    channel.force(true);
                }
                Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException e) {
                return CompletableFuture.failedFuture(new StoreException("test store", e));
            }
            return CompletableFuture.completedFuture(null);
        }
    }
}
