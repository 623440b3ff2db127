package io.kelp.runtime.osgi.internal.region;

import java.util.Collection;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.hooks.bundle.EventHook;
import org.osgi.framework.hooks.bundle.FindHook;

/** A pod's bundles see those of the pod; the gateway's see those of the gateway. */
final class BundleVisibility implements FindHook, EventHook {

    private final Regions regions;

    BundleVisibility(Regions regions) {
        this.regions = regions;
    }

    @Override
    public void find(BundleContext context, Collection<Bundle> bundles) {
        Bundle caller = regions.isEmpty() ? null : Regions.bundle(context);
        if (caller == null) {
            return;
        }
        Member mine = regions.of(caller);
        if (mine != null) {
            bundles.removeIf(b -> !mine.samePod(regions.of(b)));
        } else if (!regions.isInsider(caller)) {
            bundles.removeIf(b -> regions.of(b) != null);
        }
    }

    @Override
    public void event(BundleEvent event, Collection<BundleContext> contexts) {
        if (regions.isEmpty()) {
            return;
        }
        if (event.getType() == BundleEvent.INSTALLED) {
            regions.adopt(event.getBundle(), event.getOrigin());
        }
        Member origin = regions.of(event.getBundle());
        contexts.removeIf(context -> {
            Bundle listener = Regions.bundle(context);
            if (listener == null) {
                return false;
            }
            Member mine = regions.of(listener);
            return mine != null ? !mine.samePod(origin) : origin != null && !regions.isInsider(listener);
        });
    }
}
