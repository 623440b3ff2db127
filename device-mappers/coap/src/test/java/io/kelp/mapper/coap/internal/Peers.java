package io.kelp.mapper.coap.internal;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** Tools of libcoap, as Debian has them in the package libcoap3-bin. */
final class Peers {

    private final Path folder;
    private final List<Server> servers = new ArrayList<>();

    /** @param folder for what servers and clients print */
    Peers(Path folder) {
        this.folder = folder;
    }

    /** Ends what was started. */
    void stop() throws InterruptedException {
        for (Server server : servers) {
            server.kill();
        }
    }

    /** The path of a tool; without it the test is skipped, or fails when the system property {@code kelp.requirePeers} is true. */
    static String tool(String name) {
        Optional<Path> found = Stream.of(System.getenv("PATH").split(":")).map(folder -> Path.of(folder, name)).filter(Files::isExecutable).findFirst();
        if (found.isEmpty() && Boolean.getBoolean("kelp.requirePeers")) {
            throw new AssertionError(name + " of the package libcoap3-bin is not installed");
        }
        Assumptions.assumeTrue(found.isPresent(), name + " of the package libcoap3-bin is not installed");
        return found.get().toString();
    }

    /** A port that is free together with the next one, where libcoap's server has DTLS. */
    static int freePort() throws IOException {
        while (true) {
            try (DatagramSocket first = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                    DatagramSocket second = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), first.getLocalPort() + 1))) {
                return second.getLocalPort() - 1;
            } catch (java.net.BindException | IllegalArgumentException e) {
                // the next one is taken
            }
        }
    }

    /** A running server; its output goes to a file. */
    record Server(Process process, Path output) {

        void kill() throws InterruptedException {
            process.destroyForcibly();
            process.waitFor(10, TimeUnit.SECONDS);
        }
    }

    /** Starts a server; it answers when this returns, if it speaks plain CoAP at that port. */
    Server server(int plainPort, String... command) throws IOException, InterruptedException {
        Path output = Files.createTempFile(folder, "server", ".log");
        List<String> line = new ArrayList<>(List.of(command));
        line.add(0, tool(line.remove(0)));
        Process process = new ProcessBuilder(line).directory(folder.toFile()).redirectErrorStream(true).redirectOutput(output.toFile()).start();
        Server server = new Server(process, output);
        servers.add(server);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!answers(plainPort)) {
            if (!process.isAlive() || System.nanoTime() > end) {
                throw new AssertionError(line + " does not answer: " + Files.readString(output));
            }
        }
        return server;
    }

    /** A CoAP ping (RFC 7252 §4.3): an empty confirmable message, answered by a reset. */
    private static boolean answers(int port) throws IOException {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout(200);
            socket.connect(InetAddress.getLoopbackAddress(), port);
            byte[] ping = {0x40, 0, 0x12, 0x34};
            socket.send(new java.net.DatagramPacket(ping, ping.length));
            socket.receive(new java.net.DatagramPacket(new byte[100], 100));
            return true;
        } catch (java.net.SocketTimeoutException | java.net.PortUnreachableException e) {
            return false;
        }
    }

    /** Runs a client to its end and returns what it printed. */
    String run(String... command) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of(command));
        line.add(0, tool(line.remove(0)));
        Path output = Files.createTempFile(folder, "client", ".log");
        Process process = new ProcessBuilder(line).directory(folder.toFile()).redirectErrorStream(true).redirectOutput(output.toFile()).start();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError(line + " does not end: " + Files.readString(output));
        }
        return Files.readString(output);
    }
}
