package io.kelp.runtime.osgi.internal;

import io.kelp.edged.ContainerSpec;
import java.util.function.IntConsumer;

/**
 * The threads of one container: those it was started with and all that they start. What a thread
 * does (output, use of the processor, a wish to end the process) is the container's whose group it
 * belongs to. Named {@code pod/NAMESPACE/POD/CONTAINER}.
 */
public final class ContainerGroup extends ThreadGroup {

    private final ContainerSpec spec;
    private final IntConsumer exit;

    /** @param exit told when one of the threads wants to end the process, with its code; does not block */
    public ContainerGroup(ThreadGroup parent, ContainerSpec spec, IntConsumer exit) {
        super(parent, "pod/" + spec.pod() + "/" + spec.name());
        this.spec = spec;
        this.exit = exit;
    }

    /** The group of the calling thread; {@code null} for a thread of the gateway. */
    public static ContainerGroup current() {
        return of(Thread.currentThread().getThreadGroup());
    }

    /** The container's group that a group is or lies in; {@code null} if none. */
    public static ContainerGroup of(ThreadGroup group) {
        for (ThreadGroup g = group; g != null; g = g.getParent()) {
            if (g instanceof ContainerGroup found) {
                return found;
            }
        }
        return null;
    }

    public ContainerSpec spec() {
        return spec;
    }

    /** Ends the container with this code, as the end of a process would; returns at once. */
    public void exit(int code) {
        exit.accept(code);
    }
}
