package io.kelp.kubeapi.internal.rest;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;

/** {@code status.conditions} of pods. */
final class Conditions {

    private Conditions() {
    }

    /** Says that a condition is met. */
    static void set(JsonObject pod, String type, String now) {
        set(pod, type, "", "", now);
    }

    /** @param reason empty for none, like the message */
    static void set(JsonObject pod, String type, String reason, String message, String now) {
        JsonObject status = Json.object(pod, "status");
        if (status == null) {
            status = new JsonObject();
            pod.add("status", status);
        }
        JsonArray conditions = Json.array(status, "conditions");
        status.add("conditions", conditions);
        JsonObject found = null;
        for (JsonElement element : conditions) {
            if (element instanceof JsonObject condition && Json.text(condition, "type").equals(type)) {
                found = condition;
            }
        }
        if (found == null) {
            found = new JsonObject();
            found.addProperty("type", type);
            conditions.add(found);
        }
        if (!Json.text(found, "status").equals("True")) {
            found.add("lastProbeTime", JsonNull.INSTANCE);
            found.addProperty("lastTransitionTime", now);
            found.addProperty("status", "True");
            put(found, "reason", reason);
            put(found, "message", message);
        }
    }

    private static void put(JsonObject condition, String name, String value) {
        if (value.isEmpty()) {
            condition.remove(name);
        } else {
            condition.addProperty(name, value);
        }
    }
}
