package io.kelp.kubeapi.internal.patch;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.internal.schema.Schema;

/** The patches that say what to change. Stateless. Inputs are not changed. */
public interface Patches {

    /** RFC 6902. A failed {@code test} or a missing path is 422 Invalid, what is no patch 400. */
    JsonObject json(JsonObject current, JsonElement patch) throws ApiException;

    /** RFC 7386. */
    JsonObject merge(JsonObject current, JsonElement patch) throws ApiException;

    /** Kubernetes' strategic merge patch, with its directives; for built-in kinds. */
    JsonObject strategic(JsonObject current, JsonElement patch, Schema schema) throws ApiException;
}
