package io.kelp.oci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.testkit.registry.Fault;
import io.kelp.testkit.registry.RegistryAccess;
import io.kelp.testkit.registry.RegistryServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images on their way to registries of many tastes. */
class PusherTest {

    @TempDir
    private Path folder;
    private final RegistryServer server = RegistryServer.start();
    private Path jar;

    @BeforeEach
    void make() {
        jar = Jars.make(folder.resolve("app.jar"), 20_000_000, 1);
    }

    @AfterEach
    void close() {
        server.close();
    }

    private RegistrySettings settings() {
        return RegistrySettings.defaults().withPlainHttp(Set.of(server.host()));
    }

    private String push(String repository, String mountFrom, RegistryCredentials... credentials) throws Exception {
        return new ImagePusher(settings()).push(ImageBuild.of(List.of(jar)), ImageReference.parse(server.host() + "/" + repository + ":1"),
                List.of(credentials), mountFrom, sentence -> { });
    }

    private void isThere(String pushed) throws Exception {
        try (LocalImageStore store = new LocalImageStore(folder.resolve("store"), ImageStoreSettings.defaults().withRegistries(settings()))) {
            server.allow(RegistryAccess.EVERYBODY);
            Path got = store.pull(ImageReference.parse(pushed), List.of(), sentence -> { }).toCompletableFuture().get(30, TimeUnit.SECONDS).jars().get(0).file();
            assertEquals(-1, Files.mismatch(jar, got));
        }
    }

    @Test
    void aTokenForPushingIsAskedForAndABlobGoesInOneRequest() throws Exception {
        server.allow(new RegistryAccess.Tokens("me", "s3cret", "").withAnonymousPull());
        String pushed = push("app", "", new RegistryCredentials(server.host(), "me", "s3cret", ""));
        assertEquals(0, server.requests("PATCH", ".*").size());
        isThere(pushed);
    }

    @Test
    void whatIsThereIsNotSentAgainAndCanBeMounted() throws Exception {
        push("app", "");
        server.forget();
        push("app", "");
        assertTrue(server.requests("POST", ".*").isEmpty());
        server.on("HEAD", "/blobs/", 2, Fault.status(404));
        push("other", "app");
        assertEquals(2, server.requests("POST", "/v2/other/blobs/uploads/").size());
        // The last request is the manifest: no blob was sent.
        assertEquals(1, server.requests("PUT", "/v2/other/").size());
    }

    @Test
    void aRegistryThatRefusesWholeBlobsGetsChunks() throws Exception {
        server.on("PUT", "/blobs/uploads/", 1, Fault.status(413));
        String pushed = push("app", "");
        assertEquals(3, server.requests("PATCH", ".*").size());
        isThere(pushed);
    }

    @Test
    void anInterruptedUploadIsRepeated() throws Exception {
        server.on("PUT", "/blobs/uploads/", 1, Fault.nothing());
        server.on("PUT", "/manifests/", 1, Fault.status(502));
        isThere(push("app", ""));
    }

    @Test
    void theSameJarMakesTheSameImageWhereverItLies() throws Exception {
        String first = push("app", "");
        jar = Files.copy(jar, Files.createDirectory(folder.resolve("elsewhere")).resolve("app.jar"));
        assertEquals(first, push("app", ""));
        assertTrue(first.matches(".*@sha256:[0-9a-f]{64}"));
    }

    @Test
    void refusalsSayWhoRefused() {
        server.allow(RegistryAccess.basic("me", "s3cret"));
        ImageException e = assertThrows(ImageException.class, () -> push("app", "", new RegistryCredentials(server.host(), "me", "wrong", "")));
        assertTrue(e.getMessage().contains("push access denied") && !e.getMessage().contains("wrong"), e.getMessage());
    }

    @Test
    void namesThatDoNotFitAHeaderAreWrittenAndRead() throws Exception {
        Path odd = Files.copy(jar, folder.resolve("ä".repeat(80) + ".jar"));
        ImageBuild build = new ImageBuild(List.of(jar, odd), List.of(), List.of(), List.of(), Map.of(), Map.of(), false);
        ImagePusher.save(build, ImageReference.parse("localhost/app:1"), folder.resolve("app.tar"));
        try (LocalImageStore store = new LocalImageStore(folder.resolve("store"), ImageStoreSettings.defaults())) {
            assertEquals(List.of("app.jar", "ä".repeat(80) + ".jar"),
                    store.load(folder.resolve("app.tar"), null).get(0).jars().stream().map(ImageStore.Jar::name).toList());
        }
    }
}
