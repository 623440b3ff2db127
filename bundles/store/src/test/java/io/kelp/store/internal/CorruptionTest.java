package io.kelp.store.internal;

import static io.kelp.store.internal.Stores.TEXT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.store.Durability;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CorruptionTest {

    private static final int RECORDS = 400;

    @TempDir
    Path home;

    private Path meta;
    private Path series;

    @BeforeEach
    void fill() throws Exception {
        meta = home.resolve("data/meta.db");
        series = home.resolve("data/series.db");
        LocalStore store = Stores.open(home);
        var c = store.collection("test.a", TEXT, Durability.POWER);
        for (int i = 0; i < RECORDS; i++) {
            c.put("k" + i, value(i));
        }
        var ring = store.ring("test.ring", TEXT, 1000);
        for (int i = 0; i < 200; i++) {
            ring.append("entry " + i);
        }
        store.close();
        Files.deleteIfExists(home.resolve("data/meta.db.snapshot"));
    }

    private static String value(int i) {
        return i + ":" + "abcdefghij".repeat(i % 60);
    }

    /** @return records found; each of them must be right */
    private int found(LocalStore store) {
        var records = store.collection("test.a", TEXT, Durability.POWER).snapshot();
        records.forEach((key, value) -> assertEquals(value(Integer.parseInt(key.substring(1))), value));
        return records.size();
    }

    private boolean has(LocalStore store, String code) {
        return store.problems.has(code);
    }

    @Test
    @Tag("slow")
    void aFlippedBitNeverMakesAWrongRecordAndCostsLittle() throws Exception {
        byte[] good = Files.readAllBytes(meta);
        var random = new Random(7);
        int lost = 0;
        for (int round = 0; round < 150; round++) {
            byte[] bad = good.clone();
            int at = random.nextInt(bad.length);
            bad[at] ^= (byte) (1 << random.nextInt(8));
            Files.write(meta, bad);
            LocalStore store = Stores.open(home);
            try {
                int found = found(store);
                lost += RECORDS - found;
                assertTrue(found == RECORDS || has(store, "STORE-META-BROKEN"), "bit at " + at + " lost records in silence");
                Stores.put(store.collection("test.a", TEXT, Durability.POWER), "k0", value(0) + "");
                Stores.put(store.collection("test.b", TEXT, Durability.POWER), "works", "again " + round);
            } finally {
                store.close();
            }
            Files.deleteIfExists(home.resolve("data/meta.db.snapshot"));
            for (Path file : Files.list(home.resolve("data")).filter(f -> f.toString().contains(".broken-")).toList()) {
                Files.delete(file);
            }
        }
        System.out.println("150 flipped bits cost " + lost + " of " + 150 * RECORDS + " records, without a safety copy");
        assertTrue(lost < 150 * RECORDS / 10, lost + " lost");
    }

    @Test
    void withTheSafetyCopyNothingIsLost() throws Exception {
        makeSnapshot();
        byte[] good = Files.readAllBytes(meta);
        for (int page = 0; page < good.length / 4096; page++) {
            byte[] bad = good.clone();
            java.util.Arrays.fill(bad, page * 4096, page * 4096 + 4096, (byte) 0xa5);
            Files.write(meta, bad);
            Files.deleteIfExists(home.resolve("data/meta.db-wal"));
            LocalStore store = Stores.open(home, Map.of("brokenFilesKept", 1));
            try {
                assertEquals(RECORDS, found(store), "page " + page);
                assertTrue(has(store, "STORE-META-BROKEN"), "page " + page);
            } finally {
                store.close();
            }
        }
        try (var files = Files.list(home.resolve("data"))) {
            assertEquals(1, files.filter(f -> f.getFileName().toString().matches("meta\\.db\\.broken-[^-]*")).count());
        }
    }

    @Test
    void aTruncatedDatabaseIsMadeAnewFromTheSafetyCopy() throws Exception {
        makeSnapshot();
        byte[] good = Files.readAllBytes(meta);
        for (int length : new int[] {0, 1, 100, 4096, 5000, good.length / 2, good.length - 1}) {
            Files.write(meta, java.util.Arrays.copyOf(good, length));
            LocalStore store = Stores.open(home);
            try {
                assertEquals(RECORDS, found(store), "length " + length);
                assertTrue(has(store, "STORE-META-BROKEN"));
            } finally {
                store.close();
            }
        }
    }

    @Test
    void aLostDatabaseComesBackWithTheJournal() throws Exception {
        LocalStore store = Stores.open(home);
        makeSnapshotOf(store);
        Stores.put(store.collection("test.p", TEXT, Durability.PROCESS), "reported", "42");
        byte[] segment = Files.readAllBytes(onlySegment());
        Path name = onlySegment();
        store.close();
        Files.write(name, segment); // as after a kill
        Files.write(meta, new byte[0]);
        store = Stores.open(home);
        assertEquals("42", store.collection("test.p", TEXT, Durability.PROCESS).get("reported").orElseThrow());
        assertEquals(RECORDS, found(store));
        store.close();
    }

    @Test
    @Tag("slow")
    void aTornJournalIsCutAtTheLastWholeRecord() throws Exception {
        LocalStore store = Stores.open(home);
        var c = store.collection("test.p", TEXT, Durability.PROCESS);
        for (int i = 0; i < 20; i++) {
            Stores.put(c, "p" + i, "value " + i);
        }
        Path name = onlySegment();
        byte[] segment = Files.readAllBytes(name);
        store.close();
        var random = new Random(3);
        for (int round = 0; round < 40; round++) {
            Path other = home.resolve("round" + round);
            Files.createDirectories(other.resolve("data"));
            Files.createDirectories(other.resolve("run/journal"));
            // The database as it was before the fold: the journal must belong to it.
            rewind(meta, other.resolve("data/meta.db"));
            byte[] torn = segment.clone();
            int at = JournalFormat.HEADER_BYTES + random.nextInt(torn.length - JournalFormat.HEADER_BYTES);
            if (round % 2 == 0) {
                torn = java.util.Arrays.copyOf(torn, at);
            } else {
                torn[at] ^= (byte) (1 << random.nextInt(8));
            }
            Files.write(other.resolve("run/journal").resolve(name.getFileName()), torn);
            LocalStore again = Stores.open(other);
            try {
                var found = again.collection("test.p", TEXT, Durability.PROCESS).snapshot();
                assertTrue(found.size() < 20);
                for (int i = 0; i < found.size(); i++) {
                    assertEquals("value " + i, found.get("p" + i), "a prefix, " + at);
                }
            } finally {
                again.close();
            }
        }
    }

    @Test
    void aBrokenHistoryIsSetAsideAndNothingElseNotices() throws Exception {
        byte[] bad = Files.readAllBytes(series);
        java.util.Arrays.fill(bad, 0, 200, (byte) 1);
        Files.write(series, bad);
        LocalStore store = Stores.open(home);
        var ring = store.ring("test.ring", TEXT, 1000);
        assertEquals(0, ring.after(0, 10).size());
        ring.append("new");
        assertEquals("new", ring.after(0, 10).get(0).value());
        assertTrue(has(store, "STORE-SERIES-BROKEN"));
        assertFalse(has(store, "STORE-META-BROKEN"));
        assertEquals(RECORDS, found(store));
        store.close();
    }

    @Test
    @Tag("slow")
    void flippedBitsInTheHistoryNeverStopTheStore() throws Exception {
        byte[] good = Files.readAllBytes(series);
        var random = new Random(11);
        for (int round = 0; round < 100; round++) {
            byte[] bad = good.clone();
            bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
            Files.write(series, bad);
            LocalStore store = Stores.open(home);
            try {
                var ring = store.ring("test.ring", TEXT, 1000);
                ring.after(0, 1000).forEach(e -> assertTrue(e.value().matches("entry [0-9]+"), e.value()));
                ring.append("entry 1000");
                var all = ring.after(0, 1000);
                assertEquals("entry 1000", all.get(all.size() - 1).value());
            } finally {
                store.close();
            }
        }
    }

    private Path onlySegment() throws IOException {
        try (var files = Files.list(home.resolve("run/journal"))) {
            var all = files.toList();
            assertEquals(1, all.size());
            return all.get(0);
        }
    }

    private void makeSnapshot() throws Exception {
        LocalStore store = Stores.open(home);
        makeSnapshotOf(store);
        store.close();
    }

    private void makeSnapshotOf(LocalStore store) throws Exception {
        Stores.put(store.collection("test.x", TEXT, Durability.POWER), "x", "" + System.nanoTime());
        if (!Files.exists(home.resolve("data/meta.db.snapshot"))) {
            store.snapshotNow();
            long end = System.nanoTime() + 5_000_000_000L;
            while (!Files.exists(home.resolve("data/meta.db.snapshot"))) {
                assertTrue(System.nanoTime() < end, "no safety copy");
                Thread.sleep(5);
            }
        }
    }

    private static void rewind(Path from, Path to) throws Exception {
        Files.copy(from, to);
        NativeLibrary.prepare(to.getParent(), to.getParent());
        var connection = Sqlite.open(to, "DELETE", "OFF");
        Sqlite.execute(connection, "UPDATE fact SET v='0' WHERE k='folded'");
        Sqlite.execute(connection, "DELETE FROM record WHERE c=(SELECT id FROM collection WHERE name='test.p')");
        Sqlite.close(connection);
    }
}
