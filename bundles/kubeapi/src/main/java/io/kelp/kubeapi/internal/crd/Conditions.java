package io.kelp.kubeapi.internal.crd;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.Optional;

/** The conditions of a definition. */
final class Conditions {

    private Conditions() {
    }

    static Optional<JsonObject> find(JsonObject status, String type) {
        for (JsonElement condition : Members.array(status, "conditions")) {
            if (condition.isJsonObject() && Members.text(condition.getAsJsonObject(), "type").equals(type)) {
                return Optional.of(condition.getAsJsonObject());
            }
        }
        return Optional.empty();
    }

    static boolean isTrue(JsonObject status, String type) {
        return find(status, type).map(condition -> Members.text(condition, "status").equals("True")).orElse(false);
    }

    /** Sets a condition in place; the time of the last transition changes only with its value. */
    static void set(JsonObject status, String type, boolean value, String reason, String message, String now) {
        String text = value ? "True" : "False";
        Optional<JsonObject> known = find(status, type);
        JsonObject condition = known.orElseGet(JsonObject::new);
        if (!Members.text(condition, "status").equals(text)) {
            condition.addProperty("lastTransitionTime", now);
        }
        condition.addProperty("message", message);
        condition.addProperty("reason", reason);
        condition.addProperty("status", text);
        condition.addProperty("type", type);
        if (known.isEmpty()) {
            JsonArray conditions = Members.array(status, "conditions").deepCopy();
            conditions.add(condition);
            status.add("conditions", conditions);
        }
    }
}
