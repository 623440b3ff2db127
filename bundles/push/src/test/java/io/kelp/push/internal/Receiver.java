package io.kelp.push.internal;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A server for values on a plain socket, so that it can misbehave in ways the JDK's own does not. */
final class Receiver implements AutoCloseable {

    enum Mood { GOOD, ERROR, REFUSE, STALL, CUT, CUT_AFTER }

    private final ServerSocket socket = new ServerSocket();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final List<String> taken = new ArrayList<>();
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger now = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();
    private volatile Mood mood = Mood.GOOD;

    Receiver() throws IOException {
        this(0);
    }

    Receiver(int port) throws IOException {
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        Thread accept = new Thread(this::accept, "receiver");
        accept.setDaemon(true);
        accept.start();
    }

    int port() {
        return socket.getLocalPort();
    }

    void mood(Mood wanted) {
        mood = wanted;
    }

    /** Bodies that were answered with 200 or, by a server that cuts afterwards, taken without an answer. */
    List<String> taken() {
        synchronized (taken) {
            return List.copyOf(taken);
        }
    }

    int asked() {
        return asked.get();
    }

    int mostAtOnce() {
        return most.get();
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                Socket one = socket.accept();
                open.add(one);
                Thread serve = new Thread(() -> serve(one), "receiver-connection");
                serve.setDaemon(true);
                serve.start();
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void serve(Socket one) {
        try (one) {
            InputStream in = new BufferedInputStream(one.getInputStream());
            for (String body = request(in); body != null; body = request(in)) {
                asked.incrementAndGet();
                most.accumulateAndGet(now.incrementAndGet(), Math::max);
                try {
                    Mood as = mood;
                    if (as == Mood.CUT) {
                        return;
                    }
                    if (as == Mood.STALL) {
                        Thread.sleep(2_000); // the misbehaviour itself
                        return;
                    }
                    if (as == Mood.GOOD || as == Mood.CUT_AFTER) {
                        synchronized (taken) {
                            taken.add(body);
                        }
                    }
                    if (as == Mood.CUT_AFTER) {
                        return;
                    }
                    String status = as == Mood.GOOD ? "200 OK" : as == Mood.ERROR ? "503 Not Now" : "404 Not Here";
                    one.getOutputStream().write(("HTTP/1.1 " + status + "\r\nContent-Length: 2\r\n\r\nok").getBytes(StandardCharsets.US_ASCII));
                } finally {
                    now.decrementAndGet();
                }
            }
        } catch (IOException e) {
            return; // the other side went
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(one);
        }
    }

    private static String request(InputStream in) throws IOException {
        int length = 0;
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c >= 0; c = in.read()) {
            if (c != '\n') {
                line.append((char) c);
                continue;
            }
            String text = line.toString().trim();
            line.setLength(0);
            if (text.toLowerCase(java.util.Locale.ROOT).startsWith("content-length:")) {
                length = Integer.parseInt(text.substring(15).trim());
            } else if (text.isEmpty()) {
                return new String(in.readNBytes(length), StandardCharsets.UTF_8);
            }
        }
        return null;
    }

    @Override
    public void close() throws IOException {
        socket.close();
        for (Socket each : open) {
            each.close();
        }
    }
}
