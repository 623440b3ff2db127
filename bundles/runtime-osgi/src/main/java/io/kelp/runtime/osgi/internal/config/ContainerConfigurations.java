package io.kelp.runtime.osgi.internal.config;

import java.util.ArrayList;
import java.util.Dictionary;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;
import org.osgi.framework.Filter;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.cm.ConfigurationEvent;

/**
 * The configurations of one container. They are in memory only, each for one bundle of the
 * container (targeted PID with location): neither the gateway nor another pod has a part in them.
 *
 * <p>Every PID that a bundle of the container asks for has a configuration: the container's
 * environment, above it the file {@code PID.json}, above that what a bundle has set through
 * Configuration Admin. Files {@code PID~NAME.json} make factory configurations.
 *
 * <p>Safe for use by several threads. Listeners are called without a lock.
 */
public final class ContainerConfigurations {

    private static final Pattern ASKED = Pattern.compile("\\((service\\.(?:factoryP|p)id)=([^()|*\\\\]+)\\|");

    private final Map<String, Object> environment = new LinkedHashMap<>();
    private final BiConsumer<Integer, Changed> listener;

    // Guarded by this.
    private final Map<String, ContainerConfiguration> all = new TreeMap<>(); // location, blank, PID → configuration
    private final Set<String> askedFactories = new HashSet<>(); // location, blank, base of the factory PID
    private final Map<String, Bundle> bundles = new HashMap<>(); // location → bundle
    private Map<String, Map<String, Object>> files = Map.of();

    /** A configuration that was changed or deleted; PIDs as in {@link ConfigurationEvent}, {@code factoryPid} may be {@code null}. */
    public record Changed(String pid, String factoryPid, String base, String location) {}

    /**
     * @param environment variables
     * @param files what the files say, by PID
     * @param listener told of changes, with the type as in {@link ConfigurationEvent}
     */
    public ContainerConfigurations(Map<String, String> environment, Map<String, Map<String, Object>> files, BiConsumer<Integer, Changed> listener) {
        environment.forEach((name, value) -> {
            if (!name.startsWith("service.") && !name.equalsIgnoreCase(Constants.OBJECTCLASS)) {
                this.environment.put(name, value);
            }
        });
        this.files = files;
        this.listener = listener;
    }

    /** Configuration Admin as a bundle of the container sees it. */
    public ConfigurationAdmin of(Bundle bundle) {
        synchronized (this) {
            bundles.put(bundle.getLocation(), bundle);
        }
        return new View(bundle);
    }

    /** What a ManagedService of a bundle gets. */
    public Dictionary<String, Object> forService(Bundle bundle, String pid) {
        return demand(bundle, pid).properties();
    }

    /** The files say something else now. */
    public void files(Map<String, Map<String, Object>> now) {
        Map<ContainerConfiguration, Integer> changes = new LinkedHashMap<>();
        synchronized (this) {
            files = now;
            for (ContainerConfiguration one : List.copyOf(all.values())) {
                if (one.factoryPid() != null && !files.containsKey(one.pid())) {
                    all.remove(key(one.location(), one.pid()));
                    changes.put(one, ConfigurationEvent.CM_DELETED);
                } else if (one.outer(outer(one.base()))) {
                    changes.put(one, ConfigurationEvent.CM_UPDATED);
                }
            }
            for (String asked : askedFactories) {
                Bundle bundle = bundles.get(asked.substring(0, asked.indexOf(' ')));
                for (ContainerConfiguration one : demandFactory(bundle, asked.substring(asked.indexOf(' ') + 1))) {
                    changes.put(one, ConfigurationEvent.CM_UPDATED);
                }
            }
        }
        changes.forEach(this::changed);
    }

    private Map<String, Object> outer(String base) {
        Map<String, Object> values = new LinkedHashMap<>(environment);
        files.getOrDefault(base, Map.of()).forEach((key, value) -> {
            if (!key.startsWith("service.")) {
                values.put(key, value);
            }
        });
        return values;
    }

    static String base(String pid) {
        int bar = pid.indexOf('|');
        return bar < 0 ? pid : pid.substring(0, bar);
    }

    private static String key(String location, String pid) {
        // Blanks of a location are escaped, for it is a URL.
        return location + ' ' + pid;
    }

    private static String targeted(Bundle bundle, String pid) {
        return pid + '|' + bundle.getSymbolicName() + '|' + bundle.getVersion() + '|' + bundle.getLocation();
    }

