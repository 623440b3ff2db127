package io.kelp.cloud.pki;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.cloud.cli.FakeKube;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where CA, server certificate and token come from and go to. */
class KeyMaterialTest {

    private static final Clock NOW = Clock.fixed(Instant.parse("2026-11-21T12:00:00Z"), ZoneOffset.UTC);
    private static final JsonObject VECTOR = JsonParser.parseReader(new InputStreamReader(
            KeyMaterialTest.class.getResourceAsStream("/vectors/01-join/token.json"), StandardCharsets.UTF_8)).getAsJsonObject();

    private final FakeKube kube = new FakeKube();

    private static byte[] hex(String member) {
        return HexFormat.of().parseHex(VECTOR.get(member).getAsString());
    }

    private byte[] stored(String secret, String key) {
        return Base64.getDecoder().decode(kube.find("/api/v1/namespaces/kubeedge/secrets/" + secret).orElseThrow()
                .getAsJsonObject("data").get(key).getAsString());
    }

    private void installationOfKubeEdge() throws PkiException {
        new SecretStore(kube).write("casecret", Map.of("cadata", hex("caCertificateDerHex"), "cakeydata", hex("caPrivateKeySec1DerHex")));
    }

    @Test
    void anInstallationOfKubeEdgeIsTakenOverAndLeftAsItWas() throws Exception {
        installationOfKubeEdge();
        KeyMaterial keys = KeyMaterial.load(kube, null, List.of("192.0.2.10"), NOW);
        keys.refreshToken();
        assertArrayEquals(hex("caCertificateDerHex"), keys.authority().certificateDer());
        assertArrayEquals(hex("caPrivateKeySec1DerHex"), keys.authority().tokenKey());
        assertArrayEquals(hex("caCertificateDerHex"), stored("casecret", "cadata"), "the way back");
        assertArrayEquals(hex("caPrivateKeySec1DerHex"), stored("casecret", "cakeydata"), "the way back");
        String token = KeyMaterial.storedToken(kube, NOW);
        assertTrue(token.startsWith(VECTOR.get("caSha256").getAsString() + "."));
        JoinToken.verify(token.substring(65), hex("caPrivateKeySec1DerHex"), NOW.instant().plus(Duration.ofHours(23)));
        assertThrows(JoinToken.RefusedException.class,
                () -> JoinToken.verify(token.substring(65), hex("caPrivateKeySec1DerHex"), NOW.instant().plus(Duration.ofHours(24))));
    }

