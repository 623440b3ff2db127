package io.kelp.oci.internal;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Tag;

/**
 * Coverage-guided fuzzing of what a registry or an archive can hold. A plain test run tries the kept corpus; with
 * {@code JAZZER_FUZZ=1} new inputs are sought.
 */
@Tag("slow")
class ImageFuzzTest {

    @FuzzTest(maxDuration = "20s")
    void whateverALayerHoldsNothingLeavesTheFolder(byte[] input) throws IOException {
        long[] read = {0};
        try {
            List<LayerEntry> entries = LayerReader.read(new ByteArrayInputStream(input), (name, size, content) -> {
                assertTrue(LayerReader.isJarName(name) && !name.contains("/") && !name.contains("\0") && !name.equals(".."), name);
                read[0] += content.transferTo(java.io.OutputStream.nullOutputStream());
                return Sha256.of(name.getBytes(java.nio.charset.StandardCharsets.UTF_8));
            });
            BundlesFolder folder = new BundlesFolder();
            folder.add(entries);
            folder.add(entries);
            assertTrue(folder.jars().keySet().stream().allMatch(LayerReader::isJarName));
        } catch (MalformedImageException | EOFException refused) {
            return;
        } finally {
            assertTrue(read[0] <= input.length, "more content than input");
        }
    }

    @FuzzTest(maxDuration = "20s")
    void aManifestIsReadOrRefused(byte[] input) {
        try {
            Manifest manifest = ManifestParser.parse(input, "");
            List<Descriptor> all = manifest instanceof Manifest.Image image ? image.layers() : ((Manifest.Index) manifest).manifests();
            assertTrue(all.stream().allMatch(each -> Sha256.isDigest(each.digest()) && each.size() >= 0));
        } catch (MalformedImageException refused) {
            return;
        }
    }

    @FuzzTest(maxDuration = "10s")
    void aConfigurationIsReadOrRefused(byte[] input) {
        try {
            assertTrue(ImageConfig.parse(input).env().keySet().stream().noneMatch(name -> name.isEmpty() || name.contains("=")));
        } catch (MalformedImageException refused) {
            return;
        }
    }
}
