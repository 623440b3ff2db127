package io.kelp.kubeapi.internal.auth;

import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.User;
import io.kelp.kubeapi.internal.resource.Trees;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Map;

/** Answers who somebody is: {@code SelfSubjectReview} and {@code TokenReview} of {@code authentication.k8s.io/v1}. */
final class IdentityReviews {

    private final Credentials credentials;
    private final InstantSource clock;

    IdentityReviews(Credentials credentials, InstantSource clock) {
        this.credentials = credentials;
        this.clock = clock;
    }

    JsonObject self(User user) {
        JsonObject metadata = new JsonObject();
        metadata.addProperty("creationTimestamp", clock.instant().truncatedTo(ChronoUnit.SECONDS).toString());
        JsonObject status = new JsonObject();
        status.add("userInfo", userInfo(user));
        JsonObject answer = new JsonObject();
        answer.addProperty("kind", "SelfSubjectReview");
        answer.addProperty("apiVersion", ReviewTypes.AUTHENTICATION + "/v1");
        answer.add("metadata", metadata);
        answer.add("status", status);
        return answer;
    }

    JsonObject token(JsonObject body) throws ApiException {
        String token = Trees.text(body, "spec", "token");
        if (token.isEmpty()) {
            throw ApiException.badRequest("token is required for TokenReview in authentication");
        }
        JsonObject status = new JsonObject();
        try {
            ServiceAccountTokens.Verified verified = credentials.verify(token, Trees.texts(body, "spec", "audiences"));
            status.addProperty("authenticated", true);
            status.add("user", userInfo(verified.user()));
            status.add("audiences", Trees.array(verified.audiences()));
        } catch (InvalidTokenException e) {
            status.add("user", new JsonObject());
            status.addProperty("error", e.getMessage());
        }
        return AccessReviews.answer("TokenReview", ReviewTypes.AUTHENTICATION, body, status);
    }

    private static JsonObject userInfo(User user) {
        JsonObject info = new JsonObject();
        info.addProperty("username", user.name());
        if (!user.uid().isEmpty()) {
            info.addProperty("uid", user.uid());
        }
        if (!user.groups().isEmpty()) {
            info.add("groups", Trees.array(user.groups()));
        }
        if (!user.extra().isEmpty()) {
            JsonObject extra = new JsonObject();
            user.extra().entrySet().stream().sorted(Map.Entry.comparingByKey())
                    .forEach(entry -> extra.add(entry.getKey(), Trees.array(entry.getValue())));
            info.add("extra", extra);
        }
        return info;
    }
}
