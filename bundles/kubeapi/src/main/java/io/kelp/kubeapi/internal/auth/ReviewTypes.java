package io.kelp.kubeapi.internal.auth;

import io.kelp.kubeapi.internal.resource.ResourceRules;
import io.kelp.kubeapi.internal.resource.ResourceType;
import io.kelp.kubeapi.internal.schema.Schema;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The kinds that answer a question and are never stored: access reviews, token reviews, token requests. */
public final class ReviewTypes {

    static final String AUTHORIZATION = "authorization.k8s.io";
    static final String AUTHENTICATION = "authentication.k8s.io";

    private static final Schema TEXT = type("string");
    private static final Schema NUMBER = type("integer");
    private static final Schema FLAG = type("boolean");
    private static final Schema TEXTS = list(TEXT);
    private static final Schema EXTRA = map(TEXTS);
    private static final Schema METADATA = new Schema("object", "", "", Map.of(), null, null, Set.of(), null, false, true, false, false,
            "", List.of(), "", "", "", null);
    private static final ResourceRules NO_RULES = new ResourceRules() { };

    private ReviewTypes() {
    }

    /** What is served at paths of its own. */
    public static List<ResourceType> all() {
        Schema userInfo = object(Map.of("username", TEXT, "uid", TEXT, "groups", TEXTS, "extra", EXTRA));
        return List.of(
                review(AUTHENTICATION, "selfsubjectreviews", "SelfSubjectReview", false, null, object(Map.of("userInfo", userInfo))),
                review(AUTHENTICATION, "tokenreviews", "TokenReview", false, object(Map.of("token", TEXT, "audiences", TEXTS)),
                        object(Map.of("authenticated", FLAG, "user", userInfo, "audiences", TEXTS, "error", TEXT))),
                review(AUTHORIZATION, "localsubjectaccessreviews", "LocalSubjectAccessReview", true, subjectSpec(), accessStatus()),
                review(AUTHORIZATION, "selfsubjectaccessreviews", "SelfSubjectAccessReview", false, object(attributes()), accessStatus()),
                review(AUTHORIZATION, "selfsubjectrulesreviews", "SelfSubjectRulesReview", false, object(Map.of("namespace", TEXT)), rulesStatus()),
                review(AUTHORIZATION, "subjectaccessreviews", "SubjectAccessReview", false, subjectSpec(), accessStatus()));
    }

    /** The type of what is posted to {@code serviceaccounts/token}; not in the catalog of kinds that have paths of their own. */
    public static ResourceType tokenRequest() {
        Schema reference = object(Map.of("kind", TEXT, "apiVersion", TEXT, "name", TEXT, "uid", TEXT));
        return review(AUTHENTICATION, "tokenrequests", "TokenRequest", true,
                object(Map.of("audiences", TEXTS, "expirationSeconds", NUMBER, "boundObjectRef", reference)),
                object(Map.of("token", TEXT, "expirationTimestamp", TEXT)));
    }

    private static ResourceType review(String group, String plural, String kind, boolean namespaced, Schema spec, Schema status) {
        Map<String, Schema> members = new LinkedHashMap<>();
        members.put("apiVersion", TEXT);
        members.put("kind", TEXT);
        members.put("metadata", METADATA);
        if (spec != null) {
            members.put("spec", spec);
        }
        members.put("status", status);
        String singular = plural.substring(0, plural.length() - 1);
        return new ResourceType(group, "v1", plural, singular, kind, kind + "List", namespaced, List.of(), List.of(), List.of("create"),
                Set.of(), "v1", object(members), List.of(), NO_RULES, false);
    }

    private static Schema subjectSpec() {
        Map<String, Schema> members = new LinkedHashMap<>(attributes());
        members.put("user", TEXT);
        members.put("groups", TEXTS);
        members.put("extra", EXTRA);
        members.put("uid", TEXT);
        return object(members);
    }

    private static Map<String, Schema> attributes() {
        Schema requirement = object(Map.of("key", TEXT, "operator", TEXT, "values", TEXTS));
        Schema selector = object(Map.of("rawSelector", TEXT, "requirements", list(requirement)));
        Map<String, Schema> resource = new LinkedHashMap<>();
        for (String name : List.of("namespace", "verb", "group", "version", "resource", "subresource", "name")) {
            resource.put(name, TEXT);
        }
        resource.put("fieldSelector", selector);
        resource.put("labelSelector", selector);
        return Map.of("resourceAttributes", object(resource), "nonResourceAttributes", object(Map.of("path", TEXT, "verb", TEXT)));
    }

    private static Schema accessStatus() {
        return object(Map.of("allowed", FLAG, "denied", FLAG, "reason", TEXT, "evaluationError", TEXT));
    }

    private static Schema rulesStatus() {
        Schema resourceRule = object(Map.of("verbs", TEXTS, "apiGroups", TEXTS, "resources", TEXTS, "resourceNames", TEXTS));
        Schema pathRule = object(Map.of("verbs", TEXTS, "nonResourceURLs", TEXTS));
        return object(Map.of("resourceRules", list(resourceRule), "nonResourceRules", list(pathRule), "incomplete", FLAG, "evaluationError", TEXT));
    }

    private static Schema type(String type) {
        return new Schema(type, "", "", Map.of(), null, null, Set.of(), null, false, false, false, false, "", List.of(), "", "", "", null);
    }

    private static Schema object(Map<String, Schema> members) {
        return new Schema("object", "", "", members, null, null, Set.of(), null, false, false, false, false, "", List.of(), "", "", "", null);
    }

    private static Schema map(Schema values) {
        return new Schema("object", "", "", Map.of(), null, values, Set.of(), null, false, false, false, false, "", List.of(), "", "", "", null);
    }

    private static Schema list(Schema items) {
        return new Schema("array", "", "", Map.of(), items, null, Set.of(), null, false, false, false, false, "atomic", List.of(), "", "", "", null);
    }
}
