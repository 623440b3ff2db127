package io.kelp.kubeapi.internal.auth;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.FieldError;
import io.kelp.kubeapi.User;
import io.kelp.kubeapi.internal.auth.Authorizer.Action;
import io.kelp.kubeapi.internal.auth.Authorizer.Decision;
import io.kelp.kubeapi.internal.resource.Trees;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Answers who may do what: the reviews of {@code authorization.k8s.io/v1}. */
final class AccessReviews {

    private final RbacAuthorizer authorizer;

    AccessReviews(RbacAuthorizer authorizer) {
        this.authorizer = authorizer;
    }

    JsonObject self(User user, JsonObject body) throws ApiException {
        List<FieldError> errors = new ArrayList<>();
        checkAttributes(Trees.object(body, "spec"), errors);
        checkMetadata(body, errors);
        refuse(errors);
        return decide("SelfSubjectAccessReview", user, body);
    }

    JsonObject subject(JsonObject body) throws ApiException {
        List<FieldError> errors = new ArrayList<>();
        checkSubject(Trees.object(body, "spec"), errors);
        checkMetadata(body, errors);
        refuse(errors);
        return decide("SubjectAccessReview", subjectOf(body), body);
    }

    JsonObject local(String namespace, JsonObject body) throws ApiException {
        JsonObject spec = Trees.object(body, "spec");
        List<FieldError> errors = new ArrayList<>();
        checkSubject(spec, errors);
        JsonObject metadata = Trees.object(body, "metadata").deepCopy();
        metadata.remove("namespace");
        metadata.remove("managedFields");
        if (metadata.size() > 0) {
            errors.add(FieldError.invalid("metadata", Trees.object(body, "metadata").toString(), "must be empty except for namespace"));
        }
        if (Trees.at(spec, "resourceAttributes") != null && !Trees.text(spec, "resourceAttributes", "namespace").equals(namespace)) {
            errors.add(FieldError.invalid("spec.resourceAttributes.namespace", '"' + Trees.text(spec, "resourceAttributes", "namespace") + '"',
                    "must match metadata.namespace"));
        }
        if (Trees.at(spec, "nonResourceAttributes") != null) {
            errors.add(FieldError.invalid("spec.nonResourceAttributes", shown(spec), "disallowed on this kind of request"));
        }
        refuse(errors);
        JsonObject answer = decide("LocalSubjectAccessReview", subjectOf(body), body);
        answer.getAsJsonObject("metadata").addProperty("namespace", namespace);
        return answer;
    }

    JsonObject rules(User user, JsonObject body) throws ApiException {
        String namespace = Trees.text(body, "spec", "namespace");
        if (namespace.isEmpty()) {
            throw ApiException.badRequest("no namespace on request");
        }
        RbacAuthorizer.Rules rules = authorizer.rulesFor(user, namespace);
        JsonArray resources = new JsonArray();
        JsonArray paths = new JsonArray();
        for (PolicyRule rule : rules.rules()) {
            if (!rule.resources().isEmpty()) {
                resources.add(new PolicyRule(rule.verbs(), rule.groups(), rule.resources(), rule.names(), List.of()).toJson());
            }
            if (!rule.urls().isEmpty()) {
                paths.add(new PolicyRule(rule.verbs(), List.of(), List.of(), List.of(), rule.urls()).toJson());
            }
        }
        JsonObject status = new JsonObject();
        status.add("resourceRules", resources);
        status.add("nonResourceRules", paths);
        status.addProperty("incomplete", false);
        if (!rules.errors().isEmpty()) {
            status.addProperty("evaluationError", RbacAuthorizer.sentence(rules.errors()));
        }
        JsonObject answer = new JsonObject();
        answer.addProperty("kind", "SelfSubjectRulesReview");
        answer.addProperty("apiVersion", ReviewTypes.AUTHORIZATION + "/v1");
        answer.add("metadata", new JsonObject());
        answer.add("spec", new JsonObject());
        answer.add("status", status);
        return answer;
    }

