package io.kelp.cloud.standalone;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.kubeapi.ApiStore.Change;
import io.kelp.kubeapi.ApiStore.Key;
import io.kelp.kubeapi.ApiStore.StoreException;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk without room, played by a limit on the database's pages: SQLite answers both with SQLITE_FULL. */
class StoreFullDiskTest {

    private static final byte[] SMALL = new byte[10];
    private static final byte[] LARGE = new byte[200_000];

    @TempDir
    Path folder;

    private final List<Change> told = new CopyOnWriteArrayList<>();
    private Path file;
    private Connection connection;
    private StoreTables tables;
    private StoreWriter writer;
    private StoreReaders readers;

    @BeforeEach
    void open() throws Exception {
        file = folder.resolve("api.db");
        StoreSettings settings = StoreSettings.defaults();
        StoreFile storeFile = new StoreFile(file);
        connection = storeFile.open();
        tables = new StoreTables(connection, storeFile::reopen);
        writer = new StoreWriter(file, tables, new StoreHistory(connection, tables, settings, InstantSource.system()), settings, told::addAll);
        readers = new StoreReaders(file, 2, Duration.ofSeconds(5));
        writer.start();
    }

    @AfterEach
    void close() throws Exception {
        readers.close();
        writer.close();
    }

    @Test
    void everyRefusedWriteIsToldThatTheDiskIsFullAndTheFirstAfterThereIsRoomSucceeds() throws Exception {
        for (int round = 0; round < 3; round++) {
            long before = write("x" + round, SMALL);
            fill();
            for (int i = 0; i < 5; i++) {
                String message = assertThrows(StoreException.class, () -> write("large", LARGE)).getMessage();
                assertTrue(message.contains("the disk is full"), message);
            }
            assertEquals(before, read("x" + round));
            assertEquals(0, read("large"));
            makeRoom();
            assertEquals(before + 1, write("y" + round, LARGE));
            assertEquals(before + 1, read("y" + round));
            assertEquals(before + 1, told.get(told.size() - 1).revision());
        }
        assertEquals(6, told.size(), "nothing refused is told, nothing told twice");
    }

    @Test
    void theStateOfTheFileIsSoundAfterwards() throws Exception {
        write("x", SMALL);
        fill();
        assertThrows(StoreException.class, () -> write("large", LARGE));
        makeRoom();
        write("large", LARGE);
        try (Connection other = Sqlite.open(file, 100)) {
            StoreCheck.check(file, other);
            assertEquals(2, Sqlite.number(other, "SELECT objects FROM counts"));
        }
    }

    @Test
    void saysWhyWritesAreRefusedAndFindsOutByItselfThatTheyWorkAgain() throws Exception {
        assertEquals(Optional.empty(), writer.refusal());
        fill();
        assertThrows(StoreException.class, () -> write("large", LARGE));
        assertTrue(writer.refusal().orElseThrow().contains("the disk is full"));
        makeRoom();
        Instant end = Instant.now().plusSeconds(10);
        while (writer.refusal().isPresent()) {
            assertTrue(Instant.now().isBefore(end), "still: " + writer.refusal());
            Thread.sleep(20);
        }
    }

    @Test
    void aConnectionThatIsOfNoUseAnyMoreIsReplaced() throws Exception {
        long before = write("x", SMALL);
        connection.close();
        String message = assertThrows(StoreException.class, () -> write("y", SMALL)).getMessage();
        assertTrue(message.contains("the disk refused"), "told at once, not after the store's patience: " + message);
        assertEquals(before, read("x"));
        assertEquals(before + 1, write("y", SMALL));
    }

    /** From now on the file cannot grow. */
    private void fill() throws Exception {
        Sqlite.pragma(connection, "max_page_count=1"); // SQLite takes the pages there are instead
    }

    private void makeRoom() throws Exception {
        Sqlite.pragma(connection, "max_page_count=1000000");
    }

    private long write(String name, byte[] value) throws Exception {
        return writer.write(key(name), 0, false, revision -> value).revision();
    }

    /** @return its revision, 0 when it is not there */
    private long read(String name) throws Exception {
        return readers.read(reader -> reader.get(key(name))).map(item -> item.revision()).orElse(0L);
    }

    private static Key key(String name) {
        return new Key("c", "ns", name);
    }
}
