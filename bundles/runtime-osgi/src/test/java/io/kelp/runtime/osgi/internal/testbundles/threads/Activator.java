package io.kelp.runtime.osgi.internal.testbundles.threads;

import java.util.concurrent.Executors;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

/** Leaves threads behind: one that sleeps, one that spins and does not listen, an executor. */
public final class Activator implements BundleActivator {

    private volatile long turns;

    @Override
    public void start(BundleContext context) {
        new Thread(() -> {
            while (true) {
                try {
                    Thread.sleep(1_000);
                } catch (InterruptedException e) {
                    turns++; // goes on all the same
                }
            }
        }, "sleeper").start();
        new Thread(() -> {
            while (true) {
                turns++;
            }
        }, "spinner").start();
        Executors.newFixedThreadPool(2).submit(() -> turns++);
    }

    @Override
    public void stop(BundleContext context) {
        // Forgets its threads.
    }
}
