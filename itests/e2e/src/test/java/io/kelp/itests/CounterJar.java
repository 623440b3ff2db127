package io.kelp.itests;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/** Makes further versions of the counter mapper, and further mappers, out of the one in the zip. */
final class CounterJar {

    private final Path original;

    CounterJar(Path home) throws IOException {
        try (var files = Files.list(home.resolve("device-mappers"))) {
            original = files.filter(f -> f.getFileName().toString().matches("mapper-counter-.*\\.jar")).findFirst()
                    .orElseThrow(() -> new AssertionError("no counter mapper in the zip"));
        }
    }

    /** The same mapper in another version. */
    Path version(Path folder, String version) throws IOException {
        return repack(folder.resolve("counter-" + version + ".jar"), "io.kelp.mapper.counter", version, "counter");
    }

    /** Another mapper, which serves another protocol in the same way. */
    Path other(Path folder, String protocol) throws IOException {
        return repack(folder.resolve(protocol + ".jar"), "org.example." + protocol, "1.0.0", protocol);
    }

    private Path repack(Path to, String name, String version, String protocol) throws IOException {
        Files.createDirectories(to.getParent());
        try (JarFile from = new JarFile(original.toFile())) {
            Manifest manifest = new Manifest(from.getManifest());
            manifest.getMainAttributes().put(new Attributes.Name("Bundle-SymbolicName"), name);
            manifest.getMainAttributes().put(new Attributes.Name("Bundle-Version"), version);
            try (OutputStream out = Files.newOutputStream(to); JarOutputStream jar = new JarOutputStream(out, manifest)) {
                for (JarEntry entry : from.stream().filter(e -> !e.isDirectory() && !e.getName().equals(JarFile.MANIFEST_NAME)).toList()) {
                    try (InputStream in = from.getInputStream(entry)) {
                        byte[] content = in.readAllBytes();
                        jar.putNextEntry(new JarEntry(entry.getName()));
                        jar.write(entry.getName().endsWith("CounterDriver.class") ? withProtocol(content, protocol) : content);
                    }
                }
            }
        }
        return to;
    }

    /** Exchanges the string constant "counter" of a class file (CONSTANT_Utf8: tag 1, length, text). */
    private static byte[] withProtocol(byte[] classFile, String protocol) {
        byte[] from = constant("counter");
        for (int at = 0; at + from.length <= classFile.length; at++) {
            if (Arrays.equals(classFile, at, at + from.length, from, 0, from.length)) {
                ByteArrayOutputStream changed = new ByteArrayOutputStream();
                changed.write(classFile, 0, at);
                changed.writeBytes(constant(protocol));
                changed.write(classFile, at + from.length, classFile.length - at - from.length);
                return changed.toByteArray();
            }
        }
        throw new AssertionError("the driver's class has no constant \"counter\"");
    }

    private static byte[] constant(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.US_ASCII);
        byte[] constant = new byte[3 + utf8.length];
        constant[0] = 1;
        constant[2] = (byte) utf8.length;
        System.arraycopy(utf8, 0, constant, 3, utf8.length);
        return constant;
    }
}
