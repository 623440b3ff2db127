package io.kelp.runtime.osgi.internal;

import io.kelp.edged.WorkloadContainer.Usage;
import java.io.IOException;
import java.util.List;

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

    /** One container. Does not block. */
    interface Watched extends AutoCloseable {

        Usage usage();

        /** A line that the runtime adds to what the container writes. */
        void log(String line);

        /** Flushes and closes the log. */
        @Override
        void close();
    }
}
