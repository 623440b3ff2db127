package io.kelp.edged.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineTest {

    private final Machine machine = new Machine(Path.of("/"), Path.of("/tmp"));

    @Test
    void readsWholeValuesFromTheKernel() {
        assertEquals(System.getProperty("os.version"), machine.kernel());
        assertEquals(36, machine.bootId().length());
        assertTrue(machine.maxThreads() >= 301, "pid_max: " + machine.maxThreads()); // the kernel's least
        assertTrue(machine.memoryTotalKib() > 10_000);
        assertTrue(machine.memoryAvailableKib() > 0 && machine.memoryAvailableKib() <= machine.memoryTotalKib());
        assertTrue(machine.threads() > 0);
        assertTrue(machine.diskTotalBytes() >= machine.diskUsableBytes());
    }

    @Test
    void aSystemWithoutTheseFilesGivesEmptyValues(@TempDir Path nothing) throws Exception {
        Machine bare = new Machine(nothing, nothing);
        assertEquals("", bare.kernel());
        assertEquals(0, bare.memoryTotalKib());
        assertEquals(0, bare.threads());
        assertEquals("Linux", bare.system());
        Files.createDirectories(nothing.resolve("proc"));
        Files.writeString(nothing.resolve("proc/loadavg"), "damaged");
        assertEquals(0, bare.threads());
    }
}
