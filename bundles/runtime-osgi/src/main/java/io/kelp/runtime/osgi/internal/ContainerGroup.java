package io.kelp.runtime.osgi.internal;

import io.kelp.edged.ContainerSpec;
import io.kelp.runtime.osgi.PodContext;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * The threads of one container: those it was started with and all that they start. What a thread
 * does (output, use of the processor, a wish to end the process) is the container's whose group it
 * belongs to. Named {@code pod/NAMESPACE/POD/CONTAINER}.
 */
public final class ContainerGroup extends ThreadGroup {

    private final ContainerSpec spec;
    private final IntConsumer exit;
    private volatile PodContext context; // null until it is made
    private volatile Containment.Watched watched; // null until the container is watched

    /** @param exit told when one of the threads wants to end the process, with its code; does not block */
    public ContainerGroup(ThreadGroup parent, ContainerSpec spec, IntConsumer exit) {
        super(parent, "pod/" + spec.pod() + "/" + spec.name());
        this.spec = spec;
        this.exit = exit;
        lasting(this);
    }

    /**
     * Makes a group outlive its threads: until Java 19 one that inherits being a daemon is destroyed
     * when its last thread has ended, and no thread can be made in it then.
     */
    @SuppressWarnings("removal") // from Java 19 on of no effect and of no need
    static ThreadGroup lasting(ThreadGroup group) {
        group.setDaemon(false);
        return group;
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

    /** What the container is told about itself; null as long as that is not known. */
    public PodContext context() {
        return context;
    }

    /** To be set before anything of the container runs. */
    public void context(PodContext made) {
        context = made;
    }

    /** What keeps an eye on it; null before {@link Containment#watch}. */
    public Containment.Watched watched() {
        return watched;
    }

    /** Set by {@link Containment#watch}. */
    public void watched(Containment.Watched by) {
        watched = by;
    }

    /** Threads of it, and of groups within it, that live now. */
    public List<Thread> threads() {
        Thread[] found = new Thread[activeCount() + 8];
        int count = enumerate(found, true);
        while (count == found.length) { // more were started in between
            found = new Thread[found.length * 2];
            count = enumerate(found, true);
        }
        return List.of(Arrays.copyOf(found, count));
    }

    @Override
    public void uncaughtException(Thread thread, Throwable failure) {
        Containment.Watched by = watched;
        if (by == null) {
            super.uncaughtException(thread, failure);
        } else {
            by.uncaught(thread, failure);
        }
    }
}
