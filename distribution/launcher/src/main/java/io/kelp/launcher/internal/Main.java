package io.kelp.launcher.internal;

import java.util.logging.LogManager;

/** Main class of the gateway; {@code bin/kelp} runs it. Exit codes: see {@link Launch}. */
public final class Main {

    private Main() {}

    public static void main(String[] args) throws InterruptedException {
        long began = System.nanoTime();
        // Before the first use of a logger, which is why nothing else may happen in this class.
        System.setProperty("java.util.logging.manager", KeptLogs.class.getName());
        System.exit(Launch.run(began));
    }

    /** Keeps the handlers while the machine shuts down: bundles still have things to say then. */
    public static final class KeptLogs extends LogManager {
        @Override
        public void reset() {
            // Called by the JDK at configuration, when there is nothing to reset, and at shutdown.
        }
    }
}
