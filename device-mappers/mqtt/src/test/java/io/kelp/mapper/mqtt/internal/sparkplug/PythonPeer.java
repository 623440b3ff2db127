package io.kelp.mapper.mqtt.internal.sparkplug;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** A Sparkplug implementation that is not ours: pysparkplug. Property kelp.python names a Python that has it; without it tests are skipped, unless kelp.requirePeers is true. */
final class PythonPeer implements AutoCloseable {

    private final Process process;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

    PythonPeer(Path folder, String script, int port) throws Exception {
        String python = System.getProperty("kelp.python", "python3");
        boolean there = has(python);
        if (Boolean.getBoolean("kelp.requirePeers")) {
            assertTrue(there, python + " has no pysparkplug");
        }
        assumeTrue(there, python + " has no pysparkplug");
        Path file = folder.resolve(script);
        try (InputStream in = PythonPeer.class.getResourceAsStream(script)) {
            Files.write(file, in.readAllBytes());
        }
        process = new ProcessBuilder(python, "-W", "ignore", file.toString(), "" + port).redirectError(folder.resolve(script + ".log").toFile()).start();
        Thread reader = new Thread(this::read, "python-peer");
        reader.setDaemon(true);
        reader.start();
        await("ready"::equals);
    }

    private static boolean has(String python) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(python, "-c", "import pysparkplug").redirectErrorStream(true).start();
            process.getInputStream().readAllBytes();
            return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private void read() {
        try (BufferedReader in = process.inputReader()) {
            in.lines().forEach(lines::add);
        } catch (IOException | java.io.UncheckedIOException e) {
            lines.add("ended: " + e);
        }
    }

    void say(String line) throws IOException {
        process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
    }

    /** Says something each second until a line comes that fits. */
    String ask(String request, Predicate<String> fits) throws Exception {
        long end = System.nanoTime() + 15_000_000_000L;
        while (System.nanoTime() < end) {
            say(request);
            long turn = System.nanoTime() + 1_000_000_000L;
            while (System.nanoTime() < turn) {
                String line = lines.poll(100, TimeUnit.MILLISECONDS);
                if (line != null && fits.test(line)) {
                    return line;
                }
            }
        }
        return fail("asked in vain: " + request);
    }

    /** The next line that fits; those before it are forgotten. */
    String await(Predicate<String> fits) throws InterruptedException {
        StringBuilder seen = new StringBuilder();
        long end = System.nanoTime() + 15_000_000_000L;
        while (System.nanoTime() < end) {
            String line = lines.poll(200, TimeUnit.MILLISECONDS);
            if (line != null && fits.test(line)) {
                return line;
            }
            seen.append(line == null ? "" : "\n" + line);
        }
        return fail("waited in vain; it said:" + seen);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
