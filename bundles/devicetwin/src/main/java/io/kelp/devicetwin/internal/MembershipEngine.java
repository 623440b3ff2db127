package io.kelp.devicetwin.internal;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.devicetwin.DeviceTwins.DeviceId;
import io.kelp.devicetwin.DeviceTwins.Generation;
import io.kelp.message.MalformedMessageException;
import java.io.IOException;
import java.util.SortedMap;
import java.util.UUID;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Which devices are here, and what MQTT clients are told of it (device specification, section 3.7). Pure but for the
 * {@link DeviceTable}; belongs to one thread.
 */
final class MembershipEngine {

    private final DeviceTable table;
    private final TwinOutput output;
    private final int maxDevices;
    private final Supplier<String> node;
    private final LongSupplier clock;

    MembershipEngine(DeviceTable table, TwinOutput output, int maxDevices, Supplier<String> node, LongSupplier clock) {
        this.table = table;
        this.output = output;
        this.maxDevices = maxDevices;
        this.node = node;
        this.clock = clock;
    }

    /** A device that a membership message lists as added. */
    DeviceEntry add(JsonElement element, Effects fx) throws MalformedMessageException {
        JsonObject device = element.isJsonObject() ? element.getAsJsonObject() : new JsonObject();
        String topicId = DeviceObject.text(device, "id");
        if (!isTopicId(topicId)) {
            throw new MalformedMessageException("a membership message has a device with the id \"" + topicId + "\"");
        }
        SortedMap<String, MsgTwin> twins = null;
        try {
            JsonElement twin = device.get("twin");
            twins = TwinRequest.isPresent(twin) ? TwinRequest.membershipTwins(TwinRequest.asObject(twin)) : null;
        } catch (IOException e) {
            throw new MalformedMessageException("twins of device " + topicId + " in a membership message", e);
        }
        DeviceEntry entry = table.byTopic(topicId);
        if (entry == null) {
            int slash = topicId.indexOf('/');
            DeviceId id = slash < 0 ? new DeviceId(DeviceTable.DEFAULT_NAMESPACE, topicId)
                    : new DeviceId(topicId.substring(0, slash), topicId.substring(slash + 1));
            entry = create(DeviceState.of(id, topicId, twins != null ? Generation.CLASSIC : Generation.MODERN), fx);
        }
        boolean isNew = !entry.state().member();
        JsonObject oldAttributes = entry.state().attributes();
        JsonObject attributes = DeviceObject.object(device, "attributes").deepCopy();
        output.update(entry, entry.state().withMembership(DeviceObject.text(device, "description"), attributes), fx);
        if (twins != null) {
            SortedMap<String, TwinState> known = entry.state().twins();
            // A Kelp cloud repeats the membership at each connect, with versions that have grown by reported values alone.
            twins.entrySet().removeIf(e -> e.getValue() != null && known.containsKey(e.getKey()) && isSettled(known.get(e.getKey()), e.getValue()));
            output.apply(entry, TwinRules.cloud(entry.state().twins(), twins, clock.getAsLong()), null, "", clock.getAsLong(), fx);
        }
        attributes(entry, oldAttributes, fx);
        if (isNew) {
            announce(Memberships.shown(device), true, fx);
            fx.changed(entry.state().id());
        }
        return entry;
    }

    private static boolean isSettled(TwinState twin, MsgTwin msg) {
        String value = twin.expected().value();
        return value != null && value.equals(msg.expected()) && value.equals(twin.cloudValue()) && msg.actual() == null
                && !TwinState.DELETED.equals(msg.type());
    }

    private void attributes(DeviceEntry entry, JsonObject old, Effects fx) {
        JsonObject changed = new JsonObject();
        entry.state().attributes().entrySet().stream()
                .filter(e -> !e.getValue().equals(old.get(e.getKey()))).forEach(e -> changed.add(e.getKey(), e.getValue()));
        old.keySet().stream().filter(name -> !entry.state().attributes().has(name)).forEach(name -> changed.add(name, null));
        if (changed.size() > 0) {
            fx.ordered = entry;
            output.tell(entry, "/updated", TwinPayloads.message("", clock.getAsLong(),
                    json -> TwinPayloads.tree(json.name("attributes"), changed)), fx);
        }
    }

    /** Tells MQTT clients that a device came or went. */
    void announce(JsonObject device, boolean added, Effects fx) {
        fx.publish("$hw/events/node/" + node.get() + "/membership/updated",
                Memberships.updated(UUID.randomUUID().toString(), clock.getAsLong(), device, added));
    }

    /**
     * The device goes.
     *
     * @param device as the membership message has it, {@code null} without one
     */
    void remove(DeviceEntry entry, JsonObject device, Effects fx) {
        fx.ordered = entry;
        output.remove(entry, fx);
        if (entry.state().member()) {
            announce(device == null ? Memberships.shown(entry.state()) : Memberships.shown(device), false, fx);
        }
    }

    /** @throws IllegalStateException when there are as many devices as may be */
    DeviceEntry create(DeviceState state, Effects fx) {
        if (table.devices().size() >= maxDevices) {
            throw new IllegalStateException("Device " + state.id() + " refused: the gateway has " + maxDevices
                    + " devices already; raise maxDevices of io.kelp.devicetwin if its memory allows");
        }
        DeviceEntry entry = table.add(state);
        fx.touched.add(entry);
        fx.devices.put(entry.key(), state);
        return entry;
    }

    private static boolean isTopicId(String id) {
        int slash = id.indexOf('/');
        return !id.isEmpty() && id.length() <= 317 && slash == id.lastIndexOf('/') && slash != 0 && slash != id.length() - 1
                && id.chars().noneMatch(c -> Character.isISOControl(c) || c == '|' || c == '#' || c == '+');
    }
}
