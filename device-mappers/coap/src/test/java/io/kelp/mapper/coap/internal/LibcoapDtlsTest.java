package io.kelp.mapper.coap.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.mapper.AsyncConnection;
import io.kelp.mapper.DeviceProperty;
import io.kelp.mapper.PropertyType;
import io.kelp.mapper.PropertyValue;
import io.kelp.mapper.coap.internal.TestDevices.Told;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Our driver against the servers of libcoap over DTLS, with the two TLS libraries that Debian builds it with. */
@Tag("slow")
@Timeout(60)
class LibcoapDtlsTest {

    private static final DeviceProperty TIME = TestDevices.property("time", PropertyType.STRING, Map.of("path", "/time", "observe", true));
    private static final DeviceProperty DATA = TestDevices.property("data", PropertyType.STRING, Map.of("path", "/example_data"));

    @TempDir Path folder;

    private Peers peers;
    private CoapDriver driver;
    private final Told told = new Told();

    @BeforeEach
    void start() {
        peers = new Peers(folder);
        driver = new CoapDriver(TestDevices.config(Map.of()), folder);
    }

    @AfterEach
    void stop() throws InterruptedException {
        driver.stop();
        peers.stop();
    }

    private AsyncConnection open(int plainPort, Object... settings) throws Exception {
        return (AsyncConnection) driver.open(TestDevices.device(TestDevices.with(
                Map.of("host", "127.0.0.1", "port", plainPort + 1, "scheme", "coaps", "timeout", 4000, "ackTimeout", 500), settings), TIME, DATA), told);
    }

    /** Writes, reads, observes; in blocks, too. */
    private void use(AsyncConnection connection) throws Exception {
        assertEquals(Set.of("time"), connection.published());
        told.await(5, v -> true);
        String text = "abcdefgh".repeat(500);
        connection.writeAsync(DATA, PropertyValue.of(text)).toCompletableFuture().get(10, TimeUnit.SECONDS);
        assertEquals(text, connection.readAsync(List.of(DATA)).toCompletableFuture().get(10, TimeUnit.SECONDS).get("data").value().asText());
        told.await(5, v -> true);
    }

    @ParameterizedTest
    @ValueSource(strings = {"openssl", "gnutls"})
    void speaksWithASharedKeyAndAgainAfterARestartOfTheDevice(String library) throws Exception {
        int port = Peers.freePort();
        String[] command = {"coap-server-" + library, "-A", "127.0.0.1", "-p", String.valueOf(port), "-d", "10", "-h", "hint", "-k", "0123456789abcdef"};
        Peers.Server server = peers.server(port, command);
        Files.writeString(folder.resolve("pump.psk"), "hex:30313233343536373839616263646566\n");
        AsyncConnection connection = open(port, "pskIdentity", "gateway", "pskFile", "pump.psk");
        use(connection);
        server.kill();
        assertTrue(told.losses.poll(20, TimeUnit.SECONDS).startsWith("observed /time: "));
        connection.close();
        peers.server(port, command);
        AsyncConnection again = open(port, "pskIdentity", "gateway", "pskFile", "pump.psk");
        use(again);
        again.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"openssl", "gnutls"})
    void aWrongSharedKeyIsAnErrorOfOneSentenceWithoutTheKey(String library) throws Exception {
        int port = Peers.freePort();
        peers.server(port, "coap-server-" + library, "-A", "127.0.0.1", "-p", String.valueOf(port), "-h", "hint", "-k", "0123456789abcdef");
        String why = assertThrows(IOException.class, () -> open(port, "pskIdentity", "gateway", "pskKey", "wrong-wrong")).getMessage();
        assertTrue(why.startsWith("GET coaps://127.0.0.1:" + (port + 1) + "/time cannot be sent: ") || why.startsWith("no answer to GET"), why);
        assertTrue(!why.contains("wrong-wrong") && !why.contains("0123456789"), why);
    }

    @ParameterizedTest
    @ValueSource(strings = {"openssl", "gnutls"})
    void speaksWithCertificatesOnBothSides(String library) throws Exception {
        Certificates plant = new Certificates(folder, "plant");
        plant.issue("server", "127.0.0.1");
        plant.issue("gateway", "gateway.plant");
        int port = Peers.freePort();
        peers.server(port, "coap-server-" + library, "-A", "127.0.0.1", "-p", String.valueOf(port), "-d", "10",
                "-c", "server.pem", "-j", "server.sec1", "-C", "plant.pem");
        AsyncConnection connection = open(port, "ca", "plant.pem", "certificate", "gateway.pem",
                "privateKey", library.equals("gnutls") ? "gateway.key" : "gateway.sec1");
        use(connection);
        connection.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"openssl", "gnutls"})
    void refusesADeviceWithACertificateOfAnotherAuthorityOrName(String library) throws Exception {
        new Certificates(folder, "stranger").issue("stranger-server", "127.0.0.1");
        Certificates plant = new Certificates(folder, "plant");
        plant.issue("other-server", "10.9.9.9");
        plant.issue("gateway", "gateway.plant");
        for (String server : List.of("stranger-server", "other-server")) {
            int port = Peers.freePort();
            Peers.Server running = peers.server(port, "coap-server-" + library, "-A", "127.0.0.1", "-p", String.valueOf(port),
                    "-c", server + ".pem", "-j", server + ".sec1", "-n");
            String why = assertThrows(IOException.class, () -> open(port, "ca", "plant.pem", "certificate", "gateway.pem", "privateKey", "gateway.key"))
                    .getMessage();
            assertTrue(why.contains("cannot be sent"), why);
            if (server.equals("other-server")) {
                open(port, "ca", "plant.pem", "certificate", "gateway.pem", "privateKey", "gateway.key", "verifyName", false).close();
            }
            running.kill();
        }
    }
}
