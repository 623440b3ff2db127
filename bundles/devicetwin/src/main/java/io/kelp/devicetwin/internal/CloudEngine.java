package io.kelp.devicetwin.internal;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.devicetwin.DeviceTwins.DeviceId;
import io.kelp.devicetwin.DeviceTwins.Generation;
import io.kelp.message.MalformedMessageException;
import io.kelp.message.Message;
import io.kelp.message.MessageCodec;
import io.kelp.message.Operation;
import io.kelp.message.ResourcePath;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the cloud does: membership, {@code cloud_updated}, Device and DeviceModel objects (device specification,
 * sections 2.2 and 3.7). Pure but for the {@link DeviceTable}; belongs to one thread.
 *
 * <p>The Device object is the truth, because it alone is acknowledged. A stock cloud sends membership and
 * {@code cloud_updated} besides it, unacknowledged and in no order with it: there the object is stored at once and
 * compared with the twins a moment later, so that MQTT clients see one document per change, and see it also when the
 * unacknowledged message was lost.
 */
final class CloudEngine {

    static final String UNKNOWN_DEVICE = "update rejected due to the device is not existed";
    private static final String CLOUD_NOT_JSON = "unmarshal update request body failed, Please check the request";
    private static final String DEVICE = "device";
    private static final String MODEL = "devicemodel";

    private static final Logger LOG = LoggerFactory.getLogger(CloudEngine.class);

    private final DeviceTable table;
    private final TwinOutput output;
    private final ValueRules rules;
    private final int maxDevices;
    private final Supplier<String> node;
    private final LongSupplier clock;

    /** Whether the other end sends membership and {@code cloud_updated} for each change of an object. */
    private boolean stockCloud;
    private String lastRefusal = "";

    CloudEngine(DeviceTable table, ValueRules rules, int maxDevices, Supplier<String> node, LongSupplier clock) {
        this.table = table;
        this.output = new TwinOutput(table);
        this.rules = rules;
        this.maxDevices = maxDevices;
        this.node = node;
        this.clock = clock;
    }

    void peer(boolean isStockCloud) {
        stockCloud = isStockCloud;
    }

    static boolean claims(Message message) {
        if (message.group().equals("twin")) {
            return true;
        }
        return message.group().equals("resource") && !message.isAnswer() && ResourcePath.parse(message.resource())
                .filter(path -> path.type().equals(DEVICE) || path.type().equals(MODEL)).isPresent();
    }

    /** A message that {@link #claims} has accepted and that confirms nothing. */
    void message(Message message, Effects fx) throws MalformedMessageException {
        if (message.group().equals("twin")) {
            twinMessage(message, fx);
            return;
        }
        ResourcePath path = ResourcePath.parse(message.resource())
                .orElseThrow(() -> new MalformedMessageException("\"" + message.resource() + "\" is no resource of a device"));
        if (path.name().isEmpty()) {
            throw new MalformedMessageException("\"" + path + "\" names no object");
        }
        boolean delete = message.operation().equals(Operation.DELETE);
        JsonObject content = delete && message.content().isJsonNull() ? new JsonObject() : MessageCodec.object(message);
        if (path.type().equals(MODEL)) {
            model(path, content, delete, fx);
        } else if (delete) {
            deleteDevice(new DeviceId(path.namespace(), path.name()), uid(content), fx);
        } else {
            device(new DeviceId(path.namespace(), path.name()), content, message, fx);
        }
    }

    private void twinMessage(Message message, Effects fx) throws MalformedMessageException {
        String resource = message.resource();
        if (resource.startsWith("device/") && resource.endsWith("/twin/cloud_updated")) {
            String id = resource.substring("device/".length(), resource.length() - "/twin/cloud_updated".length());
            cloudUpdated(id, message.contentAsJson().toString().getBytes(StandardCharsets.UTF_8), fx);
        } else if (resource.contains("membership/detail")) {
            JsonObject content = MessageCodec.object(message);
            Set<DeviceEntry> listed = new HashSet<>();
            for (JsonElement device : DeviceObject.array(content, "devices")) {
                listed.add(add(device, fx));
            }
            new ArrayList<>(table.devices()).stream()
                    .filter(entry -> !listed.contains(entry)).forEach(entry -> removeMember(entry, null, fx));
        } else if (resource.contains("membership")) {
            JsonObject content = MessageCodec.object(message);
            for (JsonElement device : DeviceObject.array(content, "added_devices")) {
                add(device, fx);
            }
            for (JsonElement device : DeviceObject.array(content, "removed_devices")) {
                DeviceEntry entry = device.isJsonObject() ? table.byTopic(DeviceObject.text(device.getAsJsonObject(), "id")) : null;
                if (entry != null) {
                    removeMember(entry, device.getAsJsonObject(), fx);
                }
            }
        } else if (!message.isAnswer()) {
            LOG.debug("Nothing to do for {} {}", message.operation(), resource);
        }
    }

