package io.kelp.store.internal;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code kill -9} at random moments; the parent keeps the acknowledgements and compares. */
@Tag("slow")
class KillTest {

    private static final int KILLS = Integer.getInteger("kelp.kills", 10);

    @TempDir
    Path home;

    @Test
    void whatWasAcknowledgedSurvivesEveryKill() throws Exception {
        var random = new Random(42);
        var acknowledged = new Acknowledged();
        for (int kill = 0; kill < KILLS; kill++) {
            // Small journal and quick folds: kills hit compactions, folds and rotations, too.
            Process child = DiskShim.plainJava(StoreLoad.class, home.toString(), "-", "" + kill, "0",
                    "foldSeconds=1", "journalKibibytes=" + (kill % 2 == 0 ? 64 : 4096)).start();
            int lines = 200 + random.nextInt(20_000);
            try (var in = new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
                String line = in.readLine();
                for (; line != null && lines > 0; line = in.readLine(), lines--) {
                    if (line.startsWith("load.")) {
                        acknowledged.line(line);
                    }
                }
                child.toHandle().destroyForcibly(); // of the handle: leaves the pipe open
                // What it said before it died counts as well; a last line cut in its number asks for less.
                for (; line != null; line = in.readLine()) {
                    if (line.matches("load\\.[a-z]+ [a-z0-9]+ [0-9]+")) {
                        acknowledged.line(line);
                    }
                }
            }
            assertTrue(child.waitFor(10, TimeUnit.SECONDS));
            assertTrue(lines == 0, "the child ended by itself");
            LocalStore store = Stores.open(home);
            try {
                assertTrue(store.problems.list().isEmpty(), () -> store.problems.list().toString());
                acknowledged.assertKept(store, true);
            } finally {
                store.close();
            }
        }
        System.out.println(KILLS + " kills, " + acknowledged.count + " acknowledged writes, none lost");
    }
}
