package io.kelp.kubeapi.internal.resource;

import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;

/** The {@code scale} subresource of a kind. Stateless. */
public interface ScaleView {

    /** The object as Scale; its metadata has name, namespace, uid, resourceVersion and creationTimestamp. */
    JsonObject read(JsonObject object) throws ApiException;

    /**
     * Puts {@code spec.replicas} of a Scale into an object, in place.
     *
     * @throws ApiException 400 when there is no number, 422 when it is below 0
     */
    void write(JsonObject object, JsonObject scale) throws ApiException;
}
