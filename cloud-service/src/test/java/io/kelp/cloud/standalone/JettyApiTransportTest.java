package io.kelp.cloud.standalone;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.cloud.kube.Await;
import io.kelp.kubeapi.ApiRequest;
import io.kelp.kubeapi.ApiResponse;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class JettyApiTransportTest {

    @TempDir
    private static Path keys;

    private StandalonePki pki;
    private JettyApiTransport transport;
    private final AtomicReference<ApiService> api = new AtomicReference<>((request, response) -> answer(response, 200, "hello\n"));

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

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void requestsArriveWholeInBothVersionsOfHttp(HttpClient.Version version) throws Exception {
        AtomicReference<ApiRequest> seen = new AtomicReference<>();
        api.set((request, response) -> {
            seen.set(request);
            answer(response, 201, "made\n");
        });
        HttpResponse<String> response = client(pki, true, version).send(request("/api/v1/a%20b?x=1&x=%2F&y&z=+")
                .header("X-Some", "thing").POST(HttpRequest.BodyPublishers.ofString("{}")).build(), HttpResponse.BodyHandlers.ofString());

        assertEquals(201, response.statusCode());
        assertEquals(version, response.version());
        assertEquals("made\n", response.body());
        assertEquals("POST", seen.get().method());
        assertEquals("/api/v1/a%20b", seen.get().path());
        assertEquals(Map.of("x", List.of("1", "/"), "y", List.of(""), "z", List.of(" ")), seen.get().query());
        assertEquals("thing", seen.get().headers().get("x-some"));
        assertEquals("{}", new String(seen.get().body(), StandardCharsets.UTF_8));
        assertEquals("O=system:masters,CN=kubernetes-admin".replace(",", ", "),
                seen.get().certificates().get(0).getSubjectX500Principal().toString().replaceFirst("(CN=.*), (O=.*)", "$2, $1"));
    }

    @Test
    void withoutACertificateThereIsNone() throws Exception {
        AtomicReference<ApiRequest> seen = new AtomicReference<>();
        api.set((request, response) -> {
            seen.set(request);
            answer(response, 200, "");
        });
        client(pki, false, HttpClient.Version.HTTP_1_1).send(request("/").build(), HttpResponse.BodyHandlers.ofString());
        assertEquals(List.of(), seen.get().certificates());
    }

    @Test
    void aCertificateOfAnotherAuthorityIsUnauthorizedUnlessAnotherCredentialComesAlong(@TempDir Path other) throws Exception {
        StandalonePki foreign = StandalonePki.open(other, List.of("localhost"), Clock.systemUTC());
        HttpClient client = client(foreign, pki, HttpClient.Version.HTTP_1_1);
        HttpResponse<String> refused = client.send(request("/").build(), HttpResponse.BodyHandlers.ofString());
        assertEquals(401, refused.statusCode());
        assertTrue(refused.body().contains("\"Unauthorized\""), refused.body());
        assertEquals(200, client.send(request("/").header("Authorization", "Bearer x").build(),
                HttpResponse.BodyHandlers.discarding()).statusCode());
    }

    @Test
    void threeMebibytesAreTakenAndNoByteMore() throws Exception {
        AtomicReference<Integer> length = new AtomicReference<>();
        api.set((request, response) -> {
            length.set(request.body().length);
            answer(response, 200, "ok");
        });
        HttpClient client = client(pki, true, HttpClient.Version.HTTP_1_1);
        byte[] most = new byte[ApiRequest.MAX_BODY];
        assertEquals(200, client.send(request("/").POST(HttpRequest.BodyPublishers.ofByteArray(most)).build(),
                HttpResponse.BodyHandlers.ofString()).statusCode());
        assertEquals(most.length, length.get());
        HttpResponse<String> refused = client.send(request("/").POST(HttpRequest.BodyPublishers.ofByteArray(new byte[most.length + 1]))
                .build(), HttpResponse.BodyHandlers.ofString());
        assertEquals(413, refused.statusCode());
        assertTrue(refused.body().contains("\"Request entity too large: limit is 3145728\""), refused.body());
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void aStreamShowsItsHeadersAndEachPartAtOnce(HttpClient.Version version) throws Exception {
        CompletableFuture<ApiResponse> open = new CompletableFuture<>();
        api.set((request, response) -> {
            response.start(200, Map.of("Content-Type", "application/json"));
            open.complete(response);
        });
        HttpResponse<java.io.InputStream> response = client(pki, true, version)
                .sendAsync(request("/api/v1/pods?watch=true").build(), HttpResponse.BodyHandlers.ofInputStream()).get(5, TimeUnit.SECONDS);
        BufferedReader lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
        for (int i = 0; i < 3; i++) {
            open.get().write(ByteBuffer.wrap(("event " + i + "\n").getBytes(StandardCharsets.UTF_8))).get(5, TimeUnit.SECONDS);
            assertEquals("event " + i, lines.readLine());
        }
        open.get().end();
        assertEquals(null, lines.readLine());
        open.get().closed().get(5, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void theEndOfASilentWatchersClientIsNoticed(HttpClient.Version version) throws Exception {
        CompletableFuture<ApiResponse> open = new CompletableFuture<>();
        api.set((request, response) -> {
            response.start(200, Map.of());
            open.complete(response);
        });
        HttpResponse<java.io.InputStream> response = client(pki, true, version)
                .send(request("/api/v1/pods?watch=1").build(), HttpResponse.BodyHandlers.ofInputStream());
        assertFalse(open.get(5, TimeUnit.SECONDS).closed().isDone());
        response.body().close();
        open.get().closed().get(5, TimeUnit.SECONDS);
    }

    @Test
    void aWatchOverWebSocketGetsEachEventAsAMessage() throws Exception {
        CompletableFuture<ApiResponse> open = new CompletableFuture<>();
        api.set((request, response) -> {
            response.start(200, Map.of("Content-Type", "application/json"));
            open.complete(response);
        });
        LinkedBlockingQueue<String> messages = new LinkedBlockingQueue<>();
        client(pki, true, HttpClient.Version.HTTP_1_1).newWebSocketBuilder().buildAsync(
                URI.create("wss://localhost:" + transport.port() + "/api/v1/pods?watch=true"), new Collector(messages)).get(5, TimeUnit.SECONDS);
        open.get(5, TimeUnit.SECONDS).write(ByteBuffer.wrap("{\"a\":1}\n{\"b\"".getBytes(StandardCharsets.UTF_8))).get(5, TimeUnit.SECONDS);
        assertEquals("{\"a\":1}", messages.poll(5, TimeUnit.SECONDS));
        String large = "x".repeat(300_000);
        open.get().write(ByteBuffer.wrap((":\"" + large + "\"}\n").getBytes(StandardCharsets.UTF_8))).get(5, TimeUnit.SECONDS);
        assertEquals("{\"b\":\"" + large + "\"}", messages.poll(5, TimeUnit.SECONDS));
        open.get().end();
        assertEquals("closed 1000", messages.poll(5, TimeUnit.SECONDS));
        open.get().closed().get(5, TimeUnit.SECONDS);
    }

    @Test
    void theEndOfAWebSocketClientIsNoticedAndARefusalIsAnOrdinaryAnswer() throws Exception {
        CompletableFuture<ApiResponse> open = new CompletableFuture<>();
        api.set((request, response) -> {
            if (request.path().equals("/no")) {
                answer(response, 403, "no");
                return;
            }
            response.start(200, Map.of());
            open.complete(response);
        });
        HttpClient client = client(pki, true, HttpClient.Version.HTTP_1_1);
        WebSocket socket = client.newWebSocketBuilder().buildAsync(URI.create("wss://localhost:" + transport.port() + "/yes?watch=true"),
                new Collector(new LinkedBlockingQueue<>())).get(5, TimeUnit.SECONDS);
        assertFalse(open.get(5, TimeUnit.SECONDS).closed().isDone());
        socket.abort();
        open.get().closed().get(5, TimeUnit.SECONDS);
        java.util.concurrent.ExecutionException refused = org.junit.jupiter.api.Assertions.assertThrows(
                java.util.concurrent.ExecutionException.class, () -> client.newWebSocketBuilder().buildAsync(
                        URI.create("wss://localhost:" + transport.port() + "/no?watch=true"), new Collector(new LinkedBlockingQueue<>()))
                        .get(5, TimeUnit.SECONDS));
        assertEquals(403, ((java.net.http.WebSocketHandshakeException) refused.getCause()).getResponse().statusCode());
    }

    private record Collector(LinkedBlockingQueue<String> messages, StringBuilder text) implements WebSocket.Listener {
        Collector(LinkedBlockingQueue<String> messages) {
            this(messages, new StringBuilder());
        }

        @Override
        public java.util.concurrent.CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                messages.add(text.toString());
                text.setLength(0);
            }
            socket.request(1);
            return null;
        }

        @Override
        public java.util.concurrent.CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
            messages.add("closed " + status);
            return null;
        }
    }

    @Test
    void aClientThatDoesNotReadHoldsTheStreamUp() throws Exception {
        CompletableFuture<ApiResponse> open = new CompletableFuture<>();
        api.set((request, response) -> {
            response.start(200, Map.of());
            open.complete(response);
        });
        try (SSLSocket socket = (SSLSocket) context(pki, pki, true).getSocketFactory().createSocket("127.0.0.1", transport.port())) {
            OutputStream out = socket.getOutputStream();
            out.write("GET /api/v1/pods?watch=true HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            ByteBuffer part = ByteBuffer.allocate(64 << 10);
            int written = 0;
            CompletableFuture<Void> last = open.get(5, TimeUnit.SECONDS).write(part.duplicate());
            while (written < 2000) {
                try {
                    last.get(500, TimeUnit.MILLISECONDS);
                } catch (java.util.concurrent.TimeoutException e) {
                    break;
                }
                last = open.get().write(part.duplicate());
                written++;
            }
            assertTrue(written < 500, written + " parts of 64 KiB went into the air");
        }
        open.get().closed().get(5, TimeUnit.SECONDS);
    }

    @Test
    void failuresOfTheApiAnswer500() throws Exception {
        api.set((request, response) -> {
            throw new IllegalStateException("broken");
        });
        HttpResponse<String> response = client(pki, true, HttpClient.Version.HTTP_1_1)
                .send(request("/").build(), HttpResponse.BodyHandlers.ofString());
        assertEquals(500, response.statusCode());
        assertTrue(response.body().contains("InternalError"));
    }

    @Test
    void moreRequestsThanCanWaitAreTurnedAway() throws Exception {
        CompletableFuture<Void> gate = new CompletableFuture<>();
        api.set((request, response) -> {
            gate.join();
            answer(response, 200, "late");
        });
        HttpClient client = client(pki, true, HttpClient.Version.HTTP_2);
        List<CompletableFuture<HttpResponse<String>>> all = java.util.stream.IntStream.range(0, 40)
                .mapToObj(i -> client.sendAsync(request("/").build(), HttpResponse.BodyHandlers.ofString())).toList();
        CompletableFuture<HttpResponse<String>> first = new CompletableFuture<>();
        all.forEach(each -> each.whenComplete((response, failure) -> {
            if (failure == null) {
                first.complete(response);
            } else {
                first.completeExceptionally(failure);
            }
        }));
        HttpResponse<String> refused = first.orTimeout(10, TimeUnit.SECONDS).join();
        assertEquals(429, refused.statusCode());
        assertEquals("1", refused.headers().firstValue("Retry-After").orElse(""));
        Await.until("all others have been turned away", () -> all.stream().filter(CompletableFuture::isDone).count() == 26);
        gate.complete(null);
        CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).orTimeout(10, TimeUnit.SECONDS).join();
        assertEquals(14, all.stream().filter(f -> f.join().statusCode() == 200).count());
    }

    @Test
    void brokenEscapesInAQueryAreABadRequest() throws Exception {
        try (SSLSocket socket = (SSLSocket) context(pki, pki, true).getSocketFactory().createSocket("127.0.0.1", transport.port())) {
            socket.setSoTimeout(5000);
            socket.getOutputStream().write("GET /x?a=%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(answer.startsWith("HTTP/1.1 400"), answer);
        }
    }

    static void answer(ApiResponse response, int status, String body) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        response.start(status, Map.of("Content-Type", "text/plain", "Content-Length", "" + bytes.length));
        response.write(ByteBuffer.wrap(bytes));
        response.end();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("https://localhost:" + transport.port() + path)).timeout(Duration.ofSeconds(20));
    }

    private static HttpClient client(StandalonePki pki, boolean certificate, HttpClient.Version version) throws Exception {
        return HttpClient.newBuilder().version(version).sslContext(context(pki, pki, certificate)).build();
    }

    private static HttpClient client(StandalonePki identity, StandalonePki server, HttpClient.Version version) throws Exception {
        return HttpClient.newBuilder().version(version).sslContext(context(identity, server, true)).build();
    }

    static SSLContext context(StandalonePki identity, StandalonePki server, boolean certificate) throws Exception {
        String kubeconfig = identity.adminKubeconfig("https://x");
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        X509Certificate client = certificate(pem(kubeconfig, "client-certificate-data"));
        try (PEMParser parser = new PEMParser(new java.io.StringReader(pem(kubeconfig, "client-key-data")))) {
            KeyPair pair = new JcaPEMKeyConverter().getKeyPair((PEMKeyPair) parser.readObject());
            store.setKeyEntry("client", pair.getPrivate(), new char[0], new Certificate[] {client});
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, new char[0]);
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("ca", certificate(server.authorityPem()));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        javax.net.ssl.KeyManager[] always = keys.getKeyManagers();
        if (!identity.authorityPem().equals(server.authorityPem())) {
            always = new javax.net.ssl.KeyManager[] {new AnyIssuer((javax.net.ssl.X509ExtendedKeyManager) always[0])};
        }
        context.init(certificate ? always : null, trust.getTrustManagers(), null);
        return context;
    }

    /** Shows its certificate whatever issuers the server asks for. */
    private static final class AnyIssuer extends javax.net.ssl.X509ExtendedKeyManager {
        private final javax.net.ssl.X509ExtendedKeyManager keys;

        AnyIssuer(javax.net.ssl.X509ExtendedKeyManager keys) {
            this.keys = keys;
        }

        @Override
        public String[] getClientAliases(String type, java.security.Principal[] issuers) {
            return keys.getClientAliases(type, null);
        }

        @Override
        public String chooseClientAlias(String[] types, java.security.Principal[] issuers, java.net.Socket socket) {
            return keys.chooseClientAlias(types, null, socket);
        }

        @Override
        public String chooseEngineClientAlias(String[] types, java.security.Principal[] issuers, javax.net.ssl.SSLEngine engine) {
            return keys.chooseEngineClientAlias(types, null, engine);
        }

        @Override
        public String[] getServerAliases(String type, java.security.Principal[] issuers) {
            return keys.getServerAliases(type, issuers);
        }

        @Override
        public String chooseServerAlias(String type, java.security.Principal[] issuers, java.net.Socket socket) {
            return keys.chooseServerAlias(type, issuers, socket);
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return keys.getCertificateChain(alias);
        }

        @Override
        public java.security.PrivateKey getPrivateKey(String alias) {
            return keys.getPrivateKey(alias);
        }
    }

    private static String pem(String kubeconfig, String field) {
        Matcher value = Pattern.compile(field + ": (\\S+)").matcher(kubeconfig);
        assertTrue(value.find());
        return new String(Base64.getDecoder().decode(value.group(1)), StandardCharsets.UTF_8);
    }

    private static X509Certificate certificate(String pem) throws Exception {
        return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
    }
}
