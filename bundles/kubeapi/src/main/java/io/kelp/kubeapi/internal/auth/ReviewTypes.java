package io.kelp.kubeapi.internal.auth;

import com.google.gson.JsonObject;
import io.kelp.kubeapi.internal.resource.ResourceType;
import io.kelp.kubeapi.internal.resource.Trees;
import io.kelp.kubeapi.internal.types.BuiltInSchemas;
import io.kelp.kubeapi.internal.types.BuiltInTypes;
import java.util.List;

/** The kinds that answer a question and are never stored: access reviews, token reviews, token requests. */
public final class ReviewTypes {

    static final String AUTHORIZATION = "authorization.k8s.io";
    static final String AUTHENTICATION = "authentication.k8s.io";

    private ReviewTypes() {
    }

    /** What is served at paths of its own, with schemas read from the class path. */
    public static List<ResourceType> all() {
        return all(BuiltInSchemas.load());
    }

    /** What is served at paths of its own. */
    public static List<ResourceType> all(BuiltInSchemas schemas) {
        return List.of(
                authentication(schemas, "selfsubjectreviews", "SelfSubjectReview", false),
                authentication(schemas, "tokenreviews", "TokenReview", false),
                authorization(schemas, "localsubjectaccessreviews", "LocalSubjectAccessReview", true),
                authorization(schemas, "selfsubjectaccessreviews", "SelfSubjectAccessReview", false),
                authorization(schemas, "selfsubjectrulesreviews", "SelfSubjectRulesReview", false),
                authorization(schemas, "subjectaccessreviews", "SubjectAccessReview", false));
    }

    /** The type of what is posted to {@code serviceaccounts/token}; it has no path of its own. */
    public static ResourceType tokenRequest(BuiltInSchemas schemas) {
        return BuiltInTypes.createOnly(schemas, AUTHENTICATION, "authentication.v1", "tokenrequests", "TokenRequest", true, request -> {
            JsonObject spec = Trees.object(request, "spec");
            if (Trees.at(spec, "expirationSeconds") == null) {
                spec.addProperty("expirationSeconds", TokenRequests.DEFAULT_SECONDS);
            }
        });
    }

    private static ResourceType authentication(BuiltInSchemas schemas, String plural, String kind, boolean namespaced) {
        return BuiltInTypes.createOnly(schemas, AUTHENTICATION, "authentication.v1", plural, kind, namespaced, object -> { });
    }

    private static ResourceType authorization(BuiltInSchemas schemas, String plural, String kind, boolean namespaced) {
        return BuiltInTypes.createOnly(schemas, AUTHORIZATION, "authorization.v1", plural, kind, namespaced, object -> { });
    }
}
