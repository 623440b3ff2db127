package io.kelp.oci;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.oci.ImageStore.StoredImage;
import io.kelp.testkit.Ports;
import io.kelp.testkit.cloud.TestAuthority;
import io.kelp.testkit.registry.Fault;
import io.kelp.testkit.registry.RegistryAccess;
import io.kelp.testkit.registry.RegistryRequest;
import io.kelp.testkit.registry.RegistryServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A registry that asks for logins, redirects, breaks and lies. */
class RegistryTest {

    private static final Duration PAUSE = Duration.ofMillis(5);
    private static final byte[] JAR = TestImages.jar(300_000, 1);

    @TempDir
    private Path folder;
    private final RegistryServer server = RegistryServer.start();
    private final RegistryServer other = RegistryServer.start(null, server.content());
    private final List<LocalImageStore> stores = new ArrayList<>();
    private RegistrySettings settings;

    @BeforeEach
    void publish() {
        TestImages.putJar(server.content(), "team/app", "1", JAR);
        settings = RegistrySettings.defaults().withPlainHttp(Set.of(server.host(), other.host()))
                .withTimeouts(Duration.ofSeconds(5), Duration.ofMillis(400), Duration.ofSeconds(20));
    }

    @AfterEach
    void close() {
        stores.forEach(LocalImageStore::close);
        server.close();
        other.close();
    }

    private LocalImageStore store() throws Exception {
        LocalImageStore store = new LocalImageStore(folder.resolve("store"), ImageStoreSettings.defaults().withRegistries(settings),
                InstantSource.system(), PAUSE);
        stores.add(store);
        return store;
    }

    private StoredImage pull(String reference, RegistryCredentials... credentials) throws Exception {
        return store().pull(ImageReference.parse(reference), List.of(credentials), sentence -> { }).toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    private void pullsWell(RegistryCredentials... credentials) throws Exception {
        StoredImage image = pull(server.host() + "/team/app:1", credentials);
        assertArrayEquals(JAR, Files.readAllBytes(image.jars().get(0).file()));
    }

    private ImageException fails(String reference, RegistryCredentials... credentials) {
        ImageException e = (ImageException) assertThrows(ExecutionException.class, () -> pull(reference, credentials)).getCause();
        assertFalse(e.toString().contains("s3cret"), e.toString());
        assertFalse(e.toString().contains("Signature"), e.toString());
        return e;
    }

    private ImageException fails(RegistryCredentials... credentials) {
        return fails(server.host() + "/team/app:1", credentials);
    }

    private RegistryCredentials user(String name) {
        return new RegistryCredentials(server.host(), name, "s3cret", "");
    }

    private static void assertSays(ImageException e, String reason, String part) {
        assertEquals(reason, e.reason(), e.getMessage());
        assertTrue(e.getMessage().contains(part), e.getMessage());
    }

    @Test
    void everybodyPullsWhereNobodyIsAsked() throws Exception {
        pullsWell(user("unasked"));
        assertTrue(server.requests().stream().allMatch(each -> each.header("Authorization").isEmpty()));
    }

    @Test
    void basicLoginIsTriedInOrder() throws Exception {
        server.allow(RegistryAccess.basic("good", "s3cret"));
        pullsWell(user("bad"), user("good"));
    }

    @Test
    void aTokenIsGotOnceAndUsed() throws Exception {
        RegistryAccess.Tokens tokens = new RegistryAccess.Tokens("good", "s3cret", "");
        server.allow(tokens);
        pullsWell(user("bad"), user("good"));
        assertEquals(1, tokens.issued());
        assertEquals("repository:team/app:pull", server.requests("GET", "/token").get(0).field("scope"));
    }

    @Test
    void nobodyGetsATokenWhereThatIsAllowed() throws Exception {
        server.allow(new RegistryAccess.Tokens("good", "s3cret", "").withAnonymousPull());
        pullsWell(user("bad"));
        pullsWell();
    }

    @Test
    void aTokenThatRunsOutIsReplaced() throws Exception {
        RegistryAccess.Tokens tokens = new RegistryAccess.Tokens("good", "s3cret", "");
        server.allow(tokens);
        server.on("GET", "/blobs/", 1, (request, content, wire) -> {
            tokens.expire();
            return Fault.nothing().answer(request, content, wire);
        });
        pullsWell(user("good"));
        assertEquals(2, tokens.issued());
    }

    @Test
    void anIdentityTokenIsPosted() throws Exception {
        server.allow(new RegistryAccess.Tokens("good", "other", "refresh-s3cret"));
        pullsWell(new RegistryCredentials(server.host(), "", "", "refresh-s3cret"));
    }

    @Test
    void aTokenServiceThatKnowsOnlyPostGetsIt() throws Exception {
        server.allow(new RegistryAccess.Tokens("good", "s3cret", "").withPostOnly());
        pullsWell(user("good"));
    }

    @Test
    void whoIsRefusedIsToldSo() {
        server.allow(new RegistryAccess.Tokens("good", "s3cret", ""));
        assertSays(fails(user("bad")), "ErrImagePull", "unauthorized");
        server.allow(RegistryAccess.basic("good", "s3cret"));
        assertSays(fails(user("bad")), "ErrImagePull", "unauthorized");
        assertSays(fails(), "ErrImagePull", "imagePullSecrets");
    }

    @Test
    void credentialsOfOtherRegistriesAndRepositoriesStayHere() {
        server.allow(RegistryAccess.basic("good", "s3cret"));
        assertSays(fails(new RegistryCredentials("registry.example.com", "good", "s3cret", "")), "ErrImagePull", "unauthorized");
        assertSays(fails(new RegistryCredentials(server.host() + "/tea", "good", "s3cret", "")), "ErrImagePull", "unauthorized");
        assertTrue(server.requests().stream().allMatch(each -> each.header("Authorization").isEmpty()));
    }

    @Test
    void credentialsHoldForPartsOfARegistry() throws Exception {
        server.allow(RegistryAccess.basic("good", "s3cret"));
        pullsWell(new RegistryCredentials("https://" + server.host() + "/team", "good", "s3cret", ""));
    }

    @Test
    void aPasswordIsNotSentToATokenServiceWithoutTlsElsewhere() {
        server.allow(new RegistryAccess.Tokens("good", "s3cret", "").withRealm("http://tokens.example.com/token"));
        assertSays(fails(user("good")), "ErrImagePull", "without TLS");
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 303, 307, 308})
    void aRedirectToAnotherHostGoesWithoutCredentials(int status) throws Exception {
        server.allow(RegistryAccess.basic("good", "s3cret"));
        server.on("GET", "/blobs/", 2, Fault.redirect(status, other));
        pullsWell(user("good"));
        assertEquals(2, other.requests().size());
        assertTrue(other.requests().stream().allMatch(each -> each.header("Authorization").isEmpty()));
    }

