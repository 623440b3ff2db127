package io.kelp.cloud.standalone;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.kubeapi.ApiStore.Change;
import io.kelp.kubeapi.ApiStore.CompactedException;
import io.kelp.kubeapi.ApiStore.Item;
import io.kelp.kubeapi.ApiStore.Key;
import io.kelp.kubeapi.ApiStore.Page;
import io.kelp.kubeapi.ApiStore.StoreException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is special about the store in a file. */
class SqliteApiStoreTest {

    private static final Duration LIFE = Duration.ofMinutes(5);

    @TempDir
    Path folder;

    private final MovableClock clock = new MovableClock();
    private Path file;

    @BeforeEach
    void chooseFile() {
        file = folder.resolve("api.db");
    }

    @Test
    void goesOnWhereItEnded() throws Exception {
        try (SqliteApiStore store = open()) {
            store.write(key("x"), 0, revision -> bytes("one"));
            store.write(key("x"), 2, revision -> bytes("two"));
            store.delete(key("x"), 3, revision -> bytes("gone"));
        }
        try (SqliteApiStore store = open()) {
            assertEquals(4, store.revision());
            assertEquals(1, store.oldest());
            assertEquals(3, store.changes("", 1, 10).size());
            assertEquals(2, store.list("c", "", null, 10, 2).items().get(0).revision());
            assertEquals(5, store.write(key("x"), 0, revision -> bytes("new")).revision());
        }
    }

