package io.kelp.devicetwin.internal;

import com.google.gson.JsonObject;
import io.kelp.devicetwin.DeviceTwins.DeviceId;
import io.kelp.devicetwin.DeviceTwins.Generation;
import io.kelp.message.MalformedMessageException;
import io.kelp.message.ResourcePath;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Device and DeviceModel objects (device specification, section 2.2). Pure but for the {@link DeviceTable}; belongs to
 * one thread.
 *
 * <p>The Device object is the truth, because it alone is acknowledged. A stock cloud sends membership and
 * {@code cloud_updated} besides it, unacknowledged and in no order with it: there the object is stored at once and
 * compared with the twins a moment later, so that MQTT clients see one document per change, and see it also when the
 * unacknowledged message was lost.
 */
final class ObjectEngine {

    private static final Logger LOG = LoggerFactory.getLogger(ObjectEngine.class);

    private final DeviceTable table;
    private final TwinOutput output;
    private final MembershipEngine membership;
    private final LongSupplier clock;

    /** Whether the other end sends membership and {@code cloud_updated} for each change of an object. */
    private boolean stockCloud;

    ObjectEngine(DeviceTable table, TwinOutput output, MembershipEngine membership, LongSupplier clock) {
        this.table = table;
        this.output = output;
        this.membership = membership;
        this.clock = clock;
    }

    void peer(boolean isStockCloud) {
        stockCloud = isStockCloud;
    }

    /** A Device object, new or changed. */
    void device(DeviceId id, JsonObject content, Effects fx) throws MalformedMessageException {
        String uid = uid(content);
        String version = DeviceObject.text(DeviceObject.object(content, "metadata"), "resourceVersion");
        if (uid.isEmpty()) {
            throw new MalformedMessageException("device " + id + " has no metadata.uid");
        }
        Generation generation = DeviceObject.generation(content);
        DeviceEntry entry = find(id, generation, fx);
        if (entry != null && !entry.state().uid().isEmpty() && !entry.state().uid().equals(uid)) {
            DeviceState old = entry.state();
            membership.remove(entry, null, fx); // another device under the same name: nothing of the old one is true
            LOG.info("Device {} was made anew: {} takes the place of {}", id, uid, old.uid());
            entry = null;
        }
        if (entry == null) {
            entry = membership.create(DeviceState.of(id, table.topicId(id, generation), generation), fx);
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
                membership.remove(entry, null, fx); // its object was deleted, and the membership message did not come
            }
            return;
        }
        fx.ordered = entry;
        if (!state.member()) {
            output.update(entry, state.withMembership(state.description(), state.attributes()), fx);
            membership.announce(Memberships.shown(entry.state()), true, fx);
        }
        Map<String, DeviceObject.Desired> desired = DeviceObject.desired(state.object(), table.model(state), state.generation());
        refused(entry, desired, fx);
        output.apply(entry, TwinRules.object(entry.state().twins(), desired, version(state.resourceVersion()), clock.getAsLong()),
                null, "", clock.getAsLong(), fx);
    }

    /** Notes which desired values cannot be taken over, and says so when that changes: in the log, and on the twins as an error. */
    private void refused(DeviceEntry entry, Map<String, DeviceObject.Desired> desired, Effects fx) {
        Map<String, String> refused = new TreeMap<>();
        desired.forEach((name, wish) -> {
            if (wish.value() != null && ValueRules.misfit(wish.type(), wish.value()) != null) {
                refused.put(name, "the desired value \"" + wish.value() + "\" is no value of type " + wish.type() + "; the last good one stays");
            }
        });
        if (!refused.equals(entry.refusedDesired)) {
            refused.forEach((name, why) -> LOG.warn("Device {}, property {}: {}", entry.key(), name, why));
            Map<String, String> before = entry.refusedDesired;
            entry.refusedSince = Instant.ofEpochMilli(clock.getAsLong());
            entry.refusedDesired = Collections.unmodifiableMap(refused);
            refused.forEach((name, why) -> error(entry, name, desired.get(name).type(), twinError(name, why), fx));
            before.forEach((name, why) -> {
                TwinState twin = entry.state().twins().get(name);
                if (!refused.containsKey(name) && twin != null && !twin.isDeleted() && twinError(name, why).equals(twin.actual().remark().error())) {
                    error(entry, name, twin.type(), "", fx);
                }
            });
            fx.changed(entry.state().id());
        }
    }

    private void error(DeviceEntry entry, String property, String type, String sentence, Effects fx) {
        long now = clock.getAsLong();
        output.apply(entry, TwinRules.error(entry.state().twins(), property, type, sentence, now), null, "", now, fx);
    }

    /** What a twin says of a desired value that cannot be taken over. */
    static String twinError(String property, String why) {
        return Remark.sentence("property " + property + ": " + why);
    }

    /** @param uid of the object that is gone, empty when the message does not say */
    void deleteDevice(DeviceId id, String uid, Effects fx) {
        DeviceEntry entry = table.device(id);
        if (entry == null || entry.state().uid().isEmpty() || !uid.isEmpty() && !uid.equals(entry.state().uid())) {
            return; // gone, or another one under the same name, which a late delete must not hit
        }
        if (stockCloud) {
            DeviceState state = entry.state();
            output.update(entry, state.withObject(state.topicId(), state.generation(), state.description(), null, state.uid(), ""), fx);
            fx.compareLater.add(entry);
        } else {
            membership.remove(entry, null, fx);
        }
    }

    /** A DeviceModel object, new, changed or gone. */
    void model(ResourcePath path, JsonObject content, boolean delete, Effects fx) {
        String key = path.namespace() + "/" + path.name();
        JsonObject old = table.models().get(key);
        if (delete) {
            String uid = uid(content);
            // A stock cloud deletes the model with any device that used it, though others still do (section 2.2).
            boolean needed = stockCloud && table.devices().stream().anyMatch(entry -> uses(entry.state(), path));
            if (old == null || needed || !uid.isEmpty() && !uid.equals(uid(old))) {
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
            if (uses(device, path)) {
                fx.changed(device.id());
                if (!delete && device.member() && !(stockCloud && device.generation() == Generation.CLASSIC)) {
                    compare(entry, fx); // the model tells the types
                }
            }
        }
    }

    private static boolean uses(DeviceState device, ResourcePath model) {
        return device.object() != null && device.id().namespace().equals(model.namespace())
                && DeviceObject.modelName(device.object()).equals(model.name());
    }

    /** {@code metadata.uid}, empty when there is none. */
    static String uid(JsonObject object) {
        return DeviceObject.text(DeviceObject.object(object, "metadata"), "uid");
    }

    private static long version(String resourceVersion) {
        try {
            return Long.parseLong(resourceVersion);
        } catch (NumberFormatException e) {
            return 0; // opaque to us; only equality counts
        }
    }
}
