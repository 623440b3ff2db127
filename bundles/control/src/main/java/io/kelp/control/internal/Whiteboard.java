package io.kelp.control.internal;

import java.util.List;
import java.util.Objects;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.util.tracker.ServiceTracker;
import org.osgi.util.tracker.ServiceTrackerCustomizer;

/**
 * The services of one kind that are registered now, fetched when they are first asked.
 *
 * <p>A tracker and not a reference of Declarative Services: components that are asked here are asked
 * by each other, too (the command {@code metrics} asks the command server for its figures). Whoever
 * fetches the services of such a circle while one of them is being activated waits for its own lock,
 * or gets nothing; so nothing is fetched at activation.
 *
 * @param <T> the service interface
 */
final class Whiteboard<T> implements AutoCloseable {

    private final ServiceTracker<T, Entry<T>> tracker;

    Whiteboard(BundleContext context, Class<T> kind) {
        this.tracker = new ServiceTracker<>(context, kind, new ServiceTrackerCustomizer<T, Entry<T>>() {
            @Override
            public Entry<T> addingService(ServiceReference<T> reference) {
                return new Entry<>(context, reference);
            }

            @Override
            public void modifiedService(ServiceReference<T> reference, Entry<T> entry) {
                // the service is the same
            }

            @Override
            public void removedService(ServiceReference<T> reference, Entry<T> entry) {
                entry.release();
            }
        });
        tracker.open();
    }

    /** In no particular order; a service that goes away just now is left out. */
    List<T> services() {
        return tracker.getTracked().values().stream().map(Entry::service).filter(Objects::nonNull).toList();
    }

    @Override
    public void close() {
        tracker.close();
    }

    /** A registered service, held from its first use until it goes. */
    private static final class Entry<T> {

        private final BundleContext context;
        private final ServiceReference<T> reference;
        private volatile T service;

        private Entry(BundleContext context, ServiceReference<T> reference) {
            this.context = context;
            this.reference = reference;
        }

        T service() {
            T held = service;
            if (held == null) {
                held = context.getService(reference); // held twice if two ask at once; the framework counts
                service = held;
            }
            return held;
        }

        void release() {
            if (service != null) {
                context.ungetService(reference);
                service = null;
            }
        }
    }
}