    private synchronized ContainerConfiguration demand(Bundle bundle, String base) {
        return all.computeIfAbsent(key(bundle.getLocation(), targeted(bundle, base)),
                k -> new ContainerConfiguration(this, targeted(bundle, base), null, base, bundle.getLocation(), outer(base)));
    }

    /** Makes those that are not there yet and returns them. */
    private List<ContainerConfiguration> demandFactory(Bundle bundle, String base) {
        List<ContainerConfiguration> made = new ArrayList<>();
        if (all.containsKey(key(bundle.getLocation(), targeted(bundle, base)))) {
            return made; // it began as a single one and stays so until the container is started again
        }
        for (String pid : files.keySet()) {
            if (pid.startsWith(base + "~") && !all.containsKey(key(bundle.getLocation(), pid))) {
                ContainerConfiguration one = new ContainerConfiguration(this, pid, targeted(bundle, base), pid, bundle.getLocation(), outer(pid));
                all.put(key(bundle.getLocation(), pid), one);
                made.add(one);
            }
        }
        return made;
    }

    void changed(ContainerConfiguration one, int type) {
        listener.accept(type, new Changed(one.pid(), one.factoryPid(), one.base(), one.location()));
    }

    void deleted(ContainerConfiguration one) {
        synchronized (this) {
            all.remove(key(one.location(), one.pid()));
        }
        changed(one, ConfigurationEvent.CM_DELETED);
    }

    private synchronized List<ContainerConfiguration> ofBundle(Bundle bundle) {
        return all.values().stream().filter(c -> c.location().equals(bundle.getLocation())).toList();
    }

    /** As one bundle sees it. */
    private final class View implements ConfigurationAdmin {

        private final Bundle bundle;

        View(Bundle bundle) {
            this.bundle = bundle;
        }

        @Override
        public Configuration getConfiguration(String pid) {
            return demand(bundle, base(pid));
        }

        @Override
        public Configuration getConfiguration(String pid, String location) {
            synchronized (ContainerConfigurations.this) {
                Bundle other = location == null ? null : bundles.get(location);
                return demand(other == null ? bundle : other, base(pid));
            }
        }

        @Override
        public Configuration createFactoryConfiguration(String factoryPid) {
            return getFactoryConfiguration(factoryPid, java.util.UUID.randomUUID().toString());
        }

        @Override
        public Configuration createFactoryConfiguration(String factoryPid, String location) {
            return createFactoryConfiguration(factoryPid);
        }

        @Override
        public Configuration getFactoryConfiguration(String factoryPid, String name, String location) {
            return getFactoryConfiguration(factoryPid, name);
        }

        @Override
        public Configuration getFactoryConfiguration(String factoryPid, String name) {
            String pid = base(factoryPid) + "~" + name;
            synchronized (ContainerConfigurations.this) {
                return all.computeIfAbsent(key(bundle.getLocation(), pid), k -> new ContainerConfiguration(ContainerConfigurations.this,
                        pid, targeted(bundle, base(factoryPid)), pid, bundle.getLocation(), null));
            }
        }

        @Override
        public Configuration[] listConfigurations(String text) throws InvalidSyntaxException {
            if (text != null) {
                provide(text);
            }
            Filter filter = text == null ? null : FrameworkUtil.createFilter(text);
            List<Configuration> found = new ArrayList<>();
            for (ContainerConfiguration one : ofBundle(bundle)) {
                Dictionary<String, Object> properties = one.properties();
                if (properties != null) {
                    properties.put(Constants.SERVICE_PID, one.pid());
                    if (one.factoryPid() != null) {
                        properties.put(SERVICE_FACTORYPID, one.factoryPid());
                    }
                    properties.put(SERVICE_BUNDLELOCATION, one.location());
                    if (filter == null || filter.match(properties)) {
                        found.add(one);
                    }
                }
            }
            return found.isEmpty() ? null : found.toArray(Configuration[]::new);
        }

        /**
         * Declarative Services asks for each PID of a component in four forms, plain to fully targeted, first as that
         * of a factory, then as a single one: what is asked for like that is made.
         */
        private void provide(String text) {
            Matcher asked = ASKED.matcher(text);
            synchronized (ContainerConfigurations.this) {
                while (asked.find()) {
                    if (asked.group(1).equals(SERVICE_FACTORYPID)) {
                        if (askedFactories.add(key(bundle.getLocation(), asked.group(2)))) {
                            demandFactory(bundle, asked.group(2));
                        }
                    } else if (text.startsWith("(|")) {
                        demand(bundle, asked.group(2));
                    }
                }
            }
        }
    }
}
