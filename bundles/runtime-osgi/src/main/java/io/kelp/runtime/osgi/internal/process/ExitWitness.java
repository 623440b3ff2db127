package io.kelp.runtime.osgi.internal.process;

import io.kelp.edged.WorkloadContainer.Exit;
import io.kelp.runtime.osgi.internal.usage.Culprits;
import java.time.Instant;
import java.util.Collection;

/**
 * A shutdown hook that sees whose thread ends the Java machine: one that got past the weaving, by reflection or
 * from classes that it has made itself.
 */
final class ExitWitness extends Thread {

    private final Collection<WatchedContainer> containers;
    private final Culprits culprits;

    ExitWitness(Collection<WatchedContainer> containers, Culprits culprits) {
        super((ThreadGroup) null, "kelp-exit-witness");
        this.containers = containers;
        this.culprits = culprits;
    }

    @Override
    public void run() {
        for (WatchedContainer container : containers) {
            for (Thread thread : container.threads().threads()) {
                for (StackTraceElement frame : thread.getStackTrace()) {
                    if (frame.getClassName().equals("java.lang.Runtime") && frame.getMethodName().equals("exit")) {
                        culprits.convict(container.spec(), new Exit(1, "Error",
                                "it ended the Java machine of the gateway with exit, by reflection or from a class made at run time", Instant.now()));
                        return;
                    }
                }
            }
        }
    }
}
