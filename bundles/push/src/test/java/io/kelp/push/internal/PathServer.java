package io.kelp.push.internal;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A server whose paths answer differently. */
final class PathServer implements AutoCloseable {

    private final HttpServer server;
    private final ExecutorService threads = Executors.newFixedThreadPool(4);
    private final Map<String, Integer> answers = new ConcurrentHashMap<>();
    private final Map<String, List<String>> taken = new ConcurrentHashMap<>();

    PathServer() throws IOException {
        this(HttpServer.create());
    }

    /** @param server not bound yet */
    PathServer(HttpServer server) throws IOException {
        this.server = server;
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            String path = exchange.getRequestURI().getPath();
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            int answer = answers.getOrDefault(path, 200);
            if (answer == 200) {
                List<String> of = taken.computeIfAbsent(path, p -> new ArrayList<>());
                synchronized (of) {
                    of.add(body);
                }
            }
            exchange.sendResponseHeaders(answer, -1);
            exchange.close();
        });
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    void answer(String path, int status) {
        answers.put(path, status);
    }

    /** The values that a path was given, in order, those that came twice in a row once. */
    List<String> taken(String path) {
        List<String> of = taken.getOrDefault(path, List.of());
        List<String> values = new ArrayList<>();
        synchronized (of) {
            for (String body : of) {
                String value = body.replaceAll("^[^=]*=|&.*", "");
                if (values.isEmpty() || !values.get(values.size() - 1).equals(value)) {
                    values.add(value);
                }
            }
        }
        return values;
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
