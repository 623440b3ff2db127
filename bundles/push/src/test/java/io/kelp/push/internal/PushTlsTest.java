package io.kelp.push.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.kelp.testkit.Await;
import io.kelp.testkit.Needed;
import io.kelp.testkit.Ports;
import io.kelp.testkit.cloud.TestAuthority;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.bouncycastle.asn1.x509.GeneralName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** To servers and brokers whose certificates come from an authority of the plant. */
class PushTlsTest {

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final GeneralName HERE = new GeneralName(GeneralName.iPAddress, "127.0.0.1");
    private static final GeneralName ELSEWHERE = new GeneralName(GeneralName.dNSName, "historian.plant");

    @TempDir
    Path home;

    private final Instant from = Instant.now().minusSeconds(3600);
    private final Instant to = Instant.now().plusSeconds(86_400);
    private final TestAuthority plant = new TestAuthority(from, to);
    private final KeyPair keys = TestAuthority.newKeyPair();
    private String caFile;
    private Process broker;

    @BeforeEach
    void writeAuthority() throws Exception {
        caFile = pem("ca.pem", "CERTIFICATE", plant.certificate().getEncoded()).toString();
    }

    @AfterEach
    void stop() throws Exception {
        if (broker != null) {
            broker.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
        }
    }

    @Test
    void aServerOfTheAuthorityInCaFileGetsItsValues() throws Exception {
        try (PathServer server = server(HERE); PushGateway gateway = http(caFile, server)) {
            Await.until("it has come", SOON, () -> server.taken("/in").equals(List.of("1")));
        }
    }

    @Test
    void aServerWithAnotherNameInItsCertificateIsRefused() throws Exception {
        try (PathServer server = server(ELSEWHERE); PushGateway gateway = http(caFile, server)) {
            assertRefused(gateway);
            assertEquals(List.of(), server.taken("/in"));
        }
    }

    @Test
    void aServerOfAnotherAuthorityIsRefused() throws Exception {
        try (PathServer server = server(HERE); PushGateway gateway = http("", server)) {
            assertRefused(gateway);
            assertEquals(List.of(), server.taken("/in"));
        }
    }

    @Test
    void aBrokerOfTheAuthorityInCaFileGetsItsValues() throws Exception {
        try (PushGateway gateway = mqtt(caFile, broker(HERE))) {
            Await.until("it has come", SOON, () -> seen(gateway).sent() == 1); // QoS 1: the broker has said so
        }
    }

    @Test
    void aBrokerWithAnotherNameInItsCertificateIsRefused() throws Exception {
        try (PushGateway gateway = mqtt(caFile, broker(ELSEWHERE))) {
            assertRefused(gateway);
        }
    }

    @Test
    void aBrokerOfAnotherAuthorityIsRefused() throws Exception {
        try (PushGateway gateway = mqtt("", broker(HERE))) {
            assertRefused(gateway);
        }
    }

    private static Destination.Report seen(PushGateway gateway) {
        return gateway.engine.reports().get(0);
    }

    private static void assertRefused(PushGateway gateway) throws Exception {
        Await.until("it is refused", SOON, () -> seen(gateway).retries() > 1);
        Destination.Report seen = seen(gateway);
        assertEquals(0, seen.sent());
        assertEquals(1, seen.waiting(), "it waits until somebody has corrected it");
        assertTrue(seen.failing());
        assertTrue(seen.lastError().toLowerCase().matches(".*(certificat|certification|subject alternative|no name matching).*"), seen.lastError());
    }

    private PushGateway http(String ca, PathServer server) {
        return gateway(ca, "{'http':{'hostName':'https://127.0.0.1','port':" + server.port() + ",'requestPath':'/in'}}");
    }

    private PushGateway mqtt(String ca, int port) {
        return gateway(ca, "{'mqtt':{'address':'mqtts://127.0.0.1:" + port + "','topic':'plant/p0','qos':1}}");
    }

    private PushGateway gateway(String ca, String method) {
        PushGateway gateway = new PushGateway(home.resolve("gateway"), Map.of("caFile", ca, "firstPauseMillis", 20, "longestPauseMillis", 50));
        gateway.device("pump", 1, JsonParser.parseString(method).getAsJsonObject());
        gateway.report("p0", "1");
        return gateway;
    }

    private PathServer server(GeneralName name) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("server", keys.getPrivate(), new char[0],
                new X509Certificate[] {plant.server(keys.getPublic(), from, to, name), plant.certificate()});
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), null, null);
        HttpsServer https = HttpsServer.create();
        https.setHttpsConfigurator(new HttpsConfigurator(context));
        return new PathServer(https);
    }

    private int broker(GeneralName name) throws Exception {
        Needed.program(Files.isExecutable(Path.of("/usr/sbin/mosquitto")), "mosquitto");
        int port = Ports.free();
        Path certificate = pem("broker.crt", "CERTIFICATE", plant.server(keys.getPublic(), from, to, name).getEncoded());
        Path key = pem("broker.key", "PRIVATE KEY", keys.getPrivate().getEncoded());
        Path config = Files.writeString(home.resolve("mosquitto.conf"), "user root\nlistener " + port + " 127.0.0.1\nallow_anonymous true\ncertfile "
                + certificate + "\nkeyfile " + key + "\n");
        broker = new ProcessBuilder("/usr/sbin/mosquitto", "-c", config.toString()).redirectErrorStream(true)
                .redirectOutput(home.resolve("mosquitto.log").toFile()).start();
        Await.until("mosquitto listens", SOON, () -> {
            try (Socket probe = new Socket()) {
                probe.connect(new InetSocketAddress("127.0.0.1", port), 500);
                return true;
            } catch (IOException e) {
                return false; // not yet
            }
        });
        return port;
    }

    private Path pem(String name, String type, byte[] der) throws IOException {
        return Files.writeString(home.resolve(name), "-----BEGIN " + type + "-----\n" + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
                + "\n-----END " + type + "-----\n");
    }
}
