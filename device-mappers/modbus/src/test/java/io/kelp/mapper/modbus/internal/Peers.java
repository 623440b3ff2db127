package io.kelp.mapper.modbus.internal;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.testkit.Needed;
import io.kelp.testkit.PythonEnvironment;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Programs of others that speak Modbus, run for one test. */
final class Peers implements AutoCloseable {

    private static final long START_SECONDS = 30;

    private final Path folder;
    private final List<Process> running = new ArrayList<>();

    /** @param folder for what is compiled or linked */
    Peers(Path folder) {
        this.folder = folder;
    }

    static boolean onPath(String program) {
        for (String entry : System.getenv("PATH").split(":")) {
            if (Files.isExecutable(Path.of(entry, program))) {
                return true;
            }
        }
        return false;
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** A program's output, when it has ended within half a minute. */
    String run(String... command) throws IOException, InterruptedException {
        Path out = Files.createTempFile(folder, "out", ".txt");
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(out.toFile()).start();
        running.add(process);
        assertTrue(process.waitFor(START_SECONDS, TimeUnit.SECONDS), () -> String.join(" ", command) + " did not end");
        String text = Files.readString(out);
        assertTrue(process.exitValue() == 0, () -> String.join(" ", command) + " failed: " + text);
        return text;
    }

    private BufferedReader start(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        running.add(process);
        return process.inputReader();
    }

    private Path resource(String name) throws IOException {
        Path file = folder.resolve(name);
        try (InputStream in = Peers.class.getResourceAsStream("/peers/" + name)) {
            Files.copy(in, file);
        }
        return file;
    }

    /** libmodbus: {@code tcp PORT} or {@code rtu DEVICE UNIT}. */
    void libmodbus(String... arguments) throws IOException, InterruptedException {
        Needed.program(onPath("gcc") && onPath("pkg-config") && new ProcessBuilder("pkg-config", "libmodbus").start().waitFor() == 0,
                "libmodbus for compiling (Debian: gcc, pkg-config, libmodbus-dev)");
        Path program = folder.resolve("libmodbus_server");
        if (!Files.exists(program)) {
            List<String> command = new ArrayList<>(List.of("gcc", "-o", program.toString(), resource("libmodbus_server.c").toString()));
            command.addAll(List.of(run("pkg-config", "--cflags", "--libs", "libmodbus").trim().split("\\s+")));
            run(command.toArray(String[]::new));
        }
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(List.of(arguments));
        String line = start(command.toArray(String[]::new)).readLine();
        assertTrue("ready".equals(line), () -> "libmodbus says " + line);
    }

    /** pymodbus; the version is fixed. */
    void pymodbus(int port, int units) throws IOException, InterruptedException {
        Path python = PythonEnvironment.with("pymodbus", "3.11.4");
        start(python.toString(), resource("pymodbus_server.py").toString(), String.valueOf(port), String.valueOf(units));
        awaitPort(port);
    }

    /** Two ends of a serial line. */
    String[] serialLine() throws IOException, InterruptedException {
        Needed.program(onPath("socat"), "socat");
        Path a = folder.resolve("a");
        Path b = folder.resolve("b");
        start("socat", "pty,raw,echo=0,link=" + a, "pty,raw,echo=0,link=" + b);
        await(() -> Files.exists(a) && Files.exists(b), "socat made no pseudo terminals");
        return new String[] {a.toRealPath().toString(), b.toRealPath().toString()};
    }

    private static void awaitPort(int port) throws InterruptedException {
        await(() -> {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return socket.isConnected();
            } catch (IOException e) {
                return false; // not yet
            }
        }, "nothing listens at port " + port);
    }

    private static void await(java.util.function.BooleanSupplier condition, String otherwise) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() - deadline < 0, otherwise);
            Thread.sleep(20);
        }
    }

    /** {@code [1]: 	215} → {@code 215}. */
    static String polled(String output, int reference) {
        return output.lines().filter(l -> l.startsWith("[" + reference + "]:")).findFirst().orElse(output)
                .replaceFirst("^\\[\\d+\\]:\\s*", "").trim();
    }

    @Override
    public void close() {
        running.forEach(Process::destroy);
        for (Process process : running) {
            process.onExit().orTimeout(5, TimeUnit.SECONDS).exceptionally(late -> process.destroyForcibly()).join();
        }
    }
}
