package io.kelp.cloud.standalone;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;

/**
 * A toleration of a Pod (core/v1).
 *
 * @param key empty with {@code Exists} for all keys
 * @param effect empty for all
 * @param seconds how long it bears with {@code NoExecute}; {@code null} for ever
 */
record Toleration(String key, String operator, String value, String effect, Long seconds) {

    static List<Toleration> of(JsonObject podSpec) {
        List<Toleration> tolerations = new ArrayList<>();
        if (podSpec.get("tolerations") instanceof JsonArray list) {
            for (JsonElement element : list) {
                JsonObject toleration = element.getAsJsonObject();
                JsonElement seconds = toleration.get("tolerationSeconds");
                tolerations.add(new Toleration(Tree.text(toleration, "key"), Tree.text(toleration, "operator"), Tree.text(toleration, "value"),
                        Tree.text(toleration, "effect"), seconds == null || seconds.isJsonNull() ? null : seconds.getAsLong()));
            }
        }
        return List.copyOf(tolerations);
    }

    boolean tolerates(Taint taint) {
        if (!effect.isEmpty() && !effect.equals(taint.effect()) || !key.isEmpty() && !key.equals(taint.key())) {
            return false;
        }
        return operator.equals("Exists") || !key.isEmpty() && value.equals(taint.value());
    }
}
