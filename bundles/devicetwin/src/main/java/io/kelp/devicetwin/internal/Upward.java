package io.kelp.devicetwin.internal;

import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.kelp.message.Message;
import io.kelp.message.Operation;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/**
 * What the cloud must still hear of one device: the newest value of each property, and the state. What changes while a
 * message is under way goes into the next one: towards a stock cloud when the first is confirmed; towards a Kelp cloud,
 * which confirms when the API server has the value, a little while after it, confirmed or not. Belongs to the thread of the
 * engine.
 */
final class Upward {

    /** Properties in one message at most. */
    static final int MAX_PROPERTIES = 500;
    private static final int MAX_UNDER_WAY = 32;

    /** What a message told of a twin. */
    private record Told(TwinState twin, int sides) {}

    /** What the cloud has not confirmed. */
    private final Map<String, Integer> dirty = new LinkedHashMap<>();
    /** The part of it that no message under way tells. */
    private final Map<String, Integer> fresh = new LinkedHashMap<>();
    private final Map<String, Map<String, Told>> underWay = new HashMap<>();
    private long sentNanos;
    private boolean hasSent; // on this link
    private volatile int dirtyCount; // for metrics
    private int twinFailures; // in a row

    private boolean stateDirty;
    private String stateEvent = "";
    private long stateTimestamp;
    private String stateMessage; // null: none under way
    private String stateTold;
    private int stateFailures; // in a row

    void twins(Map<String, Integer> sides) {
        sides.forEach((name, bits) -> {
            dirty.merge(name, bits, (a, b) -> a | b);
            fresh.merge(name, bits, (a, b) -> a | b);
        });
        dirtyCount = dirty.size();
    }

    /** @param event id that MQTT clients see, too; {@code null} for a new one */
    void state(String event, long nowMillis) {
        stateDirty = true;
        stateEvent = event == null ? UUID.randomUUID().toString() : event;
        stateTimestamp = nowMillis;
    }

    boolean isDirty() {
        return stateDirty || !dirty.isEmpty();
    }

    /** May be called by any thread. */
    int dirtyProperties() {
        return dirtyCount;
    }

    boolean isDirty(String property) {
        return dirty.containsKey(property);
    }

    boolean isStateDirty() {
        return stateDirty;
    }

    /** The link broke: nothing is under way any more. */
    void disconnected() {
        stateMessage = null;
        twinFailures = 0;
        stateFailures = 0;
        hasSent = false;
        underWay.clear();
        fresh.clear();
        fresh.putAll(dirty);
    }

    /** Whether there is something to tell that only has to wait because another message went just now. */
    boolean isPaced() {
        return !fresh.isEmpty() && hasSent && underWay.size() < MAX_UNDER_WAY;
    }

    /**
     * The message with the twins to send now, {@code null} when there is none, or another one has to be confirmed first.
     *
     * @param spacingNanos least time between two messages; the second need then not wait until the first is confirmed.
     *     Negative: it has to wait, for that and for nothing else
     */
    Message nextTwins(DeviceState state, String resource, long nowMillis, long nowNanos, long spacingNanos) {
        boolean wait = spacingNanos < 0 ? !underWay.isEmpty()
                : hasSent && nowNanos - sentNanos < spacingNanos || underWay.size() >= MAX_UNDER_WAY;
        if (fresh.isEmpty() || wait) {
            return null;
        }
        JsonObject twins = new JsonObject();
        Map<String, Told> told = new HashMap<>();
        for (Iterator<Map.Entry<String, Integer>> i = fresh.entrySet().iterator(); i.hasNext() && told.size() < MAX_PROPERTIES;) {
            Map.Entry<String, Integer> e = i.next();
            TwinState twin = state.twins().get(e.getKey());
            i.remove();
            if (twin == null) {
                dirty.remove(e.getKey());
            } else {
                twins.add(e.getKey(), TwinPayloads.upward(twin, e.getValue()));
                told.put(e.getKey(), new Told(twin, e.getValue()));
            }
        }
        if (told.isEmpty()) {
            return null;
        }
        JsonObject content = new JsonObject();
        content.addProperty("event_id", UUID.randomUUID().toString());
        content.addProperty("timestamp", nowMillis);
        content.add("twin", twins);
        Message message = Message.create("twin", "resource", Operation.UPDATE, "device/" + resource + "/twin/edge_updated", content);
        underWay.put(message.id(), told);
        sentNanos = nowNanos;
        hasSent = true;
        return message;
    }

    /** The message with the state to send now, {@code null} when there is none or one is under way. */
    Message nextState(DeviceState state, String resource) {
        if (!stateDirty || stateMessage != null) {
            return null;
        }
        String content = StateRules.stateMessage(state, stateEvent, stateTimestamp);
        Message message = Message.create("twin", "resource", Operation.UPDATE, "device/" + resource + "/state/update", new JsonPrimitive(content));
        stateMessage = message.id();
        stateTold = stateEvent;
        return message;
    }

    /** The link did not take a message: as if it had not been made. */
    void unsent(String message) {
        Map<String, Told> told = underWay.remove(message);
        if (told != null) {
            told.forEach((name, was) -> {
                int left = dirty.getOrDefault(name, 0) & was.sides;
                if (left != 0) {
                    fresh.merge(name, left, (a, b) -> a | b);
                }
            });
        } else if (message.equals(stateMessage)) {
            stateMessage = null;
        }
    }

    /**
     * A message was not confirmed in time.
     *
     * @return whether it told the state
     */
    boolean unconfirmed(String message) {
        boolean state = message.equals(stateMessage);
        twinFailures += underWay.containsKey(message) ? 1 : 0;
        stateFailures += state ? 1 : 0;
        unsent(message);
        return state;
    }

    boolean isState(String message) {
        return message.equals(stateMessage);
    }

    /** How often in a row a message of the kind was not confirmed. */
    int failures(Message message) {
        return message.id().equals(stateMessage) ? stateFailures : twinFailures;
    }

    /** The cloud has taken over a message: what has not changed since need not be told again. */
    void confirmed(String message, DeviceState state) {
        Map<String, Told> told = underWay.remove(message);
        if (message.equals(stateMessage)) {
            stateMessage = null;
            stateFailures = 0;
            stateDirty = !stateEvent.equals(stateTold);
        } else if (told != null) {
            twinFailures = 0;
            told.forEach((name, was) -> confirmed(name, was, state.twins().get(name)));
            dirtyCount = dirty.size();
        }
    }

    private void confirmed(String name, Told was, TwinState now) {
        int left = dirty.getOrDefault(name, 0);
        if (now != null) {
            left &= now.expected().equals(was.twin.expected()) ? ~(was.sides & TwinRules.EXPECTED) : ~0;
            left &= now.actual().equals(was.twin.actual()) ? ~(was.sides & TwinRules.ACTUAL) : ~0;
            left &= now.type().equals(was.twin.type()) ? ~(was.sides & (TwinRules.METADATA | TwinRules.DELETED)) : ~0;
        } else {
            left = 0;
        }
        if (left == 0) {
            dirty.remove(name);
            fresh.remove(name);
        } else {
            dirty.put(name, left);
        }
    }
}
