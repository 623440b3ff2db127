package io.kelp.mapper.internal.install;

import io.kelp.mapper.DeviceDriver;
import io.kelp.mapper.MapperRefusedException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceEvent;
import org.osgi.framework.ServiceListener;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.framework.startlevel.FrameworkStartLevel;
import org.osgi.framework.wiring.FrameworkWiring;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Mapper bundles in the framework. Ours are those whose jar lies in the content store. */
final class MapperBundles {

    private static final Logger LOG = LoggerFactory.getLogger(MapperBundles.class);
    private static final Duration REFRESH_TIME = Duration.ofSeconds(10);

    private final BundleContext context;
    private final String ours;

    /** @param folder of the content store */
    MapperBundles(BundleContext context, Path folder) {
        this.context = context;
        this.ours = location(folder);
    }

    private static String location(Path file) {
        return "reference:" + file.toUri();
    }

    private FrameworkWiring wiring() {
        return context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).adapt(FrameworkWiring.class);
    }

    /** All bundles that we have installed. */
    List<Bundle> managed() {
        return Arrays.stream(context.getBundles()).filter(b -> b.getLocation().startsWith(ours)).toList();
    }

    Optional<Bundle> of(Path jar) {
        return Optional.ofNullable(context.getBundle(location(jar)));
    }

    /** A bundle of this name that came with the gateway. */
    Optional<Bundle> ofGateway(String name) {
        return Arrays.stream(context.getBundles())
                .filter(b -> name.equals(b.getSymbolicName()) && !b.getLocation().startsWith(ours)).findFirst();
    }

    /** Bundles that came with the gateway and offer a driver, or did before one of ours took their place. */
    List<Bundle> mappersOfGateway() {
        return Arrays.stream(context.getBundles()).filter(b -> !b.getLocation().startsWith(ours) && isMapper(b)).toList();
    }

    static boolean isMapper(Bundle bundle) {
        String capabilities = bundle.getHeaders("").get(Constants.PROVIDE_CAPABILITY);
        return capabilities != null && capabilities.contains(DeviceDriver.class.getName());
    }

    /**
     * Installs a jar and resolves it; nothing of it runs yet.
     *
     * @throws MapperRefusedException when something that it needs is not here; it is not installed then
     */
    Bundle install(Path jar) throws MapperRefusedException {
        Bundle bundle;
        try {
            bundle = context.installBundle(location(jar));
        } catch (BundleException e) {
            if (e.getType() == BundleException.DUPLICATE_BUNDLE_ERROR) {
                throw new MapperRefusedException("a bundle of the same name and version is here already: give the new jar another Bundle-Version", e);
            }
            throw new MapperRefusedException("the framework does not take the jar: " + e.getMessage(), e);
        }
        if (wiring().resolveBundles(List.of(bundle))) {
            return bundle;
        }
        try {
            bundle.start(Bundle.START_TRANSIENT); // cannot succeed; its message says what is missing
            return bundle;
        } catch (BundleException e) {
            uninstall(bundle);
            throw new MapperRefusedException("bundle " + bundle.getSymbolicName() + " needs what this gateway does not have: "
                    + e.getMessage(), e);
        }
    }

    /**
     * Starts a bundle and waits until it offers a driver.
     *
     * @throws MapperRefusedException when it fails or offers none in time; it is stopped then
     */
    void start(Bundle bundle, Duration patience) throws MapperRefusedException {
        CountDownLatch offered = new CountDownLatch(1);
        ServiceListener listener = event -> {
            if (event.getType() == ServiceEvent.REGISTERED && bundle.equals(event.getServiceReference().getBundle())) {
                offered.countDown();
            }
        };
        try {
            context.addServiceListener(listener, "(" + Constants.OBJECTCLASS + "=" + DeviceDriver.class.getName() + ")");
            startNow(bundle);
            if (protocols(bundle).isEmpty() && !offered.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new MapperRefusedException("bundle " + bundle.getSymbolicName() + " runs, but offered no driver within "
                        + patience.toSeconds() + " s: a service or setting that its driver waits for is missing");
            }
            if (!offersDriver(bundle)) {
                throw new MapperRefusedException("the driver of bundle " + bundle.getSymbolicName() + " fails when it is made; the log says why");
            }
        } catch (BundleException e) {
            throw new MapperRefusedException("bundle " + bundle.getSymbolicName() + " does not start: " + cause(e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new MapperRefusedException("the gateway is stopping", e);
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException(e);
        } finally {
            context.removeServiceListener(listener);
        }
    }

    private static String cause(BundleException e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        return cause.getMessage() == null ? cause.getClass().getName() : cause.getMessage();
    }

    /** @return false when the framework starts and is not as far yet; it has to be tried again */
    boolean start(Bundle bundle) throws BundleException {
        // The framework would refuse to start it, as if something were wrong with it.
        if (bundle.adapt(BundleStartLevel.class).getStartLevel() > context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION)
                .adapt(FrameworkStartLevel.class).getStartLevel()) {
            return false;
        }
        startNow(bundle);
        return true;
    }

    static void startNow(Bundle bundle) throws BundleException {
        // Transient: what runs is decided by our list alone, not by the framework's cache.
        bundle.start(Bundle.START_TRANSIENT | Bundle.START_ACTIVATION_POLICY);
    }

    static boolean running(Bundle bundle) {
        return (bundle.getState() & (Bundle.ACTIVE | Bundle.STARTING)) != 0;
    }

    static void stop(Bundle bundle) {
        try {
            bundle.stop(Bundle.STOP_TRANSIENT);
        } catch (BundleException e) {
            LOG.warn("Mapper {} {} failed while it stopped: {}", bundle.getSymbolicName(), bundle.getVersion(), cause(e));
        }
    }

    /** Takes a bundle and its classes out; bundles that do not use its classes notice nothing. */
    void uninstall(Bundle bundle) {
        try {
            bundle.uninstall();
        } catch (BundleException | IllegalStateException e) {
            LOG.warn("Mapper {} could not be uninstalled: {}", bundle.getSymbolicName(), e.getMessage());
            return;
        }
        List<Bundle> others = new ArrayList<>(wiring().getDependencyClosure(List.of(bundle)));
        others.remove(bundle);
        if (!others.isEmpty()) {
            LOG.warn("Bundles {} use classes of {} and start again without it", others, bundle.getSymbolicName());
        }
        CountDownLatch refreshed = new CountDownLatch(1);
        wiring().refreshBundles(List.of(bundle), event -> {
            if (event.getType() == FrameworkEvent.PACKAGES_REFRESHED) {
                refreshed.countDown();
            }
        });
        try {
            if (!refreshed.await(REFRESH_TIME.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("The framework did not let go of {} within {} s", bundle.getSymbolicName(), REFRESH_TIME.toSeconds());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean offersDriver(Bundle bundle) {
        return protocols(bundle).stream().anyMatch(name -> !name.isEmpty());
    }

    /** Protocols of the drivers that a bundle offers at this moment; empty names when a driver does not say. */
    List<String> protocols(Bundle bundle) {
        ServiceReference<?>[] services = bundle.getRegisteredServices();
        List<String> protocols = new ArrayList<>();
        if (services != null) {
            for (ServiceReference<?> reference : services) {
                if (Arrays.asList((String[]) reference.getProperty(Constants.OBJECTCLASS)).contains(DeviceDriver.class.getName())) {
                    protocols.add(protocol(reference));
                }
            }
        }
        protocols.sort(null);
        return protocols;
    }

    private String protocol(ServiceReference<?> reference) {
        Object service = context.getService(reference);
        try {
            return service instanceof DeviceDriver driver ? driver.protocol() : "";
        } catch (RuntimeException e) { // foreign code
            LOG.debug("A driver does not say its protocol", e);
            return "";
        } finally {
            if (service != null) {
                context.ungetService(reference);
            }
        }
    }
}
