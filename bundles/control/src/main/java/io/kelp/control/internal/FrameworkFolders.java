package io.kelp.control.internal;

import java.nio.file.Path;
import org.osgi.framework.BundleContext;

/** The folders that the launcher tells in framework properties. */
final class FrameworkFolders {

    private FrameworkFolders() {}

    static Path home(BundleContext context) {
        return folder(context, "kelp.home");
    }

    static Path etc(BundleContext context) {
        return folder(context, "kelp.etc");
    }

    static Path data(BundleContext context) {
        return folder(context, "kelp.data");
    }

    static Path run(BundleContext context) {
        return folder(context, "kelp.run");
    }

    private static Path folder(BundleContext context, String property) {
        String value = context.getProperty(property);
        if (value == null || value.isEmpty()) {
            throw new IllegalStateException("framework property " + property + " is missing; start the gateway with bin/kelp, which sets it");
        }
        return Path.of(value);
    }
}