    // ---- membership ----

    private DeviceEntry add(JsonElement element, Effects fx) throws MalformedMessageException {
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
            output.apply(entry, TwinRules.cloud(entry.state().twins(), twins, clock.getAsLong()), null, "", clock.getAsLong(), fx);
        }
        attributes(entry, oldAttributes, fx);
        if (isNew) {
            announce(Memberships.shown(device), true, fx);
        }
        fx.changed(entry.state().id());
        return entry;
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

    private void announce(JsonObject device, boolean added, Effects fx) {
        fx.publish("$hw/events/node/" + node.get() + "/membership/updated",
                Memberships.updated(UUID.randomUUID().toString(), clock.getAsLong(), device, added));
    }

    private void removeMember(DeviceEntry entry, JsonObject device, Effects fx) {
        fx.ordered = entry;
        output.remove(entry, fx);
        if (entry.state().member()) {
            announce(device == null ? Memberships.shown(entry.state()) : Memberships.shown(device), false, fx);
        }
    }

    private DeviceEntry create(DeviceState state, Effects fx) {
        if (table.devices().size() >= maxDevices) {
            throw new IllegalStateException("Device " + state.id() + " refused: the gateway has " + maxDevices
                    + " devices already; raise maxDevices of io.kelp.devicetwin if its memory allows");
        }
        DeviceEntry entry = table.add(state);
        fx.touched.add(entry);
        fx.devices.put(entry.key(), state);
        return entry;
    }

    // ---- twin/cloud_updated, by the cloud or, as some tools do, by an MQTT client ----

    void cloudUpdated(String id, byte[] payload, Effects fx) {
        long now = clock.getAsLong();
        TwinRequest request;
        try {
            request = TwinRequest.parse(payload, rules);
        } catch (TwinRequest.Refused e) {
            if (!e.getMessage().equals(lastRefusal)) {
                lastRefusal = e.getMessage(); // once, not with each repetition
                LOG.warn("Message cloud_updated for device {} refused: {}", id, e.getMessage());
            }
            fx.publish(TwinOutput.topic("", "/twin/update/result"), TwinPayloads.error("", now, 400, CLOUD_NOT_JSON));
            return;
        }
        DeviceEntry entry = table.byTopic(id);
        if (entry == null) {
            fx.publish(TwinOutput.topic(id, "/twin/update/result"), TwinPayloads.error(request.eventId(), now, 404, UNKNOWN_DEVICE));
            return;
        }
        TwinRules.Outcome outcome = TwinRules.cloud(entry.state().twins(), request.twins(), now);
        output.apply(entry, outcome, null, request.eventId(), now, fx);
    }

    // ---- objects ----

    private void device(DeviceId id, JsonObject content, Message message, Effects fx) throws MalformedMessageException {
        String uid = uid(content);
        String version = DeviceObject.text(DeviceObject.object(content, "metadata"), "resourceVersion");
        if (uid.isEmpty()) {
            throw new MalformedMessageException("device " + id + " has no metadata.uid");
        }
        Generation generation = DeviceObject.generation(content);
        DeviceEntry entry = find(id, generation, fx);
        if (entry != null && !entry.state().uid().isEmpty() && !entry.state().uid().equals(uid)) {
            DeviceState old = entry.state();
            removeMember(entry, null, fx); // another device under the same name: nothing of the old one is true
            LOG.info("Device {} was made anew: {} takes the place of {}", id, uid, old.uid());
            entry = null;
        }
        if (entry == null) {
            entry = create(DeviceState.of(id, table.topicId(id, generation), generation), fx);
        }
        DeviceState old = entry.state();
        if (old.resourceVersion().equals(version) && old.object() != null && !entry.isUnstored()) {
            fx.touched.add(entry);
            return; // exactly what is here
        }
        JsonObject object = DeviceObject.slim(content);
        String topicId = old.object() == null && old.member() ? old.topicId() : table.topicId(id, generation);
        output.update(entry, old.withObject(topicId, generation, DeviceObject.description(object), object, uid, version), fx);
        if (old.object() == null || !DeviceObject.material(object).equals(DeviceObject.material(old.object()))) {
            fx.changed(id);
        }
        if (stockCloud && (generation == Generation.CLASSIC || !old.member())) {
            fx.compareLater.add(entry);
        } else {
            compare(entry, fx);
        }
    }

