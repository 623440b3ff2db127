package io.kelp.runtime.osgi.internal.bundle;

import io.kelp.edged.WorkloadException;
import io.kelp.oci.ImageStore.Jar;
import io.kelp.oci.ImageStore.StoredImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import org.osgi.framework.Constants;

/**
 * What the manifest of a jar says about how it is to be run.
 *
 * @param symbolicName empty for a jar that is no bundle
 * @param fragment whether it is a fragment
 * @param lazy whether it is activated when its first class is loaded
 * @param main its main class, empty if none
 */
public record BundleJar(Jar jar, String symbolicName, boolean fragment, boolean lazy, String main) {

    /**
     * Reads all jars of an image.
     *
     * @param nativeCode whether bundles may bring native code
     * @throws WorkloadException {@code CreateContainerError} when one of them cannot run here
     */
    public static List<BundleJar> of(StoredImage image, boolean nativeCode) throws WorkloadException {
        List<BundleJar> all = new ArrayList<>();
        for (Jar jar : image.jars()) {
            all.add(of(jar, nativeCode));
        }
        if (all.isEmpty()) {
            throw refused("image " + name(image) + " has no jar in /bundles: it is no image for this runtime; add one, for example with COPY app.jar /bundles/");
        }
        return all;
    }

    /** Whether the image is a program with a main class, and its other jars are its class path. */
    public static boolean isProgram(List<BundleJar> jars) {
        return jars.stream().anyMatch(j -> j.symbolicName.isEmpty() && !j.main.isEmpty());
    }

    /** @throws WorkloadException when not all of the jars are bundles */
    public static void requireBundles(List<BundleJar> jars) throws WorkloadException {
        for (BundleJar jar : jars) {
            if (jar.symbolicName.isEmpty()) {
                throw refused(jar.jar.name() + " has neither a Bundle-SymbolicName nor a Main-Class in its manifest: it is neither a bundle nor a program");
            }
        }
        if (jars.stream().allMatch(BundleJar::fragment)) {
            throw refused("all jars of the image are fragments, none can be started");
        }
    }

    private static BundleJar of(Jar jar, boolean nativeCode) throws WorkloadException {
        try (JarFile file = new JarFile(jar.file().toFile(), false)) {
            Manifest manifest = file.getManifest();
            Attributes attributes = manifest == null ? new Attributes() : manifest.getMainAttributes();
            String host = value(attributes, Constants.FRAGMENT_HOST);
            if (List.of(Constants.SYSTEM_BUNDLE_SYMBOLICNAME, "org.apache.felix.framework").contains(name(host)) || host.contains(Constants.EXTENSION_DIRECTIVE + ":=")) {
                throw refused(jar.name() + " is a fragment of the framework, which would change the gateway itself; leave it out of the image");
            }
            if (!nativeCode && !value(attributes, Constants.BUNDLE_NATIVECODE).isEmpty()) {
                throw refused(jar.name() + " brings native code, which can end the gateway's process; set nativeCode of io.kelp.runtime.osgi to allow it");
            }
            return new BundleJar(jar, name(value(attributes, Constants.BUNDLE_SYMBOLICNAME)), !host.isEmpty(),
                    name(value(attributes, Constants.BUNDLE_ACTIVATIONPOLICY)).equals(Constants.ACTIVATION_LAZY),
                    value(attributes, Attributes.Name.MAIN_CLASS.toString()));
        } catch (IOException e) {
            throw new WorkloadException("CreateContainerError", jar.name() + " cannot be read as a jar: " + e.getMessage(), e);
        }
    }

    private static String value(Attributes attributes, String name) {
        String value = attributes.getValue(name);
        return value == null ? "" : value.strip();
    }

    private static String name(String header) {
        int end = header.indexOf(';');
        return (end < 0 ? header : header.substring(0, end)).strip();
    }

    private static String name(StoredImage image) {
        return image.references().isEmpty() ? image.id() : image.references().get(0);
    }

    private static WorkloadException refused(String message) {
        return new WorkloadException("CreateContainerError", message);
    }
}
