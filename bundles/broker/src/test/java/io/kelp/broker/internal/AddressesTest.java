package io.kelp.broker.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.broker.internal.net.ListenAddress;
import io.kelp.broker.internal.packet.Packet;
import io.kelp.control.Problem;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressesTest {

    @TempDir
    private static Path directory;
    private static TestCertificate certificate;

    @BeforeAll
    static void makeCertificate() throws Exception {
        certificate = new TestCertificate(directory);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "::", "192.0.2.1"})
    void anAddressOpenToTheNetworkIsRefusedWithoutTls(String address) {
        try (BrokerUnderTest broker = new BrokerUnderTest(Map.of("address", address, "port", 4711))) {
            Problem problem = broker.problems().get(0);
            assertEquals("BROKER-ADDRESS", problem.code());
            assertTrue(problem.sentence().contains(address) && problem.sentence().contains("TLS"), problem.sentence());
            assertEquals(-1, broker.port());
        }
    }

    @Test
    void theListenAddressItselfInsistsOnTlsAndPassword() throws IOException {
        InetAddress open = InetAddress.getByName("0.0.0.0");
        assertThrows(IllegalArgumentException.class, () -> new ListenAddress(open, 1, null, true));
        ListenAddress loopback = new ListenAddress(InetAddress.getLoopbackAddress(), 1, null, false);
        assertEquals(1, loopback.port());
    }

    @ParameterizedTest
    @ValueSource(strings = {"tlsCertificateFile", "tlsKeyFile", "username", ".password"})
    void aTlsAddressIsRefusedWhenAnythingIsMissing(String missing) throws Exception {
        Map<String, Object> settings = tlsSettings();
        settings.remove(missing);
        try (BrokerUnderTest broker = new BrokerUnderTest(settings)) {
            assertEquals("BROKER-ADDRESS", broker.problems().get(0).code());
            assertTrue(broker.problems().get(0).remedy().contains("tlsCertificateFile"));
            assertEquals(1, ports(broker).length);
        }
    }

    @Test
    void aPasswordOfSevenCharactersIsTooShort() throws Exception {
        Map<String, Object> settings = tlsSettings();
        settings.put(".password", "1234567");
        try (BrokerUnderTest broker = new BrokerUnderTest(settings)) {
            assertEquals(1, broker.problems().size());
        }
    }

    @Test
    void aCertificateFileThatHoldsNoneIsNamed() throws Exception {
        Map<String, Object> settings = tlsSettings();
        settings.put("tlsCertificateFile", Files.writeString(directory.resolve("empty.pem"), "nothing").toString());
        try (BrokerUnderTest broker = new BrokerUnderTest(settings)) {
            assertTrue(broker.problems().get(0).sentence().contains("empty.pem"), broker.problems().get(0).sentence());
        }
    }

    @Test
    void clientsElsewhereNeedTlsAndTheRightPassword() throws Exception {
        try (BrokerUnderTest broker = new BrokerUnderTest(tlsSettings());
                RawClient local = broker.connected("local").subscribe("t", 1)) {
            BrokerUnderTest.await("TLS port", () -> ports(broker)[1] > 0);
            int port = ports(broker)[1];
            try (RawClient plain = new RawClient(port)) {
                plain.send(new Packet.Connect(4, "plain", true, 0, null, null, null));
                assertThrows(IOException.class, () -> plain.expect(Packet.ConnAck.class));
            }
            for (String password : new String[] {"wrong password", null}) {
                try (RawClient wrong = tls(port)) {
                    wrong.connect(connect("user", password), 4);
                }
            }
            try (RawClient nameless = tls(port)) {
                nameless.connect(connect(null, null), 4);
            }
            try (RawClient remote = tls(port)) {
                remote.connect(connect("user", "correct horse"), 0);
                byte[] big = new byte[300_000];
                Arrays.fill(big, (byte) 'x');
                remote.send(new Packet.Publish("t", big, 1, false, false, 1));
                remote.expect(Packet.PubAck.class);
                assertEquals(big.length, local.message().payload().length);
                remote.subscribe("back", 0);
                for (int i = 0; i < 5; i++) {
                    local.send(new Packet.Publish("back", big, 0, false, false, 0));
                    assertEquals(big.length, remote.message().payload().length);
                }
            }
        }
    }

    @Test
    void aClientThatStallsInTheHandshakeDelaysNobody() throws Exception {
        try (BrokerUnderTest broker = new BrokerUnderTest(tlsSettings())) {
            BrokerUnderTest.await("TLS port", () -> ports(broker)[1] > 0);
            try (RawClient staller = new RawClient(ports(broker)[1]); RawClient remote = tls(ports(broker)[1])) {
                staller.send(new byte[] {0x16, 3, 1, 2, 0, 1});
                remote.connect(connect("user", "correct horse"), 0);
            }
        }
    }

    @Test
    void clientsOnTheGatewayNeedThePasswordWhenToldSo() throws IOException {
        try (BrokerUnderTest broker = new BrokerUnderTest(Map.of("localPassword", true, "username", "user", ".password", "correct horse"));
                RawClient good = broker.client(); RawClient bad = broker.client()) {
            good.connect(connect("user", "correct horse"), 0);
            bad.connect(connect("user", "correct house"), 4);
        }
    }

    @Test
    @Tag("slow")
    void aPortThatIsTakenIsReportedAndUsedOnceItIsFree() throws IOException {
        ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        int port = other.getLocalPort();
        try (BrokerUnderTest broker = new BrokerUnderTest(Map.of("port", port))) {
            BrokerUnderTest.await("problem", () -> !broker.problems().isEmpty());
            Problem problem = broker.problems().get(0);
            assertEquals("BROKER-PORT", problem.code());
            assertTrue(problem.sentence().contains("127.0.0.1:" + port), problem.sentence());
            assertEquals(-1, broker.port());
            other.close();
            BrokerUnderTest.await("port", () -> broker.port() == port);
            assertTrue(broker.problems().isEmpty());
            broker.connected("c").disconnect();
        } finally {
            other.close();
        }
    }

    private static Map<String, Object> tlsSettings() {
        return new HashMap<>(Map.of("tlsAddress", "127.0.0.1", "tlsPort", 0, "tlsCertificateFile", certificate.certificate.toString(),
                "tlsKeyFile", certificate.key.toString(), "username", "user", ".password", "correct horse"));
    }

    private static RawClient tls(int port) throws Exception {
        Socket socket = certificate.client().getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
        return new RawClient(socket);
    }

    private static Packet.Connect connect(String username, String password) {
        return new Packet.Connect(4, "remote", true, 0, null, username,
                password == null ? null : password.getBytes(StandardCharsets.UTF_8));
    }

    private static int[] ports(BrokerUnderTest broker) {
        return broker.component().status().getAsJsonObject("broker").getAsJsonArray("ports").asList().stream()
                .mapToInt(port -> port.getAsInt()).toArray();
    }
}