    @Test
    void redirectsEndSomewhere() {
        server.on("GET", "/blobs/", 100, Fault.redirect(307, server));
        assertSays(fails(), "ErrImagePull", "redirects more than");
        server.behave();
        server.on("GET", "/blobs/", 100, Fault.redirect(307, "file:///etc/passwd"));
        assertSays(fails(), "ErrImagePull", "no address");
    }

    @Test
    void aRefusalOfTheOtherHostIsNotAnsweredWithCredentials() {
        server.allow(RegistryAccess.basic("good", "s3cret"));
        other.allow(RegistryAccess.basic("good", "s3cret"));
        server.on("GET", "/blobs/", 5, Fault.redirect(307, other));
        assertSays(fails(user("good")), "ErrImagePull", "unauthorized");
        assertTrue(other.requests().stream().allMatch(each -> each.header("Authorization").isEmpty()));
    }

    @Test
    void whatBreaksIsContinuedWhereItBroke() throws Exception {
        server.on("GET", "/blobs/.*", 1, Fault.nothing());
        server.on("GET", "/blobs/" + layer(), 1, Fault.truncated(100_000));
        server.on("GET", "/blobs/" + layer(), 1, Fault.reset(50_000));
        server.on("GET", "/blobs/" + layer(), 1, Fault.shorter(1_000));
        server.on("GET", "/blobs/" + layer(), 1, Fault.stalled(10_000, 3_000));
        pullsWell();
        List<String> ranges = server.requests("GET", "/blobs/" + layer()).stream().map(each -> each.header("Range")).toList();
        assertTrue(ranges.size() >= 5 && ranges.get(1).equals("bytes=100000-") && ranges.stream().skip(1).noneMatch(String::isEmpty), ranges.toString());
    }

    @Test
    void aServerWithoutRangesIsAskedForTheWholeAgain() throws Exception {
        server.on("GET", "/blobs/" + layer(), 1, Fault.truncated(100_000));
        server.on("GET", "/blobs/" + layer(), 1, Fault.withoutRanges());
        pullsWell();
    }

    @Test
    void anotherRangeThanTheOneAskedForIsRefused() {
        server.on("GET", "/blobs/" + layer(), 1, Fault.truncated(100_000));
        server.on("GET", "/blobs/" + layer(), 1, Fault.wrongRange());
        assertSays(fails(), "ErrImagePull", "another part");
    }

