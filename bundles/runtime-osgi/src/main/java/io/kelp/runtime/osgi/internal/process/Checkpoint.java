package io.kelp.runtime.osgi.internal.process;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Where woven loops look up whether something is wanted of them. The count is the one piece of mutable
 * static state of this bundle: a loop must be able to ask at the price of one read, without finding out
 * first whose thread it is.
 */
public final class Checkpoint {

    private static final AtomicInteger WANTED = new AtomicInteger();

    private Checkpoint() {}

    /** Whether any container is being ended by force or slowed down. */
    public static boolean wanted() {
        return WANTED.get() != 0;
    }

    /** Returns at once, later, or with {@link ContainerExit}, as the container of this thread must. */
    public static void pass() {
        WatchedContainer container = CurrentContainer.ofThread();
        if (container != null) {
            container.checkpoint();
        }
    }

    static void want() {
        WANTED.incrementAndGet();
    }

    static void done() {
        WANTED.decrementAndGet();
    }
}
