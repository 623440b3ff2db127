package io.kelp.runtime.osgi.internal.region;

import io.kelp.devicetwin.DeviceTwins;
import io.kelp.runtime.osgi.PodContext;
import java.util.ArrayList;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import java.util.function.BiFunction;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceFactory;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.hooks.bundle.EventHook;
import org.osgi.framework.hooks.resolver.ResolverHookFactory;
import org.osgi.framework.hooks.service.EventListenerHook;
import org.osgi.service.cm.ConfigurationAdmin;

/** The walls between pods and gateway while it is open, and the services through which pods see the outside. */
public final class RegionHooks implements AutoCloseable {

    private final Regions regions;
    private final BundleContext context;
    private final List<ServiceRegistration<?>> registrations = new ArrayList<>();
    private final ServiceReference<ConfigurationAdmin> configurations;
    private ServiceRegistration<DeviceTwins> twins;

    public RegionHooks(BundleContext context, Regions regions, AllowList allowed) {
        this.context = context;
        this.regions = regions;
        registrations.add(context.registerService(ResolverHookFactory.class, new WiringRules(regions, allowed), null));
        BundleVisibility bundles = new BundleVisibility(regions);
        registrations.add(context.registerService(new String[] {org.osgi.framework.hooks.bundle.FindHook.class.getName(),
            EventHook.class.getName()}, bundles, null));
        registrations.add(context.registerService(new String[] {org.osgi.framework.hooks.service.FindHook.class.getName(),
            EventListenerHook.class.getName()}, new ServiceVisibility(regions, allowed), null));
        registrations.add(offer(PodContext.class, (member, bundle) -> member.context()));
        ServiceRegistration<ConfigurationAdmin> admin = offer(ConfigurationAdmin.class,
                (member, bundle) -> member.configurations().apply(bundle));
        configurations = admin.getReference();
        registrations.add(admin);
    }

    /** The one reference under which each container finds its own configurations. */
    public ServiceReference<ConfigurationAdmin> configurations() {
        return configurations;
    }

    /** Pods find devices from now on, or no longer. */
    public synchronized void offerTwins(boolean there) {
        if (there && twins == null) {
            twins = offer(DeviceTwins.class, (member, bundle) -> member.twins());
        } else if (!there && twins != null) {
            twins.unregister();
            twins = null;
        }
    }

    private <T> ServiceRegistration<T> offer(Class<T> type, BiFunction<Member, Bundle, T> part) {
        Dictionary<String, Object> properties = new Hashtable<>();
        properties.put(ServiceVisibility.FOR_PODS, true);
        return context.registerService(type, new ServiceFactory<T>() {
            @Override
            public T getService(Bundle bundle, ServiceRegistration<T> registration) {
                Member member = regions.of(bundle);
                return member == null ? null : part.apply(member, bundle);
            }

            @Override
            public void ungetService(Bundle bundle, ServiceRegistration<T> registration, T service) {
                // Belongs to the container and ends with it.
            }
        }, properties);
    }

    @Override
    public void close() {
        offerTwins(false);
        for (int i = registrations.size() - 1; i >= 0; i--) {
            registrations.remove(i).unregister();
        }
    }
}
