package io.kelp.runtime.osgi.internal.region;

import java.util.Collection;
import org.osgi.framework.hooks.resolver.ResolverHook;
import org.osgi.framework.hooks.resolver.ResolverHookFactory;
import org.osgi.framework.namespace.PackageNamespace;
import org.osgi.framework.wiring.BundleCapability;
import org.osgi.framework.wiring.BundleRequirement;
import org.osgi.framework.wiring.BundleRevision;

/**
 * Keeps packages, fragments and capabilities apart: bundles of a container are wired among
 * themselves and to what the {@link AllowList} has of the gateway; nobody is wired to them.
 */
final class WiringRules implements ResolverHookFactory, ResolverHook {

    private final Regions regions;
    private final AllowList allowed;

    WiringRules(Regions regions, AllowList allowed) {
        this.regions = regions;
        this.allowed = allowed;
    }

    @Override
    public ResolverHook begin(Collection<BundleRevision> triggers) {
        return regions.isEmpty() ? null : this;
    }

    @Override
    public void filterMatches(BundleRequirement requirement, Collection<BundleCapability> candidates) {
        Member mine = regions.of(requirement.getRevision().getBundle());
        if (mine == null) {
            candidates.removeIf(c -> regions.of(c.getRevision().getBundle()) != null);
            return;
        }
        candidates.removeIf(c -> {
            Member theirs = regions.of(c.getRevision().getBundle());
            return theirs == null ? !isAllowed(c) : !mine.sameContainer(theirs);
        });
        if (requirement.getNamespace().equals(PackageNamespace.PACKAGE_NAMESPACE) && candidates.size() > 1) {
            prefer(candidates);
        }
    }

    private boolean isAllowed(BundleCapability capability) {
        if (capability.getNamespace().equals(PackageNamespace.PACKAGE_NAMESPACE)) {
            return allowed.allowsPackage(packageOf(capability));
        }
        return allowed.allowsNamespace(capability.getNamespace());
    }

    /** What an image brings along goes before what the gateway has, but for what is exchanged with the gateway. */
    private void prefer(Collection<BundleCapability> candidates) {
        boolean shared = candidates.stream().anyMatch(c -> AllowList.isShared(packageOf(c)));
        boolean both = candidates.stream().map(c -> regions.of(c.getRevision().getBundle()) == null).distinct().count() > 1;
        if (both) {
            candidates.removeIf(c -> regions.of(c.getRevision().getBundle()) == null != shared);
        }
    }

    private static String packageOf(BundleCapability capability) {
        return (String) capability.getAttributes().get(PackageNamespace.PACKAGE_NAMESPACE);
    }

    @Override
    public void filterSingletonCollisions(BundleCapability singleton, Collection<BundleCapability> collisions) {
        Member mine = regions.of(singleton.getRevision().getBundle());
        collisions.removeIf(c -> {
            Member theirs = regions.of(c.getRevision().getBundle());
            return mine == null ? theirs != null : !mine.sameContainer(theirs);
        });
    }

    @Override
    public void filterResolvable(Collection<BundleRevision> candidates) {
        // What may be resolved is not at issue, only to what it is wired.
    }

    @Override
    public void end() {
        // Nothing is kept between the calls.
    }
}
