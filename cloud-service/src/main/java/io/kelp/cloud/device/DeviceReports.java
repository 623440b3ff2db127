package io.kelp.cloud.device;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The newest that one device has reported, and what of it is not in the API server yet. Older values
 * of a property are replaced, so it takes the same memory however long the API server is away. Safe for use by
 * several threads.
 */
final class DeviceReports {

    /** Beyond this, the oldest report stays unconfirmed and its edge repeats it. */
    private static final int MAX_CONFIRMATIONS = 256;
    /** How many written values per property are recognised when the API server tells them back. */
    private static final int REMEMBERED = 8;

    /**
     * What one write takes along.
     *
     * @param reported by property
     * @param observed what the mapper says about the desired value, by property
     * @param state empty when it was not reported
     * @param confirmations to be run when it is written
     */
    record Batch(Map<String, JsonObject> reported, Map<String, JsonObject> observed, String state, String lastOnline,
            List<Runnable> confirmations) {

        /**
         * What is to be written over stored twins. While the gateway is connected here, everything: its clock may have been set
         * back. Once it has gone to another replica, only what is not older than what that has written.
         */
        Map<String, JsonObject> reportedOver(JsonArray twins, boolean here) {
            if (here) {
                return reported;
            }
            Map<String, JsonObject> newer = new LinkedHashMap<>(reported);
            for (JsonElement element : twins) {
                if (element instanceof JsonObject twin && newer.containsKey(Json.text(twin, "propertyName"))
                        && millis(Json.object(twin, "reported")) > millis(newer.get(Json.text(twin, "propertyName")))) {
                    newer.remove(Json.text(twin, "propertyName"));
                }
            }
            return newer;
        }

        private static long millis(JsonObject value) {
            String timestamp = Json.text(Json.object(value, "metadata"), "timestamp");
            return timestamp.matches("[0-9]{1,18}") ? Long.parseLong(timestamp) : 0;
        }
    }

    private record Stamp(long version, long millis) {}

    private final String node;
    private final String namespace;
    private final String name;
    private final String uid;
    private final Map<String, JsonObject> reported = new LinkedHashMap<>();
    private final Map<String, JsonObject> dirty = new LinkedHashMap<>();
    private final Map<String, JsonObject> observed = new LinkedHashMap<>();
    private final Map<String, Stamp> stamps = new HashMap<>();
    private final Map<String, Deque<JsonObject>> own = new HashMap<>();
    private final Deque<Runnable> confirmations = new ArrayDeque<>();
    private String state = "";
    private String lastOnline = "";
    private boolean stateDirty;
    private boolean requested;
    private boolean scheduled;

    DeviceReports(Device device) {
        this.node = device.node();
        this.namespace = device.namespace();
        this.name = device.name();
        this.uid = device.uid();
    }

    String node() {
        return node;
    }

    String namespace() {
        return namespace;
    }

    String name() {
        return name;
    }

    String uid() {
        return uid;
    }

    /**
     * Takes over what a device said.
     *
     * @param confirmation run when the API server has it
     * @return whether the caller must have it scheduled for writing
     */
    synchronized boolean report(TwinReport report, Runnable confirmation) {
        report.twins().forEach((property, twin) -> {
            if (twin.actual() != null && !isRepetition(property, twin)) {
                JsonObject known = reported.get(property);
                JsonObject now = known != null && known.has("value") ? TwinReport.over(known, twin.actual()) : twin.actual();
                reported.put(property, now);
                dirty.put(property, now);
            }
            if (twin.expected() != null) {
                observed.put(property, twin.expected());
            }
        });
        return schedule(confirmation);
    }

    /**
     * Stock edges repeat what was not confirmed, even when there are newer values. Neither the clock nor the
     * counter of an edge can be believed alone: one may be set back, the other begins anew with the device.
     */
    private boolean isRepetition(String property, TwinReport.Twin twin) {
        Stamp last = stamps.get(property);
        if (last != null && twin.actualVersion() < last.version() && twin.actualMillis() < last.millis()) {
            return true;
        }
        stamps.put(property, new Stamp(twin.actualVersion(), twin.actualMillis()));
        return false;
    }

    synchronized boolean state(String state, String lastOnline, Runnable confirmation) {
        this.state = state.isEmpty() ? this.state : state;
        this.lastOnline = lastOnline.isEmpty() ? this.lastOnline : lastOnline;
        stateDirty = true;
        return schedule(confirmation);
    }

    /** Asks for a write although nothing was reported: the object for the status is to be there. */
    synchronized boolean request() {
        requested = true;
        return schedule(null);
    }

    private boolean schedule(Runnable confirmation) {
        if (confirmation != null) {
            confirmations.add(confirmation);
            if (confirmations.size() > MAX_CONFIRMATIONS) {
                confirmations.poll();
            }
        }
        boolean first = !scheduled;
        scheduled = true;
        return first;
    }

    /** What is to be written now; remembered as ours before it is sent, because the echo may overtake the answer. */
    synchronized Batch take() {
        Batch batch = new Batch(new LinkedHashMap<>(dirty), new LinkedHashMap<>(observed), stateDirty ? state : "",
                stateDirty ? lastOnline : "", new ArrayList<>(confirmations));
        dirty.forEach((property, value) -> {
            Deque<JsonObject> values = own.computeIfAbsent(property, p -> new ArrayDeque<>());
            values.addLast(value);
            if (values.size() > REMEMBERED) {
                values.removeFirst();
            }
        });
        dirty.clear();
        observed.clear();
        confirmations.clear();
        stateDirty = false;
        requested = false;
        return batch;
    }

    /** Takes back what could not be written, unless there is something newer. */
    synchronized void giveBack(Batch batch) {
        batch.reported().forEach(dirty::putIfAbsent);
        batch.observed().forEach(observed::putIfAbsent);
        stateDirty |= !batch.state().isEmpty() || !batch.lastOnline().isEmpty();
        for (int i = batch.confirmations().size() - 1; i >= 0 && confirmations.size() < MAX_CONFIRMATIONS; i--) {
            confirmations.addFirst(batch.confirmations().get(i));
        }
        requested = true;
    }

    /** @return whether there is more to write; otherwise the next report must schedule it anew */
    synchronized boolean isMoreWaiting() {
        scheduled = requested || !dirty.isEmpty() || !observed.isEmpty() || stateDirty || !confirmations.isEmpty();
        return scheduled;
    }

    synchronized boolean isOwn(String property, JsonObject value) {
        Deque<JsonObject> values = own.get(property);
        return values != null && values.contains(value);
    }

    /** The newest reported values, written or not. */
    synchronized Map<String, JsonObject> current() {
        return new HashMap<>(reported);
    }

    synchronized String state() {
        return state;
    }

    synchronized String lastOnline() {
        return lastOnline;
    }
}
