package io.kelp.runtime.osgi.internal.testbundles.thrower;

import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

/** Fails when it is started. */
public final class Activator implements BundleActivator {

    @Override
    public void start(BundleContext context) {
        throw new IllegalStateException("no database");
    }

    @Override
    public void stop(BundleContext context) {
        throw new IllegalStateException("is never reached");
    }
}
