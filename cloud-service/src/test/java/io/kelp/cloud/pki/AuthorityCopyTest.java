package io.kelp.cloud.pki;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.kelp.cloud.cli.FakeKube;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuthorityCopyTest {

    @TempDir
    private Path folder;

    @Test
    void aCopyThatWasCutOffIsMadeAgainFromWhatTheApiHas() throws Exception {
        FakeKube kube = new FakeKube();
        KeyMaterial.load(kube, null, Set.of("localhost"), Clock.systemUTC());
        AuthorityCopy copy = new AuthorityCopy(kube, folder);
        copy.keep();
        byte[] certificate = Files.readAllBytes(folder.resolve("gateways-ca.crt"));
        Files.delete(folder.resolve("gateways-ca.crt")); // the process ended between the two files
        copy.restore();
        copy.keep();
        assertArrayEquals(certificate, Files.readAllBytes(folder.resolve("gateways-ca.crt")));
    }

    @Test
    void halfACopyIsNoReasonToMakeANewAuthority() throws Exception {
        FakeKube kube = new FakeKube();
        KeyMaterial.load(kube, null, Set.of("localhost"), Clock.systemUTC());
        new AuthorityCopy(kube, folder).keep();
        Files.delete(folder.resolve("gateways-ca.crt"));
        assertThrows(PkiException.class, new AuthorityCopy(new FakeKube(), folder)::restore);
    }
}
