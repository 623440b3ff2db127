package io.kelp.launcher.internal;

import io.kelp.launcher.FeatureRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.framework.startlevel.FrameworkStartLevel;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.framework.wiring.FrameworkWiring;

/** The features of {@code features/} in the framework. Bundles are used where they lie, not copied. */
final class InstalledFeatures implements FeatureRuntime {

    private static final Logger LOG = Logger.getLogger("io.kelp.launcher");
    private static final int LATER_START_LEVEL = 9;
    private static final long REFRESH_SECONDS = 20;

    private final Path bundleFolder;
    private final SortedMap<String, Feature> features;
    private final BundleContext system;
    private final Set<String> installed = new LinkedHashSet<>();
    private final Map<ArtifactId, Bundle> bundles = new LinkedHashMap<>();

    InstalledFeatures(Path bundleFolder, SortedMap<String, Feature> features, BundleContext system) {
        this.bundleFolder = bundleFolder;
        this.features = features;
        this.system = system;
    }

    /**
     * Installs every feature that always starts and marks its bundles to be started, which the
     * framework then does in the order of their start levels.
     */
    synchronized void installAlways() throws IOException {
        for (Feature feature : features.values()) {
            if (!feature.onDemand()) {
                installBundles(feature);
                installed.add(feature.name());
            }
        }
        // What is installed later, device mappers, stops before everything that it may use.
        system.getBundle().adapt(FrameworkStartLevel.class).setInitialBundleStartLevel(LATER_START_LEVEL);
        // All at once takes less time than each when it is started.
        system.getBundle().adapt(FrameworkWiring.class).resolveBundles(bundles.values());
        for (Bundle bundle : bundles.values()) {
            if (!isFragment(bundle)) {
                try {
                    bundle.start();
                } catch (BundleException e) {
                    throw new IOException(reason(bundle, e), e);
                }
            }
        }
    }

    /** Says which bundles do not run though they should; empty when all do. */
    synchronized List<String> notActive() {
        return bundles.values().stream()
                .filter(b -> !isFragment(b) && b.getState() != Bundle.ACTIVE)
                .map(Bundle::getSymbolicName)
                .toList();
    }

    synchronized int size() {
        return bundles.size();
    }

    @Override
    public List<String> available() {
        return List.copyOf(features.keySet());
    }

    @Override
    public synchronized List<String> installed() {
        return installed.stream().sorted().toList();
    }

    @Override
    public synchronized void install(String name) throws IOException {
        Feature feature = find(name);
        if (installed.contains(name)) {
            return;
        }
        List<Bundle> added = new ArrayList<>();
        try {
            added.addAll(installBundles(feature));
            for (Bundle bundle : added) {
                if (!isFragment(bundle)) {
                    bundle.start();
                }
            }
            installed.add(name);
        } catch (BundleException e) {
            remove(feature);
            throw new IOException("feature " + name + ": " + e.getMessage(), e);
        } catch (IOException e) {
            remove(feature);
            throw e;
        }
    }

    @Override
    public synchronized void uninstall(String name) {
        Feature feature = find(name);
        if (!feature.onDemand()) {
            throw new IllegalStateException("feature " + name + " belongs to the base; take it out of features/ and restart instead");
        }
        installed.remove(name);
        remove(feature);
    }

    private Feature find(String name) {
        Feature feature = features.get(name);
        if (feature == null) {
            throw new IllegalArgumentException("no feature \"" + name + "\"; there are " + features.keySet());
        }
        return feature;
    }

    private List<Bundle> installBundles(Feature feature) throws IOException {
        List<Bundle> added = new ArrayList<>();
        for (Feature.FeatureBundle wanted : feature.bundles()) {
            if (bundles.containsKey(wanted.id())) {
                continue;
            }
            Path jar = bundleFolder.resolve(wanted.id().fileName());
            if (!Files.isReadable(jar)) {
                throw new IOException("feature " + feature.name() + " needs " + jar + ", which is missing or not readable; unpack the archive again");
            }
            try {
                Bundle bundle = system.installBundle("reference:" + jar.toUri());
                bundle.adapt(BundleStartLevel.class).setStartLevel(wanted.startLevel());
                bundles.put(wanted.id(), bundle);
                added.add(bundle);
            } catch (BundleException e) {
                throw new IOException(jar + " is no usable bundle: " + e.getMessage(), e);
            }
        }
        added.sort((a, b) -> Integer.compare(level(a), level(b)));
        return added;
    }

    private void remove(Feature feature) {
        Set<ArtifactId> needed = installed.stream()
                .flatMap(name -> features.get(name).bundles().stream())
                .map(Feature.FeatureBundle::id)
                .collect(Collectors.toCollection(HashSet::new));
        List<Bundle> gone = new ArrayList<>();
        List<Feature.FeatureBundle> reversed = new ArrayList<>(feature.bundles());
        Collections.reverse(reversed);
        for (Feature.FeatureBundle one : reversed) {
            Bundle bundle = needed.contains(one.id()) ? null : bundles.remove(one.id());
            if (bundle != null) {
                try {
                    bundle.uninstall();
                } catch (BundleException e) {
                    LOG.warning(reason(bundle, e));
                }
                gone.add(bundle);
            }
        }
        refresh(gone);
    }

    /** Without it the classes of what was removed would stay; the wait has a deadline. */
    private void refresh(Collection<Bundle> gone) {
        CountDownLatch done = new CountDownLatch(1);
        system.getBundle().adapt(FrameworkWiring.class).refreshBundles(gone, event -> {
            if (event.getType() == FrameworkEvent.PACKAGES_REFRESHED) {
                done.countDown();
            }
        });
        try {
            if (!done.await(REFRESH_SECONDS, TimeUnit.SECONDS)) {
                LOG
                        .warning("refresh after removing " + gone + " is not done after " + REFRESH_SECONDS + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    static String reason(Bundle bundle, Throwable cause) {
        return "bundle " + bundle.getSymbolicName() + " " + bundle.getVersion() + ": " + cause.getMessage();
    }

    private static int level(Bundle bundle) {
        return bundle.adapt(BundleStartLevel.class).getStartLevel();
    }

    private static boolean isFragment(Bundle bundle) {
        BundleRevision revision = bundle.adapt(BundleRevision.class);
        return revision == null
                ? bundle.getHeaders().get(Constants.FRAGMENT_HOST) != null
                : (revision.getTypes() & BundleRevision.TYPE_FRAGMENT) != 0;
    }
}
