package io.kelp.store.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.kelp.store.Durability;
import io.kelp.store.RecordCollection;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Eight threads on one collection while the journal, tiny, is compacted and folded all the time. */
@Tag("slow")
class StressTest {

    private static final int THREADS = 8;
    private static final int ROUNDS = 8_000;

    @TempDir
    Path home;

    @ParameterizedTest
    @EnumSource(value = Durability.class, names = {"POWER", "PROCESS"})
    void theStoreAgreesWithAPlainMap(Durability durability) throws Exception {
        LocalStore store = Stores.open(home, Map.of("foldSeconds", 1, "journalKibibytes", 64));
        var collection = store.collection("stress", Stores.TEXT, durability);
        Map<String, String> expected = new ConcurrentHashMap<>();
        ExecutorService pool = Executors.newFixedThreadPool(THREADS);
        List<Future<?>> running = new ArrayList<>();
        for (int t = 0; t < THREADS; t++) {
            int number = t;
            running.add(pool.submit((Callable<Void>) () -> work(number, collection, expected)));
        }
        for (Future<?> each : running) {
            each.get(60, TimeUnit.SECONDS);
        }
        pool.shutdown();
        assertEquals(new TreeMap<>(expected), collection.snapshot());
        assertEquals(List.of(), store.problems.list());
        store.close();
        store = Stores.open(home);
        assertEquals(new TreeMap<>(expected), store.collection("stress", Stores.TEXT, durability).snapshot());
        store.close();
    }

    /** Each thread has keys of its own, so that what it expects does not depend on the others. */
    private static Void work(int number, RecordCollection<String> collection, Map<String, String> expected)
            throws Exception {
        var random = new Random(number);
        CompletableFuture<?> last = CompletableFuture.completedFuture(null);
        for (int round = 0; round < ROUNDS; round++) {
            String key = number + "-" + random.nextInt(20);
            String other = number + "-" + random.nextInt(20);
            String value = "v".repeat(random.nextInt(200)) + round / 3; // often the same again
            switch (random.nextInt(4)) {
                case 0 -> {
                    last = collection.remove(key).toCompletableFuture();
                    expected.remove(key);
                }
                case 1 -> {
                    var changes = new HashMap<String, String>();
                    changes.put(key, value);
                    changes.put(other, null);
                    last = collection.apply(changes).toCompletableFuture();
                    changes.forEach((k, v) -> expected.compute(k, (x, y) -> v));
                }
                default -> {
                    last = collection.put(key, value).toCompletableFuture();
                    expected.put(key, value);
                }
            }
            assertEquals(expected.get(key), collection.get(key).orElse(null));
            if (round % 50 == 0) {
                last.get(20, TimeUnit.SECONDS);
            }
        }
        last.get(20, TimeUnit.SECONDS);
        return null;
    }
}
