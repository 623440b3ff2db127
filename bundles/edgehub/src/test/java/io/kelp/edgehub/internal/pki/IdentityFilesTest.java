package io.kelp.edgehub.internal.pki;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.testkit.cloud.TestAuthority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdentityFilesTest {

    private static final Instant NOW = Instant.now();

    @TempDir Path directory;
    private final TestAuthority authority = new TestAuthority(NOW.minusSeconds(60), NOW.plusSeconds(3600));
    private final Identity first = identity();
    private final Identity second = identity();
    private IdentityFiles files;

    private Identity identity() {
        KeyPair keys = CertificateRequest.newKeyPair();
        return new Identity(authority.certificate(), authority.edge("e", keys.getPublic(), NOW.minusSeconds(60), NOW.plusSeconds(3600)), keys.getPrivate());
    }

    @BeforeEach
    void create() throws IOException {
        files = new IdentityFiles(directory);
        files.create(first);
    }

    private void copy(String from, String to) throws IOException {
        Files.copy(directory.resolve(from), directory.resolve(to));
    }

    /** Every state in which a power cut can leave the exchange of the pair. */
    @Test
    void aPowerCutAtAnyMomentLeavesAPairThatBelongsTogether() throws Exception {
        Path other = Files.createTempDirectory(directory, "other");
        new IdentityFiles(other).create(second);
        Path certificate = directory.resolve("edge.crt");
        Path key = directory.resolve("edge.key");
        String newCertificate = Files.readString(other.resolve("edge.crt"));
        String newKey = Files.readString(other.resolve("edge.key"));
        copy("edge.crt", "edge.crt.old");
        copy("edge.key", "edge.key.old");
        assertEquals(first.certificate(), files.load().certificate());
        Files.writeString(directory.resolve("edge.key.new"), newKey.substring(0, 40)); // cut while it was written
        assertEquals(first.certificate(), files.load().certificate());
        Files.writeString(directory.resolve("edge.key.new"), newKey);
        assertEquals(first.certificate(), files.load().certificate());
        Files.writeString(directory.resolve("edge.crt.new"), newCertificate);
        assertEquals(first.certificate(), files.load().certificate());
        Files.move(directory.resolve("edge.key.new"), key, java.nio.file.StandardCopyOption.REPLACE_EXISTING); // between the renames
        assertEquals(second.certificate(), files.load().certificate());
        assertEquals(newCertificate, Files.readString(certificate)); // and the exchange is finished
        assertEquals(second.certificate(), files.load().certificate());
    }

    @Test
    void aReplacedPairIsKept() throws Exception {
        String before = Files.readString(directory.resolve("edge.crt"));
        files.replace(second.certificate(), second.key());
        assertEquals(second.certificate(), files.load().certificate());
        assertEquals(before, Files.readString(directory.resolve("edge.crt.old")));
    }

    @Test
    void aDamagedPairIsReplacedByTheOneBefore() throws Exception {
        files.replace(second.certificate(), second.key());
        Files.writeString(directory.resolve("edge.crt"), "damaged");
        Files.writeString(directory.resolve("edge.key"), "");
        assertEquals(first.certificate(), files.load().certificate());
    }

    @Test
    void aPairThatDoesNotMatchIsRefusedWithRemedy() throws Exception {
        Path other = Files.createTempDirectory(directory, "other");
        new IdentityFiles(other).create(second);
        Files.writeString(directory.resolve("edge.key"), Files.readString(other.resolve("edge.key")));
        GeneralSecurityException e = assertThrows(GeneralSecurityException.class, files::load);
        assertTrue(e.getMessage().contains("kelp reset"), e.getMessage());
    }

    @Test
    void readsTheKeyFormOfKubeEdge() throws Exception {
        // the throw-away key of the vectors, 01-join/token.json, in SEC 1
        byte[] sec1 = HexFormat.of().parseHex("30770201010420905ac1800133b94ce78f1f25a16611ad6b5f7d090cee34e64cc2ab3601e6cec1a00a06082a"
                + "8648ce3d030107a144034200046b93cbceb77b64f986815074ad52bc6d9712d154ed97ddb756a6548005230104ea6157f3cf27f4a151c32610064d70"
                + "c52acd51713b7dd5c1cc6a01a9817f7175");
        String pem = "-----BEGIN EC PRIVATE KEY-----\n" + Base64.getMimeEncoder().encodeToString(sec1) + "\n-----END EC PRIVATE KEY-----\n";
        assertEquals("EC", Pem.privateKey(pem).getAlgorithm());
        assertThrows(GeneralSecurityException.class, () -> Pem.privateKey(pem.replace("MHc", "AAA")));
        assertThrows(GeneralSecurityException.class, () -> Pem.privateKey("nothing"));
    }

    @Test
    void theRequestNamesTheNodeAndIsSigned() throws Exception {
        KeyPair keys = CertificateRequest.newKeyPair();
        JcaPKCS10CertificationRequest request = new JcaPKCS10CertificationRequest(CertificateRequest.encode("plant-7.example", keys));
        assertEquals("O=system:nodes,CN=system:node:plant-7.example", request.getSubject().toString());
        assertEquals(keys.getPublic(), request.getPublicKey());
        assertTrue(request.isSignatureValid(
                new org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder().build(keys.getPublic())));
        assertEquals(0, request.getAttributes().length);
    }

    @Test
    void longNamesAreEncodedToo() throws Exception {
        String name = "a".repeat(60) + "." + "b".repeat(60) + "." + "c".repeat(60) + "." + "d".repeat(60);
        KeyPair keys = CertificateRequest.newKeyPair();
        assertTrue(new JcaPKCS10CertificationRequest(CertificateRequest.encode(name, keys)).getSubject().toString().endsWith(name));
    }
}
