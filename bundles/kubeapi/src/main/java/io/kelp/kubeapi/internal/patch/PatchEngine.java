package io.kelp.kubeapi.internal.patch;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.internal.schema.Schema;

/** The patches of RFC 6902, RFC 7386 and Kubernetes, with the answers of an API server to what is wrong with them. */
public final class PatchEngine implements Patches {

    @Override
    public JsonObject json(JsonObject current, JsonElement patch) throws ApiException {
        return JsonPatch.apply(current, patch);
    }

    @Override
    public JsonObject merge(JsonObject current, JsonElement patch) throws ApiException {
        return MergePatch.apply(current, patch);
    }

    @Override
    public JsonObject strategic(JsonObject current, JsonElement patch, Schema schema) throws ApiException {
        if (patch == null || patch.isJsonNull()) {
            return current.deepCopy();
        }
        if (!(patch instanceof JsonObject object)) {
            throw ApiException.badRequest(wrongType(patch));
        }
        return StrategicMerge.apply(current, object, schema);
    }

    /** What a decoder says that wants an object. */
    static String wrongType(JsonElement patch) {
        return "json: cannot unmarshal " + GoText.jsonType(patch) + " into Go value of type map[string]interface {}";
    }
}
