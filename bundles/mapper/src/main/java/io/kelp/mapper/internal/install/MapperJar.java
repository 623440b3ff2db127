package io.kelp.mapper.internal.install;

import io.kelp.mapper.MapperRefusedException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.osgi.framework.Version;

/**
 * What a jar says about itself, as far as it matters before it is installed.
 *
 * @param name symbolic name of the bundle
 * @param version of the bundle
 */
record MapperJar(String name, Version version) {

    private static final String DRIVER = "io.kelp.mapper.DeviceDriver";
    private static final int MOST_ENTRIES = 20_000;
    private static final int MOST_MANIFEST_BYTES = 256 * 1024;

    /** The jar is no complete archive: still being copied, or damaged. */
    static final class IncompleteException extends MapperRefusedException {
        private static final long serialVersionUID = 1L;

        IncompleteException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /**
     * @throws IncompleteException when it is no zip archive
     * @throws MapperRefusedException when it is no device mapper
     */
    static MapperJar inspect(Path file) throws IOException, MapperRefusedException {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            if (zip.size() > MOST_ENTRIES) {
                throw new MapperRefusedException("the jar has " + zip.size() + " entries, allowed are " + MOST_ENTRIES);
            }
            if (zip.getEntry(DRIVER.replace('.', '/') + ".class") != null) {
                throw new MapperRefusedException("the jar carries its own copy of " + DRIVER
                        + ", which the gateway would not recognize: build it with the mapper interface in scope provided");
            }
            Attributes main = manifest(zip).getMainAttributes();
            if (!"2".equals(trimmed(main, "Bundle-ManifestVersion"))) {
                throw new MapperRefusedException("the jar is no OSGi bundle: its manifest has no Bundle-ManifestVersion 2");
            }
            String name = trimmed(main, "Bundle-SymbolicName").split(";", 2)[0].trim();
            if (!name.matches("[A-Za-z0-9._-]{1,128}")) {
                throw new MapperRefusedException("the jar's Bundle-SymbolicName \"" + name
                        + "\" is not made of 1 to 128 letters, digits, dots, hyphens and underscores");
            }
            if (!trimmed(main, "Fragment-Host").isEmpty()) {
                throw new MapperRefusedException("bundle " + name + " is a fragment and cannot run by itself");
            }
            if (!offersDriver(zip, main)) {
                throw new MapperRefusedException("bundle " + name + " offers no device driver: it has neither a component nor a capability"
                        + " of service " + DRIVER + ", nor an activator that imports its package");
            }
            return new MapperJar(name, version(name, trimmed(main, "Bundle-Version")));
        } catch (ZipException e) {
            throw new IncompleteException("the file is no complete jar: " + e.getMessage(), e);
        }
    }

    private static Manifest manifest(ZipFile zip) throws IOException, MapperRefusedException {
        ZipEntry entry = zip.getEntry(JarFile.MANIFEST_NAME);
        if (entry == null) {
            throw new MapperRefusedException("the jar is no OSGi bundle: it has no META-INF/MANIFEST.MF");
        }
        try (InputStream in = zip.getInputStream(entry)) {
            byte[] bytes = in.readNBytes(MOST_MANIFEST_BYTES + 1);
            if (bytes.length > MOST_MANIFEST_BYTES) {
                throw new MapperRefusedException("the jar's manifest has more than " + MOST_MANIFEST_BYTES + " bytes");
            }
            try {
                return new Manifest(new java.io.ByteArrayInputStream(bytes));
            } catch (IOException | IllegalArgumentException e) {
                throw new MapperRefusedException("the jar's manifest is malformed: " + e.getMessage(), e);
            }
        }
    }

    private static Version version(String name, String text) throws MapperRefusedException {
        try {
            return Version.parseVersion(text.isEmpty() ? null : text);
        } catch (IllegalArgumentException e) {
            throw new MapperRefusedException("bundle " + name + " has the malformed Bundle-Version \"" + text + "\"", e);
        }
    }

    private static boolean offersDriver(ZipFile zip, Attributes main) throws IOException {
        if (trimmed(main, "Provide-Capability").contains(DRIVER)) {
            return true;
        }
        for (String component : trimmed(main, "Service-Component").split(",")) {
            ZipEntry xml = zip.getEntry(component.trim());
            if (xml != null && !xml.isDirectory()) {
                try (InputStream in = zip.getInputStream(xml)) {
                    if (new String(in.readNBytes(MOST_MANIFEST_BYTES), StandardCharsets.UTF_8).contains('"' + DRIVER + '"')) {
                        return true;
                    }
                }
            }
        }
        return !trimmed(main, "Bundle-Activator").isEmpty()
                && (trimmed(main, "Import-Package") + ',').matches("(?s).*\\bio\\.kelp\\.mapper\\s*[;,].*");
    }

    private static String trimmed(Attributes main, String key) {
        String value = main.getValue(key);
        return value == null ? "" : value.trim();
    }
}
