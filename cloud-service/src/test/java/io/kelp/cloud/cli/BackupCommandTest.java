package io.kelp.cloud.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.cloud.standalone.SqliteApiStore;
import io.kelp.cloud.standalone.StoreSettings;
import io.kelp.kubeapi.ApiStore.ConflictException;
import io.kelp.kubeapi.ApiStore.Item;
import io.kelp.kubeapi.ApiStore.Key;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class BackupCommandTest {

    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void copiesOneMomentOfAStoreThatIsBeingWritten() throws Exception {
        Path data = folder.resolve("data");
        AtomicBoolean enough = new AtomicBoolean();
        AtomicLong written = new AtomicLong();
        try (SqliteApiStore store = SqliteApiStore.open(data.resolve("api.db"), StoreSettings.defaults())) {
            Thread writer = new Thread(() -> {
                for (int i = 0; !enough.get(); i++) {
                    try {
                        store.write(new Key("c", "ns", "n%06d".formatted(i)), 0, revision -> new byte[300]);
                        written.set(i + 1);
                    } catch (ConflictException e) {
                        throw new IllegalStateException(e);
                    }
                }
            });
            writer.start();
            while (written.get() < 100) {
                Thread.onSpinWait();
            }
            long before = written.get();
            assertEquals(0, run("backup", folder.resolve("copy").toString(), "--data", data.toString()), err::toString);
            long after = written.get() + 1;
            enough.set(true);
            writer.join(10_000);
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("copy"))));
            try (SqliteApiStore copy = SqliteApiStore.open(folder.resolve("copy"), StoreSettings.defaults())) {
                List<Item> items = copy.list("c", "", null, 1_000_000, 0).items();
                assertTrue(items.size() >= before && items.size() <= after, before + " <= " + items.size() + " <= " + after);
                for (int i = 0; i < items.size(); i++) {
                    assertEquals("n%06d".formatted(i), items.get(i).key().name());
                }
                assertTrue(out.toString().contains("copy: " + items.size() + " objects at revision " + (items.size() + 1)), out.toString());
            }
        }
    }

    @Test
    void neverReplacesAFile() throws Exception {
        SqliteApiStore.open(folder.resolve("api.db"), StoreSettings.defaults()).close();
        Path taken = Files.writeString(folder.resolve("taken"), "precious");
        assertEquals(1, run("backup", taken.toString(), "--data", folder.toString()));
        assertEquals("kelp-cloud: " + taken + " exists already; give another name, a backup never replaces a file", err.toString().strip());
        assertArrayEquals("precious".getBytes(), Files.readAllBytes(taken));
    }

    @Test
    void saysWhatIsMissing() throws Exception {
        assertEquals(1, run("backup", folder.resolve("copy").toString(), "--data", folder.toString()));
        assertTrue(err.toString().contains("There is no store at " + folder.resolve("api.db")), err.toString());
        SqliteApiStore.open(folder.resolve("api.db"), StoreSettings.defaults()).close();
        assertEquals(1, run("backup", folder.resolve("none/copy").toString(), "--data", folder.toString()));
        assertTrue(err.toString().contains("There is no folder " + folder.resolve("none")), err.toString());
        assertEquals(2, run("backup"));
    }

    @Test
    void leavesNothingBehindWhenTheStoreIsBroken() throws Exception {
        Files.write(folder.resolve("api.db"), new byte[10_000]);
        assertEquals(1, run("backup", folder.resolve("copy").toString(), "--data", folder.toString()));
        assertTrue(err.toString().contains("api.db: the database is broken"), err.toString());
        try (var files = Files.list(folder)) {
            assertEquals(List.of("api.db"), files.map(each -> each.getFileName().toString()).toList());
        }
        assertFalse(Files.exists(folder.resolve("copy")));
    }

    private int run(String... args) {
        CommandLine command = Main.commandLine();
        command.setOut(new PrintWriter(out, true));
        command.setErr(new PrintWriter(err, true));
        return command.execute(args);
    }
}
