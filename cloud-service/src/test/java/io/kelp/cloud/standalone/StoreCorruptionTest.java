package io.kelp.cloud.standalone;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.kubeapi.ApiStore.ConflictException;
import io.kelp.kubeapi.ApiStore.Item;
import io.kelp.kubeapi.ApiStore.Key;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A damaged file is either as good as before or set aside, never believed. */
class StoreCorruptionTest {

    private static final int OBJECTS = 60;
    /** Kept here, since the logging of the JVM forgets what nobody holds. */
    private static final Logger MESSAGES = Logger.getLogger(StoreFile.class.getName());

    @TempDir
    Path folder;

    private Path file;
    private byte[] sound;

    @BeforeAll
    static void beQuiet() {
        MESSAGES.setLevel(Level.OFF); // hundreds of broken files
    }

    @AfterAll
    static void speakAgain() {
        MESSAGES.setLevel(null);
    }

    @BeforeEach
    void fill() throws Exception {
        file = folder.resolve("api.db");
        try (SqliteApiStore store = open()) {
            for (int i = 0; i < OBJECTS; i++) {
                byte[] value = value(i);
                store.write(key(i), 0, r -> value);
            }
            store.write(key(0), 2, r -> value(0));
            store.delete(key(OBJECTS - 1), OBJECTS + 1, r -> value(0));
        }
        sound = Files.readAllBytes(file);
    }

    @Test
    @Tag("slow")
    void flippedBitsAreNoticed() throws Exception {
        Random random = new Random(4);
        int noticed = 0;
        for (int round = 0; round < 150; round++) {
            byte[] damaged = sound.clone();
            int flips = 1 + random.nextInt(3);
            for (int flip = 0; flip < flips; flip++) {
                damaged[random.nextInt(round % 3 == 0 ? 100 : damaged.length)] ^= (byte) (1 << random.nextInt(8));
            }
            noticed += opens(damaged) ? 1 : 0;
        }
        assertTrue(noticed > 75, "noticed only " + noticed);
    }

    @Test
    void aTruncatedFileIsSetAside() throws Exception {
        for (int length : new int[] {0, 1, 99, 100, 4096, sound.length / 2 / 4096 * 4096, sound.length - 4096, sound.length - 1}) {
            assertTrue(opens(Arrays.copyOf(sound, length)), "not noticed: " + length);
        }
    }

    @Test
    void whatIsNoDatabaseIsSetAside() throws Exception {
        byte[] text = "apiVersion: v1\n".repeat(1000).getBytes();
        assertTrue(opens(text));
    }

    @Test
    void theFreshStoreWorksAndItsRevisionsAreBeyondTheOldOnes() throws Exception {
        byte[] damaged = sound.clone();
        Arrays.fill(damaged, 8192, 12288, (byte) 7);
        Files.write(file, damaged);
        try (SqliteApiStore store = open()) {
            assertTrue(store.revision() > 1_000_000_000);
            assertEquals(store.revision(), store.oldest());
            assertEquals(0, store.list("c", "", null, 10, 0).items().size());
            store.write(key(1), 0, r -> value(1));
        }
        try (SqliteApiStore store = open()) {
            assertArrayEquals(value(1), store.get(key(1)).orElseThrow().value());
        }
        assertEquals(1, broken().size());
        assertArrayEquals(damaged, Files.readAllBytes(broken().get(0)));
    }

    @Test
    @Tag("slow")
    void aDamagedLogLosesNoMoreThanItMustAndRepeatsNoRevision() throws Exception {
        Path log = folder.resolve("api.db-wal");
        Files.delete(file);
        byte[] database;
        byte[] written;
        try (SqliteApiStore store = open()) {
            for (int i = 0; i < OBJECTS; i++) {
                byte[] value = value(i);
                store.write(key(i), 0, r -> value);
            }
            database = Files.readAllBytes(file); // as a killed process leaves them
            written = Files.readAllBytes(log);
        }
        Random random = new Random(5);
        int frame = 24 + 4096;
        int frames = (written.length - 32) / frame;
        assertTrue(frames > 100, "the log has " + frames + " frames");
        for (int round = 0; round < 30; round++) {
            byte[] damaged = written.clone();
            int at = round < 10 ? random.nextInt(32) : 32 + random.nextInt((frames - 20) * frame);
            damaged[at] ^= (byte) (1 << random.nextInt(8));
            Files.write(file, database);
            Files.write(log, damaged);
            try (SqliteApiStore store = open()) {
                assertTrue(store.revision() > 1_000_000_000, "round " + round + ", byte " + at + " of " + damaged.length);
                long kept = store.list("c", "", null, 1000, 0).items().size();
                for (int i = 0; i < kept; i++) {
                    assertArrayEquals(value(i), store.get(key(i)).orElseThrow().value());
                }
                assertEquals(kept == 0, store.loss().isPresent());
                store.acceptLoss();
            }
        }
        // A sound log, and one that was being written when the machine went down, are nothing special.
        for (int cut : new int[] {0, 1, 5000}) {
            Files.write(file, database);
            Files.write(log, Arrays.copyOf(written, written.length - cut));
            try (SqliteApiStore store = open()) {
                assertTrue(store.revision() <= OBJECTS + 1 && store.revision() >= OBJECTS - 2, "revision " + store.revision());
                assertEquals(store.revision() - 1, store.list("c", "", null, 1000, 0).items().size());
            }
        }
        assertEquals(0, broken().size());
    }

    /** @return whether the damage was noticed; if not, everything is there */
    private boolean opens(byte[] content) throws IOException, ConflictException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path each : files.toList()) {
                Files.delete(each);
            }
        }
        Files.write(file, content);
        try (SqliteApiStore store = open()) {
            if (broken().isEmpty()) {
                for (int i = 0; i < OBJECTS - 1; i++) {
                    Item item = store.get(key(i)).orElseThrow();
                    assertArrayEquals(value(i), item.value());
                    assertEquals(i == 0 ? OBJECTS + 2 : i + 2, item.revision());
                }
                assertTrue(store.get(key(OBJECTS - 1)).isEmpty());
            } else {
                assertTrue(store.get(key(1)).isEmpty());
            }
            long at = store.revision();
            assertEquals(at + 1, store.write(new Key("c", "", "fresh"), 0, r -> value(3)).revision());
            return !broken().isEmpty();
        }
    }

    private List<Path> broken() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(each -> each.getFileName().toString().matches("api\\.db\\.broken-[0-9TZ.]+")).toList();
        }
    }

    private SqliteApiStore open() {
        return SqliteApiStore.open(file, StoreSettings.defaults());
    }

    private static Key key(int i) {
        return new Key("c", "ns" + i % 3, "n" + i);
    }

    private static byte[] value(int i) {
        byte[] value = new byte[100 + i * 37];
        new Random(i).nextBytes(value);
        return value;
    }
}
