package io.kelp.runtime.osgi.internal.bundle;

import io.kelp.edged.WorkloadException;
import io.kelp.runtime.osgi.internal.region.Member;
import io.kelp.runtime.osgi.internal.region.Regions;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.framework.startlevel.FrameworkStartLevel;
import org.osgi.framework.wiring.FrameworkWiring;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bundles of pods in the framework: installed, resolved, taken out again. Their locations lie in
 * {@link #FOLDER} of the pods' folders, so that each start of each container has bundles of its own
 * though all share the one file in the image store.
 */
public final class PodBundles {

    /** Last but one part of the path of a bundle's location. */
    static final String FOLDER = "kelp-bundles";

    private static final Logger LOG = LoggerFactory.getLogger(PodBundles.class);
    private static final long REFRESH_SECONDS = 10;
    private static final Pattern NUMBER = Pattern.compile(" ?\\[\\d+\\](\\(R [0-9.]+\\))?"); // of a bundle: another one at each try, which would be another event
    private static final Pattern MISSING = Pattern.compile("osgi\\.wiring\\.package; \\(?(?:&\\()?osgi\\.wiring\\.package=([\\w.]+)\\)([^\\]]*)");

    private static final Pattern FROM = Pattern.compile("\\(version>=([^)]+)\\)");
    private static final Pattern TO = Pattern.compile("\\(!\\(version>=([^)]+)\\)");

    private final BundleContext context;
    private final Regions regions;
    private final int startLevel;

    public PodBundles(BundleContext context, Regions regions) {
        this.context = context;
        this.regions = regions;
        // Below our own: when the gateway stops, it is we who stop them, in order and with grace.
        this.startLevel = Math.max(1, context.getBundle().adapt(BundleStartLevel.class).getStartLevel() - 1);
    }

    /** Whether a bundle of this location was installed for a pod. */
    public static boolean isPodLocation(String location) {
        return location.startsWith("reference:") && location.contains("/" + FOLDER + "/");
    }

    private FrameworkWiring wiring() {
        return context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).adapt(FrameworkWiring.class);
    }

    Bundle install(Path folder, BundleJar jar, int number, Member member) throws WorkloadException {
        Path link = folder.resolve(number + "-" + jar.jar().name().replaceAll("[^A-Za-z0-9._-]", "_"));
        String location = "reference:" + link.toUri();
        regions.expect(location, member);
        boolean installed = false;
        try {
            Files.createDirectories(folder);
            link(link, jar.jar().file());
            Bundle bundle = atStartLevel(location);
            regions.add(bundle, member);
            installed = true;
            return bundle;
        } catch (BundleException e) {
            throw new WorkloadException("CreateContainerError", "the framework does not take " + jar.jar().name() + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new WorkloadException("CreateContainerError", "folder " + folder + " cannot be written: " + e.getMessage(), e);
        } finally {
            if (!installed) {
                regions.unexpect(location);
            }
        }
    }

    /** A level that is set later is set by another thread, which complains when the bundle is gone by then. */
    private synchronized Bundle atStartLevel(String location) throws BundleException {
        FrameworkStartLevel levels = context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).adapt(FrameworkStartLevel.class);
        int before = levels.getInitialBundleStartLevel();
        levels.setInitialBundleStartLevel(startLevel);
        try {
            return context.installBundle(location);
        } finally {
            levels.setInitialBundleStartLevel(before);
        }
    }

    private static void link(Path link, Path file) throws IOException {
        try {
            Files.createSymbolicLink(link, file.toAbsolutePath());
        } catch (FileAlreadyExistsException e) {
            Files.delete(link); // of a start that a power cut has interrupted
            Files.createSymbolicLink(link, file.toAbsolutePath());
        } catch (UnsupportedOperationException | java.nio.file.FileSystemException e) {
            Files.copy(file, link); // a file system without links
        }
    }

    /** @throws WorkloadException that says what is missing */
    void resolve(List<Bundle> bundles) throws WorkloadException {
        if (wiring().resolveBundles(bundles)) {
            return;
        }
        for (Bundle bundle : bundles) {
            if (bundle.getState() == Bundle.INSTALLED) {
                try {
                    bundle.start(Bundle.START_TRANSIENT); // cannot succeed; its message says what is missing
                } catch (BundleException e) {
                    throw new WorkloadException("CreateContainerError", unresolved(bundle, e), e);
                }
            }
        }
    }

    private static String unresolved(Bundle bundle, BundleException e) {
        Matcher missing = MISSING.matcher(String.valueOf(e.getMessage()));
        String last = null;
        while (missing.find()) {
            Matcher from = FROM.matcher(missing.group(2));
            Matcher to = TO.matcher(missing.group(2));
            last = missing.group(1) + (from.find() ? " [" + from.group(1) + (to.find() ? "," + to.group(1) : "") + ")" : "");
        }
        return last == null ? "bundle " + bundle.getSymbolicName() + " cannot be resolved: " + NUMBER.matcher(String.valueOf(e.getMessage())).replaceAll("")
                : "bundle " + bundle.getSymbolicName() + " needs package " + last
                        + ", which no bundle of the image exports and the gateway does not offer to pods; add the bundle that has it to the image";
    }

    /** Takes the bundles of a container and their classes out, also those that it has installed itself. */
    void remove(List<Bundle> bundles, Member member) {
        List<Bundle> all = new ArrayList<>();
        for (Bundle bundle : context.getBundles()) {
            if (member.equals(regions.of(bundle)) && !bundles.contains(bundle)) {
                all.add(bundle);
            }
        }
        all.addAll(0, bundles);
        remove(all);
    }

    /** No bundle of another container, let alone of the gateway, is touched. */
    private void remove(List<Bundle> bundles) {
        List<Bundle> gone = new ArrayList<>();
        for (int i = bundles.size() - 1; i >= 0; i--) {
            Bundle bundle = bundles.get(i);
            try {
                bundle.uninstall();
                gone.add(bundle);
            } catch (BundleException | IllegalStateException e) {
                LOG.debug("Bundle {} of a pod was uninstalled by somebody else: {}", bundle.getLocation(), e.getMessage());
            }
        }
        refresh(gone);
        bundles.forEach(regions::remove);
    }

    private void refresh(List<Bundle> gone) {
        // Bundles that nobody is wired to are let go of when they are uninstalled.
        Set<Bundle> closure = new HashSet<>(wiring().getDependencyClosure(gone));
        Collection<Bundle> pending = wiring().getRemovalPendingBundles();
        if (pending.stream().noneMatch(closure::contains)) {
            return;
        }
        closure.removeAll(gone);
        if (!closure.isEmpty()) {
            LOG.error("Bundles {} are wired to bundles of a pod, which must not be: the pod's classes stay until they are gone", closure);
            return;
        }
        CountDownLatch refreshed = new CountDownLatch(1);
        wiring().refreshBundles(gone, event -> {
            if (event.getType() == FrameworkEvent.PACKAGES_REFRESHED) {
                refreshed.countDown();
            }
        });
        try {
            if (!refreshed.await(REFRESH_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("The framework did not let go of bundles of a pod within {} s", REFRESH_SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Takes out what an earlier life of the runtime has left in the framework. */
    public void removeLeftovers() {
        List<Bundle> left = new ArrayList<>();
        for (Bundle bundle : context.getBundles()) {
            if (isPodLocation(bundle.getLocation()) && regions.of(bundle) == null) {
                left.add(bundle);
            }
        }
        if (!left.isEmpty()) {
            LOG.warn("Removing {} bundles of pods that were left behind", left.size());
            remove(left);
        }
    }
}
