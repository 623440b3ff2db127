package io.kelp.launcher.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AssemblerTest {

    @TempDir
    private Path folder;
    private Path list;

    @BeforeEach
    void artifacts() throws IOException {
        Files.createDirectories(folder.resolve("features"));
        StringBuilder lines = new StringBuilder("\nThe following files have been resolved:\n");
        for (String id : new String[] {"io.kelp:launcher:1", "org.apache.felix:org.apache.felix.framework:7", "g:one:1", "g:two:1"}) {
            String[] part = id.split(":");
            Path jar = jar(part[1] + ".jar", "a.txt");
            lines.append("   ").append(part[0]).append(':').append(part[1]).append(":jar:").append(part[2])
                    .append(":compile:").append(jar).append(" -- module x (auto)\n");
        }
        list = Files.writeString(folder.resolve("artifacts.txt"), lines);
    }

    private Path jar(String name, String... entries) throws IOException {
        Path jar = folder.resolve(name);
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().putValue("Manifest-Version", "1.0");
        manifest.getMainAttributes().putValue("Bundle-SymbolicName", "x");
        try (OutputStream file = Files.newOutputStream(jar); JarOutputStream out = new JarOutputStream(file, manifest)) {
            for (String entry : entries) {
                out.putNextEntry(new ZipEntry(entry));
                out.write(entry.getBytes());
                out.closeEntry();
            }
        }
        return jar;
    }

    private void assemble(String feature) throws IOException {
        Files.writeString(folder.resolve("features/base.feature.json"), feature);
        Assembler.main(new String[] {folder.resolve("features").toString(), list.toString(), folder.resolve("out").toString(), "9"});
    }

    @Test
    void takingABundleOutOfTheFeatureTakesItOutOfTheArchive() throws IOException {
        assemble("{\"bundles\": [\"g:one:1\", \"g:two:1\"]}");
        assertTrue(Files.exists(folder.resolve("out/bundles/two-1.jar")));
        assemble("{\"bundles\": [\"g:one:1\"]}");
        assertFalse(Files.exists(folder.resolve("out/bundles/two-1.jar")));
        assertTrue(Files.exists(folder.resolve("out/bundles/one-1.jar")));
        assertTrue(Files.exists(folder.resolve("out/lib/launcher.jar")));
        assertEquals("9\n", Files.readString(folder.resolve("out/lib/VERSION")));
    }

    @Test
    void aBundleThatNobodyBuiltFailsTheBuild() {
        IOException e = assertThrows(IOException.class, () -> assemble("{\"bundles\": [\"g:three:1\"]}"));
        assertEquals("feature base names g:three:1, which is not among the dependencies of distribution/pom.xml; "
                + "add it there or correct the version", e.getMessage());
    }

    @Test
    void sqliteKeepsItsManifestAndLosesForeignNatives() throws IOException {
        Path jar = jar("sqlite.jar", "org/sqlite/JDBC.class", "org/sqlite/native/Linux/armv7/libsqlitejdbc.so",
                "org/sqlite/native/Mac/x86_64/libsqlitejdbc.dylib", "org/sqlite/native/Linux-Musl/x86_64/libsqlitejdbc.so");
        Repack.withoutNatives(jar, folder.resolve("small.jar"), folder.resolve("native"));
        try (JarFile small = new JarFile(folder.resolve("small.jar").toFile())) {
            assertEquals("x", small.getManifest().getMainAttributes().getValue("Bundle-SymbolicName"));
            assertEquals(2, small.size());
        }
        try (Stream<Path> natives = Files.walk(folder.resolve("native"))) {
            assertEquals(1, natives.filter(Files::isRegularFile).count());
        }
        assertTrue(Files.exists(folder.resolve("native/armv7/libsqlitejdbc.so")));
    }
}
