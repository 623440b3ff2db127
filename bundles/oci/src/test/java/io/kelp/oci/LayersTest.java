package io.kelp.oci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.oci.TestImages.Layer;
import io.kelp.oci.TestImages.Tar;
import io.kelp.testkit.registry.RegistryContent;
import io.kelp.testkit.registry.RegistryServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What images may hold, and what comes out of them. */
class LayersTest {

    private static final byte[] ONE = TestImages.jar(1_000, 1);
    private static final byte[] TWO = TestImages.jar(1_000, 2);
    private static final byte[] TEXT = "not a jar".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    private static final long LIMIT = 8 << 20;

    @TempDir
    private Path folder;
    private final RegistryServer server = RegistryServer.start();
    private LocalImageStore store;

    @BeforeEach
    void open() throws Exception {
        ImageStoreSettings settings = ImageStoreSettings.defaults().withBytes(4 * LIMIT, 0, LIMIT).withPlatform(Platform.parse("linux/arm/v7"))
                .withRegistries(RegistrySettings.defaults().withPlainHttp(Set.of(server.host())));
        store = new LocalImageStore(folder.resolve("store"), settings, InstantSource.system(), Duration.ofMillis(1));
    }

    @AfterEach
    void close() {
        store.close();
        server.close();
    }

