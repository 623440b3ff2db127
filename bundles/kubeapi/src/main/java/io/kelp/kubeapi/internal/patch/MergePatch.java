package io.kelp.kubeapi.internal.patch;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import java.util.Map;

/** JSON merge patch (RFC 7386). */
final class MergePatch {

    private MergePatch() {
    }

    static JsonObject apply(JsonObject current, JsonElement patch) throws ApiException {
        if (patch == null || patch.isJsonNull()) {
            throw ApiException.badRequest("Invalid JSON Patch");
        }
        if (!(patch instanceof JsonObject object)) {
            throw ApiException.badRequest("error decoding patch: " + PatchEngine.wrongType(patch));
        }
        return merge(current, object);
    }

    private static JsonObject merge(JsonObject current, JsonObject patch) {
        JsonObject merged = new JsonObject();
        for (Map.Entry<String, JsonElement> entry : current.entrySet()) {
            JsonElement change = patch.get(entry.getKey());
            if (change == null) {
                merged.add(entry.getKey(), entry.getValue().deepCopy());
            } else if (!change.isJsonNull()) {
                merged.add(entry.getKey(), mergeMember(entry.getValue(), change));
            }
        }
        for (Map.Entry<String, JsonElement> entry : patch.entrySet()) {
            if (!current.has(entry.getKey()) && !entry.getValue().isJsonNull()) {
                merged.add(entry.getKey(), withoutNulls(entry.getValue()));
            }
        }
        return merged;
    }

    private static JsonElement mergeMember(JsonElement current, JsonElement change) {
        if (!(current instanceof JsonObject old)) {
            return withoutNulls(change);
        }
        return change instanceof JsonObject object ? merge(old, object) : change.deepCopy();
    }

    /** Nothing is left to delete in what is new; nulls in lists are values. */
    private static JsonElement withoutNulls(JsonElement value) {
        if (value instanceof JsonObject object) {
            JsonObject copy = new JsonObject();
            object.entrySet().forEach(entry -> {
                if (!entry.getValue().isJsonNull()) {
                    copy.add(entry.getKey(), withoutNulls(entry.getValue()));
                }
            });
            return copy;
        }
        if (value instanceof JsonArray list) {
            JsonArray copy = new JsonArray(list.size());
            list.forEach(item -> copy.add(item.isJsonNull() ? JsonNull.INSTANCE : withoutNulls(item)));
            return copy;
        }
        return value;
    }
}
