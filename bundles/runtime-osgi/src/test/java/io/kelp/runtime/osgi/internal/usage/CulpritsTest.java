package io.kelp.runtime.osgi.internal.usage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.edged.ContainerSpec;
import io.kelp.edged.WorkloadContainer.Exit;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CulpritsTest {

    private static final Exit OOM = new Exit(137, "OOMKilled", "full of \"it\"\n", Instant.parse("2026-11-21T20:00:00.5Z"));

    @TempDir
    Path folder;

    @Test
    void theNextRunKnowsTheCulpritAndTheOneAfterThatNothing() {
        new Culprits(folder, folder).convict(spec("a"), OOM);
        Culprits next = new Culprits(folder, folder);
        assertEquals(Optional.of(OOM), next.lastEnd("uid-a", "main"));
        assertEquals(Optional.empty(), next.lastEnd("uid-a", "other"));
        assertEquals(Optional.empty(), next.lastEnd("uid-b", "main"));
        assertEquals(Optional.empty(), new Culprits(folder, folder).lastEnd("uid-a", "main"));
    }

    @Test
    void aSuspectCountsOnlyIfTheHeapWasExhausted() throws Exception {
        new Culprits(folder, folder).suspect(spec("a"), OOM);
        assertEquals(Optional.empty(), new Culprits(folder, folder).lastEnd("uid-a", "main"));
        new Culprits(folder, folder).suspect(spec("a"), OOM);
        Files.createFile(folder.resolve("oom.last"));
        assertEquals(Optional.of(OOM), new Culprits(folder, folder).lastEnd("uid-a", "main"));
    }

    @Test
    void whatIsCertainGoesBeforeASuspicion() throws Exception {
        Culprits culprits = new Culprits(folder, folder);
        culprits.suspect(spec("a"), OOM);
        culprits.convict(spec("b"), OOM);
        Files.createFile(folder.resolve("oom.last"));
        Culprits next = new Culprits(folder, folder);
        assertTrue(next.lastEnd("uid-a", "main").isEmpty() && next.lastEnd("uid-b", "main").isPresent());
    }

    @Test
    void aDamagedFileIsPassedOver() throws Exception {
        Path file = folder.resolve("culprit.json");
        new Culprits(folder, folder).convict(spec("a"), OOM);
        byte[] good = Files.readAllBytes(file);
        Random random = new Random(7);
        for (int i = 0; i < 60; i++) {
            byte[] bad = good.clone();
            for (int flips = random.nextInt(8); flips >= 0; flips--) {
                bad[random.nextInt(bad.length)] = (byte) random.nextInt(128);
            }
            Files.write(file, random.nextBoolean() ? bad : java.util.Arrays.copyOf(bad, random.nextInt(bad.length)));
            new Culprits(folder, folder);
        }
        Files.writeString(file, "{}");
        assertEquals(Optional.empty(), new Culprits(folder, folder).lastEnd("uid-a", "main"));
    }

    static ContainerSpec spec(String pod) {
        return new ContainerSpec(new ContainerSpec.PodRef("test", pod, "uid-" + pod, "127.0.0.1", Map.of(), Map.of(), Path.of("/nowhere")), "main", 0,
                "sha256:0", List.of(), List.of(), Map.of(), List.of(), List.of(), 0, 0, 0, Path.of("/nowhere/0.log"), Path.of("/nowhere/message"));
    }
}
