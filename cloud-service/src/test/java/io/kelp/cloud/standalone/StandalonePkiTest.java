package io.kelp.cloud.standalone;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.cloud.pki.PkiException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StandalonePkiTest {

    private static final Clock NOW = Clock.systemUTC();

    @TempDir
    private Path data;

    @Test
    void allKeysAreTheOwnersAlone() throws Exception {
        StandalonePki pki = StandalonePki.open(data, List.of("127.0.0.1"), NOW);
        pki.keepAdminKubeconfig(data.resolve("admin.kubeconfig"), "https://127.0.0.1:6443");
        try (Stream<Path> files = Files.walk(data)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)), file.toString());
            }
        }
        try (Stream<Path> files = Files.list(data.resolve("pki"))) {
            assertEquals(List.of("apiserver.crt", "apiserver.key", "ca.crt", "ca.key", "sa.key"),
                    files.map(f -> f.getFileName().toString()).sorted().toList());
        }
    }

    @Test
    void nothingIsMadeTwice() throws Exception {
        Path kubeconfig = data.resolve("admin.kubeconfig");
        StandalonePki.open(data, List.of("127.0.0.1"), NOW).keepAdminKubeconfig(kubeconfig, "https://127.0.0.1:6443");
        List<byte[]> before = contents();
        StandalonePki.open(data, List.of("127.0.0.1"), NOW).keepAdminKubeconfig(kubeconfig, "https://127.0.0.1:6443");
        List<byte[]> after = contents();
        for (int i = 0; i < before.size(); i++) {
            assertEquals(new String(before.get(i)), new String(after.get(i)));
        }
    }

    @Test
    void anotherAddressLeadsToAnotherServerCertificateOfTheSameAuthority() throws Exception {
        StandalonePki one = StandalonePki.open(data, List.of("127.0.0.1"), NOW);
        StandalonePki other = StandalonePki.open(data, List.of("127.0.0.1", "::1", "gw.example"), NOW);
        assertEquals(one.authorityPem(), other.authorityPem());
        assertTrue(other.serverHosts().containsAll(List.of("127.0.0.1", "0:0:0:0:0:0:0:1", "gw.example")), other.serverHosts().toString());
    }

    @Test
    void aServerCertificateNearItsEndIsReplaced() throws Exception {
        StandalonePki.open(data, List.of("127.0.0.1"), NOW);
        String before = Files.readString(data.resolve("pki/apiserver.crt"));
        StandalonePki.open(data, List.of("127.0.0.1"), Clock.offset(NOW, Duration.ofDays(300)));
        assertEquals(before, Files.readString(data.resolve("pki/apiserver.crt")));
        StandalonePki.open(data, List.of("127.0.0.1"), Clock.offset(NOW, Duration.ofDays(310)));
        assertNotEquals(before, Files.readString(data.resolve("pki/apiserver.crt")));
    }

    @Test
    void aKubeconfigFollowsTheAddressAndIsRepaired() throws Exception {
        StandalonePki pki = StandalonePki.open(data, List.of("127.0.0.1"), NOW);
        Path kubeconfig = data.resolve("admin.kubeconfig");
        pki.keepAdminKubeconfig(kubeconfig, "https://127.0.0.1:6443");
        pki.keepAdminKubeconfig(kubeconfig, "https://127.0.0.1:7443");
        assertTrue(Files.readString(kubeconfig).contains("https://127.0.0.1:7443"));
        Files.writeString(kubeconfig, "garbage");
        pki.keepAdminKubeconfig(kubeconfig, "https://127.0.0.1:7443");
        assertTrue(Files.readString(kubeconfig).contains("https://127.0.0.1:7443"));
    }

    @Test
    void aLostOrForeignKeyIsSaidAndNotReplaced() throws Exception {
        StandalonePki.open(data, List.of("127.0.0.1"), NOW);
        Path key = data.resolve("pki/ca.key");
        Files.copy(data.resolve("pki/sa.key"), key, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertTrue(assertThrows(PkiException.class, () -> StandalonePki.open(data, List.of("127.0.0.1"), NOW))
                .getMessage().contains("do not belong together"));
        Files.delete(key);
        assertTrue(assertThrows(PkiException.class, () -> StandalonePki.open(data, List.of("127.0.0.1"), NOW))
                .getMessage().contains("ca.key is missing"));
        Files.writeString(key, "x");
        assertTrue(assertThrows(PkiException.class, () -> StandalonePki.open(data, List.of("127.0.0.1"), NOW))
                .getMessage().contains("no PEM block"));
    }

    private List<byte[]> contents() throws Exception {
        try (Stream<Path> files = Files.walk(data)) {
            return files.filter(Files::isRegularFile).sorted().map(f -> {
                try {
                    return Files.readAllBytes(f);
                } catch (java.io.IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            }).toList();
        }
    }
}
