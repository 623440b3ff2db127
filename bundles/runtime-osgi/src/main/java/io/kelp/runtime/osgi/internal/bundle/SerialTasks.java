package io.kelp.runtime.osgi.internal.bundle;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Runs tasks one after the other on a thread of a group; the thread lives as long as there are
 * tasks. When more wait than fit, the oldest is dropped: each task brings the newest state.
 */
final class SerialTasks {

    private static final int MOST = 1024;

    private final ThreadGroup threads;
    private final String name;
    private final Deque<Runnable> waiting = new ArrayDeque<>(); // guarded by itself
    private boolean busy; // guarded by waiting

    SerialTasks(ThreadGroup threads, String name) {
        this.threads = threads;
        this.name = name;
    }

    void add(Runnable task) {
        synchronized (waiting) {
            if (waiting.size() == MOST) {
                waiting.remove();
            }
            waiting.add(task);
            if (busy) {
                return;
            }
            busy = true;
        }
        new Thread(threads, this::work, name).start();
    }

    private void work() {
        Runnable next = next();
        try {
            for (; next != null; next = next()) {
                next.run();
            }
        } finally {
            if (next != null) {
                synchronized (waiting) {
                    busy = false; // a task has failed and ends this thread; the next one begins another
                }
            }
        }
    }

    private Runnable next() {
        synchronized (waiting) {
            busy = !waiting.isEmpty();
            return waiting.poll();
        }
    }
}
