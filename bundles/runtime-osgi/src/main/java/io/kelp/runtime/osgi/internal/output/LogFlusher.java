package io.kelp.runtime.osgi.internal.output;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Flushes logs at most so long after something was written. One thread for all containers, made with the first
 * line and gone when nothing was written for a while. Safe for use by several threads.
 */
public final class LogFlusher implements AutoCloseable {

    private static final long IDLE_MILLIS = 30_000;

    private final long delayMillis;
    private final ThreadGroup threads;
    private final Set<ContainerLog> waiting = new LinkedHashSet<>();
    private Thread thread;
    private boolean closed;

    /** @param threads group of the flusher's thread, not a container's: the first to write starts it */
    public LogFlusher(long delayMillis, ThreadGroup threads) {
        this.delayMillis = delayMillis;
        this.threads = threads;
    }

    void soon(ContainerLog log) {
        synchronized (waiting) {
            if (closed) {
                return;
            }
            waiting.add(log);
            if (thread == null) {
                thread = new Thread(threads, this::run, "kelp-pod-logs");
                thread.setDaemon(true);
                thread.setContextClassLoader(null); // not that of the container that writes
                thread.start();
            } else if (waiting.size() == 1) {
                waiting.notifyAll();
            }
        }
    }

    private void run() {
        try {
            while (true) {
                synchronized (waiting) {
                    if (waiting.isEmpty()) {
                        waiting.wait(IDLE_MILLIS);
                    }
                    if (closed || waiting.isEmpty()) {
                        thread = null;
                        return;
                    }
                }
                Thread.sleep(delayMillis); // gathers
                flush();
            }
        } catch (InterruptedException e) {
            synchronized (waiting) {
                thread = null; // closed, or a stranger interrupted it: the next line makes another
            }
        }
    }

    private void flush() {
        List<ContainerLog> logs;
        synchronized (waiting) {
            logs = new ArrayList<>(waiting);
            waiting.clear();
        }
        logs.forEach(ContainerLog::flush);
    }

    /** Flushes all that wait; logs must be flushed by closing them from then on. */
    @Override
    public void close() {
        synchronized (waiting) {
            closed = true;
            if (thread != null) {
                thread.interrupt();
            }
        }
        flush();
    }
}
