package io.kelp.kubeapi.internal.patch;

import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.internal.resource.ResourceType;

/**
 * Who owns which field ({@code metadata.managedFields}, FieldsV1). Stateless; objects given are not changed unless it says so.
 */
public interface FieldManagement {

    /**
     * Server-side apply.
     *
     * @param live the object as it is, {@code null} when it is to be created
     * @param applied what the manager wants, as sent; its {@code metadata.managedFields} must be empty
     * @param force take fields over from others
     * @param subresource empty, or for example {@code status}
     * @param now RFC 3339, for the manager's entry
     * @return the merged object with its managedFields
     * @throws ApiException 409 with a cause for each field that another manager owns with another value
     */
    JsonObject apply(JsonObject live, JsonObject applied, ResourceType type, String manager, boolean force, String subresource, String now)
            throws ApiException;

    /**
     * Notes an ordinary write: sets {@code metadata.managedFields} of {@code after}.
     *
     * @param before {@code null} when created
     * @param after what will be stored; if the client sent managedFields they are taken as the starting point (an empty list resets them)
     * @throws ApiException when the client sent managedFields that are none
     */
    void track(JsonObject before, JsonObject after, ResourceType type, String manager, String subresource, String now) throws ApiException;
}
