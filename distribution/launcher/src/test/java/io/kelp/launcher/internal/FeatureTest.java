package io.kelp.launcher.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FeatureTest {

    @TempDir
    private Path folder;

    private Feature read(String json) throws IOException {
        Path file = folder.resolve("x.feature.json");
        Files.writeString(file, json);
        return Feature.read(file);
    }

    @Test
    void readsBundlesStartLevelsPropertiesAndComments() throws IOException {
        Feature feature = read("""
                { // a comment
                  "bundles": [{"id": "a:b:1.0", "bundleStartLevel": 3}, "c:d:2"],  /* short form */
                  "extensions": {"framework-launching-properties": {"type": "json", "json": {"k": "v\\u0041"}}}
                }""");
        assertEquals("x", feature.name());
        assertEquals(List.of(new Feature.FeatureBundle(new ArtifactId("a", "b", "1.0"), 3),
                new Feature.FeatureBundle(new ArtifactId("c", "d", "2"), 5)), feature.bundles());
        assertEquals("vA", feature.frameworkProperties().get("k"));
        assertFalse(feature.onDemand());
    }

    @Test
    void knowsFeaturesThatStartOnDemand() throws IOException {
        assertTrue(read("{\"extensions\": {\"kelp-feature\": {\"json\": {\"start\": \"on-demand\"}}}}").onDemand());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"bundles": [{"id": "a:b"}]}                                           | "a:b" is not of the form group:artifact:version
            {"bundles": [{"id": "a:../../b:1"}]}                                   | "a:../../b:1" is not of the form group:artifact:version
            {"bundles": [{}]}                                                      | a bundle without "id"
            {"bundles": [{"id": "a:b:1", "bundleStartLevel": 0}]}                  | bundleStartLevel of a:b:1 is 0.0, allowed are 1 to 20
            {"bundles": {}}                                                        | expected an array in place of {}
            {"extensions": {"kelp-feature": {"json": {"start": "never"}}}}         | kelp-feature.start is "never", allowed are "always" and "on-demand"
            """)
    void saysWhatIsWrongWithAFeature(String json, String message) {
        IOException e = assertThrows(IOException.class, () -> read(json));
        assertEquals(folder.resolve("x.feature.json") + ": " + message, e.getMessage());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"a": 1,}         | line 1: expected a member name in quotes
            {"a" 1}           | line 1: expected ':' after "a"
            {"a": 1, "a": 2}  | line 1: expected "a" only once
            [1, 2             | line 1: expected ',' or ']'
            {"a": tru}        | line 1: expected a value
            {"a": 01}         | line 1: expected a value
            {} x              | line 1: expected nothing more after the value
            {"a": "b          | line 1: expected the end of the string
            {"a": "\\x"}      | line 1: expected an escape that JSON knows
            /* a              | line 1: expected the end of the comment
            """)
    void namesTheLineOfBrokenJson(String json, String message) {
        assertTrue(assertThrows(IOException.class, () -> Json.read(json, "f")).getMessage().endsWith(message),
                () -> assertThrows(IOException.class, () -> Json.read(json, "f")).getMessage());
    }

    @Test
    void endsOnDeepNestingInsteadOfOverflowingTheStack() {
        assertThrows(IOException.class, () -> Json.read("[".repeat(100_000), "f"));
    }

    @Test
    void everyFeatureOfTheRepositoryIsReadable() throws IOException {
        var features = Feature.readAll(Path.of("../../features"));
        assertFalse(features.get("base").onDemand());
        assertTrue(features.get("console").onDemand());
    }
}
