package io.kelp.oci;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.oci.ImageStore.StoredImage;
import io.kelp.oci.TestImages.Tar;
import io.kelp.testkit.registry.RegistryContent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images out of files. */
class ArchiveTest {

    private static final byte[] JAR = TestImages.jar(5_000, 1);

    @TempDir
    private Path folder;
    private LocalImageStore store;

    @BeforeEach
    void open() throws Exception {
        store = new LocalImageStore(folder.resolve("store"), ImageStoreSettings.defaults());
    }

    @AfterEach
    void close() {
        store.close();
    }

    private Path file(String name, byte[] content) throws Exception {
        return Files.write(folder.resolve(name), content);
    }

    private StoredImage load(Path archive, String name) throws Exception {
        List<StoredImage> images = store.load(archive, name == null ? null : ImageReference.parse(name));
        assertEquals(1, images.size());
        assertArrayEquals(JAR, Files.readAllBytes(images.get(0).jars().get(0).file()));
        assertEquals("", images.get(0).repoDigest());
        return images.get(0);
    }

    private void fails(String part, byte[] archive, String name) throws Exception {
        Path file = file("bad", archive);
        ImageException e = assertThrows(ImageException.class, () -> store.load(file, name == null ? null : ImageReference.parse(name)));
        assertTrue(e.getMessage().contains(part), e.getMessage());
        assertEquals(0, Files.list(folder.resolve("store/new")).count());
        assertTrue(store.images().isEmpty());
    }

    @Test
    void whatIsSavedIsLoadedAndSurvivesARestart() throws Exception {
        Path jar = file("app.jar", JAR);
        ImageReference name = ImageReference.parse("registry.example.com/team/app:1");
        ImageBuild build = new ImageBuild(List.of(jar), List.of(), List.of("x"), List.of(), Map.of("A", "1"), Map.of(), false);
        String digest = ImagePusher.save(build, name, folder.resolve("app.tar"));
        assertEquals(digest, ImagePusher.save(build, name, folder.resolve("again.tar")));
        assertArrayEquals(Files.readAllBytes(folder.resolve("app.tar")), Files.readAllBytes(folder.resolve("again.tar")));
        StoredImage image = load(folder.resolve("app.tar"), null);
        assertEquals(digest, image.id());
        assertEquals(List.of(name.toString()), image.references());
        assertEquals(List.of("x"), image.entrypoint());
        store.close();
        open();
        assertEquals(image, store.find(name).orElseThrow());
        // Gzipped it is the same image.
        assertEquals(image, load(file("app.tar.gz", TestImages.gzip(Files.readAllBytes(folder.resolve("app.tar")))), null));
    }

    @Test
    void anArtifactAndAnIndexOfPlatformsAreLoadedToo() throws Exception {
        Path jar = file("app.jar", JAR);
        ImageReference name = ImageReference.parse("localhost/app:1");
        ImagePusher.save(ImageBuild.of(List.of(jar)).asArtifact(), name, folder.resolve("artifact.tar"));
        load(folder.resolve("artifact.tar"), null);
        ImageBuild build = new ImageBuild(List.of(jar), List.of(Platform.parse("linux/s390x"), Platform.current()), List.of(), List.of(), Map.of(), Map.of(), false);
        ImagePusher.save(build, name, folder.resolve("index.tar"));
        load(folder.resolve("index.tar"), null);
    }

    @Test
    void aBareJarIsAnImageOfThatName() throws Exception {
        StoredImage image = load(file("app.jar", JAR), "localhost/app");
        assertEquals(List.of("localhost/app:latest"), image.references());
        assertEquals("app.jar", image.jars().get(0).name());
        store.remove("localhost/app");
        fails("give one", JAR, null);
    }

    private static byte[] dockerArchive(String tags) {
        byte[] layer = new Tar().file("bundles/app.jar", JAR).bytes();
        String config = "{\"config\":{\"Labels\":{\"a\":\"b\"}},\"rootfs\":{\"diff_ids\":[\"" + RegistryContent.digest(layer) + "\"]}}";
        return new Tar().file("abc/layer.tar", layer).symlink("def/layer.tar", "../abc/layer.tar").file("cfg.json", config.getBytes(StandardCharsets.UTF_8))
                .file("manifest.json", ("[{\"Config\":\"cfg.json\",\"RepoTags\":" + tags + ",\"Layers\":[\"def/layer.tar\"]}]").getBytes(StandardCharsets.UTF_8)).bytes();
    }

    @Test
    void archivesOfDockerSaveAreLoaded() throws Exception {
        StoredImage image = load(file("docker.tar", dockerArchive("[\"team/app:2\"]")), null);
        assertEquals(List.of("docker.io/team/app:2"), image.references());
        assertEquals(Map.of("a", "b"), image.labels());
        assertEquals(List.of("localhost/other:3", "docker.io/team/app:2"),
                load(file("docker2.tar", dockerArchive("null")), "localhost/other:3").references());
    }

    @Test
    void whatIsNoImageIsRefused() throws Exception {
        fails("neither", new Tar().file("a", JAR).bytes(), "localhost/a");
        fails("header", "hello".repeat(1000).getBytes(StandardCharsets.UTF_8), "localhost/a");
        fails("cut off", java.util.Arrays.copyOf(dockerArchive("[]"), 2000), "localhost/a");
        fails("damaged", java.util.Arrays.copyOf(TestImages.gzip(dockerArchive("[]")), 2000), "localhost/a");
        fails("name", dockerArchive("null"), null);
        fails("a name that is none", dockerArchive("[\"UPPER/../x\"]"), null);
        fails("like a jar", "PKrubbish".repeat(100).getBytes(StandardCharsets.UTF_8), "localhost/a");
        fails("lacks", new Tar().file("manifest.json", "[{\"Config\":\"../../etc/passwd\",\"Layers\":[]}]".getBytes(StandardCharsets.UTF_8)).bytes(), "localhost/a");
        fails("neither", new byte[10240], "localhost/a");
    }

    @Test
    void wrongContentInAnArchiveIsFound() throws Exception {
        Path jar = file("app.jar", JAR);
        ImagePusher.save(ImageBuild.of(List.of(jar)), ImageReference.parse("localhost/app:1"), folder.resolve("app.tar"));
        byte[] bytes = Files.readAllBytes(folder.resolve("app.tar"));
        bytes[4000] ^= 1; // in the layer
        fails("something else", bytes, null);
    }
}
