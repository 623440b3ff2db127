package io.kelp.devicetwin.internal;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.Collection;
import java.util.Map;

/** The messages that tell MQTT clients which devices are here (device specification, sections 3.4 and 3.7). Stateless. */
final class Memberships {

    private Memberships() {}

    /** Answer to {@code membership/get}. */
    static byte[] list(String eventId, long now, Collection<DeviceEntry> devices) {
        return TwinPayloads.message(eventId, now, json -> {
            json.name("devices").beginArray();
            for (DeviceEntry entry : devices) {
                DeviceState device = entry.state();
                if (!device.member()) {
                    continue;
                }
                json.beginObject().name("id").value(device.topicId()).name("name").value(device.id().name());
                if (!device.description().isEmpty()) {
                    json.name("description").value(device.description());
                }
                if (!device.state().isEmpty()) {
                    json.name("state").value(device.state());
                }
                StateRules.lastOnline(json, device);
                if (device.attributes().size() > 0) {
                    TwinPayloads.tree(json.name("attributes"), device.attributes());
                }
                json.endObject();
            }
            json.endArray();
        });
    }

    /** {@code membership/updated} for one device. */
    static byte[] updated(String eventId, long now, JsonObject device, boolean added) {
        return TwinPayloads.message(eventId, now, json -> {
            for (boolean list : new boolean[] {true, false}) {
                json.name(list ? "added_devices" : "removed_devices");
                if (list == added) {
                    TwinPayloads.tree(json.beginArray(), device);
                    json.endArray();
                } else {
                    json.nullValue(); // written explicitly, clients may test for it (trap 25)
                }
            }
        });
    }

    /** A device of a membership message as MQTT clients get it: without versions, deleted twins null. */
    static JsonObject shown(JsonObject device) {
        JsonObject shown = device.deepCopy();
        JsonElement twins = shown.get("twin");
        if (twins == null || !twins.isJsonObject()) {
            shown.remove("twin");
            return shown;
        }
        for (Map.Entry<String, JsonElement> e : twins.getAsJsonObject().entrySet()) {
            if (e.getValue().isJsonObject()) {
                JsonObject twin = e.getValue().getAsJsonObject();
                twin.remove("expected_version");
                twin.remove("actual_version");
                if (TwinState.DELETED.equals(DeviceObject.text(DeviceObject.object(twin, "metadata"), "type"))) {
                    e.setValue(com.google.gson.JsonNull.INSTANCE);
                }
            }
        }
        return shown;
    }

    /** A device without a membership message, in the same form. */
    static JsonObject shown(DeviceState device) {
        JsonObject shown = new JsonObject();
        shown.addProperty("id", device.topicId());
        shown.addProperty("name", device.id().name());
        if (!device.description().isEmpty()) {
            shown.addProperty("description", device.description());
        }
        return shown;
    }
}
