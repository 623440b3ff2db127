package io.kelp.control.internal;

import com.google.gson.JsonObject;
import io.kelp.control.Problem;
import io.kelp.control.StatusSource;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code http://127.0.0.1:9091/metrics}. One connection at a time, each with a deadline, on one
 * thread: a scraper comes every few seconds, and the JDK's HTTP server would cost more memory than
 * these lines. The Host header must name this machine, so that no web page can read the figures
 * by rebinding its name.
 */
@Component(configurationPid = "io.kelp.control", immediate = true)
public final class MetricsEndpoint implements StatusSource {

    private static final Logger LOG = LoggerFactory.getLogger(MetricsEndpoint.class);
    private static final int MAX_HEAD_BYTES = 8192;
    private static final long CONNECTION_NANOS = 2_000_000_000L;
    private static final long REBIND_MILLIS = 10_000;
    private static final Pattern LOCAL_HOST = Pattern.compile("(?im)^host:[ \t]*(127\\.0\\.0\\.1|localhost|\\[::1])(:\\d+)?[ \t]*\r?$");

    private final int port;
    private final Supplier<String> metrics;
    private final Thread thread;
    private volatile ServerSocket server;
    private volatile boolean stopped;
    private volatile Problem problem;

    @Activate
    public MetricsEndpoint(ControlConfig config, @Reference Scrape scrape) {
        this(config.metricsPort(), scrape::text);
    }

    MetricsEndpoint(int port, Supplier<String> metrics) {
        this.port = port;
        this.metrics = metrics;
        this.thread = new Thread(this::serve, "kelp-metrics");
        thread.setDaemon(true);
        if (port > 0) {
            thread.start();
        }
    }

    @Deactivate
    void stop() {
        stopped = true;
        thread.interrupt();
        ServerSocket socket = server;
        if (socket != null) {
            try {
                socket.close();
            } catch (IOException e) {
                LOG.warn("Closing port {} failed: {}", port, e.getMessage());
            }
        }
    }

    private void serve() {
        while (!stopped) {
            try (ServerSocket socket = new ServerSocket()) {
                socket.setReuseAddress(true);
                socket.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port), 16);
                server = socket;
                problem = null;
                while (!stopped) {
                    one(socket);
                }
            } catch (IOException e) {
                if (!stopped) {
                    busy(e);
                }
            }
            server = null;
        }
    }

    private void busy(IOException cause) {
        if (problem == null) {
            problem = new Problem("METRICS-PORT", "Metrics are not served: port " + port + " on 127.0.0.1 cannot be opened, " + cause.getMessage() + ".",
                    "io.kelp.control.json, metricsPort", "Set another metricsPort, or 0 for none, in etc/io.kelp.control.json.", Instant.now());
            LOG.warn("{} {}", problem.sentence(), problem.remedy());
        }
        try {
            Thread.sleep(REBIND_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stopped = true;
        }
    }

    private void one(ServerSocket socket) throws IOException {
        try (Socket client = socket.accept()) {
            String head = head(client);
            byte[] answer = answer(head).getBytes(StandardCharsets.UTF_8);
            client.setSendBufferSize(answer.length + 4096); // room for all of it, so that a peer that does not read blocks nobody
            client.getOutputStream().write(answer);
        } catch (SocketTimeoutException e) {
            LOG.debug("A client of the metrics port was too slow");
        } catch (SocketException e) {
            if (socket.isClosed()) {
                throw e;
            }
            LOG.debug("A client of the metrics port went away: {}", e.getMessage());
        }
    }

    private static String head(Socket client) throws IOException {
        long deadline = System.nanoTime() + CONNECTION_NANOS;
        InputStream in = client.getInputStream();
        byte[] head = new byte[MAX_HEAD_BYTES];
        int length = 0;
        while (length < head.length) {
            long left = (deadline - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                throw new SocketTimeoutException();
            }
            client.setSoTimeout((int) left);
            int read = in.read(head, length, head.length - length);
            if (read < 0) {
                break;
            }
            length += read;
            String text = new String(head, 0, length, StandardCharsets.ISO_8859_1);
            if (text.contains("\r\n\r\n") || text.contains("\n\n")) {
                return text;
            }
        }
        return "";
    }

    private String answer(String head) {
        String first = head.lines().findFirst().orElse("").toUpperCase(Locale.ROOT);
        if (!first.startsWith("GET ")) {
            return http(head.isEmpty() ? "400 Bad Request" : "405 Method Not Allowed", "only GET /metrics\n");
        }
        if (!LOCAL_HOST.matcher(head).find()) {
            return http("403 Forbidden", "ask as 127.0.0.1 or localhost\n");
        }
        if (!first.startsWith("GET /METRICS ") && !first.startsWith("GET /METRICS?")) {
            return http("404 Not Found", "only /metrics\n");
        }
        return http("200 OK", metrics.get());
    }

    private static String http(String status, String body) {
        return "HTTP/1.1 " + status + "\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: "
                + body.getBytes(StandardCharsets.UTF_8).length + "\r\nConnection: close\r\n\r\n" + body;
    }

    @Override
    public JsonObject status() {
        return new JsonObject();
    }

    @Override
    public List<Problem> problems() {
        Problem now = problem;
        return now == null ? List.of() : List.of(now);
    }
}
