package io.kelp.store.internal;

import io.kelp.store.RecordCodec;
import io.kelp.store.RecordCollection;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.osgi.util.converter.Converters;

/** Shorthand of the tests of this package. */
final class Stores {

    static final RecordCodec<String> TEXT = RecordCodec.text();

    private Stores() {}

    static Settings settings(Map<String, ?> set) {
        return Settings.of(Converters.standardConverter().convert(set).to(StoreConfig.class));
    }

    static LocalStore open(Path home, Map<String, ?> set) {
        Settings settings = settings(set);
        return new LocalStore(home.resolve("data"), home.resolve("run"), () -> settings);
    }

    static LocalStore open(Path home) {
        return open(home, Map.of());
    }

    static <T> T await(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    static void put(RecordCollection<String> collection, String key, String value) throws Exception {
        await(collection.put(key, value));
    }
}
