package io.kelp.runtime.osgi.internal.config;

import java.util.Dictionary;
import java.util.EnumSet;
import java.util.Enumeration;
import java.util.Hashtable;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.cm.ConfigurationEvent;

/** One configuration of a container, for one of its bundles. Safe for use by several threads. */
final class ContainerConfiguration implements Configuration {

    private final ContainerConfigurations owner;
    private final String pid;
    private final String factoryPid; // null: no factory
    private final String base;
    private final String location;

    // Guarded by this.
    private Map<String, Object> outer; // environment and file; null: nobody has said anything yet
    private Map<String, Object> set; // by a bundle of the container; goes above the outer ones
    private long changes;
    private boolean deleted;

    /**
     * @param pid for the bundle alone: {@code PID|symbolic name|version|location}
     * @param base without the target
     */
    ContainerConfiguration(ContainerConfigurations owner, String pid, String factoryPid, String base, String location, Map<String, Object> outer) {
        this.owner = owner;
        this.pid = pid;
        this.factoryPid = factoryPid;
        this.base = base;
        this.location = location;
        this.outer = outer;
        this.changes = 1;
    }

    String base() {
        return base;
    }

    /** Returns whether it is a change. */
    synchronized boolean outer(Map<String, Object> values) {
        if (deleted || Objects.deepEquals(comparable(outer), comparable(values))) {
            return false;
        }
        outer = values;
        changes++;
        return true;
    }

    private static Map<String, Object> comparable(Map<String, Object> values) {
        if (values == null) {
            return null;
        }
        Map<String, Object> plain = new TreeMap<>();
        values.forEach((k, v) -> plain.put(k, v instanceof Object[] items ? java.util.List.of(items) : v));
        return plain;
    }

    private synchronized void check() {
        if (deleted) {
            throw new IllegalStateException("configuration " + base + " was deleted");
        }
    }

    @Override
    public String getPid() {
        check();
        return pid;
    }

    @Override
    public String getFactoryPid() {
        check();
        return factoryPid;
    }

    @Override
    public Dictionary<String, Object> getProperties() {
        check();
        return properties();
    }

    /** Also of one that was deleted; {@code null} as long as nobody has said anything. */
    synchronized Dictionary<String, Object> properties() {
        if (outer == null && set == null) {
            return null;
        }
        // Keys are compared without regard to case (Configuration Admin 104.4.2).
        Map<String, Object> merged = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (Map<String, Object> layer : java.util.Arrays.asList(outer, set)) {
            if (layer != null) {
                layer.forEach((key, value) -> {
                    merged.remove(key); // or the older spelling of the key would stay
                    merged.put(key, value instanceof Object[] items ? items.clone() : value);
                });
            }
        }
        merged.put(Constants.SERVICE_PID, base);
        if (factoryPid != null) {
            merged.put(ConfigurationAdmin.SERVICE_FACTORYPID, ContainerConfigurations.base(factoryPid));
        }
        return new Hashtable<>(merged);
    }

    @Override
    public Dictionary<String, Object> getProcessedProperties(ServiceReference<?> reference) {
        return getProperties();
    }

    @Override
    public void update(Dictionary<String, ?> properties) {
        synchronized (this) {
            check();
            set = copy(properties);
            changes++;
        }
        owner.changed(this, ConfigurationEvent.CM_UPDATED);
    }

    @Override
    public void update() {
        check();
        owner.changed(this, ConfigurationEvent.CM_UPDATED);
    }

    @Override
    public boolean updateIfDifferent(Dictionary<String, ?> properties) {
        synchronized (this) {
            check();
            if (Objects.deepEquals(comparable(set), comparable(copy(properties)))) {
                return false;
            }
        }
        update(properties);
        return true;
    }

    private static Map<String, Object> copy(Dictionary<String, ?> properties) {
        Map<String, Object> copy = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (Enumeration<String> keys = properties.keys(); keys.hasMoreElements();) {
            String key = keys.nextElement();
            if (copy.put(key, properties.get(key)) != null) {
                throw new IllegalArgumentException("key " + key + " is there twice, with different case");
            }
        }
        copy.remove(Constants.SERVICE_PID);
        copy.remove(ConfigurationAdmin.SERVICE_FACTORYPID);
        return copy;
    }

    /** Takes back what bundles have set; what environment and files say cannot be deleted and comes again. */
    @Override
    public void delete() {
        synchronized (this) {
            check();
            deleted = true;
        }
        owner.deleted(this);
    }

    @Override
    public String getBundleLocation() {
        check();
        return location;
    }

    String location() {
        return location;
    }

    String pid() {
        return pid;
    }

    String factoryPid() {
        return factoryPid;
    }

    @Override
    public void setBundleLocation(String other) {
        check(); // it is the bundle's for which it was made
    }

    @Override
    public synchronized long getChangeCount() {
        check();
        return changes;
    }

    @Override
    public void addAttributes(ConfigurationAttribute... attributes) {
        check();
    }

    @Override
    public void removeAttributes(ConfigurationAttribute... attributes) {
        check();
    }

    @Override
    public Set<ConfigurationAttribute> getAttributes() {
        check();
        return EnumSet.noneOf(ConfigurationAttribute.class);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ContainerConfiguration one && owner == one.owner && pid.equals(one.pid) && location.equals(one.location);
    }

    @Override
    public int hashCode() {
        return pid.hashCode();
    }
}
