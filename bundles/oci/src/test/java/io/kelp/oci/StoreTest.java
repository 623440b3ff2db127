package io.kelp.oci;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.oci.ImageStore.StoredImage;
import io.kelp.oci.TestImages.Layer;
import io.kelp.oci.TestImages.Tar;
import io.kelp.testkit.registry.Fault;
import io.kelp.testkit.registry.RegistryServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is kept, for how long, and what of it survives. */
class StoreTest {

    private static final int KIB = 1 << 10;

    @TempDir
    private Path folder;
    private final RegistryServer server = RegistryServer.start();
    private Instant now = Instant.now();
    private ImageStoreSettings settings = ImageStoreSettings.defaults().withBytes(1000 * KIB, 0, 500 * KIB)
            .withAges(Duration.ZERO, Duration.ofDays(10)).withRegistries(RegistrySettings.defaults().withPlainHttp(Set.of(server.host())));
    private LocalImageStore store;

    private LocalImageStore open() throws Exception {
        if (store != null) {
            store.close();
        }
        store = new LocalImageStore(folder.resolve("store"), settings, () -> now, Duration.ofMillis(1));
        return store;
    }

    @AfterEach
    void close() {
        if (store != null) {
            store.close();
        }
        server.close();
    }

    private ImageReference name(String image) {
        return ImageReference.parse(server.host() + "/" + image);
    }

    /** An image of one jar of some KiB. */
    private void publish(String image, int kib) {
        TestImages.putJar(server.content(), image.split(":")[0], image.split(":")[1], TestImages.jar(kib * KIB, image.hashCode()));
    }

    private CompletableFuture<StoredImage> start(String image) {
        return store.pull(name(image), List.of(), sentence -> { }).toCompletableFuture();
    }

    private StoredImage pull(String image) throws Exception {
        return start(image).get(30, TimeUnit.SECONDS);
    }

    private boolean has(String image) {
        return store.find(name(image)).isPresent();
    }

    private long bytesOnDisk() throws Exception {
        try (var files = Files.walk(folder.resolve("store"))) {
            return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
        }
    }

