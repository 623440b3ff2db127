package io.kelp.cloud.standalone;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;

/**
 * A taint of a Node (core/v1).
 *
 * @param value empty for none
 * @param timeAdded RFC 3339, empty for none
 */
record Taint(String key, String value, String effect, String timeAdded) {

    static final String NO_SCHEDULE = "NoSchedule";
    static final String NO_EXECUTE = "NoExecute";
    static final String NOT_READY = "node.kubernetes.io/not-ready";
    static final String UNREACHABLE = "node.kubernetes.io/unreachable";
    static final String UNSCHEDULABLE = "node.kubernetes.io/unschedulable";

    static List<Taint> of(JsonObject spec) {
        List<Taint> taints = new ArrayList<>();
        if (spec.get("taints") instanceof JsonArray list) {
            for (JsonElement element : list) {
                JsonObject taint = element.getAsJsonObject();
                taints.add(new Taint(Tree.text(taint, "key"), Tree.text(taint, "value"), Tree.text(taint, "effect"),
                        Tree.text(taint, "timeAdded")));
            }
        }
        return List.copyOf(taints);
    }

    /** Whether it is the same but for value and time. */
    boolean isLike(Taint other) {
        return key.equals(other.key) && effect.equals(other.effect);
    }

    JsonObject toJson() {
        JsonObject taint = new JsonObject();
        taint.addProperty("key", key);
        if (!value.isEmpty()) {
            taint.addProperty("value", value);
        }
        taint.addProperty("effect", effect);
        if (!timeAdded.isEmpty()) {
            taint.addProperty("timeAdded", timeAdded);
        }
        return taint;
    }
}
