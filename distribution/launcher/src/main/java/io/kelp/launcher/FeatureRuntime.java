package io.kelp.launcher;

import java.io.IOException;
import java.util.List;

/**
 * Installs and removes whole features while the gateway runs. Registered as a service by the
 * launcher; its package reaches the bundles through the system bundle.
 *
 * <p>Safe for use by several threads; calls are made one after the other. {@link #install} and
 * {@link #uninstall} block until the framework is done, a second or two on a slow board.
 */
public interface FeatureRuntime {

    /** Names of all features in {@code features/}, in alphabetical order. */
    List<String> available();

    /** Names of the features whose bundles are installed now. */
    List<String> installed();

    /**
     * Installs the bundles of a feature and starts them. A feature that is there already is left alone.
     *
     * @throws IllegalArgumentException when there is no feature of this name
     * @throws IOException when a bundle is missing or does not start; what had been installed is removed again
     */
    void install(String feature) throws IOException;

    /**
     * Stops and removes the bundles of a feature, but for those that another installed feature needs,
     * and lets go of their classes. A feature that is not there is left alone.
     *
     * @throws IllegalArgumentException when there is no feature of this name
     * @throws IllegalStateException when the feature belongs to the base and cannot be removed
     */
    void uninstall(String feature);
}
