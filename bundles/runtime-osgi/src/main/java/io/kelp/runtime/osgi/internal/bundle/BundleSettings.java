package io.kelp.runtime.osgi.internal.bundle;

import io.kelp.edged.ContainerSpec.Mount;
import io.kelp.runtime.osgi.internal.config.ConfigFiles;
import io.kelp.runtime.osgi.internal.config.ContainerConfigurations;
import io.kelp.runtime.osgi.internal.config.ContainerConfigurations.Changed;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceEvent;
import org.osgi.framework.ServiceReference;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.cm.ConfigurationEvent;
import org.osgi.service.cm.ConfigurationException;
import org.osgi.service.cm.ConfigurationListener;
import org.osgi.service.cm.ManagedService;

/**
 * Brings the configurations of a container to its bundles: to components through Declarative
 * Services, to ManagedService services directly; and follows the files in {@code /config}.
 */
public final class BundleSettings {

    private final BundleContext runtime;
    private final Supplier<ServiceReference<ConfigurationAdmin>> admin;
    private final SerialTasks tasks;
    private final Consumer<String> log;
    private final ConfigFiles files;
    private final ContainerConfigurations configurations;
    private final Map<ServiceReference<?>, List<String>> managed = new ConcurrentHashMap<>(); // service → PIDs

    /**
     * @param runtime own context of the runtime, in which Declarative Services listens for configurations of pods
     * @param threads of the container: there its bundles are told
     * @param log takes what the author of the pod should know
     */
    public BundleSettings(BundleContext runtime, Supplier<ServiceReference<ConfigurationAdmin>> admin, ThreadGroup threads,
            Map<String, String> env, List<Mount> mounts, Consumer<String> log) {
        this.runtime = runtime;
        this.admin = admin;
        this.tasks = new SerialTasks(threads, "config");
        this.log = log;
        this.files = new ConfigFiles(mounts, sentence -> log.accept("configuration: " + sentence));
        this.configurations = new ContainerConfigurations(env, files.look().orElse(Map.of()), this::changed);
    }

    public ConfigurationAdmin of(Bundle bundle) {
        return configurations.of(bundle);
    }

    /** Whether {@link #look} can find anything. */
    public boolean hasFiles() {
        return files.any();
    }

    /** Reads files that have changed. One thread at a time. */
    public void look() {
        files.look().ifPresent(configurations::files);
    }

    private void changed(int type, Changed what) {
        tasks.add(() -> {
            ConfigurationEvent event = new ConfigurationEvent(admin.get(), type, what.factoryPid(), what.pid());
            for (ServiceReference<?> listener : listeners(what.location())) {
                call(listener, ConfigurationListener.class, one -> one.configurationEvent(event));
            }
            managed.forEach((service, pids) -> {
                if (pids.contains(what.base())) {
                    update(service, what.base());
                }
            });
        });
    }

    /** That of Declarative Services for pods, registered in our name; those of the bundle itself. */
    private List<ServiceReference<?>> listeners(String location) {
        List<ServiceReference<?>> found = new ArrayList<>();
        for (Bundle bundle : new Bundle[] {runtime.getBundle(), runtime.getBundle(location)}) {
            ServiceReference<?>[] services = bundle == null || bundle.getState() == Bundle.UNINSTALLED ? null : bundle.getRegisteredServices();
            for (ServiceReference<?> one : services == null ? new ServiceReference<?>[0] : services) {
                if (offers(one, ConfigurationListener.class)) {
                    found.add(one);
                }
            }
        }
        return found;
    }

    /** A service of one of the container's bundles has come, changed or gone. */
    public void serviceChanged(ServiceEvent event) {
        ServiceReference<?> reference = event.getServiceReference();
        if (event.getType() == ServiceEvent.UNREGISTERING) {
            managed.remove(reference);
        } else if (offers(reference, ManagedService.class)) {
            List<String> pids = pids(reference.getProperty(Constants.SERVICE_PID));
            List<String> before = pids.isEmpty() ? managed.remove(reference) : managed.put(reference, pids);
            for (String pid : pids) {
                if (before == null || !before.contains(pid)) {
                    tasks.add(() -> update(reference, pid));
                }
            }
        }
    }

    private void update(ServiceReference<?> reference, String pid) {
        Bundle bundle = reference.getBundle();
        if (bundle != null) {
            call(reference, ManagedService.class, service -> {
                try {
                    service.updated(configurations.forService(bundle, pid));
                } catch (ConfigurationException e) {
                    log.accept("configuration " + pid + " is refused by bundle " + bundle.getSymbolicName() + ": " + e.getMessage());
                }
            });
        }
    }

    private static List<String> pids(Object property) {
        if (property instanceof String one) {
            return List.of(one);
        }
        if (property instanceof String[] several) {
            return List.of(several);
        }
        return property instanceof Collection<?> several ? several.stream().map(String::valueOf).toList() : List.of();
    }

    private static boolean offers(ServiceReference<?> reference, Class<?> type) {
        return List.of((String[]) reference.getProperty(Constants.OBJECTCLASS)).contains(type.getName());
    }

    private <T> void call(ServiceReference<?> reference, Class<T> type, Consumer<T> what) {
        try {
            Object service = runtime.getService(reference);
            if (type.isInstance(service)) {
                try {
                    what.accept(type.cast(service));
                } finally {
                    runtime.ungetService(reference);
                }
            }
        } catch (RuntimeException | LinkageError e) { // code of the pod, or the runtime is stopping: the others are told all the same
            log.accept("configuration: a bundle failed when it was told: " + e);
        }
    }
}
