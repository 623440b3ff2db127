package io.kelp.runtime.osgi.internal.region;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;

/**
 * Which bundle belongs to which pod. Hooks ask here for every look-up of the whole gateway: no
 * answer takes more than a few map accesses, and none at all while there are no pods.
 *
 * <p>Safe for use by several threads.
 */
public final class Regions {

    /** Bundles of the gateway that must see bundles of pods to do their work: components, the web console's list. */
    private static final Set<String> INSIDERS = Set.of("org.apache.felix.scr", "org.apache.felix.webconsole", "org.apache.felix.webconsole.plugins.ds");

    private final long own;
    private final Map<Long, Member> byId = new ConcurrentHashMap<>();
    private final Map<String, Member> byLocation = new ConcurrentHashMap<>();

    /** @param own bundle of the runtime, which sees everything */
    public Regions(Bundle own) {
        this.own = own.getBundleId();
    }

    /** What is going to be installed at this location belongs there, from the first moment on. */
    public void expect(String location, Member member) {
        byLocation.put(location, member);
    }

    /** It was installed. */
    public void add(Bundle bundle, Member member) {
        byId.put(bundle.getBundleId(), member);
        byLocation.remove(bundle.getLocation());
    }

    /** A bundle that a bundle of a pod installs belongs where that belongs. */
    void adopt(Bundle installed, Bundle by) {
        Member member = by == null || byId.containsKey(installed.getBundleId()) ? null : of(by);
        if (member != null) {
            byId.put(installed.getBundleId(), member);
        }
    }

    /** It was not installed. */
    public void unexpect(String location) {
        byLocation.remove(location);
    }

    /** It is uninstalled and nothing of it is left. */
    public void remove(Bundle bundle) {
        byId.remove(bundle.getBundleId());
    }

    boolean isEmpty() {
        return byId.isEmpty() && byLocation.isEmpty();
    }

    /** {@code null} for a bundle of the gateway. */
    public Member of(Bundle bundle) {
        Member member = byId.get(bundle.getBundleId());
        return member != null || byLocation.isEmpty() ? member : byLocation.get(bundle.getLocation());
    }

    /** Whose the bundle of a context is; a context that is no longer valid is taken for one of the gateway that sees nothing. */
    static Bundle bundle(BundleContext context) {
        try {
            return context.getBundle();
        } catch (IllegalStateException e) {
            return null; // its bundle was stopped this moment: nobody will use the answer
        }
    }

    boolean isInsider(Bundle bundle) {
        return bundle.getBundleId() == own || bundle.getBundleId() == 0 || INSIDERS.contains(bundle.getSymbolicName());
    }

    boolean isOwn(Bundle bundle) {
        return bundle.getBundleId() == own;
    }
}
