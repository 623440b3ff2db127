package io.kelp.cloud.standalone;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.kubeapi.ApiRequest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients do to the API port that mean no good. */
@Tag("slow")
class HostileClientTest {

    @TempDir
    private static Path keys;

    private StandalonePki pki;
    private JettyApiTransport transport;
    private final AtomicReference<ApiService> api =
            new AtomicReference<>((request, response) -> JettyApiTransportTest.answer(response, 200, request.body().length + " bytes"));

    @BeforeEach
    void start() throws Exception {
        pki = StandalonePki.open(keys, List.of("127.0.0.1", "localhost"), Clock.systemUTC());
        transport = new JettyApiTransport(new TransportSettings("127.0.0.1", 0, 100, 4, 10, 8 << 20), pki.tls(),
                (request, response) -> api.get().serve(request, response));
    }

    @AfterEach
    void stop() {
        transport.close();
    }

    @Test
    void bodiesThatAreAnnouncedAndDoNotComeKeepNobodyOut() throws Exception {
        List<SSLSocket> stalled = new ArrayList<>();
        try {
            for (int i = 0; i < 20; i++) {
                SSLSocket socket = socket(true);
                socket.getOutputStream().write(("POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: " + ApiRequest.MAX_BODY + "\r\n\r\n{")
                        .getBytes(StandardCharsets.US_ASCII));
                stalled.add(socket);
            }
            byte[] most = new byte[ApiRequest.MAX_BODY];
            HttpResponse<String> answer = client(HttpClient.Version.HTTP_1_1).send(post(most), HttpResponse.BodyHandlers.ofString());
            assertEquals(ApiRequest.MAX_BODY + " bytes", answer.body());
        } finally {
            for (SSLSocket socket : stalled) {
                socket.close();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void bodiesBeyondWhatMayBeHeldAreToldToComeAgainAndRoomComesBack(HttpClient.Version version) throws Exception {
        CompletableFuture<Void> gate = new CompletableFuture<>();
        api.set((request, response) -> {
            gate.join();
            JettyApiTransportTest.answer(response, 200, "");
        });
        HttpClient client = client(version);
        List<CompletableFuture<HttpResponse<String>>> all = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            all.add(client.sendAsync(post(new byte[ApiRequest.MAX_BODY]), HttpResponse.BodyHandlers.ofString()));
        }
        CompletableFuture.anyOf(all.toArray(CompletableFuture[]::new)).orTimeout(10, TimeUnit.SECONDS).join();
        gate.complete(null);
        CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).handle((done, broken) -> done).orTimeout(10, TimeUnit.SECONDS).join();
        assertTrue(all.stream().anyMatch(each -> !each.isCompletedExceptionally() && each.join().statusCode() == 200));
        for (int i = 0; i < 10; i++) {
            assertEquals(200, client.send(post(new byte[ApiRequest.MAX_BODY]), HttpResponse.BodyHandlers.discarding()).statusCode());
        }
    }

    @Test
    void largeBodiesAreHandledOneByOneWhileSmallOnesPass() throws Exception {
        AtomicInteger atOnce = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CompletableFuture<Void> gate = new CompletableFuture<>();
        api.set((request, response) -> {
            if (request.body().length > 1000) {
                most.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
                gate.join();
                atOnce.decrementAndGet();
            }
            JettyApiTransportTest.answer(response, 200, "");
        });
        HttpClient client = client(HttpClient.Version.HTTP_2);
        List<CompletableFuture<HttpResponse<Void>>> large = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            large.add(client.sendAsync(post(new byte[500_000]), HttpResponse.BodyHandlers.discarding()));
        }
        for (int i = 0; i < 20; i++) {
            assertEquals(200, client.send(post(new byte[1000]), HttpResponse.BodyHandlers.discarding()).statusCode());
        }
        gate.complete(null);
        CompletableFuture.allOf(large.toArray(CompletableFuture[]::new)).orTimeout(10, TimeUnit.SECONDS).join();
        assertEquals(1, most.get());
    }

