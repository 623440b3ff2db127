package io.kelp.launcher.internal;

import io.kelp.launcher.FeatureRuntime;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.apache.felix.framework.FrameworkFactory;
import org.apache.felix.framework.util.FelixConstants;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.launch.Framework;

/** The running framework with its features. */
final class Gateway {

    private static final int TOP_START_LEVEL = 20;

    private final Framework framework;
    private final List<String> complaints = Collections.synchronizedList(new ArrayList<>());
    private InstalledFeatures features;

    private Gateway(Framework framework) {
        this.framework = framework;
    }

    /**
     * Starts the framework and every feature that always starts; returns when all bundles had
     * their turn.
     *
     * @throws IOException when nothing could be started; the message says why
     */
    static Gateway start(Home home) throws IOException {
        SortedMap<String, Feature> found = Feature.readAll(home.features());
        Gateway gateway = new Gateway(new FrameworkFactory().newFramework(configuration(home, found)));
        try {
            gateway.run(home, found);
        } catch (BundleException e) {
            throw new IOException("the OSGi framework does not start: " + e.getMessage(), e);
        }
        return gateway;
    }

    private static Map<String, String> configuration(Home home, SortedMap<String, Feature> features) throws IOException {
        Map<String, Object> configuration = new HashMap<>();
        features.values().forEach(feature -> configuration.putAll(feature.frameworkProperties()));
        configuration.putAll(home.frameworkProperties());
        // The cache holds nothing that cannot be made again from features/ and bundles/.
        configuration.put(Constants.FRAMEWORK_STORAGE, home.run().resolve("cache").toString());
        configuration.put(Constants.FRAMEWORK_STORAGE_CLEAN, Constants.FRAMEWORK_STORAGE_CLEAN_ONFIRSTINIT);
        configuration.put(Constants.FRAMEWORK_BEGINNING_STARTLEVEL, String.valueOf(TOP_START_LEVEL));
        configuration.merge(Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA, "io.kelp.launcher;version=\"1.0.0\"",
                (given, own) -> given + "," + own);
        configuration.put(FelixConstants.LOG_LOGGER_PROP, new FrameworkLog());
        @SuppressWarnings({"unchecked", "rawtypes"}) // Felix takes its logger as an object in the map of strings
        Map<String, String> asFelixWantsIt = (Map) configuration;
        return asFelixWantsIt;
    }

    private void run(Home home, SortedMap<String, Feature> found) throws BundleException, IOException {
        framework.init();
        framework.getBundleContext().addFrameworkListener(event -> {
            if (event.getType() == FrameworkEvent.ERROR && event.getBundle() != null && event.getThrowable() != null) {
                complaints.add(InstalledFeatures.reason(event.getBundle(), event.getThrowable()));
            }
        });
        features = new InstalledFeatures(home.bundles(), found, framework.getBundleContext());
        try {
            features.installAlways();
        } catch (IOException e) {
            framework.stop();
            throw e;
        }
        framework.getBundleContext().registerService(FeatureRuntime.class, features, null);
        framework.start();
        for (String name : features.notActive()) {
            if (complaints.stream().noneMatch(complaint -> complaint.contains(name))) {
                complaints.add("bundle " + name + " is not active");
            }
        }
    }

    /** What went wrong while bundles were started; empty when all of them run. */
    List<String> complaints() {
        synchronized (complaints) {
            return List.copyOf(complaints);
        }
    }

    int bundles() {
        return features.size();
    }

    /** Stops all bundles, the ones started last first. Returns whether that was done in time. */
    boolean stop(long millis) {
        try {
            framework.stop();
            return framework.waitForStop(millis).getType() != FrameworkEvent.WAIT_TIMEDOUT;
        } catch (BundleException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Waits until the framework ends, whoever ends it. */
    void awaitEnd() throws InterruptedException {
        while (framework.getState() != Bundle.RESOLVED) {
            framework.waitForStop(0);
        }
    }
}
