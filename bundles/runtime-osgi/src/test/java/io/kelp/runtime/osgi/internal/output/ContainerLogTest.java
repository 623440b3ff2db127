package io.kelp.runtime.osgi.internal.output;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.runtime.osgi.internal.output.ContainerLog.Stream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContainerLogTest {

    private static final LogSettings PLENTY = new LogSettings(100 << 20, 3, 1L << 40, 1L << 40);

    @TempDir
    Path folder;

    private Instant now = Instant.parse("2026-11-21T19:20:11.123456789Z");
    private final LogFlusher flusher = new LogFlusher(20, Thread.currentThread().getThreadGroup());

    @AfterEach
    void close() {
        flusher.close();
    }

    @Test
    void aLineIsInKubeletsFormat() throws Exception {
        try (ContainerLog log = log(PLENTY)) {
            log.write(Stream.STDOUT, "hello wörld\n\n");
            log.write(Stream.STDERR, "oops\n");
        }
        assertEquals(List.of("2026-11-21T19:20:11.123456789Z stdout F hello wörld", "2026-11-21T19:20:11.123456789Z stdout F ",
                "2026-11-21T19:20:11.123456789Z stderr F oops"), lines());
    }

    @Test
    void theTimeHasNineDigitsAlways() throws Exception {
        now = Instant.parse("1970-01-01T00:00:00Z");
        try (ContainerLog log = log(PLENTY)) {
            log.write(Stream.STDOUT, "x\n");
        }
        assertEquals(List.of("1970-01-01T00:00:00.000000000Z stdout F x"), lines());
    }

    @Test
    void piecesOfALineArePutTogetherPerStream() throws Exception {
        try (ContainerLog log = log(PLENTY)) {
            log.write(Stream.STDOUT, "a");
            log.write(Stream.STDERR, "E");
            log.write(Stream.STDOUT, "b\nc");
            log.write(Stream.STDERR, "F\n");
        }
        assertEquals(List.of("stdout F ab", "stderr F EF", "stdout F c"), withoutTimes());
    }

    @Test
    void aLongLineIsCutIntoParts() throws Exception {
        int part = ContainerLog.PART_BYTES;
        try (ContainerLog log = log(PLENTY)) {
            log.write(Stream.STDOUT, "x".repeat(part) + "\n");
            log.write(Stream.STDOUT, "y".repeat(2 * part + 5) + "\n");
        }
        assertEquals(List.of("stdout F " + "x".repeat(part), "stdout P " + "y".repeat(part), "stdout P " + "y".repeat(part), "stdout F yyyyy"),
                withoutTimes());
    }

    @Test
    void reachesTheFileSoonWithoutBeingFull() throws Exception {
        try (ContainerLog log = log(PLENTY)) {
            log.write(Stream.STDOUT, "now\n");
            await(() -> Files.exists(folder.resolve("0.log")) && !lines().isEmpty());
            log.write(Stream.STDOUT, "again\n");
            await(() -> lines().size() == 2);
        }
    }

    @Test
    void theFileIsSetAsideWhenFullAndTheOldestGo() throws Exception {
        try (ContainerLog log = log(new LogSettings(4096, 3, 1 << 30, 1 << 30))) {
            for (int i = 0; i < 2000; i++) {
                log.write(Stream.STDOUT, "line " + i + "\n");
                if (i == 1000) {
                    now = now.minusSeconds(100_000); // the clock is set back
                }
                log.flush();
            }
        }
        List<Path> files = files();
        assertEquals(3, files.size(), files.toString());
        assertEquals("0.log", files.get(0).getFileName().toString());
        List<String> all = new ArrayList<>();
        for (Path file : List.of(files.get(1), files.get(2), files.get(0))) {
            assertTrue(Files.size(file) <= 4096);
            assertTrue(file.equals(files.get(0)) || file.getFileName().toString().matches("0\\.log\\.\\d{8}-\\d{6}"), file.toString());
            Files.readAllLines(file).forEach(line -> all.add(line.substring(line.lastIndexOf(' ') + 1)));
        }
        int first = Integer.parseInt(all.get(0));
        for (int i = 0; i < all.size(); i++) {
            assertEquals(first + i, Integer.parseInt(all.get(i)));
        }
        assertEquals(1999, first + all.size() - 1);
    }

    @Test
    void aFloodIsCutAndToldAndDoesNotBlock() throws Exception {
        long began = System.nanoTime();
        try (ContainerLog log = log(new LogSettings(1 << 20, 3, 10_000, 50_000))) {
            for (int i = 0; i < 100_000; i++) {
                log.write(Stream.STDOUT, "a line of a container that cannot stop talking " + i + "\n");
            }
        }
        long millis = (System.nanoTime() - began) / 1_000_000;
        long bytes = Files.size(folder.resolve("0.log"));
        assertTrue(bytes < 50_000 + 10_000 * (millis / 1000 + 1) + 1000, bytes + " bytes in " + millis + " ms");
        String last = lines().get(lines().size() - 1);
        assertTrue(Pattern.matches(".* stderr F kelp: \\d+ lines \\(\\d+ bytes\\) dropped, more than 10000 bytes a second for long", last), last);
    }

    @Test
    void aFolderThatIsGoneCostsLinesOnly() throws Exception {
        Path gone = folder.resolve("gone");
        Files.createDirectory(gone);
        try (ContainerLog log = new ContainerLog(gone.resolve("0.log"), PLENTY, () -> now, flusher)) {
            Files.delete(gone);
            log.write(Stream.STDOUT, "lost\n");
            log.flush();
            Files.createDirectory(gone);
            log.write(Stream.STDOUT, "kept\n");
            log.flush();
        }
        assertEquals(1, Files.readAllLines(gone.resolve("0.log")).size());
    }

    @Test
    void fiftyThreadsLoseNoLineAndMixNone() throws Exception {
        List<Thread> threads = new ArrayList<>();
        try (ContainerLog log = log(PLENTY)) {
            for (int t = 0; t < 50; t++) {
                int thread = t;
                threads.add(new Thread(() -> {
                    for (int i = 0; i < 500; i++) {
                        log.write(i % 2 == 0 ? Stream.STDOUT : Stream.STDERR, "thread " + thread + " line " + i + " " + "z".repeat(i % 60) + "\n");
                    }
                }));
            }
            threads.forEach(Thread::start);
            for (Thread thread : threads) {
                thread.join();
            }
        }
        int[] next = new int[50];
        for (String line : lines()) {
            String[] words = line.split(" ");
            int i = Integer.parseInt(words[6]);
            assertEquals(next[Integer.parseInt(words[4])]++, i);
            assertEquals("z".repeat(i % 60), words.length > 7 ? words[7] : "");
        }
        for (int count : next) {
            assertEquals(500, count);
        }
    }

    private ContainerLog log(LogSettings settings) {
        return new ContainerLog(folder.resolve("0.log"), settings, () -> now, flusher);
    }

    private List<Path> files() throws IOException {
        try (var files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }

    private List<String> lines() throws IOException {
        return Files.readAllLines(folder.resolve("0.log"));
    }

    private List<String> withoutTimes() throws IOException {
        return lines().stream().map(line -> line.substring(line.indexOf(' ') + 1)).toList();
    }

    private interface Condition {
        boolean holds() throws IOException;
    }

    private static void await(Condition condition) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.holds()) {
            assertTrue(System.nanoTime() < deadline, "not in time");
            Thread.sleep(5);
        }
    }
}
