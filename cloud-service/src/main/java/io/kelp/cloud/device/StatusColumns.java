package io.kelp.cloud.device;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.Optional;
import java.util.Set;

/**
 * What the cloud service keeps in the {@code status} of a Device so that {@code kubectl get devices} can show it; of both generations, and no
 * business of gateways. Everything is empty when it is not there.
 *
 * @param state what the gateway says, or {@link #UNKNOWN}
 * @param lastState while the state is unknown: what the gateway said last
 * @param nodeName of a v1alpha2 device, whose spec has it in a list
 * @param protocol where the spec has no {@code protocolName}
 */
record StatusColumns(String state, String lastState, String nodeName, String protocol) {

    /** The state of devices whose gateway is away: nobody knows. */
    static final String UNKNOWN = "unknown";

    private static final Set<String> OURS = Set.of("state", "lastState", "lastOnlineTime", "nodeName", "protocol");

    /** What a Device has. */
    static StatusColumns of(JsonObject device) {
        JsonObject status = Json.object(device, "status");
        return new StatusColumns(Json.text(status, "state"), Json.text(status, "lastState"), Json.text(status, "nodeName"),
                Json.text(Json.object(status, "protocol"), "protocolName"));
    }

    /** What a Device should have besides its state. @param model may be {@code null} */
    StatusColumns withFacts(Device device, DeviceModel model) {
        String ownProtocol = device.protocol();
        boolean isNamed = device.namesProtocol();
        return new StatusColumns(state, lastState, device.generation() == Generation.CLASSIC ? device.node() : "",
                isNamed ? "" : !ownProtocol.isEmpty() || model == null ? ownProtocol : model.protocol());
    }

    StatusColumns said(String newState) {
        return newState.isEmpty() ? this : new StatusColumns(newState, "", nodeName, protocol);
    }

    /** The gateway is away. A state that was never told stays so. */
    StatusColumns away() {
        return state.isEmpty() || state.equals(UNKNOWN) ? this : new StatusColumns(UNKNOWN, state, nodeName, protocol);
    }

    /** The gateway is back and has not said anything else. */
    StatusColumns back() {
        return lastState.isEmpty() ? this : new StatusColumns(lastState, "", nodeName, protocol);
    }

    /** The {@code status} of a merge patch that turns the other into this; empty when they are the same. */
    Optional<JsonObject> over(StatusColumns before) {
        JsonObject status = new JsonObject();
        set(status, "state", before.state, state);
        set(status, "lastState", before.lastState, lastState);
        set(status, "nodeName", before.nodeName, nodeName);
        if (!before.protocol.equals(protocol)) {
            JsonObject named = new JsonObject();
            named.addProperty("protocolName", protocol);
            status.add("protocol", protocol.isEmpty() ? JsonNull.INSTANCE : named);
        }
        return status.isEmpty() ? Optional.empty() : Optional.of(status);
    }

    private static void set(JsonObject status, String name, String before, String now) {
        if (!before.equals(now)) {
            JsonElement value = now.isEmpty() ? JsonNull.INSTANCE : new JsonPrimitive(now);
            status.add(name, value);
        }
    }

    /** A {@code status} without these fields: what is left is of interest to gateways. */
    static JsonObject without(JsonObject status) {
        JsonObject rest = status.deepCopy();
        OURS.forEach(rest::remove);
        return rest;
    }
}
