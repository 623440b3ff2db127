package io.kelp.runtime.osgi.internal;

import io.kelp.edged.WorkloadContainer.Usage;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** What keeps containers apart within one process as far as that can be: output, use of resources, calls that concern the process. */
public interface Containment extends AutoCloseable {

    /**
     * A container is about to be started: from now on what its threads write goes to
     * {@link io.kelp.edged.ContainerSpec#log} and what they use is counted.
     *
     * @return to be closed when the container has ended
     */
    Watched watch(ContainerGroup threads) throws IOException;

    /**
     * Replaces calls like {@code System.exit} in a class of a container.
     *
     * @param name of the class, with dots
     * @return the same array when there is nothing to replace
     * @throws ClassFormatError when the class must not be loaded
     */
    byte[] weave(String name, byte[] classFile);

    /** Packages, exported by this bundle, that woven classes need. */
    List<String> wovenImports();

    /** Makes processes of plain jars with a main class. */
    ContainerProcess.Factory plainJars();

    /** Ends what it does for the whole process. */
    @Override
    void close();

    /** One container. Does not block, unless a method says so. */
    interface Watched extends AutoCloseable {

        Usage usage();

        /** A line that the runtime adds to what the container writes. */
        void log(String line);

        /**
         * Runs the shutdown hooks that the container's code has registered, once. Blocks, but not for long
         * beyond the limit.
         *
         * @return whether they ended in time
         */
        boolean runHooks(Duration limit) throws InterruptedException;

        /**
         * Ends all threads: closes what the container left open and interrupts; those that live on when the
         * patience is over have their loops thrown out of.
         *
         * @return completes some seconds after that at the latest, with the threads that live on all the same
         */
        CompletionStage<List<Thread>> end(Duration patience);

        /** From now on its loops are thrown out of: for one that must not do anything any more. */
        void condemn();

        /** A thread of the container ended with this. */
        void uncaught(Thread thread, Throwable failure);

        /** Flushes and closes the log, lets go of the threads. */
        @Override
        void close();
    }
}
