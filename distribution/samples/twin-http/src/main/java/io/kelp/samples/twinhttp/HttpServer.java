package io.kelp.samples.twinhttp;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/**
 * As much HTTP/1.1 as this sample needs: one request after the other on one thread, each connection for one request, small bodies.
 * A runtime image for small gateways may lack the JDK's own server (module {@code jdk.httpserver}).
 */
final class HttpServer implements AutoCloseable {

    private static final int MAX_HEAD = 8192;
    private static final int MAX_BODY = 4096;
    private static final int READ_MILLIS = 2000;
    private static final Map<Integer, String> PHRASES = Map.of(200, "OK", 400, "Bad Request", 405, "Method Not Allowed",
            413, "Content Too Large", 431, "Request Header Fields Too Large", 500, "Internal Server Error", 503, "Service Unavailable");

    private final ServerSocket socket;
    private final Function<Request, Answer> handler;
    private final Thread thread;

    record Request(String method, String path, String body) {}

    record Answer(int status, String text) {}

    HttpServer(String address, int port, Function<Request, Answer> handler) throws IOException {
        this.handler = handler;
        this.socket = new ServerSocket();
        socket.bind(new InetSocketAddress(InetAddress.getByName(address), port));
        this.thread = new Thread(this::serve, "http");
        thread.start();
    }

    int port() {
        return socket.getLocalPort();
    }

    /** Closes the port and waits until the request in progress is answered. */
    @Override
    public void close() throws IOException {
        socket.close();
        try {
            thread.join(READ_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void serve() {
        while (!socket.isClosed()) {
            try (Socket client = socket.accept()) {
                client.setSoTimeout(READ_MILLIS);
                send(client, answer(client.getInputStream()));
                // What is left unread when the socket is closed would make the kernel take back the answer.
                client.getInputStream().skip(client.getInputStream().available());
            } catch (IOException e) {
                if (!socket.isClosed()) {
                    System.err.println("a request was not answered: " + e.getMessage());
                }
            }
        }
    }

    private Answer answer(InputStream in) throws IOException {
        String head = head(in);
        String[] first = head.split("\r\n", 2)[0].split(" ");
        if (head.isEmpty()) {
            return new Answer(431, "The head of a request may have " + MAX_HEAD + " bytes.\n");
        }
        if (first.length != 3) {
            return new Answer(400, "That is no HTTP request.\n");
        }
        int length = length(head);
        if (length > MAX_BODY) {
            return new Answer(413, "A body may have " + MAX_BODY + " bytes.\n");
        }
        return handler.apply(new Request(first[0], first[1], new String(in.readNBytes(length), StandardCharsets.UTF_8)));
    }

    /** Up to the empty line; empty when there is none within the limit. */
    private static String head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        int ends = 0;
        for (int each = in.read(); each >= 0 && head.size() < MAX_HEAD; each = in.read()) {
            head.write(each);
            ends = each == '\n' ? ends + 1 : each == '\r' ? ends : 0;
            if (ends == 2) {
                return head.toString(StandardCharsets.ISO_8859_1);
            }
        }
        return head.size() < MAX_HEAD ? "?" : "";
    }

    private static int length(String head) {
        for (String line : head.split("\r\n")) {
            if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                String digits = line.substring(15).strip();
                return digits.matches("[0-9]{1,9}") ? Integer.parseInt(digits) : Integer.MAX_VALUE;
            }
        }
        return 0;
    }

    private static void send(Socket client, Answer answer) throws IOException {
        byte[] body = answer.text().getBytes(StandardCharsets.UTF_8);
        String head = "HTTP/1.1 " + answer.status() + " " + PHRASES.get(answer.status()) + "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: "
                + body.length + "\r\nConnection: close\r\n\r\n";
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(head.getBytes(StandardCharsets.US_ASCII));
        all.write(body);
        all.writeTo(client.getOutputStream());
    }
}
