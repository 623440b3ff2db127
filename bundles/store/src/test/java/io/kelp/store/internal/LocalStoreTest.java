package io.kelp.store.internal;

import static io.kelp.store.internal.Stores.TEXT;
import static io.kelp.store.internal.Stores.await;
import static io.kelp.store.internal.Stores.put;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.store.Durability;
import io.kelp.store.RecordCodec;
import io.kelp.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LocalStoreTest {

    @TempDir
    Path home;

    private LocalStore store;

    @BeforeEach
    void open() {
        store = Stores.open(home);
    }

    @AfterEach
    void close() {
        store.close();
    }

    private void reopen() {
        store.close();
        store = Stores.open(home);
    }

    @ParameterizedTest
    @EnumSource(value = Durability.class, names = {"POWER", "PROCESS"})
    void whatWasWrittenIsThereAfterARestart(Durability durability) throws Exception {
        var c = store.collection("test.a", TEXT, durability);
        put(c, "b", "2");
        put(c, "a", "1");
        put(c, "c", "3");
        put(c, "b", "22");
        await(c.remove("c"));
        reopen();
        assertEquals("{a=1, b=22}", store.collection("test.a", TEXT, durability).snapshot().toString());
    }

    @ParameterizedTest
    @EnumSource(value = Durability.class, names = {"POWER", "PROCESS"})
    void aWriteShowsBeforeItIsDurable(Durability durability) {
        var c = store.collection("test.a", TEXT, durability);
        var stage = c.put("k", "v");
        assertEquals(Optional.of("v"), c.get("k"));
        stage.toCompletableFuture().join();
    }

    @Test
    void theWatchdogLearnsOfAThreadThatHasEnded() {
        assertEquals("", store.endedThread());
        store.close();
        assertEquals("kelp-store-meta", store.endedThread());
    }

    @Test
    void aWriteThatChangesNothingIsNotMade() throws Exception {
        var c = store.collection("test.a", TEXT, Durability.POWER);
        put(c, "k", "v");
        long commits = store.counters.commits.sum();
        assertTrue(c.put("k", "v").toCompletableFuture().isDone());
        assertTrue(c.remove("absent").toCompletableFuture().isDone());
        assertTrue(c.apply(Map.of("k", "v")).toCompletableFuture().isDone());
        assertEquals(commits, store.counters.commits.sum());
    }

    @Test
    void changesOfOneCallAreOneTransaction() throws Exception {
        var c = store.collection("test.a", TEXT, Durability.POWER);
        put(c, "old", "1");
        long commits = store.counters.commits.sum();
        var changes = new HashMap<String, String>();
        changes.put("old", null);
        changes.put("new1", "x");
        changes.put("new2", "y");
        await(c.apply(changes));
        assertEquals(commits + 1, store.counters.commits.sum());
        assertEquals("{new1=x, new2=y}", c.snapshot().toString());
    }

    @Test
    void manyWritesShareACommit() {
        var c = store.collection("test.a", TEXT, Durability.POWER);
        List<CompletableFuture<Void>> all = new ArrayList<>();
        for (int i = 0; i < 5000; i++) {
            all.add(c.put("k" + i, "value " + i).toCompletableFuture());
        }
        all.forEach(CompletableFuture::join);
        assertTrue(store.counters.commits.sum() < 500, () -> store.counters.commits.sum() + " commits");
        assertEquals(5000, c.snapshot().size());
    }

    @Test
    void reportedValuesReachTheDatabaseOnlyNowAndThen() throws Exception {
        var c = store.collection("test.a", TEXT, Durability.PROCESS);
        for (int i = 0; i < 100; i++) {
            put(c, "k", "v" + i);
        }
        assertEquals(0, store.counters.commits.sum());
        assertEquals(1, store.unfoldedRows());
    }

    @Test
    void twoViewsOfACollectionAreOne() throws Exception {
        var first = store.collection("test.a", TEXT, Durability.POWER);
        var second = store.collection("test.a", TEXT, Durability.POWER);
        put(first, "k", "v");
        assertEquals(Optional.of("v"), second.get("k"));
    }

    @Test
    void refusesAnotherDurabilityOrName() {
        store.collection("test.a", TEXT, Durability.POWER);
        assertThrows(IllegalArgumentException.class, () -> store.collection("test.a", TEXT, Durability.PROCESS));
        assertThrows(IllegalArgumentException.class, () -> store.collection("test.b", TEXT, Durability.SERIES));
        assertThrows(IllegalArgumentException.class, () -> store.collection("Test", TEXT, Durability.POWER));
        assertThrows(IllegalArgumentException.class, () -> store.collection("../x", TEXT, Durability.POWER));
        assertThrows(IllegalArgumentException.class, () -> store.ring("r", TEXT, 0));
        assertThrows(IllegalArgumentException.class, () -> store.ring("r", TEXT, 1_000_001));
    }

    @Test
    void refusesKeysAndRecordsBeyondTheirBounds() {
        var c = store.collection("test.a", TEXT, Durability.POWER);
        for (String key : List.of("", "k".repeat(1025))) {
            var e = assertThrows(ExecutionException.class, () -> put(c, key, "v"));
            assertTrue(e.getCause() instanceof StoreException);
        }
        var e = assertThrows(ExecutionException.class, () -> put(c, "k", "v".repeat(4 << 20 | 1)));
        assertTrue(e.getMessage().contains("allowed are 4096"), e.getMessage());
        assertEquals(Map.of(), c.snapshot());
    }

    @Test
    void largeRecordsLast() throws Exception {
        String large = "x".repeat(3 << 20);
        put(store.collection("test.a", TEXT, Durability.POWER), "k", large);
        reopen();
        assertEquals(Optional.of(large), store.collection("test.a", TEXT, Durability.POWER).get("k"));
    }

    @Test
    void aRecordThatCannotBeReadIsLeftOut() throws Exception {
        var c = store.collection("test.a", TEXT, Durability.POWER);
        put(c, "bad", "no number");
        put(c, "good", "7");
        var numbers = store.collection("test.a", new RecordCodec<Integer>() {
            @Override
            public byte[] write(Integer record) {
                return TEXT.write(record.toString());
            }

            @Override
            public Integer read(byte[] bytes) throws IOException {
                String text = TEXT.read(bytes);
                if (text.equals("7")) {
                    return 7;
                }
                throw new IOException("\"" + text + "\" is no number");
            }
        }, Durability.POWER);
        assertEquals(Map.of("good", 7), numbers.snapshot());
        assertEquals(Optional.empty(), numbers.get("bad"));
        assertEquals("STORE-RECORD", store.problems.list().get(0).code());
        await(numbers.put("bad", 7));
        assertEquals(Optional.of(7), numbers.get("bad"));
    }

    @Test
    void nothingIsTakenAfterTheEnd() {
        var c = store.collection("test.a", TEXT, Durability.POWER);
        var p = store.collection("test.p", TEXT, Durability.PROCESS);
        var ring = store.ring("test.r", TEXT, 10);
        store.close();
        for (var stage : List.of(c.put("k", "v"), p.put("k", "v"), ring.append("v"))) {
            var e = assertThrows(ExecutionException.class, () -> await(stage));
            assertTrue(e.getMessage().contains("stopped"), e.getMessage());
        }
        assertEquals(Optional.empty(), c.get("k"));
    }

    @Test
    void aSecondGatewayOnTheSameDataIsRefused() {
        var e = assertThrows(StoreException.class, () -> new LocalStore(home.resolve("data"), home.resolve("run2"),
                () -> Stores.settings(Map.of())));
        assertTrue(e.getMessage().contains("another process uses it"), e.getMessage());
    }

    @Test
    void onlyTheOwnerCanReadTheFiles() throws Exception {
        put(store.collection("test.a", TEXT, Durability.POWER), "k", "secret");
        put(store.collection("test.p", TEXT, Durability.PROCESS), "k", "secret");
        for (String file : List.of("data/meta.db", "data/meta.db-wal", "data/series.db")) {
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(home.resolve(file))), file);
        }
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(home.resolve("run/journal"))));
        assertFalse(Files.exists(home.resolve("data/meta.db-shm")));
    }

    @Test
    void removedKeysLeaveNothingInMemory() throws Exception {
        var power = store.collection("test.a", TEXT, Durability.POWER);
        var process = store.collection("test.p", TEXT, Durability.PROCESS);
        for (int i = 0; i < 50; i++) {
            put(power, "k" + i, "v");
            put(process, "k" + i, "v");
            await(power.remove("k" + i));
            await(process.remove("k" + i));
        }
        assertEquals(50, store.records()); // of the journal, until it is folded
        reopen();
        assertEquals(0, store.records());
    }

    @Test
    void tenThousandReportedValuesPerSecondAreNoTrouble() throws Exception {
        var c = store.collection("test.p", TEXT, Durability.PROCESS);
        String value = "x".repeat(300);
        long begin = System.nanoTime();
        CompletableFuture<?> last = null;
        for (int i = 0; i < 20_000; i++) {
            last = c.put("device" + i % 50, value + i).toCompletableFuture();
            if (i % 100 == 99) {
                last.get(10, TimeUnit.SECONDS); // at most 100 outstanding
            }
        }
        last.get(10, TimeUnit.SECONDS);
        double seconds = (System.nanoTime() - begin) / 1e9;
        System.out.printf("%.0f puts/s, %d bytes to meta.db, %d compactions, %d folds%n", 20_000 / seconds,
                store.counters.metaBytes.sum(), store.counters.compactions.sum(), store.counters.folds.sum());
        assertTrue(20_000 / seconds >= 10_000, () -> 20_000 / seconds + " puts/s");
        assertTrue(store.counters.metaBytes.sum() < 20_000 * 100, "mostly in memory");
    }
}
