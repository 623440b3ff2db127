package io.kelp.runtime.osgi.internal.process;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Shutdown hooks of a container, with the rules and words of the JDK's. Safe for use by several threads. */
final class ShutdownHooks {

    private final Set<Thread> hooks = new LinkedHashSet<>();
    private boolean taken;

    synchronized void add(Thread hook) {
        if (taken) {
            throw new IllegalStateException("Shutdown in progress");
        }
        if (hook.isAlive()) {
            throw new IllegalArgumentException("Hook already running");
        }
        if (!hooks.add(hook)) {
            throw new IllegalArgumentException("Hook previously registered");
        }
    }

    synchronized boolean remove(Thread hook) {
        return hooks.remove(hook);
    }

    synchronized void drop() {
        hooks.clear();
    }

    private synchronized List<Thread> take() {
        taken = true;
        List<Thread> mine = List.copyOf(hooks);
        hooks.clear();
        return mine;
    }

    /** Runs all at the same time, as the JDK does. Returns whether they ended in time. */
    boolean run(Duration limit) throws InterruptedException {
        List<Thread> mine = take();
        long deadline = System.nanoTime() + limit.toNanos();
        mine.forEach(Thread::start);
        boolean all = true;
        for (Thread hook : mine) {
            hook.join(Math.max(1, (deadline - System.nanoTime()) / 1_000_000));
            all &= !hook.isAlive();
        }
        return all;
    }
}
