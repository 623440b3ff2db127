package io.kelp.kubeapi.internal.resource;

import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * The objects, for parts of the API server itself: every write passes defaults, validation and field management as a request
 * would, only authentication and authorization are left out. Blocks like {@link io.kelp.kubeapi.ApiStore}. Safe for use by several threads.
 *
 * <p>Results are trees of their own, in the version of the type asked for.
 */
public interface Objects {

    /** @param namespace empty for cluster-scoped kinds */
    Optional<JsonObject> get(ResourceType type, String namespace, String name);

    /** Goes through all objects of a moment, page by page. */
    void forEach(ResourceType type, String namespace, Consumer<JsonObject> each);

    /** @param manager the field manager, for example {@code kelp-api} */
    JsonObject create(ResourceType type, JsonObject object, String manager) throws ApiException;

    /**
     * Changes an object, again when somebody else was faster.
     *
     * @param change gets the current object and returns what it should be; {@code null} to leave it as it is
     * @param subresource empty, or for example {@code status}
     * @return the object after it, empty when it does not exist or was left as it is
     */
    Optional<JsonObject> update(ResourceType type, String namespace, String name, String subresource, String manager,
            UnaryOperator<JsonObject> change) throws ApiException;

    /**
     * Deletes an object as a client would, with its finalizers and its grace period.
     *
     * @param uid empty, or delete only this one
     * @param propagation {@code Background}, {@code Foreground}, {@code Orphan}, or empty for the kind's own
     * @return whether there was such an object
     */
    boolean delete(ResourceType type, String namespace, String name, String uid, String propagation) throws ApiException;
}
