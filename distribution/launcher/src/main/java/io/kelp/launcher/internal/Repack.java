package io.kelp.launcher.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/** Makes the two jars of the zip that are not taken as published. Same input, same bytes. */
final class Repack {

    private static final long TIME = 1_700_000_000_000L;
    private static final String NATIVES = "org/sqlite/native/";

    /** Folders of the sqlite-jdbc jar → the processors that gateways have. */
    private static final Map<String, String> PROCESSORS = Map.of(
            "Linux/x86_64", "x86_64", "Linux/aarch64", "aarch64", "Linux/armv7", "armv7", "Linux/armv6", "armv6");

    private Repack() {}

    /**
     * slf4j's back end as a fragment of slf4j-api, so that it is found without a ServiceLoader
     * mediator (11 MiB). The exported version 1.7.36 serves libraries that ask for slf4j 1.
     */
    static void loggingFragment(Path slf4jJdk14, Path target, String version) throws IOException {
        Manifest manifest = new Manifest();
        Attributes main = manifest.getMainAttributes();
        main.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        main.putValue("Bundle-ManifestVersion", "2");
        main.putValue("Bundle-SymbolicName", "slf4j.jdk14.fragment");
        main.putValue("Bundle-Version", version);
        main.putValue("Fragment-Host", "slf4j.api");
        main.putValue("Export-Package", "org.slf4j.event;version=\"1.7.36\",org.slf4j.spi;version=\"1.7.36\"");
        try (JarFile from = new JarFile(slf4jJdk14.toFile()); JarOutputStream to = jar(target, manifest)) {
            for (JarEntry entry : (Iterable<JarEntry>) from.stream()::iterator) {
                String name = entry.getName();
                if (!entry.isDirectory() && (name.startsWith("org/") || name.startsWith("META-INF/services/"))) {
                    put(to, name, from.getInputStream(entry));
                }
            }
        }
    }

    /**
     * sqlite-jdbc without its 20 native libraries; those for Linux on the processors of gateways
     * go to {@code natives/PROCESSOR/}. Unpacked they need not be written to a temporary folder at
     * each start, which is often mounted noexec.
     */
    static void withoutNatives(Path sqlite, Path target, Path natives) throws IOException {
        try (JarFile from = new JarFile(sqlite.toFile()); JarOutputStream to = jar(target, from.getManifest())) {
            for (JarEntry entry : (Iterable<JarEntry>) from.stream()::iterator) {
                String name = entry.getName();
                if (entry.isDirectory() || name.equals(JarFile.MANIFEST_NAME)) {
                    continue;
                }
                if (!name.startsWith(NATIVES)) {
                    put(to, name, from.getInputStream(entry));
                    continue;
                }
                int end = name.lastIndexOf('/');
                String processor = PROCESSORS.get(name.substring(NATIVES.length(), end));
                if (processor != null) {
                    Path file = natives.resolve(processor).resolve(name.substring(end + 1));
                    Files.createDirectories(file.getParent());
                    try (InputStream in = from.getInputStream(entry)) {
                        Files.copy(in, file);
                    }
                }
            }
        }
    }

    private static JarOutputStream jar(Path target, Manifest manifest) throws IOException {
        OutputStream file = Files.newOutputStream(target);
        JarOutputStream jar = new JarOutputStream(file);
        JarEntry entry = new JarEntry(JarFile.MANIFEST_NAME);
        entry.setTime(TIME);
        jar.putNextEntry(entry);
        manifest.write(jar);
        jar.closeEntry();
        return jar;
    }

    private static void put(JarOutputStream jar, String name, InputStream content) throws IOException {
        try (content) {
            JarEntry entry = new JarEntry(name);
            entry.setTime(TIME);
            jar.putNextEntry(entry);
            content.transferTo(jar);
            jar.closeEntry();
        }
    }
}
