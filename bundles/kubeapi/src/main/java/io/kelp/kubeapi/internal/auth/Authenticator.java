package io.kelp.kubeapi.internal.auth;

import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.ApiRequest;
import io.kelp.kubeapi.User;

/** Finds out who asks. */
public interface Authenticator {

    /**
     * @return the user; {@code system:anonymous} in group {@code system:unauthenticated} when no credentials were shown
     * @throws ApiException 401 when the credentials shown are not good
     */
    User authenticate(ApiRequest request) throws ApiException;
}
