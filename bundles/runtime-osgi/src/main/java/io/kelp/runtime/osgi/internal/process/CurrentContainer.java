package io.kelp.runtime.osgi.internal.process;

import io.kelp.runtime.osgi.PodContext;
import io.kelp.runtime.osgi.internal.ContainerGroup;
import io.kelp.runtime.osgi.internal.bundle.PodBundles;
import java.util.Optional;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleReference;
import org.osgi.framework.ServiceReference;

/** Whose code runs: by the thread's group; on threads of the gateway by the class loader of the caller. */
public final class CurrentContainer {

    private static final StackWalker CALLERS = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);
    private static final int FRAMES = 64; // a container's class that calls through more of the JDK is not found

    private CurrentContainer() {}

    /** Empty outside of containers. */
    public static Optional<PodContext> context() {
        ContainerGroup group = ContainerGroup.current();
        return group != null && group.context() != null ? Optional.of(group.context()) : ofCaller();
    }

    /**
     * The container whose thread this is, which must also be watched; null if there is none. Virtual threads all
     * share a group, so theirs is found by what they run.
     */
    public static WatchedContainer ofThread() {
        ContainerGroup group = ContainerGroup.current();
        ThreadGroup own = Thread.currentThread().getThreadGroup();
        if (group == null && own != null && own.getName().equals("VirtualThreads")) {
            group = CALLERS.walk(frames -> frames.limit(FRAMES).map(frame -> groupOf(frame.getDeclaringClass().getClassLoader()))
                    .filter(java.util.Objects::nonNull).findFirst()).orElse(null);
        }
        return group != null && group.watched() instanceof WatchedContainer container ? container : null;
    }

    /** As {@link #ofThread}; on a thread of nobody's the container whose code calls. */
    public static WatchedContainer ofThreadOrCaller() {
        WatchedContainer container = ofThread();
        if (container != null) {
            return container;
        }
        return CALLERS.walk(frames -> frames.limit(FRAMES).map(frame -> groupOf(frame.getDeclaringClass().getClassLoader()))
                .filter(group -> group != null && group.watched() instanceof WatchedContainer).findFirst())
                .map(group -> (WatchedContainer) group.watched()).orElse(null);
    }

    private static Optional<PodContext> ofCaller() {
        return CALLERS.walk(frames -> frames.limit(FRAMES).map(frame -> ofLoader(frame.getDeclaringClass().getClassLoader()))
                .filter(java.util.Objects::nonNull).findFirst());
    }

    /** The container that a class loader belongs to, null if none. */
    static PodContext ofLoader(ClassLoader loader) {
        if (loader instanceof JarLoader jars) {
            return jars.group().context();
        }
        if (loader instanceof BundleReference reference) {
            return ofBundle(reference.getBundle());
        }
        return null;
    }

    /** As {@link #ofLoader}, as far as the runtime's own context tells the group. */
    static ContainerGroup groupOf(ClassLoader loader) {
        if (loader instanceof JarLoader jars) {
            return jars.group();
        }
        return ofLoader(loader) instanceof Grouped grouped ? grouped.group() : null;
    }

    /** Implemented by the {@link PodContext} of a bundle container, so that its log is found on threads of the gateway. */
    public interface Grouped {
        ContainerGroup group();
    }

    /** Only the bundles of a container see its context, and those of the gateway none. */
    private static PodContext ofBundle(Bundle bundle) {
        BundleContext context = bundle == null ? null : bundle.getBundleContext();
        if (context == null || !PodBundles.isPodLocation(bundle.getLocation())) {
            return null;
        }
        try {
            ServiceReference<PodContext> reference = context.getServiceReference(PodContext.class);
            return reference == null ? null : context.getService(reference);
        } catch (IllegalStateException e) {
            return null; // stopped in between
        }
    }
}
