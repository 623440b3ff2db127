package io.kelp.control.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.control.ControlCommand.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RequestsTest {

    @TempDir
    private Path folder;
    private long now = -5;
    private Requests requests;

    private Path ask(String id) throws Exception {
        Path file = Files.write(folder.resolve(id + ".args"), "status\0--json\0".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        requests = requests == null ? new Requests(folder, () -> now) : requests;
        return file;
    }

    @Test
    void aClockThatJumpsDoesNotLoseARequest() throws Exception {
        Path file = ask("1.2.3");
        Files.setLastModifiedTime(file, FileTime.from(Instant.parse("1970-01-01T00:00:10Z")));
        requests.tidy();
        assertEquals(List.of("status", "--json"), requests.words("1.2.3"));
    }

    @Test
    void whatADeviceSaysNeitherBreaksALineNorReachesTheTerminal() throws Exception {
        ask("1.2.3");
        assertEquals(0, new ProcessBuilder("mkfifo", folder.resolve("1.2.3.done").toString()).start().waitFor());
        requests.answer("1.2.3", Result.failed(1, "the device says \"well\r\nproblems   none\"", "\u001b[2J\u009b2J\u007f", "name\tÄ°C 機 \\n",
                "\u202eesrever\u2066\u2028"));
        assertEquals("the device says \"well\\r\\nproblems   none\"\n\\u001b[2J\\u009b2J\\u007f\nname\tÄ°C 機 \\n\n\\u202eesrever\\u2066\\u2028\n",
                Files.readString(folder.resolve("1.2.3.out")));
    }

    @Test
    void whatNobodyFetchesForAMinuteIsRemoved() throws Exception {
        Path left = ask("1.2.3");
        Path other = Files.createFile(folder.resolve("kept.args"));
        requests.tidy();
        now += 61_000_000_000L;
        Path fresh = ask("4.5.6");
        requests.tidy();
        assertFalse(Files.exists(left));
        assertTrue(Files.exists(other), "no name of ours");
        assertTrue(Files.exists(fresh));
    }
}
