package io.kelp.oci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.oci.ImageStore.StoredImage;
import io.kelp.testkit.Shell;
import io.kelp.testkit.registry.RegistryServer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file system that somebody else fills to the last byte while images come; needs the right to mount one. */
class FullDiskTest {

    private static final Duration LIMIT = Duration.ofSeconds(10);

    @TempDir
    private Path folder;

    private static void fill(Path disk) {
        byte[] chunk = new byte[4096];
        try (OutputStream out = Files.newOutputStream(disk.resolve("ballast"))) {
            while (true) {
                out.write(chunk);
            }
        } catch (IOException e) {
            assertTrue(e.getMessage().contains("No space"), e.getMessage());
        }
    }

    @Test
    void aFullDiskLosesNothingAndCanBeFreed() throws Exception {
        Path disk = Files.createDirectory(folder.resolve("disk"));
        Assumptions.assumeTrue(Shell.run(LIMIT, folder, Map.of(), List.of("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk.toString())).exitCode() == 0,
                "may not mount");
        try (RegistryServer server = RegistryServer.start()) {
            TestImages.putJar(server.content(), "a", "1", TestImages.jar(500_000, 1));
            TestImages.putJar(server.content(), "b", "1", TestImages.jar(500_000, 2));
            ImageStoreSettings settings = ImageStoreSettings.defaults().withBytes(64 << 20, 0, 32 << 20).withAges(Duration.ZERO, Duration.ZERO)
                    .withRegistries(RegistrySettings.defaults().withPlainHttp(Set.of(server.host())));
            try (LocalImageStore store = new LocalImageStore(disk.resolve("store"), settings, InstantSource.system(), Duration.ofMillis(1))) {
                StoredImage a = pull(store, server.host() + "/a:1");
                store.keep(Set.of(a.id()));
                server.on("GET", "/blobs/", 2, (request, content, wire) -> {
                    fill(disk);
                    byte[] body = content.blob(request.path().replaceAll(".*/", "")).orElseThrow();
                    wire.out().write(("HTTP/1.1 200 OK\r\nContent-Length: " + body.length + "\r\n\r\n").getBytes(java.nio.charset.StandardCharsets.US_ASCII));
                    wire.out().write(body);
                    wire.out().flush();
                    return true;
                });
                ExecutionException e = assertThrows(ExecutionException.class, () -> pull(store, server.host() + "/b:1"));
                assertEquals("ErrImagePull", ((ImageException) e.getCause()).reason());
                assertTrue(e.getCause().getMessage().toLowerCase(java.util.Locale.ROOT).contains("no space left"), e.getCause().getMessage());
                assertTrue(store.find(ImageReference.parse(server.host() + "/a:1")).isPresent());

                store.keep(Set.of()); // cannot be written now
                assertTrue(store.free(1).toCompletableFuture().get(5, TimeUnit.SECONDS) > 0);
                while (!store.images().isEmpty()) {
                    store.free(1_000_000).toCompletableFuture().get(5, TimeUnit.SECONDS);
                }
                server.behave();
                Files.delete(disk.resolve("ballast"));
                pull(store, server.host() + "/b:1");
            }
            try (LocalImageStore store = new LocalImageStore(disk.resolve("store"), settings)) {
                assertEquals(List.of(true), store.images().stream().map(each -> each.references().contains(server.host() + "/b:1")).toList());
            }
        } finally {
            Shell.run(LIMIT, folder, Map.of(), List.of("umount", disk.toString())).orFail();
        }
    }

    private static StoredImage pull(ImageStore store, String reference) throws Exception {
        return store.pull(ImageReference.parse(reference), List.of(), sentence -> { }).toCompletableFuture().get(30, TimeUnit.SECONDS);
    }
}