    @Test
    void onlyItsUserCanReadTheFiles() throws Exception {
        try (SqliteApiStore store = open()) {
            store.write(key("x"), 0, revision -> bytes("one"));
            try (var files = Files.list(folder)) {
                for (Path each : files.toList()) {
                    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(each)), each.toString());
                }
            }
        }
    }

    @Test
    void twoCannotHaveTheSameFile() {
        SqliteApiStore store = open();
        StoreException refused = assertThrows(StoreException.class, this::open);
        assertEquals(file + " is in use by process " + ProcessHandle.current().pid() + "; stop that one, or give this one another --data folder",
                refused.getMessage());
        store.close();
        open().close();
    }

    @Test
    void afterItsEndItSaysSo() throws Exception {
        SqliteApiStore store = open();
        store.close();
        store.close();
        assertTrue(assertThrows(StoreException.class, () -> store.get(key("x"))).getMessage().contains("closed"));
        assertTrue(assertThrows(StoreException.class, () -> store.write(key("x"), 0, r -> bytes("v"))).getMessage().contains("closed"));
    }

    @Test
    void aListenerThatFailsDisturbsNobody() throws Exception {
        try (SqliteApiStore store = open()) {
            List<Change> heard = new ArrayList<>();
            store.listen(changes -> {
                throw new IllegalStateException("by intention");
            });
            store.listen(heard::addAll);
            store.write(key("x"), 0, revision -> bytes("one"));
            assertEquals(1, heard.size());
        }
    }

    @Test
    void aListenerThatWritesIsToldThatItMustNot() throws Exception {
        try (SqliteApiStore store = open()) {
            List<String> said = new ArrayList<>();
            store.listen(changes -> said.add(assertThrows(IllegalStateException.class,
                    () -> store.write(key("y"), 0, revision -> bytes("v"))).getMessage()));
            store.write(key("x"), 0, revision -> bytes("one"));
            assertEquals(1, said.size());
        }
    }

    @Test
    void forgetsWhatIsOlderThanItsLifeAndRemembersThatOverARestart() throws Exception {
        SqliteApiStore store = open();
        for (int i = 0; i < 50; i++) {
            store.write(key("x"), i == 0 ? 0 : 1 + i, revision -> bytes("v"));
        }
        store.write(key("gone"), 0, revision -> bytes("v"));
        store.delete(key("gone"), 52, revision -> bytes("v"));
        clock.advance(LIFE.dividedBy(2));
        store.write(key("y"), 0, revision -> bytes("v"));
        clock.advance(LIFE.dividedBy(2).plusSeconds(20));
        store.write(key("z"), 0, revision -> bytes("v")); // looks at the clock
        assertTrue(store.oldest() >= 2 && store.oldest() <= 53, "oldest " + store.oldest());
        clock.advance(LIFE.multipliedBy(2));
        store.write(key("z"), 55, revision -> bytes("v"));
        store.write(key("z"), 56, revision -> bytes("v"));
        assertEquals(55, store.oldest());
        store.close();
        try (Connection inside = Sqlite.open(file, 100)) {
            assertEquals(55, Sqlite.number(inside, "SELECT oldest FROM state"));
        }
        try (SqliteApiStore again = open()) {
            assertEquals(55, again.oldest());
            assertThrows(CompactedException.class, () -> again.changes("", 54, 1));
            await(() -> {
                try (Connection inside = Sqlite.open(file, 100)) {
                    return Sqlite.number(inside, "SELECT COUNT(*) FROM change") <= 5
                            && Sqlite.number(inside, "SELECT COUNT(*) FROM history") <= 2;
                }
            });
            assertEquals(List.of("x", "y", "z"), again.list("c", "", null, 10, 0).items().stream().map(i -> i.key().name()).toList());
        }
    }

    @Test
    void forgetsEarlierWhenTheHistoryIsTooLargeAndGivesTheSpaceBack() throws Exception {
        StoreSettings tight = new StoreSettings(LIFE, 2L << 20, 2, 100, Duration.ofSeconds(30), 10, 1000);
        try (SqliteApiStore store = SqliteApiStore.open(file, tight, clock)) {
            byte[] large = new byte[100_000];
            long revision = 0;
            for (int i = 0; i < 300; i++) {
                revision = store.write(key("x"), revision, r -> large).revision();
            }
            assertTrue(revision - store.oldest() < 40, "kept " + (revision - store.oldest()));
            await(() -> {
                try (Connection inside = Sqlite.open(file, 100)) {
                    return Sqlite.number(inside, "PRAGMA page_count") * 4096 < 16L << 20;
                }
            });
        }
    }

    @Test
    void pagesThroughManyObjectsWithoutCountingThemAgain() throws Exception {
        try (SqliteApiStore store = open()) {
            fill(store, 5_000);
            long items = 0;
            Page page = store.list("c", "", null, 500, 0);
            long total = page.items().size() + page.remaining();
            while (true) {
                items += page.items().size();
                assertEquals(total - items, page.remaining());
                if (page.remaining() == 0) {
                    break;
                }
                page = store.list("c", "", page.items().get(499).key(), 500, page.revision());
            }
            assertEquals(5_000, items);
        }
    }

    @Test
    void aBackupThatWasPutInPlaceNeverRepeatsARevision() throws Exception {
        Path copy = folder.resolve("copy.db");
        try (SqliteApiStore store = open()) {
            store.write(key("x"), 0, revision -> bytes("kept"));
            Backup.make(file, copy);
            for (int i = 0; i < 20; i++) {
                store.write(key("later" + i), 0, revision -> bytes("lost"));
            }
        }
        Files.write(folder.resolve("api.db-wal"), new byte[50_000]); // what a killed service may leave
        Files.copy(copy, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        try (SqliteApiStore store = open()) {
            assertTrue(store.revision() > 1_000_000_000, "revision " + store.revision());
            assertEquals(store.revision(), store.oldest());
            Item kept = store.get(key("x")).orElseThrow();
            assertEquals("kept", new String(kept.value(), StandardCharsets.UTF_8));
            assertEquals(List.of("x"), store.list("c", "", null, 10, 0).items().stream().map(i -> i.key().name()).toList());
            long next = store.write(key("x"), kept.revision(), revision -> bytes("new")).revision();
            assertEquals(List.of(next), store.changes("", next - 1, 10).stream().map(Change::revision).toList());
        }
        try (SqliteApiStore store = open()) {
            assertTrue(store.revision() < 1_500_000_000, "leapt again to " + store.revision());
        }
    }

    @Test
    void aFileOfANewerVersionIsLeftAlone() throws Exception {
        open().close();
        try (Connection inside = Sqlite.open(file, 100)) {
            Sqlite.execute(inside, "UPDATE state SET format=7");
            Sqlite.pragma(inside, "user_version=7");
        }
        StoreException refused = assertThrows(StoreException.class, this::open);
        assertTrue(refused.getMessage().contains("format 7 of a newer version"), refused.getMessage());
        assertFalse(Files.list(folder).anyMatch(each -> each.toString().contains("broken")));
    }

    private static void fill(SqliteApiStore store, int objects) throws Exception {
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 20; t++) {
            int part = t;
            threads.add(new Thread(() -> {
                for (int i = part; i < objects; i += 20) {
                    try {
                        store.write(new Key("c", "ns" + i % 3, "n" + i), 0, revision -> bytes("v"));
                    } catch (io.kelp.kubeapi.ApiStore.ConflictException e) {
                        throw new IllegalStateException(e);
                    }
                }
            }));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join(60_000);
        }
    }

    private static void await(Callable<Boolean> condition) throws Exception {
        Instant end = Instant.now().plusSeconds(20);
        while (!condition.call()) {
            assertTrue(Instant.now().isBefore(end), "not within 20 s");
            Thread.sleep(20);
        }
    }

    private SqliteApiStore open() {
        return SqliteApiStore.open(file, StoreSettings.defaults().withHistoryLife(LIFE), clock);
    }

    private static Key key(String name) {
        return new Key("c", "ns", name);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
