package io.kelp.edged.internal.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.kelp.edged.internal.fake.FakeContainer;
import io.kelp.testkit.cloud.TestAuthority;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Probes over real sockets. */
class NetworkProbeTest {

    private final ProbeSockets sockets = new ProbeSockets();
    private final Checks checks = new Checks(sockets, task -> new Thread(task, "test-io").start(), () -> "127.0.0.1");
    private final FakeContainer container = new FakeContainer();
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        sockets.close();
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    private HttpServer http() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
        server.start();
        open.add(() -> server.stop(0));
        return server;
    }

    private ServerSocket listen() throws IOException {
        ServerSocket server = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        open.add(server);
        return server;
    }

    private static void status(HttpExchange exchange, int code) throws IOException {
        exchange.sendResponseHeaders(code, -1);
        exchange.close();
    }

    private Outcome run(String handler) throws Exception {
        return run(handler, "{'name':'app'}");
    }

    private Outcome run(String handler, String spec) throws Exception {
        JsonObject json = JsonParser.parseString(spec).getAsJsonObject();
        json.add("livenessProbe", JsonParser.parseString("{" + handler + ",'timeoutSeconds':1}"));
        return checks.run(ProbeSpec.of(ProbeSpec.Kind.LIVENESS, json), json, container).toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @CsvSource({"200,true", "204,true", "302,true", "399,true", "400,false", "404,false", "500,false", "503,false"})
    void goodIsWhatKubeletFindsGood(int code, boolean good) throws Exception {
        HttpServer server = http();
        server.createContext("/", exchange -> status(exchange, code));
        Outcome outcome = run("'httpGet':{'path':'/healthz','port':" + server.getAddress().getPort() + "}");
        assertEquals(good ? Outcome.success() : Outcome.failure("HTTP probe failed with statuscode: " + code), outcome);
    }

    @Test
    void theRequestIsKubelets() throws Exception {
        HttpServer server = http();
        CompletableFuture<String> seen = new CompletableFuture<>();
        server.createContext("/", exchange -> {
            seen.complete(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " " + exchange.getRequestHeaders().getFirst("Host") + " "
                    + exchange.getRequestHeaders().getFirst("User-Agent") + " " + exchange.getRequestHeaders().getFirst("X-Mine") + " "
                    + exchange.getRequestHeaders().getFirst("Connection"));
            status(exchange, 200);
        });
        assertEquals(Outcome.success(), run("'httpGet':{'path':'ready now?verbose=1','port':" + server.getAddress().getPort()
                + ",'httpHeaders':[{'name':'Host','value':'app.example'},{'name':'X-Mine','value':'a\\r\\nX-Other: b'}]}"));
        assertEquals("GET /ready%20now?verbose=1 app.example kube-probe/1.34 aX-Other: b close", seen.get(1, TimeUnit.SECONDS));
    }

    @Test
    void aPortIsFoundByItsNameAndWhereTheRuntimeHasPutIt() throws Exception {
        HttpServer server = http();
        server.createContext("/", exchange -> status(exchange, 200));
        container.ports = Map.of(8080, server.getAddress().getPort());
        String spec = "{'name':'app','ports':[{'name':'web','containerPort':8080}]}";
        assertEquals(Outcome.success(), run("'httpGet':{'port':'web'}", spec));
        assertEquals(Outcome.success(), run("'httpGet':{'port':8080}", spec));
        assertEquals(Outcome.success(), run("'tcpSocket':{'port':'web'}", spec));
        assertEquals(Outcome.failure("couldn't find port: \"other\""), run("'httpGet':{'port':'other'}", spec));
        assertEquals(Outcome.failure("invalid port number: 70000"), run("'tcpSocket':{'port':70000}", spec));
    }

    @Test
    void redirectsAreFollowedOnTheSameHostOnly() throws Exception {
        HttpServer server = http();
        int port = server.getAddress().getPort();
        server.createContext("/a", exchange -> {
            exchange.getResponseHeaders().add("Location", "/b");
            status(exchange, 302);
        });
        server.createContext("/b", exchange -> status(exchange, 418));
        server.createContext("/away", exchange -> {
            exchange.getResponseHeaders().add("Location", "http://192.0.2.1/");
            status(exchange, 301);
        });
        server.createContext("/loop", exchange -> {
            exchange.getResponseHeaders().add("Location", "/loop");
            status(exchange, 307);
        });
        assertEquals("HTTP probe failed with statuscode: 418", run("'httpGet':{'path':'/a','port':" + port + "}").message());
        assertEquals(Outcome.warning("Probe terminated redirects, Response body: "), run("'httpGet':{'path':'/away','port':" + port + "}"));
        assertEquals("Get \"http://127.0.0.1:" + port + "/loop\": stopped after 10 redirects",
                run("'httpGet':{'path':'/loop','port':" + port + "}").message());
    }

    @Test
    void anyCertificateWillDo() throws Exception {
        TestAuthority authority = new TestAuthority(Instant.now().minusSeconds(172_800), Instant.now().plusSeconds(86_400));
        KeyPair keys = TestAuthority.newKeyPair();
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("server", keys.getPrivate(), new char[0], new Certificate[] {
            authority.server(keys.getPublic(), Instant.now().minusSeconds(172_800), Instant.now().minusSeconds(86_400))}); // has expired
        KeyManagerFactory managers = KeyManagerFactory.getInstance("SunX509");
        managers.init(store, new char[0]);
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(managers.getKeyManagers(), null, null);
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(tls));
        server.createContext("/good", exchange -> {
            byte[] body = new byte[100_000];
            exchange.sendResponseHeaders(200, body.length);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(body);
            }
        });
        server.createContext("/bad", exchange -> status(exchange, 500));
        server.start();
        open.add(() -> server.stop(0));
        int port = server.getAddress().getPort();
        for (int i = 0; i < 20; i++) {
            assertEquals(Outcome.success(), run("'httpGet':{'scheme':'HTTPS','path':'/good','port':" + port + "}"));
        }
        assertEquals("HTTP probe failed with statuscode: 500", run("'httpGet':{'scheme':'HTTPS','path':'/bad','port':" + port + "}").message());
    }

    @Test
    void tlsTowardsAServerWithoutItFails() throws Exception {
        HttpServer server = http();
        server.createContext("/", exchange -> status(exchange, 200));
        Outcome outcome = run("'httpGet':{'scheme':'HTTPS','port':" + server.getAddress().getPort() + "}");
        assertTrue(!outcome.ok() && !outcome.message().isEmpty(), outcome.toString());
    }

    @Test
    void aClosedPortIsRefused() throws Exception {
        int port = listen().getLocalPort();
        open.remove(0).close();
        assertEquals(Outcome.failure("dial tcp 127.0.0.1:" + port + ": connect: connection refused"), run("'tcpSocket':{'port':" + port + "}"));
        assertEquals(Outcome.failure("Get \"http://127.0.0.1:" + port + "/\": dial tcp 127.0.0.1:" + port + ": connect: connection refused"),
                run("'httpGet':{'port':" + port + "}"));
    }

    @Test
    void aServerThatSaysNothingFailsInTime() throws Exception {
        ServerSocket server = listen();
        long begun = System.nanoTime();
        Outcome outcome = run("'httpGet':{'port':" + server.getLocalPort() + "}");
        assertEquals("Get \"http://127.0.0.1:" + server.getLocalPort()
                + "/\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)", outcome.message());
        long took = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
        assertTrue(took >= 990 && took < 3000, "after " + took + " ms");
    }

    @Test
    void hostNamesAreLookedUp() throws Exception {
        HttpServer server = http();
        server.createContext("/", exchange -> status(exchange, 200));
        assertEquals(Outcome.success(), run("'httpGet':{'host':'localhost','port':" + server.getAddress().getPort() + "}"));
        assertTrue(run("'httpGet':{'host':'no.such.invalid','port':80}").message().contains("no such host"));
        assertTrue(run("'httpGet':{'host':'a_b c','port':80}").message().startsWith("parse "));
    }

    @Test
    void whateverAServerSaysTheProbeEnds() throws Exception {
        Random random = new Random(7);
        byte[][] answers = {{}, "HTTP/1.1".getBytes(StandardCharsets.US_ASCII), "nonsense\r\n\r\n".getBytes(StandardCharsets.US_ASCII),
            ("HTTP/1.1 200 OK\r\n" + "x".repeat(100_000)).getBytes(StandardCharsets.US_ASCII),
            "HTTP/1.1 302 Found\r\nLocation: ::\\\\\r\n\r\n".getBytes(StandardCharsets.US_ASCII), new byte[50_000]};
        ServerSocket server = listen();
        for (int i = 0; i < 200; i++) {
            byte[] answer = i < answers.length ? answers[i] : new byte[random.nextInt(20_000)];
            if (i >= answers.length) {
                random.nextBytes(answer);
                byte[] begin = "HTTP/1.1 200 OK\r\n".getBytes(StandardCharsets.US_ASCII);
                System.arraycopy(begin, 0, answer, 0, Math.min(answer.length, random.nextInt(begin.length + 1)));
            }
            Thread serving = new Thread(() -> {
                try (Socket socket = server.accept()) {
                    socket.getOutputStream().write(answer);
                } catch (IOException e) {
                    // the probe has heard enough
                }
            }, "test-server");
            serving.start();
            Outcome outcome = run("'httpGet':{'port':" + server.getLocalPort() + "}");
            assertTrue(outcome.ok() || !outcome.message().isEmpty());
            assertTrue(outcome.message().length() < 300 && outcome.message().chars().allMatch(c -> c >= 0x20 && c < 0x7f), outcome.message());
            serving.join(5000);
        }
    }

    @Test
    void aHundredProbesNeedOneThread() throws Exception {
        ServerSocket silent = listen();
        List<CompletableFuture<Outcome>> all = new ArrayList<>();
        JsonObject json = JsonParser.parseString("{'livenessProbe':{'httpGet':{'port':" + silent.getLocalPort() + "},'timeoutSeconds':2}}").getAsJsonObject();
        for (int i = 0; i < 100; i++) {
            all.add(checks.run(ProbeSpec.of(ProbeSpec.Kind.LIVENESS, json), json, container).toCompletableFuture());
        }
        Thread[] threads = new Thread[Thread.activeCount() + 50];
        int count = Thread.enumerate(threads);
        long mine = java.util.Arrays.stream(threads, 0, count).filter(t -> t.getName().equals("kelp-probes") && t.isAlive()).count();
        assertTrue(mine <= 2, mine + " threads"); // that of a test before may be ending
        for (CompletableFuture<Outcome> each : all) {
            assertTrue(!each.get(5, TimeUnit.SECONDS).ok());
        }
    }
}
