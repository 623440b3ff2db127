package io.kelp.runtime.osgi.internal.region;

import java.util.Collection;
import java.util.Map;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceEvent;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.hooks.service.EventListenerHook;
import org.osgi.framework.hooks.service.FindHook;
import org.osgi.framework.hooks.service.ListenerHook.ListenerInfo;
import org.osgi.service.cm.ConfigurationListener;

/**
 * A pod's bundles see the services of the pod, those made for pods ({@link #FOR_PODS}) and what the
 * {@link AllowList} has of the gateway; the gateway's bundles see none of a pod nor those made for pods.
 */
final class ServiceVisibility implements FindHook, EventListenerHook {

    /** Property of services of the runtime that are for pods, not for the gateway. */
    static final String FOR_PODS = "kelp.for.pods";

    private final Regions regions;
    private final AllowList allowed;

    ServiceVisibility(Regions regions, AllowList allowed) {
        this.regions = regions;
        this.allowed = allowed;
    }

    @Override
    public void find(BundleContext context, String name, String filter, boolean all, Collection<ServiceReference<?>> references) {
        Bundle caller = Regions.bundle(context);
        if (caller == null || references.isEmpty()) {
            return;
        }
        Member mine = regions.of(caller);
        references.removeIf(reference -> !isVisible(caller, mine, reference));
    }

    @Override
    public void event(ServiceEvent event, Map<BundleContext, Collection<ListenerInfo>> listeners) {
        ServiceReference<?> reference = event.getServiceReference();
        listeners.keySet().removeIf(context -> {
            Bundle listener = Regions.bundle(context);
            return listener != null && !isVisible(listener, regions.of(listener), reference);
        });
    }

    private boolean isVisible(Bundle caller, Member mine, ServiceReference<?> reference) {
        Bundle provider = reference.getBundle();
        if (provider == null) {
            return false; // unregistered meanwhile
        }
        Member theirs = regions.of(provider);
        if (mine == null) {
            return theirs == null ? !regions.isOwn(provider) || isForGateway(reference) : regions.isInsider(caller);
        }
        return theirs != null ? mine.samePod(theirs)
                : regions.isOwn(provider) && reference.getProperty(FOR_PODS) != null || allowed.allowsService(interfaces(reference));
    }

    /**
     * Of our own services the gateway sees what is not for pods. Declarative Services registers a listener in
     * our name, for the configurations of pods; Config Admin must not tell it of those of the gateway.
     */
    private static boolean isForGateway(ServiceReference<?> reference) {
        return reference.getProperty(FOR_PODS) == null && !ConfigurationListener.class.getName().equals(interfaces(reference)[0]);
    }

    private static String[] interfaces(ServiceReference<?> reference) {
        return (String[]) reference.getProperty(Constants.OBJECTCLASS);
    }
}
