package io.kelp.devicetwin.internal;

import com.google.gson.JsonObject;
import io.kelp.devicetwin.DeviceTwins.DeviceId;
import io.kelp.devicetwin.DeviceTwins.Generation;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The devices and models that are here. Changed by the thread of the engine alone; {@link #devices} and
 * {@link #models} may be read by any thread.
 */
final class DeviceTable {

    static final String DEFAULT_NAMESPACE = "default";

    private static final Logger LOG = LoggerFactory.getLogger(DeviceTable.class);
    private static final Comparator<DeviceId> ORDER = Comparator.comparing(DeviceId::namespace).thenComparing(DeviceId::name);

    private final NavigableMap<DeviceId, DeviceEntry> devices = new ConcurrentSkipListMap<>(ORDER);
    private final Map<DeviceId, DeviceEntry> byId = new ConcurrentHashMap<>(); // the same, found faster
    private final Map<String, JsonObject> models = new ConcurrentHashMap<>();
    private final Map<String, DeviceEntry> byTopic = new HashMap<>();

    Collection<DeviceEntry> devices() {
        return devices.values();
    }

    Map<String, JsonObject> models() {
        return models;
    }

    DeviceEntry device(DeviceId id) {
        return byId.get(id);
    }

    /** The model of a device, {@code null} when it is not here. */
    JsonObject model(DeviceState device) {
        String name = device.object() == null ? "" : DeviceObject.modelName(device.object());
        return name.isEmpty() ? null : models.get(device.id().namespace() + "/" + name);
    }

    /**
     * The device that an MQTT client or a membership message means. The id that a device has in topics goes first;
     * then namespace/name is understood for every device, and the name alone for those in namespace default.
     */
    DeviceEntry byTopic(String topicId) {
        DeviceEntry entry = byTopic.get(topicId);
        if (entry != null) {
            return entry;
        }
        int slash = topicId.indexOf('/');
        return byId.get(slash < 0 ? new DeviceId(DEFAULT_NAMESPACE, topicId)
                : new DeviceId(topicId.substring(0, slash), topicId.substring(slash + 1)));
    }

    /** The other form of a device's id in topics, {@code null} when that form means another device or none. */
    String alias(DeviceEntry entry) {
        DeviceState state = entry.state();
        String full = state.id().toString();
        String other = state.topicId().equals(full) ? state.id().name() : full;
        return byTopic(other) == entry ? other : null;
    }

    /** Id in topics for a device of that generation: classic devices go by their name as long as it is free. */
    String topicId(DeviceId id, Generation generation) {
        if (generation == Generation.MODERN) {
            return id.toString();
        }
        DeviceEntry holder = byTopic.get(id.name());
        if (holder == null || holder.state().id().equals(id)) {
            return id.name();
        }
        LOG.warn("Device {} is {} in MQTT topics, because {} has the name already; rename one of them to have the short form",
                id, id, holder.state().id());
        return id.toString();
    }

    DeviceEntry add(DeviceState state) {
        DeviceEntry entry = new DeviceEntry(state);
        devices.put(state.id(), entry);
        byId.put(state.id(), entry);
        byTopic.putIfAbsent(state.topicId(), entry);
        return entry;
    }

    void update(DeviceEntry entry, DeviceState state) {
        DeviceState old = entry.state();
        entry.state(state);
        if (!old.topicId().equals(state.topicId())) {
            byTopic.remove(old.topicId(), entry);
            byTopic.putIfAbsent(state.topicId(), entry);
        }
        if (!old.id().equals(state.id())) {
            devices.remove(old.id(), entry);
            devices.put(state.id(), entry);
            byId.remove(old.id(), entry);
            byId.put(state.id(), entry);
        }
    }

    void remove(DeviceEntry entry) {
        devices.remove(entry.state().id(), entry);
        byId.remove(entry.state().id(), entry);
        byTopic.remove(entry.state().topicId(), entry);
    }

    boolean contains(DeviceEntry entry) {
        return byId.get(entry.state().id()) == entry;
    }
}
