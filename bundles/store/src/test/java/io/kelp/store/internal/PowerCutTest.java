package io.kelp.store.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Power cuts at hundreds of points of one run. A child writes through the shim, which records
 * everything that changes the disk in order, the acknowledgements among it. For each point the
 * test makes a disk as a power cut may leave it: what was synced is there, of everything else a
 * random part, torn at sectors; names of files are kept up to a random point after the last sync
 * of the directory. What was acknowledged before the point must be found.
 */
@Tag("slow")
class PowerCutTest {

    private static final int CUTS = Integer.getInteger("kelp.cuts", 150);

    @TempDir
    Path folder;

    @Test
    void whatWasAcknowledgedSurvivesThePowerCut() throws Exception {
        DiskShim shim = DiskShim.build(folder, true);
        Path home = Files.createDirectory(folder.resolve("home"));
        Path data = home.resolve("data");
        Files.createDirectory(data);
        Process child = shim.java(data, StoreLoad.class, home.toString(), data.resolve("acks").toString(),
                "7", "6000", "foldSeconds=1").redirectOutput(folder.resolve("out").toFile()).start();
        assertTrue(child.waitFor(60, TimeUnit.SECONDS), "child hangs");
        assertEquals(0, child.exitValue(), () -> read(folder.resolve("out")));

        RecordedDisk recording = RecordedDisk.read(shim.log());
        var random = new Random(1);
        int acknowledgedAtLeast = 0;
        for (int cut = 0; cut < CUTS; cut++) {
            int point = cut == 0 ? recording.size() : random.nextInt(recording.size());
            Path disk = Files.createDirectories(folder.resolve("cut").resolve("data"));
            byte[] acks = recording.cut(point, new Random(cut), disk, "acks");
            var acknowledged = new Acknowledged();
            new String(acks, StandardCharsets.UTF_8).lines().forEach(acknowledged::line);
            acknowledgedAtLeast = Math.max(acknowledgedAtLeast, (int) acknowledged.count);
            LocalStore store = Stores.open(disk.getParent());
            try {
                assertTrue(store.problems.list().isEmpty(), () -> store.problems.list().toString());
                acknowledged.assertKept(store, false);
            } catch (AssertionError e) {
                throw new AssertionError("cut " + cut + " at operation " + point, e);
            } finally {
                store.close();
            }
            RecordedDisk.deleteTree(folder.resolve("cut"));
        }
        assertTrue(acknowledgedAtLeast > 5000);
        System.out.println(CUTS + " power cuts in " + recording.size() + " disk operations, nothing lost");
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (java.io.IOException e) {
            return e.toString();
        }
    }
}
