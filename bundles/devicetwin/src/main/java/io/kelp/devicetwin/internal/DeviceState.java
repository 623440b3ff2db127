package io.kelp.devicetwin.internal;

import com.google.gson.JsonObject;
import io.kelp.devicetwin.DeviceTwins.DeviceId;
import io.kelp.devicetwin.DeviceTwins.Generation;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * All the gateway knows of one device. Immutable, except that nobody may change the JSON in it.
 *
 * @param id namespace and name
 * @param topicId what stands for it in MQTT topics and resources: the name, or namespace/name
 * @param generation of the object, or a guess from the membership message
 * @param member whether MQTT clients have been told of it by {@code membership/updated}
 * @param description of the membership message or the label of that name
 * @param attributes device attributes of the membership message
 * @param object the Device object, {@code null} for a device that only a membership message made known
 * @param uid of the object, empty without one
 * @param resourceVersion of the object, empty without one
 * @param state as reported last, empty if never
 * @param lastOnline text of the time it was online last, empty if never or not told in this state
 * @param twins property name → twin, deleted ones included
 */
record DeviceState(DeviceId id, String topicId, Generation generation, boolean member, String description,
        JsonObject attributes, JsonObject object, String uid, String resourceVersion,
        String state, String lastOnline, SortedMap<String, TwinState> twins) {

    DeviceState {
        twins = Collections.unmodifiableSortedMap(twins);
    }

    static DeviceState of(DeviceId id, String topicId, Generation generation) {
        return new DeviceState(id, topicId, generation, false, "", new JsonObject(), null, "", "", "", "", new TreeMap<>());
    }

    DeviceState withTwins(SortedMap<String, TwinState> newTwins) {
        return new DeviceState(id, topicId, generation, member, description, attributes, object, uid, resourceVersion,
                state, lastOnline, newTwins);
    }

    DeviceState withState(String newState, String newLastOnline) {
        return new DeviceState(id, topicId, generation, member, description, attributes, object, uid, resourceVersion,
                newState, newLastOnline, twins);
    }

    DeviceState withMembership(String newDescription, JsonObject newAttributes) {
        return new DeviceState(id, topicId, generation, true, newDescription, newAttributes, object, uid, resourceVersion,
                state, lastOnline, twins);
    }

    DeviceState withObject(String newTopicId, Generation newGeneration, String newDescription, JsonObject newObject, String newUid, String newVersion) {
        return new DeviceState(id, newTopicId, newGeneration, member, newDescription, attributes, newObject, newUid, newVersion,
                state, lastOnline, twins);
    }

    DeviceState withId(DeviceId newId) {
        return new DeviceState(newId, topicId, generation, member, description, attributes, object, uid, resourceVersion,
                state, lastOnline, twins);
    }

    /** Whether the part that must survive a power cut is the same: all but reported values and state. */
    boolean sameDesired(DeviceState other) {
        if (other == null || !id.equals(other.id) || !topicId.equals(other.topicId) || generation != other.generation
                || member != other.member || !description.equals(other.description) || !attributes.equals(other.attributes)
                || !uid.equals(other.uid) || (object == null) != (other.object == null)) {
            return false;
        }
        if (object != other.object && !DeviceObject.material(object).equals(DeviceObject.material(other.object))) {
            return false;
        }
        return twins == other.twins || sameTwins(other);
    }

    private boolean sameTwins(DeviceState other) {
        for (var e : twins.entrySet()) {
            TwinState twin = e.getValue();
            TwinState before = other.twins.get(e.getKey());
            if (twin != before && isLasting(twin, before) && !twin.sameDesired(before)) {
                return false;
            }
        }
        return twins.size() == other.twins.size(); // the rules mark twins as deleted, they never drop one
    }

    /** A twin that an MQTT client made and only reports to is kept with its reported value. */
    static boolean isLasting(TwinState twin) {
        return !twin.optional() || twin.expected().isSet() || twin.cloudValue() != null || twin.expected().edge() > 0;
    }

    private static boolean isLasting(TwinState twin, TwinState before) {
        return isLasting(twin) || before != null && isLasting(before);
    }
}