    private ImageStore.StoredImage pull() throws Exception {
        return store.pull(ImageReference.parse(server.host() + "/app:1"), List.of(), sentence -> { }).toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    private Map<String, String> pull(Layer... layers) throws Exception {
        TestImages.put(server.content(), "app", "1", layers);
        return jars(pull());
    }

    private static Map<String, String> jars(ImageStore.StoredImage image) {
        Map<String, String> jars = new TreeMap<>();
        image.jars().forEach(jar -> jars.put(jar.name(), jar.digest().equals(RegistryContent.digest(ONE)) ? "one" : "two"));
        return jars;
    }

    private String failure() {
        ExecutionException e = assertThrows(ExecutionException.class, this::pull);
        assertEquals("ErrImagePull", ((ImageException) e.getCause()).reason());
        assertTrue(store.images().isEmpty());
        assertTrue(Stream.of("jars", "new", "partial").allMatch(name -> folder.resolve("store").resolve(name).toFile().list().length == 0), "something was left");
        return e.getCause().getMessage();
    }

    static Tar tar() {
        return new Tar();
    }

    static Layer layer(Tar tar) {
        return Layer.gzipped(tar.bytes());
    }

    static Stream<Arguments> overlays() {
        Tar both = tar().folder("./bundles/").file("./bundles/a.jar", ONE).file("./bundles/b.jar", TWO);
        return Stream.of(
                Arguments.of("plain", List.of(both), "{a.jar=one, b.jar=two}"),
                Arguments.of("absolute paths", List.of(tar().file("/bundles/a.jar", ONE)), "{a.jar=one}"),
                Arguments.of("replaced", List.of(both, tar().file("bundles/a.jar", TWO)), "{a.jar=two, b.jar=two}"),
                Arguments.of("hidden", List.of(both, tar().file("bundles/.wh.a.jar", new byte[0])), "{b.jar=two}"),
                Arguments.of("hidden below, there above", List.of(both, tar().file("bundles/a.jar", TWO).file("bundles/.wh.a.jar", new byte[0])), "{a.jar=two, b.jar=two}"),
                Arguments.of("opaque", List.of(both, tar().file("bundles/c.jar", ONE).file("bundles/.wh..wh..opq", new byte[0])), "{c.jar=one}"),
                Arguments.of("folder hidden", List.of(both, tar().file(".wh.bundles", new byte[0]), tar().file("bundles/c.jar", ONE)), "{c.jar=one}"),
                Arguments.of("replaced by a folder", List.of(both, tar().folder("bundles/a.jar/")), "{b.jar=two}"),
                Arguments.of("hard link", List.of(tar().file("bundles/a.jar", ONE).hardlink("bundles/b.jar", "bundles/a.jar")), "{a.jar=one, b.jar=one}"),
                Arguments.of("hard link to a layer below", List.of(both, tar().hardlink("bundles/c.jar", "bundles/a.jar")), "{a.jar=one, b.jar=two, c.jar=one}"),
                Arguments.of("symbolic links", List.of(tar().symlink("bundles/a.jar", "b.jar").symlink("bundles/b.jar", "/bundles/../bundles/./c.jar")
                        .file("bundles/c.jar", ONE)), "{a.jar=one, b.jar=one, c.jar=one}"),
                Arguments.of("what is no jar", List.of(tar().file("bundles/a.jar", ONE).file("bundles/.hidden.jar", TEXT).file("bundles/readme", TEXT)
                        .file("bundles/sub/b.jar", TEXT).file("etc/b.jar", TEXT).symlink("etc/c", "../../etc/passwd")), "{a.jar=one}"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("overlays")
    void layersLieOneUponTheOther(String what, List<Tar> layers, String expected) throws Exception {
        assertEquals(expected, pull(layers.stream().map(LayersTest::layer).toArray(Layer[]::new)).toString());
    }

    static Stream<Arguments> hostile() {
        return Stream.of(
                refused("leads out of it", () -> layer(tar().file("bundles/../../etc/cron.d/x.jar", ONE))),
                refused("leads out of it", () -> layer(tar().file("../bundles/x.jar", ONE))),
                refused("device", () -> layer(tar().entry("bundles/x.jar", '3', new byte[0], ""))),
                refused("device", () -> layer(tar().entry("dev/sda", '4', new byte[0], ""))),
                refused("device", () -> layer(tar().entry("pipe", '6', new byte[0], ""))),
                refused("link to \"/etc/passwd\"", () -> layer(tar().symlink("bundles/x.jar", "/etc/passwd"))),
                refused("link to \"../../../opt/x.jar\"", () -> layer(tar().symlink("bundles/x.jar", "../../../opt/x.jar"))),
                refused("link to \"opt/x.jar\"", () -> layer(tar().hardlink("bundles/x.jar", "opt/x.jar"))),
                refused("leads back", () -> layer(tar().symlink("bundles/x.jar", "y.jar").symlink("bundles/y.jar", "x.jar"))),
                refused("not there", () -> layer(tar().hardlink("bundles/x.jar", "bundles/y.jar"))),
                refused("is no folder but a link to /opt", () -> layer(tar().symlink("bundles", "/opt"))),
                refused("is no jar", () -> layer(tar().file("bundles/x.jar", TEXT))),
                refused("sparse", () -> layer(tar().entry("bundles/x.jar", 'S', ONE, ""))),
                refused("has no jar", () -> layer(tar().file("app.jar", ONE))),
                refused("damaged", () -> Layer.plain(java.util.Arrays.copyOf(tar().file("bundles/x.jar", ONE).bytes(), 1000))),
                refused("damaged", () -> new Layer(TestImages.GZIP, java.util.Arrays.copyOf(TestImages.gzip(tar().file("bundles/x.jar", ONE).bytes()), 700), "")),
                refused("permitted", () -> layer(tar().entry("bundles/x.jar", '0', ONE, "", 077777777777L))),
                refused("permitted", () -> layer(tar().file("zeros", new byte[(int) LIMIT + 1]))),
                refused("zstd", () -> new Layer(TestImages.TAR + "+zstd", ONE, "")),
                refused("zstd", () -> new Layer(TestImages.GZIP, new byte[] {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 0, 0}, "")),
                refused("neither a tar archive nor a jar", () -> new Layer("application/vnd.oci.image.layer.v1.tar+encrypted", ONE, "")),
                refused("permitted", () -> new Layer(TestImages.TAR, new byte[(int) LIMIT + 1], "")),
                refused("no name of a jar", () -> new Layer("application/java-archive", ONE, "../../x.jar")),
                refused("no name of a jar", () -> new Layer("application/java-archive", ONE, "x.txt")),
                refused("is no jar", () -> new Layer("application/java-archive", TEXT, "x.jar")));
    }

    private static Arguments refused(String part, Supplier<Layer> layer) {
        return Arguments.of(part, layer);
    }

    @ParameterizedTest(name = "{index}: {0}")
    @MethodSource("hostile")
    void hostileLayersAreRefusedAndLeaveNothing(String part, Supplier<Layer> layer) {
        TestImages.put(server.content(), "app", "1", layer.get());
        String message = failure();
        assertTrue(message.contains(part), message);
    }

    @Test
    void aBombIsRefusedLongBeforeItIsUnpacked() {
        // 7 MiB of zeros four times over: within the limit of a layer, beyond that of the image.
        Layer[] layers = new Layer[4];
        for (int i = 0; i < layers.length; i++) {
            layers[i] = layer(tar().file("zeros" + i, new byte[7 << 20]));
        }
        TestImages.put(server.content(), "app", "1", layers);
        assertTrue(failure().contains("permitted"));
    }

    @Test
    @Tag("slow")
    void aListOfTooManyEntriesIsRefused() {
        Tar many = tar();
        for (int i = 0; i < 65_537; i++) {
            many.folder("d" + i + "/");
        }
        TestImages.put(server.content(), "app", "1", Layer.gzipped(many.bytes()));
        assertTrue(failure().contains("permitted") || failure().contains("more than 65536 entries"));
    }

    @Test
    void artifactsHaveTheirJarsAsLayers() throws Exception {
        // As ORAS pushes files: an empty configuration, tar for a media type, and the title says what it is.
        String manifest = TestImages.manifest(server.content(), "application/vnd.oci.empty.v1+json", "{}", List.of(
                new Layer(TestImages.TAR, ONE, "target/a.jar"), new Layer("application/java-archive", TWO, ""), new Layer("text/markdown", TEXT, "README.md")));
        server.content().manifest("app", "1", TestImages.MANIFEST, manifest);
        ImageStore.StoredImage image = pull();
        assertEquals(2, image.jars().size());
        assertEquals("one", jars(image).get("a.jar"));
        assertTrue(server.requests("GET", RegistryContent.digest(TEXT)).isEmpty());
    }

    @Test
    void oldDockerManifestsAreRead() throws Exception {
        String manifest = TestImages.manifest(server.content(), "application/vnd.docker.container.image.v1+json", "{\"config\":{\"Env\":[\"A=1\"]}}",
                List.of(new Layer("application/vnd.docker.image.rootfs.diff.tar.gzip", TestImages.gzip(tar().file("bundles/a.jar", ONE).bytes()), "")))
                .replace(TestImages.MANIFEST, "application/vnd.docker.distribution.manifest.v2+json");
        server.content().manifest("app", "1", "application/vnd.docker.distribution.manifest.v2+json", manifest);
        assertEquals(Map.of("A", "1"), pull().env());
    }

    @Test
    void theLayerMustBeTheOneTheConfigurationMeans() {
        byte[] tar = tar().file("bundles/a.jar", ONE).bytes();
        String config = "{\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"" + RegistryContent.digest(TWO) + "\"]}}";
        server.content().manifest("app", "1", TestImages.MANIFEST, TestImages.manifest(server.content(), TestImages.CONFIG, config, List.of(Layer.gzipped(tar))));
        assertTrue(failure().contains("configuration means"));
    }

    private void index(String... platforms) {
        StringBuilder entries = new StringBuilder();
        for (String platform : platforms) {
            String[] parts = platform.split("/");
            String digest = TestImages.putJar(server.content(), "app", "of-" + platform.replace('/', '-'), TestImages.jar(500, platform.hashCode()));
            int size = server.content().manifest("app", digest).orElseThrow().length();
            entries.append(entries.isEmpty() ? "" : ",").append("{\"mediaType\":\"" + TestImages.MANIFEST + "\",\"digest\":\"" + digest + "\",\"size\":" + size
                    + ",\"platform\":{\"os\":\"" + parts[0] + "\",\"architecture\":\"" + parts[1] + "\""
                    + (parts.length > 2 ? ",\"variant\":\"" + parts[2] + "\"" : "") + "}}");
        }
        server.content().manifest("app", "1", TestImages.INDEX, "{\"schemaVersion\":2,\"manifests\":[" + entries + "]}");
    }

    @Test
    void theBestPlatformOfAnIndexIsTaken() throws Exception {
        index("linux/amd64", "linux/arm/v6", "linux/arm/v7", "linux/arm64", "unknown/unknown");
        assertEquals(server.content().manifest("app", "of-linux-arm-v7").map(text -> RegistryContent.digest(text.getBytes(java.nio.charset.StandardCharsets.UTF_8))).orElseThrow(), pull().id());
        index("linux/arm/v5", "linux/arm/v6", "linux/arm/v8", "linux/arm64");
        assertEquals(server.content().manifest("app", "of-linux-arm-v6").map(text -> RegistryContent.digest(text.getBytes(java.nio.charset.StandardCharsets.UTF_8))).orElseThrow(), pull().id());
    }

    @Test
    void anIndexWithoutThisPlatformSaysWhatThereIs() {
        index("linux/amd64", "windows/amd64");
        String message = failure();
        assertTrue(message.contains("linux/arm/v7") && message.contains("linux/amd64, windows/amd64"), message);
    }

    @Test
    void layersAndJarsAreGotOnceForAllImages() throws Exception {
        Layer base = layer(tar().file("bundles/a.jar", ONE));
        TestImages.put(server.content(), "app", "1", base);
        pull();
        TestImages.put(server.content(), "app", "1", base, layer(tar().file("bundles/b.jar", TWO)));
        assertEquals("{a.jar=one, b.jar=two}", jars(pull()).toString());
        assertEquals(1, server.requests("GET", RegistryContent.digest(base.content())).size());
        // The same jar in another layer is a second download, but not a second file.
        TestImages.put(server.content(), "app", "1", layer(tar().folder("other/").file("bundles/a.jar", ONE)));
        pull();
        assertEquals(2, Files.list(folder.resolve("store/jars")).count());
    }

    @Test
    void namesLongerThanAHeaderAreRead() throws Exception {
        String longName = "bundles/" + "x".repeat(150) + ".jar";
        String pax = " path=" + longName + "\n";
        byte[] record = ((pax.length() + 3) + pax).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        Tar tar = tar().entry("././@LongLink", 'L', (longName + "\0").getBytes(java.nio.charset.StandardCharsets.US_ASCII), "").file("short", ONE)
                .entry("pax", 'x', ("" + new String(record, java.nio.charset.StandardCharsets.US_ASCII).replace("xxx.jar", "yyy.jar")).getBytes(java.nio.charset.StandardCharsets.US_ASCII), "").file("short", TWO);
        assertEquals("[one, two]", pull(layer(tar)).values().toString());
    }
}