    @Test
    void aRestartGoesOnWithWhatIsThere() throws Exception {
        server.on("GET", "/blobs/" + layer(), 1, Fault.truncated(100_000));
        server.on("GET", "/blobs/" + layer(), 100, Fault.nothing());
        assertSays(fails(), "RegistryUnavailable", "broke");
        server.behave();
        server.forget();
        stores.forEach(LocalImageStore::close);
        pullsWell();
        assertEquals("bytes=100000-", server.requests("GET", "/blobs/" + layer()).get(0).header("Range"));
    }

    @Test
    void aDamagedBeginningIsGotAgain() throws Exception {
        server.on("GET", "/blobs/" + layer(), 1, Fault.truncated(100_000));
        server.on("GET", "/blobs/" + layer(), 100, Fault.nothing());
        fails();
        server.behave();
        stores.forEach(LocalImageStore::close);
        Path partial = folder.resolve("store/partial").resolve(layer().substring("sha256:".length()));
        byte[] half = Files.readAllBytes(partial);
        half[500] ^= 1;
        Files.write(partial, half);
        pullsWell();
    }

    @Test
    void failuresOfTheServerAreWaitedFor() throws Exception {
        server.on("GET", "/manifests/", 1, Fault.status(503));
        server.on("GET", "/manifests/", 1, Fault.status(429, "Retry-After", "0"));
        server.on("GET", "/blobs/", 2, Fault.status(500));
        pullsWell();
    }

    @Test
    void aServerThatAsksForTimeGetsIt() throws Exception {
        server.on("GET", "/manifests/", 1, Fault.status(429, "Retry-After", "1"));
        long start = System.nanoTime();
        pullsWell();
        assertTrue(System.nanoTime() - start >= 1_000_000_000L);
    }

    @Test
    void aServerThatGoesOnFailingIsUnavailable() {
        server.on("GET", "/manifests/", 100, Fault.status(500));
        assertSays(fails(), "RegistryUnavailable", "answered 500");
        assertEquals(5, server.requests().size());
    }

    @Test
    void anAnswerOfHttp10IsTaken() throws Exception {
        server.on("GET", ".*", 3, Fault.http10());
        pullsWell();
    }

    @Test
    void aSlowServerIsFastEnoughAsLongAsSomethingComes() throws Exception {
        server.on("GET", "/blobs/" + layer(), 1, Fault.slow(60_000, 150));
        pullsWell();
    }

    @Test
    void lyingContentIsNotOffered() {
        byte[] wrong = server.content().blob(layer()).orElseThrow().clone();
        wrong[1000] ^= 1;
        server.content().lie(layer(), wrong);
        assertSays(fails(), "ErrImagePull", "something else");
        server.content().lie(layer(), new byte[2_000_000]);
        assertSays(fails(), "ErrImagePull", "longer than");
        assertTrue(stores.get(0).images().isEmpty());
    }

    @Test
    void aManifestIsWhatItsDigestSays() throws Exception {
        String digest = TestImages.putJar(server.content(), "team/app", "2", TestImages.jar(1000, 2));
        server.on("GET", "/manifests/", 1, (request, content, wire) -> content.answer(
                new RegistryRequest("GET", "/v2/team/app/manifests/1", "", request.headers(), request.body())) != null
                && Fault.redirect(307, server.url() + "/v2/team/app/manifests/1").answer(request, content, wire));
        assertSays(fails(server.host() + "/team/app@" + digest), "ErrImagePull", "asked for was");
        assertEquals(digest, pull(server.host() + "/team/app@" + digest).id());
    }

    @Test
    void aGiganticManifestIsNotRead() {
        server.on("GET", "/manifests/", 1, Fault.endless("{\"schemaVersion\":2,"));
        assertSays(fails(), "ErrImagePull", "permitted");
    }

    @Test
    void nobodyThereIsUnavailable() {
        int port = Ports.free();
        settings = settings.withPlainHttp(Set.of("127.0.0.1"));
        assertSays(fails("127.0.0.1:" + port + "/app"), "RegistryUnavailable", "connection refused");
        assertSays(fails("registry.invalid/app"), "RegistryUnavailable", "no such host");
    }

    @Test
    void plainHttpIsOnlySpokenWhereItIsNamed() {
        settings = settings.withPlainHttp(Set.of());
        assertSays(fails(), "ErrImagePull", "HTTP response to HTTPS client");
    }