    /** The device an object belongs to; one that membership put into the wrong namespace, not knowing better, moves. */
    private DeviceEntry find(DeviceId id, Generation generation, Effects fx) {
        DeviceEntry entry = table.device(id);
        if (entry != null || generation == Generation.MODERN) {
            return entry;
        }
        DeviceEntry guess = table.byTopic(id.name());
        if (guess == null || guess.state().object() != null || !guess.state().topicId().equals(id.name())) {
            return null;
        }
        DeviceState old = guess.state();
        TwinOutput.forget(old, fx);
        fx.removed(old.id());
        table.update(guess, old.withId(id));
        fx.touched.add(guess);
        fx.devices.put(guess.key(), guess.state());
        guess.state().twins().forEach((name, twin) -> fx.reported.put(Reported.key(guess.key(), name),
                new Reported(guess.upward.isDirty(name), twin.optional(), twin.type(), twin.actual())));
        fx.conditions.put(guess.key(), new Condition(guess.upward.isStateDirty(), old.lastOnline(), old.state()));
        return guess;
    }

    /**
     * Makes the twins what the object says, as far as the cloud changed it. Called when the object comes or, towards a
     * stock cloud, a moment later; also after a start.
     */
    void compare(DeviceEntry entry, Effects fx) {
        DeviceState state = entry.state();
        if (!table.contains(entry)) {
            return;
        }
        if (state.object() == null) {
            if (!state.uid().isEmpty()) {
                removeMember(entry, null, fx); // its object was deleted, and the membership message did not come
            }
            return;
        }
        fx.ordered = entry;
        if (!state.member()) {
            output.update(entry, state.withMembership(state.description(), state.attributes()), fx);
            announce(Memberships.shown(entry.state()), true, fx);
        }
        Map<String, DeviceObject.Desired> desired = DeviceObject.desired(state.object(), table.model(state), state.generation());
        refused(entry, desired);
        output.apply(entry, TwinRules.object(state.twins(), desired, version(state.resourceVersion()), clock.getAsLong()),
                null, "", clock.getAsLong(), fx);
    }

    /** Notes which desired values cannot be taken over, and logs it when that changes. */
    private void refused(DeviceEntry entry, Map<String, DeviceObject.Desired> desired) {
        Map<String, String> refused = new TreeMap<>();
        desired.forEach((name, wish) -> {
            if (wish.value() != null && ValueRules.misfit(wish.type(), wish.value()) != null) {
                refused.put(name, "the desired value \"" + wish.value() + "\" is no value of type " + wish.type() + "; the last good one stays");
            }
        });
        if (!refused.equals(entry.refusedDesired)) {
            refused.forEach((name, why) -> LOG.warn("Device {}, property {}: {}", entry.key(), name, why));
            entry.refusedSince = Instant.ofEpochMilli(clock.getAsLong());
            entry.refusedDesired = Collections.unmodifiableMap(refused);
        }
    }

    private void deleteDevice(DeviceId id, String uid, Effects fx) {
        DeviceEntry entry = table.device(id);
        if (entry == null || entry.state().uid().isEmpty() || !uid.isEmpty() && !uid.equals(entry.state().uid())) {
            return; // gone, or another one under the same name, which a late delete must not hit
        }
        if (stockCloud) {
            DeviceState state = entry.state();
            output.update(entry, state.withObject(state.topicId(), state.generation(), state.description(), null, state.uid(), ""), fx);
            fx.compareLater.add(entry);
        } else {
            removeMember(entry, null, fx);
        }
    }

    private void model(ResourcePath path, JsonObject content, boolean delete, Effects fx) {
        String key = path.namespace() + "/" + path.name();
        JsonObject old = table.models().get(key);
        if (delete) {
            String uid = uid(content);
            if (old == null || !uid.isEmpty() && !uid.equals(uid(old))) {
                return;
            }
            table.models().remove(key);
            fx.models.put(key, null);
        } else {
            JsonObject model = DeviceObject.slim(content);
            table.models().put(key, model);
            fx.models.put(key, model); // the store leaves out a write that changes nothing
            if (old != null && DeviceObject.material(old).equals(DeviceObject.material(model))) {
                return;
            }
        }
        for (DeviceEntry entry : table.devices()) {
            DeviceState device = entry.state();
            if (device.object() != null && device.id().namespace().equals(path.namespace())
                    && DeviceObject.modelName(device.object()).equals(path.name())) {
                fx.changed(device.id());
                if (!delete && device.member() && !(stockCloud && device.generation() == Generation.CLASSIC)) {
                    compare(entry, fx); // the model tells the types
                }
            }
        }
    }

    private static String uid(JsonObject object) {
        return DeviceObject.text(DeviceObject.object(object, "metadata"), "uid");
    }

    private static long version(String resourceVersion) {
        try {
            return Long.parseLong(resourceVersion);
        } catch (NumberFormatException e) {
            return 0; // opaque to us; only equality counts
        }
    }

    private static boolean isTopicId(String id) {
        int slash = id.indexOf('/');
        return !id.isEmpty() && id.length() <= 317 && slash == id.lastIndexOf('/') && slash != 0 && slash != id.length() - 1
                && id.chars().noneMatch(c -> Character.isISOControl(c) || c == '|' || c == '#' || c == '+');
    }
}
