package io.kelp.oci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.testkit.registry.RegistryServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that pulls, keeps and removes images is killed at any moment, again and again. */
@Tag("slow")
class PowerCutTest {

    private static final int KILLS = 10;
    private static final int MOST_KILLS = 25;
    private static final String[] IMAGES = {"a:1", "b:1", "c:1"};

    static ImageStoreSettings settings(String host) {
        return ImageStoreSettings.defaults().withAges(Duration.ZERO, Duration.ZERO).withBytes(256 << 20, 0, 64 << 20)
                .withRegistries(RegistrySettings.defaults().withPlainHttp(Set.of(host)));
    }

    @Test
    void whatIsOfferedAfterwardsIsWholeAndTheRestIsGot(@TempDir Path folder) throws Exception {
        Random random = new Random(4);
        try (RegistryServer server = RegistryServer.start()) {
            for (int i = 0; i < IMAGES.length; i++) {
                TestImages.putJar(server.content(), IMAGES[i].substring(0, 1), "1", TestImages.jar(3_000_000, i));
            }
            int whole = 0;
            for (int i = 0; i < KILLS || whole == 0 && i < MOST_KILLS; i++) {
                List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx64m", "-XX:TieredStopAtLevel=1",
                        "-cp", System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        PullProcess.class.getName(), folder.resolve("store").toString(), server.host()));
                Collections.addAll(command, IMAGES);
                Path log = folder.resolve("log");
                Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
                int asked = server.requests().size();
                io.kelp.testkit.Await.until("it pulls", Duration.ofSeconds(30), () -> {
                    assertTrue(process.isAlive(), Files.readString(log));
                    return server.requests().size() > asked;
                });
                // Any moment is a good one; on a machine so busy that no pull has come to its end yet, a later one.
                Thread.sleep(random.nextInt(400) + Math.max(0, i + 1 - KILLS) * 1000L);
                assertTrue(process.isAlive(), Files.readString(log));
                process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
                whole += check(folder, server.host());
            }
            assertTrue(whole > 0, "no image was ever whole: the test proves nothing");
        }
    }

    private static int check(Path folder, String host) throws Exception {
        try (LocalImageStore store = new LocalImageStore(folder.resolve("store"), settings(host))) {
            List<ImageStore.StoredImage> before = store.images();
            for (ImageStore.StoredImage image : before) {
                for (ImageStore.Jar jar : image.jars()) {
                    assertEquals(jar.digest(), io.kelp.testkit.registry.RegistryContent.digest(Files.readAllBytes(jar.file())));
                }
            }
            assertEquals(0, Files.list(folder.resolve("store/new")).count());
            assertEquals(before.stream().flatMap(each -> each.jars().stream()).distinct().count(), Files.list(folder.resolve("store/jars")).count());
            store.pull(ImageReference.parse(host + "/" + IMAGES[1]), List.of(), sentence -> { }).toCompletableFuture().get(30, TimeUnit.SECONDS);
            store.remove(host + "/" + IMAGES[1]);
            return before.size();
        }
    }
}
