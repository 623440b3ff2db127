package io.kelp.runtime.osgi.internal.bundle;

import io.kelp.runtime.osgi.internal.Containment;
import io.kelp.runtime.osgi.internal.region.Regions;
import org.osgi.framework.hooks.weaving.WeavingException;
import org.osgi.framework.hooks.weaving.WeavingHook;
import org.osgi.framework.hooks.weaving.WovenClass;

/** Has the classes of pods' bundles, and of no others, woven. */
public final class PodWeaving implements WeavingHook {

    private final Regions regions;
    private final Containment containment;

    public PodWeaving(Regions regions, Containment containment) {
        this.regions = regions;
        this.containment = containment;
    }

    @Override
    public void weave(WovenClass loaded) {
        if (regions.of(loaded.getBundleWiring().getBundle()) == null) {
            return;
        }
        byte[] before = loaded.getBytes();
        byte[] after;
        try {
            after = containment.weave(loaded.getClassName(), before);
        } catch (RuntimeException | LinkageError e) {
            // Any other exception would make the framework leave this hook out for good.
            throw new WeavingException("class " + loaded.getClassName() + " is refused: " + e.getMessage(), e);
        }
        if (after != before) {
            loaded.setBytes(after);
            for (String name : containment.wovenImports()) {
                if (!loaded.getDynamicImports().contains(name)) {
                    loaded.getDynamicImports().add(name);
                }
            }
        }
    }
}
