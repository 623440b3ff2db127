package io.kelp.cloud.standalone;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.kubeapi.ApiStore.Change;
import io.kelp.kubeapi.ApiStore.Item;
import io.kelp.kubeapi.ApiStore.Kind;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code kill -9} at random moments, and a disk that is full: what was acknowledged is there, under its revision. */
@Tag("slow")
class StoreKillTest {

    private static final int KILLS = Integer.getInteger("kelp.kills", 12);

    private record Acknowledged(long revision, int size) {}

    @TempDir
    Path folder;

    private final Map<String, Acknowledged> last = new HashMap<>();
    private final Set<Long> revisions = new HashSet<>();
    private long highest = 1;

    @Test
    void whatWasAcknowledgedSurvivesEveryKill() throws Exception {
        Path file = folder.resolve("api.db");
        Random random = new Random(7);
        for (int kill = 0; kill < KILLS; kill++) {
            Process child = load("exec \"$0\" \"$@\"", file, kill);
            int lines = 20 + random.nextInt(4000);
            try (BufferedReader out = new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
                String line = out.readLine();
                for (; line != null && lines > 0; line = out.readLine(), lines--) {
                    acknowledged(line);
                }
                child.toHandle().destroyForcibly(); // of the handle: leaves the pipe open
                for (; line != null; line = out.readLine()) {
                    if (line.matches("R [0-9]+ t[0-9]+-[0-9]+ -?[0-9]+")) {
                        acknowledged(line);
                    }
                }
            }
            assertTrue(child.waitFor(10, TimeUnit.SECONDS));
            assertEquals(0, lines, "the child ended by itself");
            compare(file);
        }
        System.out.println(KILLS + " kills, " + revisions.size() + " acknowledged writes, none lost");
    }

    @Test
    void aFullDiskStopsWritesButNotReadsAndLosesNothing() throws Exception {
        Path file = folder.resolve("api.db");
        // The shell's limit of the size of a file, in KiB, stands for the full disk.
        Process child = load("ulimit -f 6000; exec \"$0\" \"$@\"", file, 1);
        String refusal = null;
        try (BufferedReader out = new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (line.startsWith("R ")) {
                    acknowledged(line);
                } else {
                    refusal = line;
                }
            }
        }
        assertTrue(child.waitFor(10, TimeUnit.SECONDS));
        assertNotNull(refusal);
        assertTrue(refusal.contains(file + ": the disk") && (refusal.contains("reads true of true") || refusal.contains("reads false of false")),
                refusal);
        compare(file);
    }

    private Process load(String shell, Path file, int seed) throws IOException {
        List<String> command = new ArrayList<>(List.of("bash", "-c", shell, Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m", "-cp", System.getProperty("java.class.path"), StoreLoad.class.getName(), file.toString(), "" + seed));
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    }

    private void acknowledged(String line) {
        String[] words = line.split(" ");
        long revision = Long.parseLong(words[1]);
        assertTrue(revisions.add(revision), () -> "revision used twice: " + line);
        highest = Math.max(highest, revision);
        last.merge(words[2], new Acknowledged(revision, Integer.parseInt(words[3])), (a, b) -> a.revision > b.revision ? a : b);
    }

    private void compare(Path file) throws Exception {
        try (SqliteApiStore store = SqliteApiStore.open(file, StoreSettings.defaults())) {
            assertTrue(Files.exists(file));
            try (Stream<Path> files = Files.list(folder)) {
                assertTrue(files.noneMatch(each -> each.toString().contains("broken")));
            }
            assertTrue(store.revision() >= highest, "revision " + store.revision() + " after " + highest);
            List<Change> unheard = store.changes("", Math.max(store.oldest(), 1), 1_000_000);
            for (Map.Entry<String, Acknowledged> each : last.entrySet()) {
                Item item = store.get(StoreLoad.key(each.getKey())).orElse(null);
                Acknowledged known = each.getValue();
                Change newer = unheard.stream().filter(c -> c.revision() > known.revision && c.key().name().equals(each.getKey()))
                        .reduce((a, b) -> b).orElse(null);
                if (newer != null) {
                    // Made, but the child died before it could say so: one per thread at most.
                    assertEquals(newer.kind() == Kind.DELETED, item == null);
                } else if (known.size < 0) {
                    assertEquals(null, item, "deleted, and here again: " + each);
                } else {
                    assertNotNull(item, "lost: " + each);
                    assertEquals(known.revision, item.revision());
                    assertArrayEquals(StoreLoad.value(known.revision, known.size), item.value());
                }
            }
            // What was made and not told counts from now on, so that a later loss of it is seen.
            for (Change change : unheard) {
                if (revisions.add(change.revision())) {
                    highest = Math.max(highest, change.revision());
                    last.merge(change.key().name(), new Acknowledged(change.revision(), change.kind() == Kind.DELETED ? -1 : change.value().length),
                            (a, b) -> a.revision > b.revision ? a : b);
                }
            }
        }
    }
}
