package io.kelp.cloud.device;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.util.Collection;
import java.util.UUID;

/** Contents of membership and twin messages (specification section 2.2). */
final class TwinContents {

    private TwinContents() {}

    static JsonObject added(Device device, long now) {
        return membership(now, device, null);
    }

    static JsonObject removed(Device device, long now) {
        return membership(now, null, device);
    }

    private static JsonObject membership(long now, Device added, Device removed) {
        JsonObject content = base(now);
        content.add("added_devices", added == null ? JsonNull.INSTANCE : list(entry(added, now)));
        content.add("removed_devices", removed == null ? JsonNull.INSTANCE : list(entry(removed, now)));
        return content;
    }

    /** {@code membership} that adds all of these. */
    static JsonObject added(Collection<Device> devices, long now) {
        JsonObject content = base(now);
        JsonArray all = new JsonArray();
        devices.forEach(device -> all.add(entry(device, now)));
        content.add("added_devices", all);
        content.add("removed_devices", JsonNull.INSTANCE);
        return content;
    }

    /**
     * The answer to {@code membership/detail}: what is not listed is removed by the edge. Devices
     * without twins get an empty map, or stock edges answer with an error on MQTT.
     */
    static JsonObject detail(Collection<Device> devices, long now) {
        JsonObject content = base(now);
        JsonArray all = new JsonArray();
        for (Device device : devices) {
            JsonObject entry = entry(device, now);
            if (!entry.has("twin")) {
                entry.add("twin", new JsonObject());
            }
            all.add(entry);
        }
        content.add("devices", all);
        return content;
    }

    /** {@code twin/cloud_updated}: all twins of a classic device, those that are gone as deleted. */
    static JsonObject cloudUpdated(Device before, Device now, long millis) {
        JsonObject content = base(millis);
        JsonObject twins = twins(now, now.resourceVersion(), millis);
        JsonObject gone = twins(before, now.resourceVersion(), millis);
        for (String name : gone.keySet()) {
            if (!twins.has(name)) {
                JsonObject deleted = gone.getAsJsonObject(name);
                deleted.getAsJsonObject("metadata").addProperty("type", "deleted");
                twins.add(name, deleted);
            }
        }
        content.add("twin", twins);
        return content;
    }

    private static JsonObject entry(Device device, long now) {
        JsonObject entry = new JsonObject();
        entry.addProperty("id", device.id());
        entry.addProperty("name", device.name());
        if (!device.description().isEmpty()) {
            entry.addProperty("description", device.description());
        }
        if (device.generation() == Generation.CLASSIC) {
            JsonObject twins = twins(device, device.resourceVersion(), now);
            if (!twins.isEmpty()) {
                entry.add("twin", twins);
            }
        }
        return entry;
    }

    private static JsonObject twins(Device device, String version, long now) {
        JsonObject twins = new JsonObject();
        for (JsonElement element : Json.array(Json.object(device.tree(), "status"), "twins")) {
            if (element instanceof JsonObject twin && !Json.text(twin, "propertyName").isEmpty()) {
                twins.add(Json.text(twin, "propertyName"), twin(Json.object(twin, "desired"), version, now));
            }
        }
        return twins;
    }

    private static JsonObject twin(JsonObject desired, String version, long now) {
        JsonObject valueMetadata = new JsonObject();
        valueMetadata.addProperty("timestamp", now);
        JsonObject expected = new JsonObject();
        expected.addProperty("value", Json.text(desired, "value"));
        expected.add("metadata", valueMetadata);
        JsonObject type = new JsonObject();
        String given = Json.text(Json.object(desired, "metadata"), "type");
        type.addProperty("type", given.isEmpty() ? "string" : given);
        JsonObject versions = new JsonObject();
        versions.addProperty("cloud", cloudVersion(version));
        versions.addProperty("edge", 0);
        JsonObject twin = new JsonObject();
        twin.add("expected", expected);
        twin.addProperty("optional", false);
        twin.add("metadata", type);
        twin.add("expected_version", versions);
        return twin;
    }

    /** Edges read an int64; API servers of other makes may have versions that are no numbers. */
    static long cloudVersion(String resourceVersion) {
        return resourceVersion.matches("[0-9]{1,18}") ? Long.parseLong(resourceVersion) : 0;
    }

    private static JsonObject base(long now) {
        JsonObject content = new JsonObject();
        content.addProperty("event_id", UUID.randomUUID().toString());
        content.addProperty("timestamp", now);
        return content;
    }

    private static JsonArray list(JsonObject entry) {
        JsonArray list = new JsonArray(1);
        list.add(entry);
        return list;
    }
}
