package io.kelp.kubeapi.internal.auth;

import io.kelp.kubeapi.ApiStore;
import io.kelp.kubeapi.internal.resource.CreateHandler;
import io.kelp.kubeapi.internal.types.BuiltInSchemas;
import java.time.InstantSource;
import java.util.Map;

/** Who answers a POST on the kinds of {@link ReviewTypes}. */
public final class Reviews {

    private Reviews() {
    }

    /** Handlers by {@code group/version/plural}, and {@code /v1/serviceaccounts/token}. */
    public static Map<String, CreateHandler> handlers(BuiltInSchemas schemas, ApiStore store, Credentials credentials, ServiceAccountTokens tokens,
            RbacAuthorizer authorizer, InstantSource clock) {
        AccessReviews access = new AccessReviews(authorizer);
        IdentityReviews identity = new IdentityReviews(credentials, clock);
        return Map.of(
                "/v1/serviceaccounts/token", new TokenRequests(ReviewTypes.tokenRequest(schemas), store, tokens, clock),
                ReviewTypes.AUTHENTICATION + "/v1/selfsubjectreviews", (user, namespace, name, body) -> identity.self(user),
                ReviewTypes.AUTHENTICATION + "/v1/tokenreviews", (user, namespace, name, body) -> identity.token(body),
                ReviewTypes.AUTHORIZATION + "/v1/localsubjectaccessreviews", (user, namespace, name, body) -> access.local(namespace, body),
                ReviewTypes.AUTHORIZATION + "/v1/selfsubjectaccessreviews", (user, namespace, name, body) -> access.self(user, body),
                ReviewTypes.AUTHORIZATION + "/v1/selfsubjectrulesreviews", (user, namespace, name, body) -> access.rules(user, body),
                ReviewTypes.AUTHORIZATION + "/v1/subjectaccessreviews", (user, namespace, name, body) -> access.subject(body));
    }
}
