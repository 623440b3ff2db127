package io.kelp.workloads.plain;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A program that knows nothing of OSGi and pods. First argument: {@code serve}, {@code exit CODE}, {@code throw}, {@code lines N}. */
public final class Main {

    private Main() {}

    public static void main(String[] arguments) throws IOException {
        System.out.println("started with " + String.join(" ", arguments));
        switch (arguments.length == 0 ? "serve" : arguments[0]) {
            case "serve" -> serve();
            case "exit" -> System.exit(Integer.parseInt(arguments[1]));
            case "throw" -> throw new IllegalStateException("as told");
            case "lines" -> lines(Integer.parseInt(arguments[1]));
            default -> System.err.println("unknown: " + arguments[0]);
        }
    }

    private static void serve() throws IOException {
        int port = Integer.parseInt(System.getenv("PORT"));
        try (ServerSocket socket = new ServerSocket(port, 10, InetAddress.getByName(System.getenv().getOrDefault("HOST_IP", "0.0.0.0")))) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("asked to end")));
            while (true) {
                try (Socket client = socket.accept()) {
                    answer(client);
                } catch (IOException e) {
                    System.err.println("a client went away: " + e.getMessage());
                }
            }
        }
    }

    private static void answer(Socket client) throws IOException {
        byte[] body = ("plain " + System.getenv("GREETING")).getBytes(StandardCharsets.UTF_8);
        OutputStream out = client.getOutputStream();
        out.write(("HTTP/1.0 200 OK\r\nContent-Length: " + body.length + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        out.write(body);
        client.shutdownOutput();
        client.getInputStream().readNBytes(4096); // until the client is done
    }

    private static void lines(int count) {
        for (int i = 1; i <= count; i++) {
            System.out.println("line " + i);
        }
    }
}