    @Test
    void tlsTrustsTheAuthoritiesOfTheFile() throws Exception {
        TestAuthority authority = new TestAuthority(Instant.now().minusSeconds(60), Instant.now().plusSeconds(3600));
        try (RegistryServer secure = RegistryServer.start(context(authority, Instant.now().plusSeconds(3600)))) {
            TestImages.putJar(secure.content(), "app", "1", JAR);
            assertSays(fails(secure.host() + "/app:1"), "ErrImagePull", "x509: certificate of " + secure.host() + " is signed by unknown authority");
            Path file = folder.resolve("ca.pem");
            Files.writeString(file, "-----BEGIN CERTIFICATE-----\n" + Base64.getMimeEncoder().encodeToString(authority.certificate().getEncoded())
                    + "\n-----END CERTIFICATE-----\n");
            settings = settings.withAuthorities(file);
            assertEquals(1, pull(secure.host() + "/app:1").jars().size());
        }
        try (RegistryServer old = RegistryServer.start(context(authority, Instant.now().minusSeconds(5)))) {
            TestImages.putJar(old.content(), "app", "1", JAR);
            assertSays(fails(old.host() + "/app:1"), "ErrImagePull", "expired");
        }
    }

    private static SSLContext context(TestAuthority authority, Instant to) throws Exception {
        KeyPair keys = TestAuthority.newKeyPair();
        X509Certificate certificate = authority.server(keys.getPublic(), Instant.now().minusSeconds(50), to);
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("server", keys.getPrivate(), new char[0], new Certificate[] {certificate});
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(store, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }

    @Test
    void aRedirectFromTlsToNoneIsRefused() throws Exception {
        TestAuthority authority = new TestAuthority(Instant.now().minusSeconds(60), Instant.now().plusSeconds(3600));
        try (RegistryServer secure = RegistryServer.start(context(authority, Instant.now().plusSeconds(3600)))) {
            TestImages.putJar(secure.content(), "app", "1", JAR);
            Path file = folder.resolve("ca.pem");
            Files.writeString(file, "-----BEGIN CERTIFICATE-----\n" + Base64.getMimeEncoder().encodeToString(authority.certificate().getEncoded())
                    + "\n-----END CERTIFICATE-----\n");
            // A handshake may take its time on a busy machine.
            settings = settings.withAuthorities(file).withPlainHttp(Set.of()).withTimeouts(Duration.ofSeconds(5), Duration.ofSeconds(10), Duration.ofSeconds(30));
            secure.on("GET", "/blobs/", 1, Fault.redirect(307, other));
            assertSays(fails(secure.host() + "/app:1"), "ErrImagePull", "without TLS");
            assertTrue(other.requests().isEmpty());
        }
    }

    @Test
    void aProxyIsUsedForAllButTheHostsNamed() throws Exception {
        settings = settings.withPlainHttp(Set.of("registry.example.com:5000")).withProxy(java.net.URI.create("http://" + other.host()), List.of("10.0.0.0/8"));
        // The proxy is asked with the whole address; this one does not know it.
        assertSays(fails("registry.example.com:5000/team/app:1"), "ErrImagePull", "not found");
        assertTrue(other.requests().get(0).path().startsWith("http://registry.example.com:5000/v2/"), other.requests().toString());
    }

    @Test
    void aProxyGetsItsPasswordAndNobodyElse() {
        settings = settings.withPlainHttp(Set.of("registry.example.com:5000", server.host()))
                .withProxy(java.net.URI.create("http://me:s3cret@" + other.host()), List.of());
        assertSays(fails("registry.example.com:5000/team/app:1"), "ErrImagePull", "not found");
        assertEquals(RegistryAccess.basicHeader("me", "s3cret"), other.requests().get(0).header("Proxy-Authorization"));
        server.allow(RegistryAccess.basic("good", "s3cret"));
        assertSays(fails(), "ErrImagePull", "unauthorized");
        assertTrue(server.requests().stream().allMatch(each -> each.header("Authorization").isEmpty() && each.header("Proxy-Authorization").isEmpty()));
    }

    @Test
    void aProxyThatWantsAnotherLoginSaysSo() {
        other.on("GET", ".*", 10, Fault.status(407, "Proxy-Authenticate", "Basic realm=\"proxy\""));
        settings = settings.withPlainHttp(Set.of("registry.example.com:5000")).withProxy(java.net.URI.create("http://" + other.host()), List.of());
        assertSays(fails("registry.example.com:5000/team/app:1"), "ErrImagePull", "proxy asks for a login");
        settings = settings.withProxy(java.net.URI.create("http://me:s3cret@" + other.host()), List.of());
        fails("registry.example.com:5000/team/app:1");
    }

    private String layer() {
        String manifest = server.content().manifest("team/app", "1").orElseThrow();
        return manifest.replaceAll("(?s).*\"layers\".*?(sha256:[0-9a-f]{64}).*", "$1");
    }
}
