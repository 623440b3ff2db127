package io.kelp.edged.internal.env;

import static io.kelp.edged.internal.env.TestPods.pod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.kelp.edged.ImageCredentials;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SecretCredentialsTest {

    private final TestObjects objects = new TestObjects();

    private List<ImageCredentials> of(String image, String... secrets) throws Exception {
        StringBuilder names = new StringBuilder();
        for (String each : secrets) {
            names.append(names.isEmpty() ? "" : ",").append("{'name':'").append(each).append("'}");
        }
        return new SecretCredentials(objects).of(pod("{'imagePullSecrets':[" + names + "]}"), image).toCompletableFuture().get();
    }

    private void docker(String name, String auths) {
        objects.secret(name, "kubernetes.io/dockerconfigjson", Map.of(".dockerconfigjson", "{'auths':{" .replace('\'', '"') + auths.replace('\'', '"') + "}}"));
    }

    /** As kubelet's keyring: labels with globs, equal ports, path prefix. */
    @ParameterizedTest
    @CsvSource({
        "registry.example.com, registry.example.com/team/app:1, true",
        "https://registry.example.com, registry.example.com/team/app, true",
        "http://registry.example.com/v2/, registry.example.com/team/app, true",
        "https://registry.example.com/v1/, registry.example.com/team/app@sha256:00, true",
        "registry.example.com, registry.example.com:5000/team/app, false",
        "registry.example.com:5000, registry.example.com:5000/team/app:1, true",
        "registry.example.com:5000, registry.example.com/team/app, false",
        "registry.example.com/team, registry.example.com/team/app, true",
        "registry.example.com/team, registry.example.com/other/app, false",
        "*.example.com, registry.example.com/a, true",
        "*.example.com, a.registry.example.com/a, false",
        "*.*.example.com, a.registry.example.com/a, true",
        "*, registry.example.com/a, false",
        "re*y.exam?le.com/team, registry.example.com/team/x, true",
        "registry[0-4].example.com, registry3.example.com/x, true",
        "registry[^0-4].example.com, registry3.example.com/x, false",
        "https://index.docker.io/v1/, busybox, true",
        "https://index.docker.io/v1/, docker.io/library/busybox:1.36, true",
        "docker.io, team/app, true",
        "index.docker.io, registry.example.com/busybox, false",
        "localhost:5000, localhost:5000/app, true",
        "[::1]:5000, [::1]:5000/app, true"})
    void matchesAsKubeletDoes(String registry, String image, boolean fits) {
        assertEquals(fits, RegistryMatch.fits(RegistryMatch.normal(registry), RegistryMatch.target(image)));
    }

    @Test
    void theMostSpecialComesFirstAndAllThatFitAreTried() throws Exception {
        docker("a", "'r.example.com':{'username':'whole','password':'p'},'r.example.com/team':{'username':'team','password':'p'},'x.org':{'username':'no','password':'p'}");
        docker("b", "'r.example.com/team/app':{'username':'app','password':'p'},'r.example.com':{'username':'whole2','password':'p'}");
        assertEquals(List.of("app", "team", "whole", "whole2"), of("r.example.com/team/app:1", "a", "b").stream().map(ImageCredentials::username).toList());
    }

    @Test
    void readsUserAndPasswordFromAuthAndTokens() throws Exception {
        String auth = Base64.getEncoder().encodeToString("user:pa:ss".getBytes(StandardCharsets.UTF_8));
        docker("a", "'r.example.com':{'auth':'" + auth + "'},'r.example.com/t':{'identitytoken':'refresh'},'r.example.com/e':{},'r.example.com/b':{'auth':'%%'}");
        assertEquals(List.of(new ImageCredentials("r.example.com/t", "", "", "refresh"), new ImageCredentials("r.example.com", "user", "pa:ss", "")),
                of("r.example.com/t/app", "a"));
    }

    @Test
    void readsTheOldFormAndSkipsWhatIsMissingOrSomethingElse() throws Exception {
        objects.secret("old", "kubernetes.io/dockercfg", Map.of(".dockercfg", "{\"r.example.com\":{\"username\":\"u\",\"password\":\"p\"}}"));
        objects.secret("opaque", "Opaque", Map.of(".dockerconfigjson", "{}"));
        objects.secret("broken", "kubernetes.io/dockerconfigjson", Map.of(".dockerconfigjson", "not json"));
        objects.secret("empty", "kubernetes.io/dockerconfigjson", Map.of());
        assertEquals(List.of("u"), of("r.example.com/x", "none", "opaque", "broken", "empty", "old").stream().map(ImageCredentials::username).toList());
        objects.online = false;
        assertEquals(List.of("u"), of("r.example.com/x", "none", "old").stream().map(ImageCredentials::username).toList());
    }

    @Test
    void hostilePatternsCostNoTime() {
        String stars = "*a".repeat(40) + "b";
        assertTimeoutPreemptively(Duration.ofSeconds(2), () -> RegistryMatch.fits(stars + ".example.com", "a".repeat(4000) + ".example.com/x"));
    }
}
