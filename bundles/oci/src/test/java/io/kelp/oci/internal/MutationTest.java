package io.kelp.oci.internal;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.oci.TestImages;
import io.kelp.oci.internal.registry.ChallengeAccess;
import io.kelp.testkit.registry.RegistryContent;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Random damage with a fixed seed: everything is read or refused, nothing else. */
class MutationTest {

    private static final int ROUNDS = 5_000;
    private static final ImageFuzzTest FUZZ = new ImageFuzzTest();

    private static byte[] damage(byte[] input, Random random) {
        byte[] output = java.util.Arrays.copyOf(input, random.nextInt(20) == 0 ? random.nextInt(input.length + 1) : input.length);
        for (int i = random.nextInt(8); i >= 0 && output.length > 0; i--) {
            output[random.nextInt(output.length)] = (byte) (random.nextBoolean() ? random.nextInt(256) : "0\0{}[]\"./7x".charAt(random.nextInt(11)));
        }
        return output;
    }

    private static byte[] fixed(byte[] tar) {
        // A right sum in the first header lets damage come further than the sum's check.
        long sum = 0;
        for (int i = 0; i < 512 && i < tar.length; i++) {
            sum += i >= 148 && i < 156 ? ' ' : tar[i] & 0xff;
        }
        byte[] text = String.format("%06o\0 ", sum).getBytes(StandardCharsets.US_ASCII);
        if (tar.length >= 512) {
            System.arraycopy(text, 0, tar, 148, 8);
        }
        return tar;
    }

    @Test
    void damagedLayersAreReadOrRefused() throws Exception {
        Random random = new Random(1);
        List<byte[]> seeds = List.of(
                new TestImages.Tar().file("bundles/a.jar", new byte[700]).symlink("bundles/b.jar", "a.jar").hardlink("bundles/c.jar", "bundles/a.jar").bytes(),
                new TestImages.Tar().entry("pax", 'x', "26 path=bundles/long.jar\n\n".getBytes(StandardCharsets.US_ASCII), "").file("x", new byte[10]).bytes(),
                new TestImages.Tar().entry("@", 'L', "bundles/long.jar\0".getBytes(StandardCharsets.US_ASCII), "").file("x", new byte[10]).bytes());
        for (int i = 0; i < ROUNDS; i++) {
            byte[] damaged = damage(seeds.get(i % seeds.size()), random);
            FUZZ.whateverALayerHoldsNothingLeavesTheFolder(i % 2 == 0 ? fixed(damaged) : damaged);
        }
    }

    @Test
    void damagedManifestsAreReadOrRefused() {
        Random random = new Random(2);
        String manifest = TestImages.manifest(new RegistryContent(), TestImages.CONFIG, "{}", List.of(new TestImages.Layer(TestImages.TAR, new byte[1], "a.jar")));
        String config = "{\"config\":{\"Env\":[\"A=1\",\"=\"],\"Entrypoint\":[\"x\"],\"Labels\":{\"a\":\"b\"}},\"rootfs\":{\"diff_ids\":[\"x\"]}}";
        for (int i = 0; i < ROUNDS; i++) {
            FUZZ.aManifestIsReadOrRefused(damage(manifest.getBytes(StandardCharsets.UTF_8), random));
            FUZZ.aConfigurationIsReadOrRefused(damage(config.getBytes(StandardCharsets.UTF_8), random));
        }
    }

    @Test
    void deepAndWideTextsAreRefusedCheaply() {
        for (String text : List.of("[".repeat(2_000_000), "{\"a\":".repeat(500_000), "{\"schemaVersion\":2,\"layers\":[" + "{},".repeat(500_000),
                "{\"x\":\"" + "y".repeat(3_000_000) + "\"}", "{\"schemaVersion\":1e999}", "{\"schemaVersion\":2,\"layers\":[" + "[".repeat(1_000_000))) {
            long start = System.nanoTime();
            FUZZ.aManifestIsReadOrRefused(text.getBytes(StandardCharsets.UTF_8));
            assertTrue(System.nanoTime() - start < 2_000_000_000L, text.substring(0, 20));
        }
    }

    @Test
    void challengesOfAnyKindAreParsed() {
        Random random = new Random(3);
        byte[] seed = "Bearer realm=\"https://a/token\",service=\"x y\", scope=\"repository:a:pull\", Basic realm=b".getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < ROUNDS; i++) {
            ChallengeAccess.parse(new String(damage(seed, random), StandardCharsets.ISO_8859_1));
        }
        assertTrue(ChallengeAccess.parse(new String(seed, StandardCharsets.US_ASCII)).equals("bearer basic"));
    }
}
