package io.kelp.cloud.standalone;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.kubeapi.ApiStore.Key;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That objects were lost is known until they are there again, or somebody accepts it. */
class LostStoreTest {

    private static final Key KEY = new Key("c", "n", "one");
    private static final byte[] VALUE = {1, 2, 3};
    /** Kept here, since the logging of the JVM forgets what nobody holds. */
    private static final Logger MESSAGES = Logger.getLogger(StoreFile.class.getName());

    @TempDir
    private Path folder;

    private Path file;
    private Path backup;
    private Path marker;

    @BeforeAll
    static void beQuiet() {
        MESSAGES.setLevel(Level.OFF);
    }

    @AfterAll
    static void speakAgain() {
        MESSAGES.setLevel(null);
    }

    @BeforeEach
    void fill() throws Exception {
        file = folder.resolve("api.db");
        backup = folder.resolve("backup");
        marker = folder.resolve("api.db.lost");
        try (SqliteApiStore store = open()) {
            assertEquals(Optional.empty(), store.loss(), "a new folder has lost nothing");
            store.write(KEY, 0, r -> VALUE);
        }
        Backup.make(file, backup);
    }

    @Test
    void aLossIsKnownAtEveryStartUntilItIsAccepted() throws Exception {
        breakIt();
        String first;
        try (SqliteApiStore store = open()) {
            first = store.loss().orElseThrow();
            assertTrue(first.matches("20[0-9-]+T[0-9:]+Z: .*api\\.db was broken \\(.+\\) and set aside as .*api\\.db\\.broken-[0-9TZ.]+"), first);
            store.write(KEY, 0, r -> VALUE); // what is written now brings nothing back
        }
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(marker)));
        try (SqliteApiStore store = open()) {
            assertEquals(first, store.loss().orElseThrow());
            store.acceptLoss();
            assertEquals(Optional.empty(), store.loss());
        }
        try (SqliteApiStore store = open()) {
            assertEquals(Optional.empty(), store.loss());
            assertTrue(store.get(KEY).isPresent());
        }
    }

    @Test
    void aBackupFromBeforeEndsItAndRepeatsNoRevision() throws Exception {
        breakIt();
        long meanwhile;
        try (SqliteApiStore store = open()) {
            meanwhile = store.write(new Key("c", "n", "two"), 0, r -> VALUE).revision();
        }
        Files.copy(backup, replaced());
        try (SqliteApiStore store = open()) {
            assertEquals(Optional.empty(), store.loss());
            assertFalse(Files.exists(marker));
            assertArrayEquals(VALUE, store.get(KEY).orElseThrow().value());
            assertTrue(store.revision() > meanwhile, store.revision() + " after " + meanwhile);
        }
    }

    @Test
    void aBackupOfTheEmptyStoreBringsNothingBack() throws Exception {
        breakIt();
        try (SqliteApiStore store = open()) {
            store.write(KEY, 0, r -> VALUE);
        }
        Path useless = folder.resolve("useless");
        Backup.make(file, useless);
        Files.copy(useless, replaced());
        for (int start = 0; start < 2; start++) {
            try (SqliteApiStore store = open()) {
                assertTrue(store.loss().isPresent());
            }
        }
    }

    @Test
    void aBrokenBackupIsOneMoreLossAndASoundOneStillEndsIt() throws Exception {
        breakIt();
        open().close();
        breakIt();
        try (SqliteApiStore store = open()) {
            assertEquals(2, store.loss().orElseThrow().split("set aside as").length - 1);
        }
        try (SqliteApiStore store = open()) {
            assertTrue(store.loss().isPresent());
        }
        Files.copy(backup, replaced());
        try (SqliteApiStore store = open()) {
            assertEquals(Optional.empty(), store.loss());
        }
    }

    @Test
    void aProcessThatEndedBetweenSettingAsideAndBeginningHasLostItAllTheSame() throws Exception {
        breakIt();
        open().close();
        replaced();
        for (int start = 0; start < 2; start++) {
            try (SqliteApiStore store = open()) {
                assertTrue(store.loss().isPresent());
            }
        }
    }

    @Test
    void aLogThatTookAllObjectsWithItIsALoss() throws Exception {
        Files.delete(file);
        Path log = folder.resolve("api.db-wal");
        byte[] database;
        byte[] written;
        try (SqliteApiStore store = open()) {
            store.write(KEY, 0, r -> VALUE);
            database = Files.readAllBytes(file); // as a killed process leaves them
            written = Files.readAllBytes(log);
        }
        written[0] ^= 1 << 6;
        Files.write(file, database);
        Files.write(log, written);
        for (int start = 0; start < 2; start++) {
            try (SqliteApiStore store = open()) {
                assertTrue(store.loss().orElseThrow().contains("api.db-wal was damaged"), store.loss().orElseThrow());
                assertTrue(store.get(KEY).isEmpty());
            }
        }
    }

    @Test
    void aMarkerThatNobodyUnderstandsCountsUntilItIsAccepted() throws Exception {
        Files.writeString(marker, "?");
        Files.copy(backup, replaced());
        try (SqliteApiStore store = open()) {
            assertEquals(marker + " says that objects were lost, but not which", store.loss().orElseThrow());
            store.acceptLoss();
            assertEquals(Optional.empty(), store.loss());
        }
    }

    private void breakIt() throws Exception {
        Files.writeString(file, "no database\n".repeat(1000), StandardCharsets.UTF_8);
    }

    private Path replaced() throws Exception {
        Files.delete(file);
        return file;
    }

    private SqliteApiStore open() {
        return SqliteApiStore.open(file, StoreSettings.defaults());
    }
}
