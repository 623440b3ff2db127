package io.kelp.runtime.osgi.internal.testbundles.blocker;

import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

/** Takes start or stop for the place to work in: header {@code Blocks} says which. */
public final class Activator implements BundleActivator {

    @Override
    public void start(BundleContext context) throws InterruptedException {
        if (context.getBundle().getHeaders().get("Blocks").equals("start")) {
            new java.util.concurrent.CountDownLatch(1).await();
        }
    }

    @Override
    public void stop(BundleContext context) throws InterruptedException {
        if (context.getBundle().getHeaders().get("Blocks").equals("stop")) {
            new java.util.concurrent.CountDownLatch(1).await();
        }
    }
}
