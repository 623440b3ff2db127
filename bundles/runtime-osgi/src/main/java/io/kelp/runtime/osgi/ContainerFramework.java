package io.kelp.runtime.osgi;

import io.kelp.runtime.osgi.internal.bundle.PodBundles;
import java.io.InputStream;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.wiring.BundleWiring;

/**
 * What the bundles of a container call in place of methods of {@link Bundle} and {@link BundleContext}
 * that would lead out of their pod. A bundle of the gateway may be met, as the provider of an API
 * class for example, but neither stopped nor used as a way to what it sees.
 *
 * <p>Programs need not call it: calls are replaced when a class is loaded. Safe for use by several threads.
 */
public final class ContainerFramework {

    private ContainerFramework() {}

    private static Bundle own(Bundle bundle) {
        if (isOwn(bundle)) {
            return bundle;
        }
        throw new SecurityException("bundle " + bundle.getSymbolicName() + " does not belong to this pod; what pods may use of the gateway are its packages and services");
    }

    private static boolean isOwn(Bundle bundle) {
        // The locations of a pod's bundles lie in the pod's folder, which is named by its uid.
        String location = bundle.getLocation();
        return PodBundles.isPodLocation(location) && ContainerSystem.context().map(pod -> location.contains("/" + pod.uid() + "/")).orElse(true);
    }

    public static BundleContext getBundleContext(Bundle bundle) {
        return own(bundle).getBundleContext();
    }

    public static <A> A adapt(Bundle bundle, Class<A> type) {
        // The wiring tells where classes come from, which libraries want to know; it changes nothing.
        return type == BundleWiring.class ? bundle.adapt(type) : own(bundle).adapt(type);
    }

    public static void start(Bundle bundle) throws BundleException {
        own(bundle).start();
    }

    public static void start(Bundle bundle, int options) throws BundleException {
        own(bundle).start(options);
    }

    public static void stop(Bundle bundle) throws BundleException {
        own(bundle).stop();
    }

    public static void stop(Bundle bundle, int options) throws BundleException {
        own(bundle).stop(options);
    }

    public static void update(Bundle bundle) throws BundleException {
        own(bundle).update();
    }

    public static void update(Bundle bundle, InputStream in) throws BundleException {
        own(bundle).update(in);
    }

    public static void uninstall(Bundle bundle) throws BundleException {
        own(bundle).uninstall();
    }

    /** Not found when it is not the pod's, as by its id. */
    public static Bundle getBundle(BundleContext context, String location) {
        Bundle found = context.getBundle(location);
        return found == null || isOwn(found) ? found : null;
    }

    /** Refused: what runs in a pod is what its image holds. */
    public static Bundle installBundle(BundleContext context, String location) throws BundleException {
        return installBundle(context, location, null);
    }

    /** Refused: what runs in a pod is what its image holds. */
    public static Bundle installBundle(BundleContext context, String location, InputStream in) throws BundleException {
        throw new BundleException("a pod must not install bundles (" + location + "): what runs in it is what its image holds; add the bundle to the image",
                BundleException.SECURITY_ERROR);
    }
}
