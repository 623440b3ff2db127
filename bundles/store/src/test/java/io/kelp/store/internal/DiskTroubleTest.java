package io.kelp.store.internal;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.store.Durability;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Full, read-only and slow disks, made by the shim in a child process. */
@Tag("slow")
class DiskTroubleTest {

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"full", "readonly"})
    void writesFailReadsGoOnAndItRecoversByItself(String scenario) throws Exception {
        run(scenario, 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"startfull", "startreadonly"})
    void startsOnADiskThatTakesNoWrites(String scenario) throws Exception {
        LocalStore store = Stores.open(folder.resolve("home"));
        Stores.put(store.collection("t.power", Stores.TEXT, Durability.POWER), "k", "kept");
        store.close();
        run(scenario, 0);
    }

    @Test
    void slowSyncsDelayDesiredValuesAtMost100MillisecondsAndReportsNotAtAll() throws Exception {
        run("slow", 20);
    }

    private void run(String scenario, int syncMillis) throws Exception {
        DiskShim shim = DiskShim.build(folder, false);
        shim.slowSync(syncMillis);
        Path home = Files.createDirectories(folder.resolve("home"));
        Path out = folder.resolve("out");
        Process child = shim.java(home.resolve("data"), DiskTrouble.class, scenario, home.toString(),
                shim.control().toString()).redirectOutput(out.toFile()).start();
        boolean ended = child.waitFor(60, TimeUnit.SECONDS);
        child.destroyForcibly();
        String said = Files.readString(out);
        assertTrue(ended && child.exitValue() == 0 && said.contains("passed"), said);
        said.lines().filter(line -> line.startsWith("20 ms")).forEach(System.out::println);
    }
}