    @Test
    void whoHasNoCredentialsAtAllGetsToSayLittle() throws Exception {
        HttpClient nobody = HttpClient.newBuilder().sslContext(JettyApiTransportTest.context(pki, pki, false)).build();
        assertEquals(200, nobody.send(post(new byte[64 << 10]), HttpResponse.BodyHandlers.discarding()).statusCode());
        HttpResponse<String> refused = nobody.send(post(new byte[(64 << 10) + 1]), HttpResponse.BodyHandlers.ofString());
        assertEquals(413, refused.statusCode());
        assertTrue(refused.body().contains("limit is 65536"), refused.body());
    }

    @Test
    void anEndlessBodyIsCutOff() throws Exception {
        try (SSLSocket socket = socket(true)) {
            socket.setSoTimeout(5000);
            socket.getOutputStream().write("POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            byte[] chunk = ("10000\r\n" + "x".repeat(0x10000) + "\r\n").getBytes(StandardCharsets.US_ASCII);
            CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> {
                try {
                    for (int i = 0; i < 1000; i++) {
                        socket.getOutputStream().write(chunk);
                    }
                } catch (IOException e) {
                    return; // cut off, as it has to be
                }
            });
            assertTrue(new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8)).readLine().contains(" 413 "));
            sent.get(10, TimeUnit.SECONDS);
        }
    }

    /** Each could be understood in two ways by two servers in a row: RFC 9112, 6.1 and 6.3. */
    @ParameterizedTest
    @ValueSource(strings = {
        "POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        "POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: +5\r\n\r\nhello",
        "POST /x HTTP/1.1\r\nHost: x\r\nContent-Length : 5\r\n\r\nhello",
        "GET /x HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        "GET /x HTTP/1.1\r\n\r\n",
        "GET /x HTTP/1.1\r\nHost: x\r\nX-A: a\r\n folded\r\n\r\n",
        "GET /x HTTP/1.1\r\nHost: x\r\nX-A: \u0000\r\n\r\n",
        "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfffffffff\r\nx\r\n0\r\n\r\n"})
    void requestsOfTwoMeaningsAreRefused(String request) throws Exception {
        AtomicInteger served = new AtomicInteger();
        api.set((taken, response) -> {
            served.incrementAndGet();
            JettyApiTransportTest.answer(response, 200, "");
        });
        try (SSLSocket socket = socket(true)) {
            socket.setSoTimeout(5000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            String answer = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8)).readLine();
            assertTrue(answer == null || answer.matches("HTTP/1.1 (400|413|501).*"), answer);
        }
        assertEquals(0, served.get());
    }

    @Test
    void giantHeadersAreRefused() throws Exception {
        for (String request : List.of("GET /x?a=" + "a".repeat(100_000) + " HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET /x HTTP/1.1\r\nHost: x\r\n" + "X-A: a\r\n".repeat(20_000) + "\r\n")) {
            try (SSLSocket socket = socket(true)) {
                socket.setSoTimeout(5000);
                socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
                String answer = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8)).readLine();
                assertTrue(answer != null && answer.matches("HTTP/1.1 (414|431).*"), answer);
            }
        }
    }

    private SSLSocket socket(boolean certificate) throws Exception {
        return (SSLSocket) JettyApiTransportTest.context(pki, pki, certificate).getSocketFactory().createSocket("127.0.0.1", transport.port());
    }

    private HttpClient client(HttpClient.Version version) throws Exception {
        return HttpClient.newBuilder().version(version).sslContext(JettyApiTransportTest.context(pki, pki, true)).build();
    }

    private HttpRequest post(byte[] body) {
        return HttpRequest.newBuilder(URI.create("https://localhost:" + transport.port() + "/x")).timeout(Duration.ofSeconds(20))
                .POST(HttpRequest.BodyPublishers.ofByteArray(body)).build();
    }
}