    private JsonObject decide(String kind, User user, JsonObject body) {
        JsonObject spec = Trees.object(body, "spec");
        Action action;
        if (Trees.at(spec, "resourceAttributes") != null) {
            String resource = Trees.text(spec, "resourceAttributes", "resource");
            String subresource = Trees.text(spec, "resourceAttributes", "subresource");
            action = new Action(Trees.text(spec, "resourceAttributes", "verb"), Trees.text(spec, "resourceAttributes", "group"),
                    subresource.isEmpty() ? resource : resource + "/" + subresource, Trees.text(spec, "resourceAttributes", "namespace"),
                    Trees.text(spec, "resourceAttributes", "name"), "");
        } else {
            action = new Action(Trees.text(spec, "nonResourceAttributes", "verb"), "", "", "", "", Trees.text(spec, "nonResourceAttributes", "path"));
        }
        Decision decision = authorizer.decide(user, action);
        JsonObject status = new JsonObject();
        status.addProperty("allowed", decision.allowed());
        if (!decision.reason().isEmpty()) {
            status.addProperty("reason", decision.reason());
        }
        return answer(kind, ReviewTypes.AUTHORIZATION, body, status);
    }

    /** The question with its answer. */
    static JsonObject answer(String kind, String group, JsonObject body, JsonObject status) {
        JsonObject answer = new JsonObject();
        answer.addProperty("kind", kind);
        answer.addProperty("apiVersion", group + "/v1");
        answer.add("metadata", Trees.object(body, "metadata").deepCopy());
        answer.add("spec", Trees.object(body, "spec").deepCopy());
        answer.add("status", status);
        return answer;
    }

    private static User subjectOf(JsonObject body) {
        JsonObject spec = Trees.object(body, "spec");
        JsonObject given = Trees.object(spec, "extra");
        Map<String, List<String>> extra = new HashMap<>();
        given.keySet().forEach(key -> extra.put(key, Trees.texts(given, key)));
        return new User(Trees.text(spec, "user"), Trees.text(spec, "uid"), Trees.texts(spec, "groups"), extra);
    }

    private static void checkSubject(JsonObject spec, List<FieldError> errors) {
        checkAttributes(spec, errors);
        if (Trees.text(spec, "user").isEmpty() && Trees.texts(spec, "groups").isEmpty()) {
            errors.add(FieldError.invalid("spec.user", "\"\"", "at least one of user or group must be specified"));
        }
    }

    private static void checkAttributes(JsonObject spec, List<FieldError> errors) {
        boolean resource = Trees.at(spec, "resourceAttributes") != null;
        boolean path = Trees.at(spec, "nonResourceAttributes") != null;
        if (resource && path) {
            errors.add(FieldError.invalid("spec.nonResourceAttributes", shown(spec), "cannot be specified in combination with resourceAttributes"));
        } else if (!resource && !path) {
            errors.add(FieldError.invalid("spec.resourceAttributes", "null",
                    "exactly one of nonResourceAttributes or resourceAttributes must be specified"));
        }
    }

    private static void checkMetadata(JsonObject body, List<FieldError> errors) {
        JsonObject metadata = Trees.object(body, "metadata").deepCopy();
        metadata.remove("managedFields");
        if (metadata.size() > 0) {
            errors.add(FieldError.invalid("metadata", Trees.object(body, "metadata").toString(), "must be empty"));
        }
    }

    /** With the names that the members have in Kubernetes' own program, as it shows them. */
    private static String shown(JsonObject spec) {
        JsonObject shown = new JsonObject();
        shown.addProperty("Path", Trees.text(spec, "nonResourceAttributes", "path"));
        shown.addProperty("Verb", Trees.text(spec, "nonResourceAttributes", "verb"));
        return shown.toString();
    }

    private static void refuse(List<FieldError> errors) throws ApiException {
        if (!errors.isEmpty()) {
            throw ApiException.invalid(ReviewTypes.AUTHORIZATION, "", "", errors);
        }
    }
}
