package io.kelp.devicetwin.internal;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * What a message does to the twins of one device (device specification, section 3.6). Pure: twins in, twins out.
 *
 * <p>Differs from the stock gateway where the specification tells so: the cloud's desired value wins over one
 * that was set at the edge (trap 13), and a null for an unknown twin does not hide the twins after it.
 */
final class TwinRules {

    /** Bits of {@link Change#sides}: what of the twin is new, and thereby what goes to the cloud. */
    static final int EXPECTED = 1;
    static final int ACTUAL = 2;
    /** The message differs from the twin in its metadata alone. */
    static final int METADATA = 4;
    /** The twin was deleted at this side. */
    static final int DELETED = 8;

    /**
     * What became of one twin.
     *
     * @param last before, {@code null} when it was not there
     * @param current after, {@code null} when it is not there
     * @param sides bits of what changed, 0 for a null that met no twin
     */
    record Change(TwinState last, TwinState current, int sides) {}

    /**
     * What became of the twins.
     *
     * @param twins all twins after the message, deleted ones included
     * @param changes the twins that a document shows
     * @param upward bits of what the cloud must hear, per twin
     * @param refusal why nothing was done, {@code null} when something was
     */
    record Outcome(SortedMap<String, TwinState> twins, SortedMap<String, Change> changes, Map<String, Integer> upward, String refusal) {

        boolean isEmpty() {
            return refusal == null && changes.isEmpty() && upward.isEmpty();
        }
    }

    private final SortedMap<String, TwinState> twins;
    private final SortedMap<String, Change> changes = new TreeMap<>();
    private final Map<String, Integer> upward = new LinkedHashMap<>();
    private final long now;

    private TwinRules(SortedMap<String, TwinState> twins, long nowMillis) {
        this.twins = new TreeMap<>(twins);
        this.now = nowMillis;
    }

    /**
     * A request of an MQTT client, a report of a driver or a wish from the command line.
     *
     * @param declared type of a property that the Device object has, {@code null} for another one
     * @param limit most twins a device may have
     */
    static Outcome local(SortedMap<String, TwinState> twins, Map<String, MsgTwin> request, UnaryOperator<String> declared, int limit, long nowMillis) {
        TwinRules rules = new TwinRules(twins, nowMillis);
        for (Map.Entry<String, MsgTwin> e : request.entrySet()) {
            String refusal = rules.local(e.getKey(), e.getValue(), declared);
            if (refusal == null && rules.twins.size() > limit) {
                refusal = "the device has " + limit + " twins already, more are not allowed";
            }
            if (refusal != null) {
                twins = new TreeMap<>(twins);
                twins.replaceAll((name, twin) -> twin.withoutEmptyValues());
                return new Outcome(twins, new TreeMap<>(), Map.of(), refusal);
            }
        }
        return rules.outcome();
    }

    private String local(String name, MsgTwin msg, UnaryOperator<String> declared) {
        TwinState old = twins.get(name);
        boolean exists = old != null && !old.isDeleted();
        if (msg == null) {
            deleteLocally(name, old, exists);
            return null;
        }
        String declaredType = exists ? null : declared.apply(name); // costly, and a twin that exists has its type
        String type = exists ? old.type() : declaredType != null ? declaredType : msg.type() != null ? msg.type() : TwinState.DEFAULT_TYPE;
        boolean wasOptional = old != null ? old.optional() : declaredType == null;
        boolean optional = wasOptional && !Boolean.FALSE.equals(msg.optional());
        TwinState twin = old == null
                ? new TwinState(type, optional, TwinSide.NONE, TwinSide.NONE, null) : old.withType(type, optional);
        int sides = 0;
        for (int side = EXPECTED; side <= ACTUAL; side <<= 1) {
            String value = side == EXPECTED ? msg.expected() : msg.actual();
            MsgTwin.Measured measured = side == EXPECTED ? null : msg.measured();
            if (value == null && measured == null) {
                continue;
            }
            String misfit = value == null ? null : ValueRules.misfit(type, value);
            if (misfit != null) {
                return misfit;
            }
            sides |= side;
            twin = side == EXPECTED ? twin.withExpected(twin.expected().writtenHere(value, now))
                    : twin.withActual(measured == null ? twin.actual().writtenHere(value, now) : measured(twin.actual(), value, measured));
        }
        if (sides == 0) {
            boolean differs = !exists || optional != old.optional() || msg.type() != null && !msg.type().equals(old.type());
            sides = differs ? METADATA : 0;
        }
        if (sides != 0) {
            change(name, exists ? old : null, twin, sides);
            upward(name, msg.measured() != null && msg.measured().local() ? sides & ~ACTUAL : sides);
        }
        return null;
    }

    private static TwinSide measured(TwinSide before, String value, MsgTwin.Measured measured) {
        return before.writtenHere(value == null ? before.value() : value, measured.timestampMillis(),
                before.remark().withQuality(measured.quality(), measured.local()));
    }

    private void upward(String name, int sides) {
        if (sides != 0) {
            upward.put(name, sides);
        }
    }

    /**
     * Why a desired value was not taken.
     *
     * @param declared type of the property, for one that has no twin yet
     * @param sentence empty when all is well again
     */
    static Outcome error(SortedMap<String, TwinState> twins, String name, String declared, String sentence, long nowMillis) {
        TwinRules rules = new TwinRules(twins, nowMillis);
        TwinState old = twins.get(name);
        boolean exists = old != null && !old.isDeleted();
        TwinState twin = exists ? old : old != null ? old.withType(declared, false)
                : new TwinState(declared, false, TwinSide.NONE, TwinSide.NONE, null);
        TwinSide actual = twin.actual();
        boolean same = actual.remark().hasError() ? sentence.equals(actual.remark().error()) : sentence.isEmpty();
        if (!same) {
            rules.change(name, exists ? old : null, twin.withActual(actual.writtenHere(actual.value(),
                    actual.isSet() ? actual.timestampMillis() : nowMillis, actual.remark().withError(sentence))), ACTUAL);
            rules.upward(name, ACTUAL);
        }
        return rules.outcome();
    }

