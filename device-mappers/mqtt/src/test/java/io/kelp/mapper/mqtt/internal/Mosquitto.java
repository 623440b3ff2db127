package io.kelp.mapper.mqtt.internal;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.testkit.Needed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A mosquitto of its own, and mosquitto_pub as a device. Where it is not installed, tests are skipped, unless kelp.requirePeers is true. */
public final class Mosquitto implements AutoCloseable {

    private final Path folder;
    private final List<String> lines;
    private final int port;
    private Process process;

    /** @param lines of its configuration beside the listener's; {@code allow_anonymous true} is among them when none are given */
    public Mosquitto(Path folder, String... lines) throws Exception {
        requirePeer("mosquitto", "mosquitto_pub");
        this.folder = folder;
        this.lines = lines.length == 0 ? List.of("allow_anonymous true") : List.of(lines);
        this.port = freePort();
        start();
    }

    public static void requirePeer(String... commands) {
        for (String command : commands) {
            boolean there = List.of("/usr/sbin", "/usr/bin", "/usr/local/bin", "/usr/local/sbin", "/opt/homebrew/bin").stream()
                    .anyMatch(dir -> Files.isExecutable(Path.of(dir, command)));
            Needed.program(there, command);
        }
    }

    public static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress("127.0.0.1", 0));
            return socket.getLocalPort();
        }
    }

    public int port() {
        return port;
    }

    public void start() throws Exception {
        List<String> config = new ArrayList<>(List.of("listener " + port + " 127.0.0.1", "persistence false", "log_dest stderr", "user " + System.getProperty("user.name")));
        config.addAll(lines);
        Path file = Files.write(folder.resolve("mosquitto-" + port + ".conf"), config);
        process = new ProcessBuilder("/usr/sbin/mosquitto", "-c", file.toString()).redirectErrorStream(true)
                .redirectOutput(folder.resolve("mosquitto-" + port + ".log").toFile()).start();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (true) {
            try {
                new Socket("127.0.0.1", port).close();
                return;
            } catch (IOException e) {
                if (System.nanoTime() > end || !process.isAlive()) {
                    throw new IOException("mosquitto does not come: " + Files.readString(folder.resolve("mosquitto-" + port + ".log")), e);
                }
                Thread.sleep(20);
            }
        }
    }

    /** As a power cut would. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
    }

    /** Publishes as a device. */
    public void publish(String topic, String payload, String... more) {
        List<String> command = new ArrayList<>(List.of("mosquitto_pub", "-h", "127.0.0.1", "-p", "" + port, "-t", topic, "-s", "-q", "1"));
        command.addAll(List.of(more));
        try {
            Process pub = new ProcessBuilder(command).redirectErrorStream(true).start();
            pub.getOutputStream().write(payload.getBytes(StandardCharsets.UTF_8));
            pub.getOutputStream().close();
            String said = new String(pub.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(pub.waitFor(10, TimeUnit.SECONDS) && pub.exitValue() == 0, said);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Starts mosquitto_sub; read its lines from the process. */
    public Process subscribe(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("mosquitto_sub", "-h", "127.0.0.1", "-p", "" + port));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                kill();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
