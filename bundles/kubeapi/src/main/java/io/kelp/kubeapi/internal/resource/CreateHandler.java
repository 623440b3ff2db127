package io.kelp.kubeapi.internal.resource;

import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.User;

/** Answers a POST on what is not stored: access reviews, token requests, bindings. May block like the store. */
public interface CreateHandler {

    /** The type of the bodies where the path does not tell it; {@code null} to take them as they come. */
    default ResourceType bodyType() {
        return null;
    }

    /**
     * @param name of the parent object, empty when there is none
     * @param body decoded, with {@code apiVersion} and {@code kind}
     * @return the body of the answer (201)
     */
    JsonObject create(User user, String namespace, String name, JsonObject body) throws ApiException;
}