    private void deleteLocally(String name, TwinState old, boolean exists) {
        if (!exists) {
            changes.put(name, new Change(null, null, 0));
        } else if (old.optional()) {
            twins.put(name, old.deleted());
            changes.put(name, new Change(old, null, DELETED));
            upward.put(name, DELETED);
        }
    }

    /** Twins of a membership message or of {@code cloud_updated}. */
    static Outcome cloud(SortedMap<String, TwinState> twins, Map<String, MsgTwin> request, long nowMillis) {
        TwinRules rules = new TwinRules(twins, nowMillis);
        request.forEach(rules::cloud);
        return rules.outcome();
    }

    private void cloud(String name, MsgTwin msg) {
        TwinState old = twins.get(name);
        boolean exists = old != null && !old.isDeleted();
        if (msg == null) {
            return; // the cloud deletes by type, a null says nothing
        }
        if (TwinState.DELETED.equals(msg.type())) {
            deleteByCloud(name, old, exists, msg);
            return;
        }
        String type = exists ? old.type() : msg.type() != null ? msg.type() : TwinState.DEFAULT_TYPE;
        boolean optional = Boolean.TRUE.equals(msg.optional()) && (old == null || old.optional());
        TwinState twin = old == null
                ? new TwinState(type, optional, TwinSide.NONE, TwinSide.NONE, null) : old.withType(type, optional);
        int sides = 0;
        int refused = 0;
        for (int side = EXPECTED; side <= ACTUAL; side <<= 1) {
            String value = side == EXPECTED ? msg.expected() : msg.actual();
            if (value == null) {
                continue;
            }
            TwinSide before = side == EXPECTED ? twin.expected() : twin.actual();
            MsgTwin.Version version = side == EXPECTED ? msg.expectedVersion() : msg.actualVersion();
            if (version == null || before.cloud() > version.cloud()) {
                refused |= side;
            } else if (ValueRules.misfit(type, value) == null) {
                TwinSide after = new TwinSide(value, now, version.cloud(), version.edge());
                boolean repeated = exists && before.cloud() == version.cloud()
                        && (value.equals(before.value()) && before.edge() == version.edge()
                                || side == EXPECTED && value.equals(old.cloudValue()));
                sides |= repeated ? 0 : side;
                if (!repeated) {
                    twin = side == EXPECTED ? twin.withExpected(after).withCloudValue(value) : twin.withActual(after);
                }
            }
        }
        if (sides != 0) {
            change(name, exists ? old : null, twin, sides);
        } else if (exists && optional != old.optional()) {
            change(name, old, twin, METADATA);
        }
        if (refused != 0 && exists) {
            upward.put(name, refused);
        }
    }

    private void deleteByCloud(String name, TwinState old, boolean exists, MsgTwin msg) {
        if (!exists) {
            return;
        }
        MsgTwin.Version version = msg.expectedVersion();
        if (version != null && old.expected().cloud() > version.cloud()) {
            upward.put(name, EXPECTED);
            return;
        }
        twins.put(name, old.deleted());
        changes.put(name, new Change(old, null, DELETED));
    }

    /**
     * The desired values of the Device object. What the cloud has not changed since it was last taken over stays
     * as it is, so that a local override lives until the cloud changes its mind.
     *
     * @param desired property name → value and type; the value is {@code null} when the property has no desired value
     * @param version resourceVersion of the object
     */
    static Outcome object(SortedMap<String, TwinState> twins, Map<String, DeviceObject.Desired> desired, long version, long nowMillis) {
        TwinRules rules = new TwinRules(twins, nowMillis);
        desired.forEach((name, wish) -> rules.object(name, wish, version));
        twins.forEach((name, twin) -> {
            if (!desired.containsKey(name) && twin.cloudValue() != null) {
                rules.twins.put(name, twin.deleted());
                rules.changes.put(name, new Change(twin, null, DELETED));
            }
        });
        return rules.outcome();
    }

    private void object(String name, DeviceObject.Desired wish, long version) {
        TwinState old = twins.get(name);
        boolean exists = old != null && !old.isDeleted();
        String known = old == null ? null : old.cloudValue();
        if (wish.value() == null) {
            if (known != null) {
                change(name, old, old.withExpected(new TwinSide(null, 0, version, 0)).withCloudValue(null), EXPECTED);
            }
            return;
        }
        boolean settled = wish.value().equals(known);
        if (settled && old.type().equals(wish.type()) || ValueRules.misfit(wish.type(), wish.value()) != null) {
            return;
        }
        TwinState twin = old == null
                ? new TwinState(wish.type(), false, TwinSide.NONE, TwinSide.NONE, null) : old.withType(wish.type(), false);
        if (settled) {
            change(name, old, twin, METADATA);
        } else {
            change(name, exists ? old : null,
                    twin.withExpected(new TwinSide(wish.value(), now, version, 0)).withCloudValue(wish.value()), EXPECTED);
        }
    }

    private void change(String name, TwinState last, TwinState current, int sides) {
        twins.put(name, current);
        changes.put(name, new Change(last, current, sides));
    }

    private Outcome outcome() {
        return new Outcome(twins, changes, upward, null);
    }
}
