package io.kelp.control.internal;

import java.lang.reflect.Field;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.BundleListener;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.log.admin.LoggerAdmin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes Felix let go of bundles that were uninstalled; with each version of a pod or mapper some 8 KB would stay for ever.
 *
 * <p>The service registry (framework 7.0.5) keeps a bundle's counts of uses, all of them zero by then, for as long as one of the
 * services that it has ever used is registered: {@code ServiceRegistry.ungetService} leaves them to a service's end. The log service
 * (1.3.0) keeps each logger that was ever asked for on behalf of a bundle, and the component runtime asks for some for each bundle with
 * components. Neither offers a way to take them out, so their fields are reached into. A version without these fields is left alone.
 */
@Component(immediate = true)
public final class UninstalledBundles implements BundleListener {

    private static final Logger LOG = LoggerFactory.getLogger(UninstalledBundles.class);

    private final BundleContext system;
    private final Collection<?> users; // bundles
    private final Collection<?> loggers; // keys that have a bundle, a name and a type

    @Activate
    public UninstalledBundles(BundleContext context, @Reference LoggerAdmin admin) {
        Bundle framework = context.getBundle(0);
        users = keys(value(value(framework, "m_registry"), "m_inUseMap"));
        loggers = keys(value(admin, "_loggers"));
        // Bundles of pods are hidden from others than the system bundle.
        system = framework.getBundleContext();
        system.addBundleListener(this);
    }

    /** No count of uses is needed any more: the bundle's context is invalid, and the framework has returned its services. */
    @Override
    public void bundleChanged(BundleEvent event) {
        if (event.getType() == BundleEvent.UNINSTALLED) {
            users.remove(event.getBundle());
            loggers.removeIf(key -> event.getBundle().equals(value(key, "m_bundle")));
        }
    }

    @Deactivate
    void stop() {
        system.removeBundleListener(this);
    }

    private static Collection<?> keys(Object map) {
        return map instanceof Map<?, ?> known ? known.keySet() : Set.of();
    }

    /** @return {@code null} when there is no such field, which is told */
    private static Object value(Object holder, String field) {
        for (Class<?> type = holder == null ? null : holder.getClass(); type != null; type = type.getSuperclass()) {
            for (Field each : type.getDeclaredFields()) {
                if (each.getName().equals(field) && each.trySetAccessible()) {
                    try {
                        return each.get(holder);
                    } catch (IllegalAccessException e) {
                        throw new IllegalStateException(e); // access was granted above
                    }
                }
            }
        }
        LOG.info("{} has no field {}: what it keeps of uninstalled bundles stays", holder == null ? null : holder.getClass().getName(), field);
        return null;
    }
}
