package io.kelp.runtime.osgi.internal.region;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What of the gateway pods may use: packages and services. All else of the gateway is not there for them. */
public final class AllowList {

    /** Of the platform, of the framework and its service specifications. */
    private static final List<String> PREFIXES = List.of("java.", "javax.", "org.w3c.", "org.xml.", "org.ietf.", "jdk.", "sun.",
            "com.sun.", "netscape.", "org.osgi.", "org.slf4j.", "com.google.gson.", "jakarta.servlet.");

    /** With these one could see through the walls, or change how the gateway loads and starts code. */
    private static final List<String> NEVER = List.of("org.osgi.framework.hooks.", "org.osgi.framework.launch", "org.osgi.framework.connect",
            "org.osgi.service.url", "org.osgi.service.permissionadmin", "org.osgi.service.condpermadmin");

    private static final List<String> PACKAGES = List.of("org.slf4j", "com.google.gson", "jakarta.servlet", "io.kelp.runtime.osgi", "io.kelp.devicetwin");

    private static final List<String> SERVICES = List.of("org.osgi.service.log.LogService", "org.osgi.service.log.LoggerFactory",
            "org.osgi.service.condition.Condition");

    /** Namespaces of capabilities that say something about the gateway as a platform. */
    private static final Set<String> NAMESPACES = Set.of("osgi.ee", "osgi.native", "osgi.extender", "osgi.implementation", "osgi.contract",
            "osgi.service", "osgi.serviceloader");

    private volatile Set<String> packages;
    private volatile Set<String> services;

    /** @param morePackages names of packages, added to what is built in; @param moreServices names of interfaces, likewise */
    public AllowList(Collection<String> morePackages, Collection<String> moreServices) {
        change(morePackages, moreServices);
    }

    /** As the constructor; holds for what is looked for from now on. */
    public void change(Collection<String> morePackages, Collection<String> moreServices) {
        packages = union(PACKAGES, morePackages);
        services = union(SERVICES, moreServices);
    }

    private static Set<String> union(Collection<String> some, Collection<String> more) {
        Set<String> all = new HashSet<>(some);
        all.addAll(more);
        return Set.copyOf(all);
    }

    boolean allowsPackage(String name) {
        if (packages.contains(name)) {
            return true;
        }
        for (String never : NEVER) {
            if (name.startsWith(never)) {
                return false;
            }
        }
        for (String prefix : PREFIXES) {
            if (name.startsWith(prefix)) {
                return true;
            }
        }
        return false;
    }

    boolean allowsNamespace(String namespace) {
        return NAMESPACES.contains(namespace);
    }

    boolean allowsService(String[] interfaces) {
        for (String name : interfaces) {
            if (services.contains(name)) {
                return true;
            }
        }
        return false;
    }

    /** Whether classes of a package are exchanged with the gateway, so that a copy of it in an image would be of no use. */
    static boolean isShared(String name) {
        return name.startsWith("org.osgi.") || name.startsWith("io.kelp.");
    }
}
