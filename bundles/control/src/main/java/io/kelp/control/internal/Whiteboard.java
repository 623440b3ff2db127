package io.kelp.control.internal;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.osgi.framework.BundleContext;
import org.osgi.util.tracker.ServiceTracker;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The services of one kind that are registered now.
 *
 * <p>A tracker and not a reference of Declarative Services: components that are asked here are asked
 * by each other, too (the command {@code metrics} asks the command server for its figures), and
 * Declarative Services would wait for their locks in turn when two threads activate them at once.
 *
 * @param <T> the service interface
 */
final class Whiteboard<T> implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Whiteboard.class);
    private static final long OPEN_SECONDS = 5;

    private final ServiceTracker<T, T> tracker;
    private final CountDownLatch opened = new CountDownLatch(1);

    /**
     * Opens the tracker on a thread of its own, which ends with that: the caller is being activated and
     * holds its lock in Declarative Services, while asking for a service waits for the lock of another.
     */
    Whiteboard(BundleContext context, Class<T> kind) {
        this.tracker = new ServiceTracker<>(context, kind, null);
        Thread opener = new Thread(null, this::open, "kelp-control-" + kind.getSimpleName(), 0, false);
        opener.setDaemon(true);
        opener.start();
    }

    private void open() {
        try {
            tracker.open();
        } catch (IllegalStateException e) {
            LOG.debug("Stopped before services could be looked for: {}", e.getMessage());
        } finally {
            opened.countDown();
        }
    }

    /** In no particular order; the list is the caller's. */
    List<T> services() {
        awaitOpened();
        return List.copyOf(tracker.getTracked().values());
    }

    private void awaitOpened() {
        try {
            if (!opened.await(OPEN_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("Some services take more than {} s to start", OPEN_SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        awaitOpened();
        tracker.close();
    }
}
