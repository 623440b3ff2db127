package io.kelp.control.internal;

import java.util.List;
import org.osgi.framework.BundleContext;
import org.osgi.util.tracker.ServiceTracker;

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

    private final ServiceTracker<T, T> tracker;

    Whiteboard(BundleContext context, Class<T> kind) {
        this.tracker = new ServiceTracker<>(context, kind, null);
        tracker.open();
    }

    /** In no particular order; the list is the caller's. */
    List<T> services() {
        return List.copyOf(tracker.getTracked().values());
    }

    @Override
    public void close() {
        tracker.close();
    }
}
