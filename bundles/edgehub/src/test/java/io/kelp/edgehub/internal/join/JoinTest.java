package io.kelp.edgehub.internal.join;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.edgehub.internal.pki.Identity;
import io.kelp.edgehub.internal.pki.IdentityFiles;
import io.kelp.testkit.cloud.FakeCloud;
import io.kelp.testkit.cloud.TestAuthority;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JoinTest {

    private static final Instant NOW = Instant.now();
    private static final Instant LATER = NOW.plusSeconds(3600);

    @TempDir Path home;
    private final TestAuthority authority = new TestAuthority(NOW.minusSeconds(86400), NOW.plusSeconds(86400L * 3650));
    private FakeCloud cloud;
    private String output;

    @BeforeEach
    void open() throws IOException {
        cloud = new FakeCloud(authority);
        System.setProperty("kelp.home", home.toString());
    }

    @AfterEach
    void close() throws IOException {
        System.clearProperty("kelp.home");
        cloud.close();
    }

    private int join(InstantSource clock, String input, String... more) {
        List<String> arguments = new ArrayList<>(List.of("--hub-port", Integer.toString(cloud.hubPort())));
        arguments.addAll(List.of(more));
        if (!arguments.contains("--cloud")) {
            arguments.addAll(List.of("--cloud", "127.0.0.1"));
        }
        if (!arguments.contains("--join-port")) {
            arguments.addAll(List.of("--join-port", Integer.toString(cloud.joinPort())));
        }
        if (!arguments.contains("--node")) {
            arguments.addAll(List.of("--node", "edge-j"));
        }
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(text, true, StandardCharsets.UTF_8);
        int code = JoinCommand.run(arguments, new BufferedReader(new StringReader(input)), out, out, clock);
        output = text.toString(StandardCharsets.UTF_8);
        return code;
    }

    private int join(String token) {
        return join(InstantSource.system(), "", "--token", token);
    }

    private void assertNothingWritten() throws IOException {
        try (Stream<Path> files = Files.walk(home)) {
            assertEquals(List.of(), files.filter(Files::isRegularFile).toList());
        }
    }

    private Identity identity() throws Exception {
        return new IdentityFiles(home.resolve("data/certs")).load();
    }

    @Test
    void joinsWithAGoodToken() throws Exception {
        assertEquals(0, join(authority.token(LATER)), output);
        assertEquals("edge-j", identity().nodeName());
        assertEquals(authority.certificate(), identity().ca());
        JsonObject settings = JsonParser.parseString(Files.readString(home.resolve("etc/io.kelp.edgehub.json"))).getAsJsonObject();
        assertEquals("127.0.0.1", settings.get("cloud").getAsString());
        assertEquals(cloud.hubPort(), settings.get("hubPort").getAsInt());
        assertEquals(cloud.joinPort(), settings.get("joinPort").getAsInt());
        assertEquals("edge-j", settings.get("nodeName").getAsString());
        assertEquals("", settings.get("interface").getAsString());
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(home.resolve("data/certs/edge.key"))));
        assertFalse(output.contains("Warning"), output);
        assertFalse(output.contains(authority.token(LATER).substring(70)), "the token is a secret");
    }

    @Test
    void takesTheTokenFromStandardInputOrAFile() throws Exception {
        assertEquals(0, join(InstantSource.system(), authority.token(LATER) + "\n", "--token", "-"), output);
        Path file = home.resolve("token.txt");
        Files.writeString(file, authority.token(LATER) + "\n");
        Files.delete(home.resolve("data/certs/ca.crt"));
        assertEquals(0, join(InstantSource.system(), "", "--token", "@" + file), output);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1970-01-01T00:00:00Z", "2090-06-01T00:00:00Z"})
    void aClockThatIsYearsOffDoesNotStopTheJoin(String clock) throws Exception {
        assertEquals(0, join(InstantSource.fixed(Instant.parse(clock)), "", "--token", authority.token(LATER)), output);
        assertEquals("edge-j", identity().nodeName());
        assertTrue(output.contains("Warning: the clock of this gateway is") && output.contains("years"), output);
    }

    @Test
    void aSecondJoinToTheSameCloudChangesNothing() throws Exception {
        assertEquals(0, join(authority.token(LATER)));
        String before = Files.readString(home.resolve("data/certs/edge.crt"));
        assertEquals(0, join(authority.token(LATER)));
        assertEquals(before, Files.readString(home.resolve("data/certs/edge.crt")));
        assertTrue(output.contains("already"), output);
    }

    @Test
    void aJoinToSomethingElseNeedsAReset() throws Exception {
        assertEquals(0, join(authority.token(LATER)));
        String before = Files.readString(home.resolve("data/certs/edge.crt"));
        assertEquals(JoinException.JOINED_ALREADY, join(InstantSource.system(), "", "--token", authority.token(LATER), "--node", "other"));
        assertTrue(output.contains("kelp reset"), output);
        assertEquals(before, Files.readString(home.resolve("data/certs/edge.crt")));
    }

    @Test
    void anExpiredTokenIsRefusedInWords() throws Exception {
        assertEquals(JoinException.TOKEN_REFUSED, join(authority.token(NOW.minusSeconds(5))), output);
        assertTrue(output.contains("has expired") && output.contains("kelp-cloud token"), output);
        assertNothingWritten();
    }

    @Test
    void aTokenWithAWrongSignatureIsRefusedInWords() throws Exception {
        String token = authority.token(LATER);
        String wrong = token.substring(0, token.length() - 4) + (token.endsWith("AAAA") ? "BBBB" : "AAAA");
        assertEquals(JoinException.TOKEN_REFUSED, join(wrong), output);
        assertTrue(output.contains("signature is invalid"), output);
        assertNothingWritten();
    }

    @Test
    void aTokenOfAnotherCloudIsNoticedBeforeItIsSent() throws Exception {
        TestAuthority other = new TestAuthority(NOW.minusSeconds(60), LATER);
        assertEquals(JoinException.WRONG_CA, join(other.token(LATER)), output);
        assertNothingWritten();
    }

    @Test
    void aCloudWhoseServerCertificateIsOfAnotherCaIsNotTrustedWithTheToken() throws Exception {
        cloud.close();
        cloud = new FakeCloud(authority, new TestAuthority(NOW.minusSeconds(60), LATER), NOW.minusSeconds(60), LATER);
        assertEquals(JoinException.UNREACHABLE, join(authority.token(LATER)), output);
        assertTrue(output.contains("TLS"), output);
        assertNothingWritten();
    }

    @Test
    void aServerCertificateForAnotherAddressOrPurposeIsNotTrusted() throws Exception {
        for (boolean address : new boolean[] {true, false}) {
            cloud.close();
            var keys = TestAuthority.newKeyPair();
            var certificate = address
                    ? authority.server(keys.getPublic(), NOW.minusSeconds(60), LATER, new GeneralName(GeneralName.iPAddress, "192.0.2.1"))
                    : authority.issue("CN=x", keys.getPublic(), NOW.minusSeconds(60), LATER, KeyPurposeId.id_kp_clientAuth,
                            new GeneralName(GeneralName.iPAddress, "127.0.0.1"));
            cloud = new FakeCloud(authority, authority, keys, certificate);
            assertEquals(JoinException.UNREACHABLE, join(authority.token(LATER)), output);
            assertEquals(address, output.contains("--advertise"), output);
            assertNothingWritten();
        }
    }

    @Test
    void anExpiredServerCertificateIsRefused() throws Exception {
        cloud.close();
        cloud = new FakeCloud(authority, authority, Instant.parse("2020-01-01T00:00:00Z"), Instant.parse("2021-01-01T00:00:00Z"));
        assertEquals(JoinException.UNREACHABLE, join(authority.token(LATER)), output);
        assertNothingWritten();
    }

    @Test
    void aClosedPortIsNamed() throws Exception {
        int free;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = socket.getLocalPort();
        }
        assertEquals(JoinException.UNREACHABLE,
                join(InstantSource.system(), "", "--token", authority.token(LATER), "--join-port", Integer.toString(free)));
        assertTrue(output.contains("127.0.0.1:" + free) && output.contains("onnection refused"), output);
        assertEquals(1, output.strip().lines().count(), output);
        assertNothingWritten();
    }

    @Test
    void anUnknownHostIsNamed() throws Exception {
        assertEquals(JoinException.UNREACHABLE,
                join(InstantSource.system(), "", "--token", authority.token(LATER), "--cloud", "no-such-host.invalid"));
        assertTrue(output.contains("cannot be resolved"), output);
        assertNothingWritten();
    }

    @Test
    @Tag("slow")
    void aHostThatSwallowsEverythingEndsInADeadline() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertEquals(JoinException.UNREACHABLE, join(InstantSource.system(), "", "--token", authority.token(LATER),
                    "--join-port", Integer.toString(silent.getLocalPort())), output);
            assertTrue(output.contains("no answer in time"), output);
        }
        assertNothingWritten();
    }

    @Test
    void aRefusalOfTheCloudIsQuoted() throws Exception {
        cloud.refuseSigning = "node edge-j has a fresh lease";
        assertEquals(JoinException.CERTIFICATE_REFUSED, join(authority.token(LATER)));
        assertTrue(output.contains("node edge-j has a fresh lease"), output);
        assertNothingWritten();
    }

    @Test
    void aClosedHubPortIsOnlyAWarning() throws Exception {
        int free;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = socket.getLocalPort();
        }
        List<String> arguments = List.of("--cloud", "127.0.0.1", "--join-port", Integer.toString(cloud.joinPort()), "--hub-port",
                Integer.toString(free), "--node", "edge-j", "--token", authority.token(LATER));
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(text, true, StandardCharsets.UTF_8);
        assertEquals(0, JoinCommand.run(arguments, new BufferedReader(new StringReader("")), out, out, InstantSource.system()));
        assertTrue(text.toString(StandardCharsets.UTF_8).contains("Warning: port " + free));
    }

    @Test
    void aPlaceThatCannotBeWrittenIsNamed() throws Exception {
        Files.writeString(home.resolve("etc"), "a file where the directory should be");
        assertEquals(JoinException.NOT_WRITABLE, join(authority.token(LATER)), output);
        assertFalse(Files.exists(home.resolve("data/certs/ca.crt")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Edge", "edge_1", "-edge", "edge-", "a..b", "a b", "edge/../x", ""})
    void aBadNodeNameIsRefused(String node) throws Exception {
        assertEquals(JoinException.USAGE, join(InstantSource.system(), "", "--token", authority.token(LATER), "--node", node), output);
        assertNothingWritten();
    }

    @ParameterizedTest
    @ValueSource(strings = {"abc", "a.b.c.d", "x", "0.1.2.3", ""})
    void anIncompleteTokenIsRefused(String token) throws Exception {
        assertEquals(JoinException.USAGE, join(token), output);
        assertNothingWritten();
    }

    @Test
    void wrongUsageIsExplained() {
        assertEquals(JoinException.USAGE, join(InstantSource.system(), "", "--token", authority.token(LATER), "--join-port", "70000"));
        assertTrue(output.contains("70000"), output);
        assertEquals(JoinException.USAGE, join(InstantSource.system(), "", "--tokn", "x"));
        assertTrue(output.contains("--tokn") && output.contains("--help"), output);
        assertEquals(JoinException.USAGE, join(InstantSource.system(), "", "--token", authority.token(LATER), "--interface", "nic99"));
        assertEquals(JoinException.USAGE, join(InstantSource.system(), ""));
        assertTrue(output.contains("--token is missing"), output);
        assertEquals(0, join(InstantSource.system(), "", "--help"));
        assertTrue(output.contains("--hub-port"), output);
    }
}
