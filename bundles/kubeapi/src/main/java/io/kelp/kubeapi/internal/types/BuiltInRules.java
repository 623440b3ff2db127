package io.kelp.kubeapi.internal.types;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.internal.resource.ResourceRules;

/** What the built-in kinds have in common: they are read into the Go types of their kind. */
abstract class BuiltInRules implements ResourceRules {

    private final BuiltInCodec codec;

    BuiltInRules(BuiltInCodec codec) {
        this.codec = codec;
    }

    @Override
    public final JsonObject normalize(JsonObject object) throws ApiException {
        return codec.normalize(object);
    }

    /** Takes a member over from another version of the object. */
    static void keep(JsonObject object, JsonObject old, String member) {
        JsonElement before = old.get(member);
        if (before == null) {
            object.remove(member);
        } else {
            object.add(member, before.deepCopy());
        }
    }

    /** Of a kind with a status of its own: plain updates leave the status alone, status updates everything else. */
    static void separateStatus(JsonObject object, JsonObject old, String subresource) {
        keep(object, old, subresource.equals("status") ? "spec" : "status");
    }
}
