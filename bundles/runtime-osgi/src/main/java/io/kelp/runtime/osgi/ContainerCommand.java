package io.kelp.runtime.osgi;

import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A command of a container, for exec probes, lifecycle hooks and {@code kubectl exec}. Registered
 * as a service by a bundle of the container; called on a thread of the container, with a deadline.
 */
@ConsumerType
public interface ContainerCommand {

    /** First word of the command. */
    String name();

    /**
     * Runs it.
     *
     * @param arguments the words after the name
     * @param out takes what it says
     * @return exit code, 0 for success
     * @throws Exception what makes it fail; counts as code 1, with its message as output
     */
    int run(List<String> arguments, Appendable out) throws Exception;
}
