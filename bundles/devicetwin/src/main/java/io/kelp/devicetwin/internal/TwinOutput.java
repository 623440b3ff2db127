package io.kelp.devicetwin.internal;

import io.kelp.devicetwin.DeviceTwins.Generation;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * Turns what the rules say into effects: new state, records to store, MQTT messages in the order of the stock
 * gateway (device specification, section 3.6), listeners to tell, values to send up. Belongs to the thread of the engine.
 */
final class TwinOutput {

    private static final String DEVICE_TOPIC = "$hw/events/device/";

    private final DeviceTable table;
    private final Predicate<String> heard;

    TwinOutput(DeviceTable table) {
        this(table, topic -> true);
    }

    /** @param heard whether somebody may listen to a topic; what nobody hears is not written */
    TwinOutput(DeviceTable table, Predicate<String> heard) {
        this.table = table;
        this.heard = heard;
    }

    static String topic(String topicId, String suffix) {
        return DEVICE_TOPIC + topicId + suffix;
    }

    /** The state becomes current; what differs is stored. */
    void update(DeviceEntry entry, DeviceState state, Effects fx) {
        DeviceState old = entry.state();
        table.update(entry, state);
        fx.touched.add(entry);
        if (entry.isUnstored() || !state.sameDesired(old)) {
            fx.devices.put(entry.key(), state);
        }
        if (!state.state().equals(old.state()) || !state.lastOnline().equals(old.lastOnline())) {
            entry.storedStateDirty = entry.upward.isStateDirty();
            fx.conditions.put(entry.key(), new Condition(entry.upward.isStateDirty(), state.lastOnline(), state.state()));
        }
    }

    /** The device and all that is stored of it go. */
    void remove(DeviceEntry entry, Effects fx) {
        table.remove(entry);
        forget(entry.state(), fx);
        fx.removed(entry.state().id());
    }

    /** Removes the records of a device, whatever becomes of it. */
    static void forget(DeviceState state, Effects fx) {
        String key = state.id().toString();
        fx.devices.put(key, null);
        fx.conditions.put(key, null);
        state.twins().keySet().forEach(name -> fx.reported.put(Reported.key(key, name), null));
    }

    /**
     * Takes over an outcome.
     *
     * @param resultTopicId id for the topic of the result, {@code null} when nobody asked
     * @param eventId of the request, empty when it has none
     */
    void apply(DeviceEntry entry, TwinRules.Outcome outcome, String resultTopicId, String eventId, long now, Effects fx) {
        if (!outcome.changes().isEmpty()) {
            entry.upward.twins(outcome.upward());
            DeviceState state = entry.state().withTwins(outcome.twins());
            outcome.changes().forEach((name, change) -> store(entry, name, change, outcome.twins().get(name), fx));
            update(entry, state, fx);
            if (outcome.changes().values().stream().anyMatch(TwinOutput::desiredDiffers)) {
                fx.changed(state.id());
            }
        } else {
            entry.upward.twins(outcome.upward());
        }
        if (!outcome.upward().isEmpty()) {
            fx.upward.add(entry);
        }
        publish(entry, outcome, resultTopicId, eventId, now, fx);
    }

    private void publish(DeviceEntry entry, TwinRules.Outcome outcome, String resultTopicId, String eventId, long now, Effects fx) {
        fx.ordered = entry;
        if (resultTopicId != null) {
            fx.answers = true;
            fx.eventId = eventId;
            fx.publish(topic(resultTopicId, "/twin/update/result"), TwinPayloads.result(eventId, now, outcome.changes()));
        }
        if (!outcome.changes().isEmpty() && isHeard(entry, "/twin/update/document")) {
            tell(entry, "/twin/update/document", TwinPayloads.document(eventId, now, outcome.changes()), fx);
        }
        if ((resultTopicId != null || !outcome.isEmpty()) && isHeard(entry, "/twin/update/delta")) {
            byte[] delta = TwinPayloads.delta(() -> UUID.randomUUID().toString(), now, outcome.twins());
            if (delta != null) {
                tell(entry, "/twin/update/delta", delta, fx);
            }
        }
    }

    private boolean isHeard(DeviceEntry entry, String suffix) {
        return entry.aliasUsed || heard.test(topic(entry.state().topicId(), suffix));
    }

    /** Publishes to whoever listens to the device, under both forms of its id when both are in use. */
    void tell(DeviceEntry entry, String suffix, byte[] payload, Effects fx) {
        fx.publish(topic(entry.state().topicId(), suffix), payload);
        String alias = entry.aliasUsed ? table.alias(entry) : null;
        if (alias != null) {
            fx.publish(topic(alias, suffix), payload);
        }
    }

    private static void store(DeviceEntry entry, String name, TwinRules.Change change, TwinState twin, Effects fx) {
        TwinState last = change.last();
        String key = Reported.key(entry.key(), name);
        if (twin == null) {
            return; // a null that met no twin
        }
        boolean reported = last == null ? !twin.actual().equals(TwinSide.NONE) || !DeviceState.isLasting(twin) : !twin.actual().equals(last.actual());
        boolean only = !DeviceState.isLasting(twin) && (last == null || !twin.type().equals(last.type()) || twin.optional() != last.optional());
        if (reported || only) {
            if (entry.upward.isDirty(name)) {
                entry.storedDirty.add(name);
            }
            fx.reported.put(key, new Reported(entry.upward.isDirty(name), twin.optional(), twin.type(), twin.actual()));
        }
    }

    private static boolean desiredDiffers(TwinRules.Change change) {
        return !Objects.equals(desired(change.last()), desired(change.current()));
    }

    private static String desired(TwinState twin) {
        return twin == null ? null : twin.expected().value();
    }

    /** Properties of the Device object and their types, for twins that are not there yet. */
    Map<String, String> declared(DeviceState state) {
        if (state.object() == null) {
            return Map.of();
        }
        Map<String, String> types = new HashMap<>();
        DeviceObject.desired(state.object(), table.model(state), state.generation())
                .forEach((name, desired) -> types.put(name, desired.type()));
        return types;
    }

    /** Resource of a device in messages to the cloud. Only a Kelp cloud knows classic devices outside of namespace default. */
    static String resource(DeviceState state, boolean kelpCloud) {
        boolean full = kelpCloud && state.generation() == Generation.CLASSIC
                && !state.id().namespace().equals(DeviceTable.DEFAULT_NAMESPACE);
        return full ? state.id().toString() : state.topicId();
    }
}
