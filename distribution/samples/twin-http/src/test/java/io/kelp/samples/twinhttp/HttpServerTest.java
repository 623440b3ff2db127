package io.kelp.samples.twinhttp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.samples.twinhttp.HttpServer.Answer;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HttpServerTest {

    private final HttpServer server;

    HttpServerTest() throws IOException {
        server = new HttpServer("127.0.0.1", 0, request -> new Answer(200, request.method() + " " + request.path() + " " + request.body()));
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    @Test
    void answersAnOrdinaryClient() throws Exception {
        HttpClient http = HttpClient.newHttpClient();
        URI uri = URI.create("http://127.0.0.1:" + server.port() + "/x");
        HttpResponse<String> got = http.send(HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(5)).build(), BodyHandlers.ofString());
        assertEquals("GET /x ", got.body());
        HttpResponse<String> put = http.send(HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(5)).PUT(BodyPublishers.ofString("ON")).build(), BodyHandlers.ofString());
        assertEquals("PUT /x ON", put.body());
    }

    @Test
    void refusesWhatIsTooLongOrNoRequest() throws IOException {
        assertTrue(raw("PUT / HTTP/1.1\r\nContent-Length: 5000\r\n\r\n").startsWith("HTTP/1.1 413 "));
        assertTrue(raw("PUT / HTTP/1.1\r\nContent-Length: -1\r\n\r\n").startsWith("HTTP/1.1 413 "));
        assertTrue(raw("GET / HTTP/1.1\r\nX: " + "x".repeat(8200)).startsWith("HTTP/1.1 431 "));
        assertTrue(raw("hello\r\n\r\n").startsWith("HTTP/1.1 400 "));
        assertTrue(raw("GET / HTTP/1.1\r\n\r\n").startsWith("HTTP/1.1 200 "), "and goes on afterwards");
    }

    private String raw(String request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", server.port())) {
            socket.setSoTimeout(5000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readNBytes(12 + 3), StandardCharsets.US_ASCII);
        }
    }
}
