package io.kelp.mapper.mqtt.internal.sparkplug;

import static org.junit.jupiter.api.Assertions.fail;

import io.kelp.testkit.PythonEnvironment;
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

/** A Sparkplug implementation that is not ours: pysparkplug. */
final class PythonPeer implements AutoCloseable {

    private final Process process;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

    PythonPeer(Path folder, String script, int port) throws Exception {
        Path python = PythonEnvironment.with("pysparkplug", "0.6.1");
        Path file = folder.resolve(script);
        try (InputStream in = PythonPeer.class.getResourceAsStream(script)) {
            Files.write(file, in.readAllBytes());
        }
        process = new ProcessBuilder(python.toString(), "-W", "ignore", file.toString(), "" + port).redirectError(folder.resolve(script + ".log").toFile()).start();
        Thread reader = new Thread(this::read, "python-peer");
        reader.setDaemon(true);
        reader.start();
        await("ready"::equals);
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
