package io.kelp.workloads;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.testkit.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SampleJarsTest {

    @TempDir
    Path folder;

    @Test
    void eachNameIsABundleWithAComponentOfItsOwn() throws IOException {
        Path jar = new SampleJars(folder).web("alder", "1.2.0");

        try (JarFile file = new JarFile(jar.toFile())) {
            Manifest manifest = file.getManifest();
            assertEquals("org.example.alder", manifest.getMainAttributes().getValue("Bundle-SymbolicName"));
            assertEquals("1.2.0", manifest.getMainAttributes().getValue("Bundle-Version"));
            assertTrue(manifest.getMainAttributes().getValue("Import-Package").contains("io.kelp.runtime.osgi"), manifest.getMainAttributes().toString());
            assertNotNull(file.getEntry("OSGI-INF/io.kelp.workloads.alder.Web.xml"), "description of the component");
            assertNotNull(file.getEntry("io/kelp/workloads/alder/Web.class"));
        }
    }

    @Test
    void allOthersBuildAndThePlainOneIsNoBundle() throws IOException {
        SampleJars jars = new SampleJars(folder);
        for (Path jar : List.of(jars.job(), jars.bad())) {
            assertTrue(Files.size(jar) > 1000, jar.toString());
        }
        try (JarFile file = new JarFile(jars.plain().toFile())) {
            assertEquals("io.kelp.workloads.plain.Main", file.getManifest().getMainAttributes().getValue("Main-Class"));
            assertFalse(file.getManifest().getMainAttributes().containsKey("Bundle-SymbolicName"));
        }
        String said = Shell.run(Duration.ofSeconds(20), folder, Map.of(), List.of("java", "-jar", jars.plain().toString(), "lines", "2")).orFail();
        assertEquals("started with lines 2\nline 1\nline 2\n", said);
    }

    @Test
    void anImageIsAnOrdinaryTarAndAnotherVersionAnotherImage() {
        SampleJars jars = new SampleJars(folder);
        SampleImage one = new SampleImage(jars.web("alder", "1.0.0"));
        one.save(folder.resolve("one.tar"), "example.com/alder:1");

        String listed = Shell.run(Duration.ofSeconds(10), folder, Map.of(), List.of("tar", "tf", "one.tar")).orFail();
        assertTrue(listed.contains("blobs/sha256/" + one.id().substring(7)), listed);
        Shell.run(Duration.ofSeconds(10), folder, Map.of(), List.of("sh", "-c",
                "mkdir x && cd x && tar xf ../one.tar && for b in blobs/sha256/*; do [ $(sha256sum $b | cut -d' ' -f1) = $(basename $b) ] || exit 1; done")).orFail();
        assertNotEquals(one.id(), new SampleImage(jars.web("alder", "1.1.0")).id());
    }
}
