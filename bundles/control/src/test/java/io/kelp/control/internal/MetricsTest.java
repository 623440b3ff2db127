package io.kelp.control.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class MetricsTest {

    private MetricsEndpoint endpoint;
    private int port;

    private void start() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        endpoint = new MetricsEndpoint(port, () -> "kelp_x 1\n");
    }

    @AfterEach
    void stop() {
        if (endpoint != null) {
            endpoint.stop();
        }
    }

    private String ask(String request) throws Exception {
        for (int attempt = 0;; attempt++) {
            try (Socket socket = new Socket("127.0.0.1", port)) {
                socket.setSoTimeout(5_000);
                socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
                return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            } catch (java.net.ConnectException e) {
                if (attempt == 100) {
                    throw e;
                }
                Thread.sleep(20); // the port opens on the endpoint's own thread
            }
        }
    }

    @Test
    void servesTheMetricsToThisMachineOnly() throws Exception {
        start();
        assertTrue(ask("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:9091\r\n\r\n").endsWith("\r\n\r\nkelp_x 1\n"));
        assertTrue(ask("GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n").startsWith("HTTP/1.1 200 "));
        assertTrue(ask("GET /metrics HTTP/1.1\r\nHost: evil.example\r\n\r\n").startsWith("HTTP/1.1 403 "));
        assertTrue(ask("GET /metrics HTTP/1.1\r\n\r\n").startsWith("HTTP/1.1 403 "));
        assertTrue(ask("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").startsWith("HTTP/1.1 404 "));
        assertTrue(ask("POST /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n").startsWith("HTTP/1.1 405 "));
        assertTrue(ask("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n").startsWith("HTTP/1.1 200 "));
    }

    @Test
    void aClientThatSaysNothingIsLeftAfterTwoSeconds() throws Exception {
        start();
        ask("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
        try (Socket silent = new Socket("127.0.0.1", port)) {
            assertTrue(silent.isConnected());
            assertTrue(ask("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n").startsWith("HTTP/1.1 200 "));
        }
    }

    @Test
    void aTakenPortIsAProblem() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            port = taken.getLocalPort();
            endpoint = new MetricsEndpoint(port, () -> "");
            for (int i = 0; endpoint.problems().isEmpty() && i < 200; i++) {
                Thread.sleep(20);
            }
            assertTrue(endpoint.problems().get(0).sentence().contains("port " + port + " on 127.0.0.1 cannot be opened"));
        }
    }

    @Test
    void samplesOfOneNameStandTogetherAndASeriesStandsOnce() {
        PrometheusText text = new PrometheusText();
        text.gauge("kelp_b", "B \\ and\nline.", 1.5, "device", "a\"b\\c\n");
        text.counter("kelp_a_total", "A.", 1e9);
        text.gauge("kelp_b", "B", Double.NaN, "device", "x");
        text.gauge("kelp_b", "B", 2, "device", "x");
        assertEquals("""
                # HELP kelp_a_total A.
                # TYPE kelp_a_total counter
                kelp_a_total 1000000000
                # HELP kelp_b B \\\\ and\\nline.
                # TYPE kelp_b gauge
                kelp_b{device="a\\"b\\\\c\\n"} 1.5
                kelp_b{device="x"} NaN
                """, text.text());
        assertThrows(IllegalArgumentException.class, () -> text.gauge("kelp b", "", 1));
    }
}