    @Test
    void theOneUsedLongestAgoMakesRoom() throws Exception {
        open();
        List<StoredImage> images = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            publish("app:" + i, 200);
            images.add(pull("app:" + i));
        }
        store.keep(Set.of(images.get(1).id()));
        publish("app:3", 200);
        pull("app:3");
        assertFalse(has("app:0"));
        assertTrue(has("app:1") && has("app:2") && has("app:3"));
        assertTrue(bytesOnDisk() < 1000 * KIB);
        publish("app:4", 350);
        pull("app:4");
        assertTrue(has("app:1") && has("app:4") && !has("app:2") && !has("app:3"));
    }

    @Test
    void whatIsInUseStaysAndTheNextIsRefused() throws Exception {
        open();
        publish("app:0", 300);
        publish("app:1", 300);
        publish("app:2", 300);
        store.keep(Set.of(pull("app:0").id(), pull("app:1").id()));
        open();
        ExecutionException e = assertThrows(ExecutionException.class, () -> pull("app:2"));
        assertTrue(e.getCause().getMessage().contains("no space left"), e.getCause().getMessage());
        store.free(Long.MAX_VALUE).toCompletableFuture().get(5, TimeUnit.SECONDS);
        assertEquals(2, store.images().size());
        assertTrue(has("app:0") && has("app:1"));
        ImageException used = assertThrows(ImageException.class, () -> store.remove(name("app:0").toString()));
        assertEquals("ImageInUse", used.reason());
        store.keep(Set.of());
        assertTrue(store.free(100).toCompletableFuture().get(5, TimeUnit.SECONDS) > 250 * KIB);
        assertFalse(has("app:0"));
        assertTrue(store.remove(name("app:1").toString()));
        assertFalse(store.remove("sha256:" + "0".repeat(64)));
        assertEquals(0, Files.list(folder.resolve("store/jars")).count());
    }

    @Test
    void anImageThatJustCameIsNotRemovedForTheNext() throws Exception {
        settings = settings.withAges(Duration.ofHours(1), Duration.ZERO);
        open();
        publish("app:0", 300);
        publish("app:1", 300);
        publish("app:2", 300);
        pull("app:0");
        pull("app:1");
        assertThrows(ExecutionException.class, () -> pull("app:2"));
        assertTrue(has("app:0") && has("app:1"));
    }

    @Test
    void whatIsUnusedForLongGoesWhateverTheClockDoes() throws Exception {
        open();
        publish("app:0", 10);
        publish("app:1", 10);
        store.keep(Set.of(pull("app:0").id()));
        pull("app:1");
        now = now.minus(Duration.ofDays(5 * 365));
        open();
        assertTrue(has("app:0") && has("app:1"));
        now = now.plus(Duration.ofDays(9));
        open();
        assertTrue(has("app:0") && has("app:1"));
        now = now.plus(Duration.ofDays(2));
        open();
        assertTrue(has("app:0"));
        assertFalse(has("app:1"));
    }

    @Test
    void aTagThatMovesLeavesTheOldImageWithItsDigest() throws Exception {
        open();
        publish("app:1", 10);
        StoredImage before = pull("app:1");
        TestImages.putJar(server.content(), "app", "1", TestImages.jar(10, 99));
        StoredImage after = pull("app:1");
        assertEquals(after, store.find(name("app:1")).orElseThrow());
        assertEquals(List.of(name("app").name() + "@" + before.id()), store.find(ImageReference.parse(before.repoDigest())).orElseThrow().references());
        assertEquals(2, store.images().size());
    }

    @Test
    void nothingIsWrittenWhenNothingChanges() throws Exception {
        open();
        publish("app:1", 10);
        StoredImage image = pull("app:1");
        store.keep(Set.of(image.id()));
        Path index = folder.resolve("store/index.json");
        FileTime longAgo = FileTime.fromMillis(1000);
        Files.setLastModifiedTime(index, longAgo);
        pull("app:1");
        store.keep(Set.of(image.id()));
        store.find(name("app:1"));
        open();
        store.keep(Set.of(image.id()));
        pull("app:1");
        assertEquals(longAgo, Files.getLastModifiedTime(index));
        assertEquals(1, server.requests("GET", "/blobs/" + layer("app", "1")).size());
    }

    @Test
    void aDamagedJarTakesItsImageAwayUntilItIsGotAgain() throws Exception {
        open();
        publish("app:1", 10);
        Path jar = pull("app:1").jars().get(0).file();
        byte[] right = Files.readAllBytes(jar);
        byte[] wrong = right.clone();
        wrong[100] ^= 1;
        Files.write(jar, wrong);
        Files.setLastModifiedTime(jar, FileTime.fromMillis(5));
        assertEquals(Optional.empty(), store.find(name("app:1")));
        assertArrayEquals(right, Files.readAllBytes(pull("app:1").jars().get(0).file()));

        Files.write(jar, java.util.Arrays.copyOf(right, 50));
        open();
        assertFalse(has("app:1"));
        pull("app:1");
        Files.delete(jar);
        assertFalse(has("app:1"));
        pull("app:1");
        assertTrue(has("app:1"));
        // Another time alone is no damage: a copied store has other times.
        Files.setLastModifiedTime(jar, FileTime.fromMillis(5));
        assertTrue(has("app:1"));
    }

    @Test
    void anIndexThatCannotBeReadStartsAnew() throws Exception {
        open();
        publish("app:1", 10);
        pull("app:1");
        for (String text : List.of("", "{", "[]", "null", "{\"version\":1,\"images\":[null]}", "\0\0\0\0", "{\"version\":2}")) {
            store.close();
            Files.writeString(folder.resolve("store/index.json"), text);
            open();
            assertTrue(store.images().isEmpty(), text);
            assertEquals(0, Files.list(folder.resolve("store/jars")).count());
        }
        pull("app:1");
        assertTrue(has("app:1"));
    }

    @Test
    void callsForOneImageShareOneDownload() throws Exception {
        open();
        publish("app:1", 100);
        server.on("GET", "/manifests/", 1, Fault.slow(50, 20));
        List<CompletableFuture<StoredImage>> all = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            all.add(start("app:1"));
        }
        for (CompletableFuture<StoredImage> each : all) {
            assertEquals(all.get(0).get(10, TimeUnit.SECONDS), each.get(10, TimeUnit.SECONDS));
        }
        assertEquals(1, server.requests("GET", "/manifests/").size());
        assertEquals(1, server.requests("GET", "/blobs/" + layer("app", "1")).size());
    }

    @Test
    void imagesThatShareALayerGetItOnceWhenPulledTogether() throws Exception {
        open();
        Layer base = Layer.gzipped(new Tar().file("bundles/base.jar", TestImages.jar(200 * KIB, 5)).bytes());
        List<CompletableFuture<StoredImage>> all = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            TestImages.put(server.content(), "app" + i, "1", base, Layer.gzipped(new Tar().file("bundles/own.jar", TestImages.jar(KIB, i)).bytes()));
            all.add(start("app" + i + ":1"));
        }
        for (CompletableFuture<StoredImage> each : all) {
            assertEquals(2, each.get(20, TimeUnit.SECONDS).jars().size());
        }
        assertEquals(1, server.requests("GET", "/blobs/" + io.kelp.testkit.registry.RegistryContent.digest(base.content())).size());
        assertEquals(11, Files.list(folder.resolve("store/jars")).count());
    }

    @Test
    void pullsAndRemovalsTogetherLeaveWholeImages() throws Exception {
        open();
        for (int i = 0; i < 6; i++) {
            publish("app:" + i, 150);
        }
        List<CompletableFuture<StoredImage>> all = new ArrayList<>();
        for (int round = 0; round < 10; round++) {
            for (int i = 0; i < 6; i++) {
                all.add(start("app:" + i));
            }
            all.get(all.size() - 3).handle((image, problem) -> image).get(20, TimeUnit.SECONDS);
            store.free(300 * KIB).toCompletableFuture().get(5, TimeUnit.SECONDS);
        }
        for (CompletableFuture<StoredImage> each : all) {
            each.get(20, TimeUnit.SECONDS);
        }
        for (StoredImage image : store.images()) {
            for (ImageStore.Jar jar : image.jars()) {
                assertTrue(Files.exists(jar.file()), image + " lost " + jar);
            }
        }
        assertEquals(store.images().size(), Files.list(folder.resolve("store/jars")).count());
        assertTrue(bytesOnDisk() < 1000 * KIB);
    }

    @Test
    void closingEndsAPullAndKeepsWhatCame() throws Exception {
        open();
        publish("app:1", 300);
        server.on("GET", "/blobs/" + layer("app", "1"), 1, Fault.stalled(100 * KIB, 20_000));
        CompletableFuture<StoredImage> pull = start("app:1");
        Path partial = folder.resolve("store/partial").resolve(layer("app", "1").substring("sha256:".length()));
        io.kelp.testkit.Await.until("something came", Duration.ofSeconds(10), () -> Files.exists(partial) && Files.size(partial) > 50 * KIB);
        long start = System.nanoTime();
        store.close();
        assertTrue(System.nanoTime() - start < 4_000_000_000L);
        ExecutionException e = assertThrows(ExecutionException.class, () -> pull.get(1, TimeUnit.SECONDS));
        assertTrue(e.getCause().getMessage().contains("stopping"), e.getCause().getMessage());
        open();
        pull("app:1");
        assertTrue(server.requests("GET", "/blobs/" + layer("app", "1")).get(1).header("Range").startsWith("bytes="));
    }

    @Test
    void theReserveOfTheDiskIsLeftAlone() throws Exception {
        settings = settings.withBytes(1000 * KIB, Files.getFileStore(folder).getUsableSpace() + 1_000_000_000L, 500 * KIB);
        open();
        publish("app:1", 10);
        ExecutionException e = assertThrows(ExecutionException.class, () -> pull("app:1"));
        assertTrue(e.getCause().getMessage().contains("stay free"), e.getCause().getMessage());
    }

    private String layer(String repository, String tag) {
        return server.content().manifest(repository, tag).orElseThrow().replaceAll("(?s).*\"layers\".*?(sha256:[0-9a-f]{64}).*", "$1");
    }
}