    @Test
    void theCopyBringsTheAuthorityBackIntoAnApiThatLostIt(@TempDir Path folder) throws Exception {
        AuthorityCopy copy = new AuthorityCopy(kube, folder);
        copy.restore();
        byte[] authority = KeyMaterial.load(kube, null, List.of("192.0.2.10"), NOW).authority().certificateDer();
        copy.keep();
        assertEquals("rw-------", java.nio.file.attribute.PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("gateways-ca.key"))));

        FakeKube empty = new FakeKube();
        new AuthorityCopy(empty, folder).restore();
        KeyMaterial keys = KeyMaterial.load(empty, null, List.of("192.0.2.10"), NOW);
        assertArrayEquals(authority, keys.authority().certificateDer());
        keys.refreshToken();
        JoinToken.verify(KeyMaterial.storedToken(empty, NOW).substring(65), stored("casecret", "cakeydata"), NOW.instant());
    }

    @Test
    void whatTheApiHasCountsAndTheCopyFollowsIt(@TempDir Path folder) throws Exception {
        FakeKube other = new FakeKube();
        KeyMaterial.load(other, null, List.of("192.0.2.10"), NOW);
        new AuthorityCopy(other, folder).keep();
        installationOfKubeEdge();
        AuthorityCopy copy = new AuthorityCopy(kube, folder);
        copy.restore();
        assertArrayEquals(hex("caCertificateDerHex"), stored("casecret", "cadata"));
        copy.keep();
        assertArrayEquals(hex("caCertificateDerHex"), PemFiles.read(folder, "gateways-ca").orElseThrow().certificateDer());
        Files.delete(folder.resolve("gateways-ca.crt"));
        copy.keep();
        assertArrayEquals(hex("caCertificateDerHex"), PemFiles.read(folder, "gateways-ca").orElseThrow().certificateDer(), "made again when it was cut off");
    }

    @Test
    void replicasThatStartAtOnceEndWithOneAuthority() throws Exception {
        for (int round = 0; round < 20; round++) {
            FakeKube fresh = new FakeKube();
            ExecutorService pool = Executors.newFixedThreadPool(4);
            try {
                List<Future<String>> starts = new ArrayList<>();
                for (int i = 0; i < 4; i++) {
                    starts.add(pool.submit(() -> KeyMaterial.load(fresh, null, List.of("localhost"), NOW).authority().fingerprint()));
                }
                Set<String> fingerprints = new HashSet<>();
                for (Future<String> start : starts) {
                    fingerprints.add(start.get(20, TimeUnit.SECONDS));
                }
                assertEquals(1, fingerprints.size());
            } finally {
                pool.shutdownNow();
            }
        }
    }

    @Test
    void theServerCertificateIsIssuedAnewOnlyWhenItMustBe() throws Exception {
        KeyMaterial first = KeyMaterial.load(kube, null, List.of("cloud.example.org", "192.0.2.10"), NOW);
        byte[] before = stored("cloudcoresecret", "cloudcoredata");
        assertEquals(Set.of("cloud.example.org", "192.0.2.10"), first.serverHosts());
        KeyMaterial.load(kube, null, List.of("192.0.2.10"), NOW);
        assertArrayEquals(before, stored("cloudcoresecret", "cloudcoredata"));
        KeyMaterial wider = KeyMaterial.load(kube, null, List.of("192.0.2.11"), NOW);
        assertEquals(Set.of("cloud.example.org", "192.0.2.10", "192.0.2.11"), wider.serverHosts(), "old names stay");
        assertEquals(first.authority().fingerprint(), wider.authority().fingerprint());
    }

    @Test
    void theServerCertificateOfAnotherAuthorityIsReplaced() throws Exception {
        CertificateAuthority other = CertificateAuthority.generate(NOW.instant());
        KeyPairDer foreign = other.issueServer(List.of("localhost"), NOW.instant());
        new SecretStore(kube).write("cloudcoresecret", Map.of("cloudcoredata", foreign.certificateDer(), "cloudcorekeydata", foreign.keySec1Der()));
        KeyMaterial keys = KeyMaterial.load(kube, null, List.of("localhost"), NOW);
        keys.server().certificate().verify(keys.authority().certificate().getPublicKey());
    }

    @Test
    void filesComeBeforeSecretsAndAreCopiedThere(@TempDir Path folder) throws Exception {
        installationOfKubeEdge();
        CertificateAuthority given = CertificateAuthority.generate(NOW.instant());
        pem(folder.resolve("ca.crt"), "CERTIFICATE", given.certificateDer());
        pem(folder.resolve("ca.key"), "EC PRIVATE KEY", given.tokenKey());
        KeyMaterial keys = KeyMaterial.load(kube, folder, List.of("localhost"), NOW);
        assertEquals(given.fingerprint(), keys.authority().fingerprint());
        assertArrayEquals(given.certificateDer(), stored("casecret", "cadata"));
        Files.delete(folder.resolve("ca.key"));
        PkiException half = assertThrows(PkiException.class, () -> KeyMaterial.load(kube, folder, List.of("localhost"), NOW));
        assertTrue(half.getMessage().contains("ca.key is missing beside"), half.getMessage());
    }

    private static void pem(Path file, String type, byte[] der) throws Exception {
        Files.writeString(file, "-----BEGIN " + type + "-----\n" + Base64.getMimeEncoder().encodeToString(der) + "\n-----END " + type + "-----\n");
    }

    @Test
    void damagedKeyMaterialIsNamedAndNotOverwritten() throws Exception {
        new SecretStore(kube).write("casecret", Map.of("cadata", new byte[] {1, 2}, "cakeydata", new byte[] {3}));
        PkiException damaged = assertThrows(PkiException.class, () -> KeyMaterial.load(kube, null, List.of("localhost"), NOW));
        assertTrue(damaged.getMessage().contains("Secret kubeedge/casecret"), damaged.getMessage());
        assertArrayEquals(new byte[] {1, 2}, stored("casecret", "cadata"));
    }

    @Test
    void withoutTokenOrWithAnOldOneTheCommandSaysWhatToDo() throws Exception {
        assertTrue(assertThrows(PkiException.class, () -> KeyMaterial.storedToken(kube, NOW)).getMessage().contains("kelp-cloud run"));
        KeyMaterial.load(kube, null, List.of("localhost"), NOW).refreshToken();
        assertNotEquals("", KeyMaterial.storedToken(kube, NOW));
        Clock later = Clock.offset(NOW, Duration.ofHours(25));
        assertTrue(assertThrows(PkiException.class, () -> KeyMaterial.storedToken(kube, later)).getMessage().contains("expired at"));
    }
}
