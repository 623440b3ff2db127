package io.kelp.testkit.registry;

import io.kelp.testkit.Await;
import io.kelp.testkit.Needed;
import io.kelp.testkit.Ports;
import io.kelp.testkit.Shell;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Debian's {@code docker-registry} (the distribution project's) as a process on loopback, with what it stores in a folder. {@link Needed}. */
public final class DockerRegistry implements AutoCloseable {

    private static final Duration START = Duration.ofSeconds(20);
    private static final int STOP_SECONDS = 10;

    private final Path folder;
    private final int port;
    private Process process;

    private DockerRegistry(Path folder, int port) {
        this.folder = folder;
        this.port = port;
    }

    /** Without login and without TLS, on a free port. */
    public static DockerRegistry start(Path folder) {
        DockerRegistry registry = new DockerRegistry(folder, Ports.free());
        registry.configure("");
        registry.start();
        return registry;
    }

    /**
     * With basic authentication.
     *
     * @param htpasswd a line {@code user:bcrypt hash}
     */
    public static DockerRegistry start(Path folder, String htpasswd) {
        DockerRegistry registry = new DockerRegistry(folder, Ports.free());
        registry.configure(htpasswd);
        registry.start();
        return registry;
    }

    /** A line for {@link #start(Path, String)}: bcrypt, which Debian's C library makes and Perl offers. */
    public static String user(Path folder, String name, String password) {
        return Shell.run(Duration.ofSeconds(10), folder, Map.of("WORD", password),
                List.of("perl", "-e", "print shift, ':', crypt($ENV{WORD}, '$2y$05$' . 'kelp' x 5 . 'ke')", name)).orFail();
    }

    private void configure(String htpasswd) {
        try {
            Files.createDirectories(folder);
            Path users = folder.resolve("htpasswd");
            Files.writeString(users, htpasswd + "\n");
            Files.writeString(folder.resolve("config.yml"), """
                    version: 0.1
                    log:
                      level: warn
                    storage:
                      filesystem:
                        rootdirectory: %s
                      delete:
                        enabled: true
                    http:
                      addr: 127.0.0.1:%d
                    """.formatted(folder.resolve("data"), port)
                    + (htpasswd.isEmpty() ? "" : "auth:\n  htpasswd:\n    realm: test\n    path: " + users + "\n"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts it again after {@link #stop}, on the same port and with the same content. */
    public void start() {
        try {
            process = new ProcessBuilder("docker-registry", "serve", folder.resolve("config.yml").toString())
                    .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile())).start();
        } catch (IOException e) {
            Needed.program(false, "docker-registry");
            throw new UncheckedIOException(e);
        }
        Await.until("docker-registry listens on " + port, START, () -> {
            if (!process.isAlive()) {
                throw new IllegalStateException("docker-registry ended: " + Files.readString(folder.resolve("log")));
            }
            try (Socket socket = new Socket("127.0.0.1", port)) {
                return socket.isConnected();
            }
        });
    }

    /** Stops it; what it stores stays. */
    public void stop() {
        process.destroy();
        try {
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor(STOP_SECONDS, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    public int port() {
        return port;
    }

    /** {@code 127.0.0.1:port}, the first part of its images' names; has to be named among the registries with plain HTTP. */
    public String host() {
        return "127.0.0.1:" + port;
    }

    @Override
    public void close() {
        stop();
    }
}
