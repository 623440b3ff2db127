package io.kelp.launcher.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Where the gateway lives.
 *
 * @param home the unpacked archive
 * @param run private folder, mode 0700, in memory where possible
 */
record Home(Path home, Path run) {

    private static final Set<PosixFilePermission> PRIVATE = PosixFilePermissions.fromString("rwx------");

    /**
     * From the system properties {@code kelp.home} and {@code kelp.run}, which {@code bin/kelp} sets.
     *
     * @throws IOException when one is missing or is not what it should be
     */
    static Home fromSystemProperties() throws IOException {
        Path home = folder("kelp.home");
        Path run = folder("kelp.run");
        if (!Files.getPosixFilePermissions(run, LinkOption.NOFOLLOW_LINKS).equals(PRIVATE)) {
            throw new IOException("kelp.run " + run + " must have mode 0700, or others could command this gateway");
        }
        return new Home(home, run);
    }

    private static Path folder(String property) throws IOException {
        String value = System.getProperty(property, "");
        if (value.isEmpty()) {
            throw new IOException("system property " + property + " is missing; start with bin/kelp, which sets it");
        }
        Path path = Path.of(value);
        if (!path.isAbsolute() || !Files.isDirectory(path)) {
            throw new IOException(property + "=" + value + " is not the absolute path of a folder");
        }
        return path;
    }

    Path bundles() {
        return home.resolve("bundles");
    }

    Path features() {
        return home.resolve("features");
    }

    Path data() {
        return home.resolve("data");
    }

    Path log() {
        return home.resolve("log");
    }

    /** Version of the distribution, from {@code lib/VERSION}. */
    String version() throws IOException {
        return Files.readString(home.resolve("lib/VERSION")).strip();
    }

    /** What bundles learn of it. */
    Map<String, String> frameworkProperties() throws IOException {
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("kelp.home", home.toString());
        properties.put("kelp.etc", home.resolve("etc").toString());
        properties.put("kelp.data", data().toString());
        properties.put("kelp.run", run.toString());
        properties.put("kelp.log", log().toString());
        properties.put("kelp.version", version());
        return properties;
    }
}
