package io.kelp.kubeapi.internal.resource;

import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;

/** The {@code scale} subresource of a kind. Stateless. */
public interface ScaleView {

    /**
     * The object as Scale; its metadata has name, namespace, uid, resourceVersion and creationTimestamp. An object that does not
     * say how many it wants has no {@code spec.replicas}.
     */
    JsonObject read(JsonObject object);

    /** @throws ApiException 500 when an object does not say how many it wants, so that it cannot be shown as Scale */
    void check(JsonObject object) throws ApiException;

    /**
     * Puts {@code spec.replicas} of a Scale into an object, in place.
     *
     * @throws ApiException 400 when it is no int32; what may be scaled to is left to the rules of the kind
     */
    void write(JsonObject object, JsonObject scale) throws ApiException;
}
