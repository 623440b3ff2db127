package io.kelp.oci;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.oci.ImageStore.StoredImage;
import io.kelp.testkit.registry.DockerRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against the registry that Debian ships, as a process. */
class DockerRegistryTest {

    @TempDir
    private static Path registryFolder;
    private static DockerRegistry registry;

    @TempDir
    private Path folder;

    @BeforeAll
    static void start() {
        registry = DockerRegistry.start(registryFolder);
    }

    @AfterAll
    static void stop() {
        if (registry != null) {
            registry.stop();
        }
    }

    private RegistrySettings settings() {
        return RegistrySettings.defaults().withPlainHttp(Set.of(registry.host()));
    }

    private LocalImageStore store() throws Exception {
        return new LocalImageStore(folder.resolve("store"), ImageStoreSettings.defaults().withRegistries(settings()));
    }

    private static StoredImage pull(ImageStore store, String reference) throws Exception {
        return store.pull(ImageReference.parse(reference), List.of(), sentence -> { }).toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    @Test
    void whatIsPushedIsPulledAndFoundAgainAfterARestart() throws Exception {
        Path app = Jars.make(folder.resolve("app.jar"), 100_000, 1);
        Path lib = Jars.make(folder.resolve("lib.jar"), 5_000, 2);
        ImageReference name = ImageReference.parse(registry.host() + "/team/app:1");
        ImageBuild build = new ImageBuild(List.of(app, lib), List.of(), List.of("main"), List.of("a", "b"), Map.of("X", "1=2"), Map.of("l", "v"), false);
        String pushed = new ImagePusher(settings()).push(build, name, List.of(), "", sentence -> { });

        StoredImage image;
        try (LocalImageStore store = store()) {
            image = pull(store, name.toString());
        }
        assertEquals(pushed, image.repoDigest());
        assertEquals(pushed, name.name() + "@" + image.id());
        assertEquals(List.of("app.jar", "lib.jar"), image.jars().stream().map(ImageStore.Jar::name).toList());
        assertArrayEquals(Files.readAllBytes(app), Files.readAllBytes(image.jars().get(0).file()));
        assertEquals(List.of("main"), image.entrypoint());
        assertEquals(List.of("a", "b"), image.cmd());
        assertEquals(Map.of("X", "1=2"), image.env());
        assertEquals(Map.of("l", "v"), image.labels());

        try (LocalImageStore again = store()) {
            assertEquals(image, again.find(name).orElseThrow());
            assertEquals(image, again.find(ImageReference.parse(pushed)).orElseThrow());
            assertEquals(List.of(image), again.images());
        }
    }

    @Test
    void anArtifactOfJarsIsAnImage() throws Exception {
        Path app = Jars.make(folder.resolve("art.jar"), 1_000, 3);
        ImageReference name = ImageReference.parse(registry.host() + "/art:1");
        new ImagePusher(settings()).push(ImageBuild.of(List.of(app)).asArtifact(), name, List.of(), "", sentence -> { });
        try (LocalImageStore store = store()) {
            assertArrayEquals(Files.readAllBytes(app), Files.readAllBytes(pull(store, name.toString()).jars().get(0).file()));
        }
    }

    @Test
    void anIndexGivesTheImageOfThePlatform() throws Exception {
        Path app = Jars.make(folder.resolve("multi.jar"), 1_000, 4);
        ImageReference name = ImageReference.parse(registry.host() + "/multi:1");
        ImageBuild build = new ImageBuild(List.of(app), List.of(Platform.parse("linux/s390x"), Platform.current()), List.of(), List.of(), Map.of(), Map.of(), false);
        String pushed = new ImagePusher(settings()).push(build, name, List.of(), "", sentence -> { });
        try (LocalImageStore store = store()) {
            StoredImage image = pull(store, name.toString());
            assertEquals(pushed, image.repoDigest());
            assertTrue(!pushed.endsWith(image.id()));
            assertEquals(image, pull(store, pushed));
        }
    }

    @Test
    void whatIsNotThereIsNotFound() throws Exception {
        try (LocalImageStore store = store()) {
            ExecutionException e = assertThrows(ExecutionException.class, () -> pull(store, registry.host() + "/nothing:1"));
            assertEquals("ErrImagePull", ((ImageException) e.getCause()).reason());
            assertTrue(e.getCause().getMessage().contains("not found"), e.getCause().getMessage());
        }
    }
}
