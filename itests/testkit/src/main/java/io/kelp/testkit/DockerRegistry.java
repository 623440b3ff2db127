package io.kelp.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Debian's docker-registry (package of that name) as a process on loopback, with plain HTTP. */
public final class DockerRegistry implements AutoCloseable {

    private final Path folder;
    private final int port = Ports.free();
    private Process process;

    private DockerRegistry(Path folder) {
        this.folder = folder;
    }

    /** One that lets everybody pull and push. */
    public static DockerRegistry start(Path folder) {
        return new DockerRegistry(folder).start("");
    }

    /** One that knows a single user. */
    public static DockerRegistry start(Path folder, String user, String password) {
        DockerRegistry registry = new DockerRegistry(folder);
        registry.write("users", "");
        registry.write("users", entry(folder, user, password));
        return registry.start("auth:\n  htpasswd: {realm: test, path: " + folder.resolve("users") + "}\n");
    }

    /** A line of htpasswd. The registry takes bcrypt only, which the C library of Debian makes, and Perl offers. */
    private static String entry(Path folder, String user, String password) {
        return Shell.run(Duration.ofSeconds(10), folder, Map.of("WORD", password),
                List.of("perl", "-e", "print shift, ':', crypt($ENV{WORD}, '$2y$05$' . 'kelp' x 5 . 'ke')", user)).orFail();
    }

    private DockerRegistry start(String more) {
        write("config.yml", """
                version: 0.1
                log: {level: warn}
                storage:
                  filesystem: {rootdirectory: %s}
                  delete: {enabled: true}
                http: {addr: "127.0.0.1:%d"}
                """.formatted(folder.resolve("data"), port) + more);
        return start();
    }

    public DockerRegistry start() {
        try {
            process = new ProcessBuilder("docker-registry", "serve", folder.resolve("config.yml").toString()).redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("registry.log").toFile())).start();
        } catch (IOException e) {
            throw new UncheckedIOException("docker-registry cannot be started; apt-get install docker-registry", e);
        }
        Await.until("docker-registry listens on " + port, Duration.ofSeconds(30), () -> {
            if (!process.isAlive()) {
                throw new AssertionError("docker-registry ended: " + Files.readString(folder.resolve("registry.log")));
            }
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return socket.isConnected();
            }
        });
        return this;
    }

    private void write(String file, String content) {
        try {
            Files.createDirectories(folder);
            Files.writeString(folder.resolve(file), content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return port;
    }

    /** Ends it; what was pushed stays, and {@link #start()} goes on with it. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
