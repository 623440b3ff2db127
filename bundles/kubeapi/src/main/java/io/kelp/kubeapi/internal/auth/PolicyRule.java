package io.kelp.kubeapi.internal.auth;

import com.google.gson.JsonObject;
import io.kelp.kubeapi.internal.auth.Authorizer.Action;
import io.kelp.kubeapi.internal.resource.Trees;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** What a role allows: {@code PolicyRule} of {@code rbac.authorization.k8s.io/v1}. */
record PolicyRule(List<String> verbs, List<String> groups, List<String> resources, List<String> names, List<String> urls) {

    private static final String ALL = "*";

    PolicyRule {
        verbs = List.copyOf(verbs);
        groups = List.copyOf(groups);
        resources = List.copyOf(resources);
        names = List.copyOf(names);
        urls = List.copyOf(urls);
    }

    /** Everything there is. */
    static final List<PolicyRule> FULL_AUTHORITY = List.of(
            new PolicyRule(List.of(ALL), List.of(ALL), List.of(ALL), List.of(), List.of()),
            new PolicyRule(List.of(ALL), List.of(), List.of(), List.of(), List.of(ALL)));

    static PolicyRule of(JsonObject rule) {
        return new PolicyRule(Trees.texts(rule, "verbs"), Trees.texts(rule, "apiGroups"), Trees.texts(rule, "resources"),
                Trees.texts(rule, "resourceNames"), Trees.texts(rule, "nonResourceURLs"));
    }

    static List<PolicyRule> ofRole(JsonObject role) {
        return Trees.objects(role, "rules").stream().map(PolicyRule::of).toList();
    }

    boolean allows(Action action) {
        if (!containsOrAll(verbs, action.verb())) {
            return false;
        }
        if (action.resource().isEmpty()) {
            return urls.stream().anyMatch(url -> urlMatches(url, action.path()));
        }
        return containsOrAll(groups, action.group()) && resourceMatches(action.resource())
                && (names.isEmpty() || names.contains(action.name()));
    }

    private boolean resourceMatches(String resource) {
        if (containsOrAll(resources, resource)) {
            return true;
        }
        int slash = resource.indexOf('/');
        return slash >= 0 && resources.contains("*" + resource.substring(slash));
    }

    private static boolean urlMatches(String rule, String path) {
        return rule.equals(ALL) || rule.equals(path) || rule.endsWith(ALL) && path.startsWith(rule.substring(0, rule.length() - 1));
    }

    /** The smallest rules that together allow the same: each has one verb and one group and resource, or one URL. */
    List<PolicyRule> parts() {
        List<PolicyRule> parts = new ArrayList<>();
        for (String group : groups) {
            for (String resource : resources) {
                for (String verb : verbs) {
                    if (names.isEmpty()) {
                        parts.add(new PolicyRule(List.of(verb), List.of(group), List.of(resource), List.of(), List.of()));
                    }
                    for (String name : names) {
                        parts.add(new PolicyRule(List.of(verb), List.of(group), List.of(resource), List.of(name), List.of()));
                    }
                }
            }
        }
        for (String url : urls) {
            for (String verb : verbs) {
                parts.add(new PolicyRule(List.of(verb), List.of(), List.of(), List.of(), List.of(url)));
            }
        }
        return parts;
    }

    /** Whether who has this rule may do all that a {@linkplain #parts part} allows. */
    boolean covers(PolicyRule part) {
        if (!containsOrAll(verbs, part.verbs)) {
            return false;
        }
        if (!part.urls.isEmpty()) {
            return part.urls.stream().allMatch(wanted -> urls.stream().anyMatch(url -> urlMatches(url, wanted)));
        }
        return containsOrAll(groups, part.groups)
                && part.resources.stream().allMatch(this::resourceMatches)
                && (names.isEmpty() || !part.names.isEmpty() && names.containsAll(part.names));
    }

    private static boolean containsOrAll(List<String> have, String wanted) {
        return have.contains(wanted) || have.contains(ALL);
    }

    private static boolean containsOrAll(List<String> have, Collection<String> wanted) {
        return have.contains(ALL) || have.containsAll(wanted);
    }

    JsonObject toJson() {
        JsonObject rule = new JsonObject();
        rule.add("verbs", Trees.array(verbs));
        addUnlessEmpty(rule, "apiGroups", groups);
        addUnlessEmpty(rule, "resources", resources);
        addUnlessEmpty(rule, "resourceNames", names);
        addUnlessEmpty(rule, "nonResourceURLs", urls);
        return rule;
    }

    private static void addUnlessEmpty(JsonObject rule, String name, List<String> texts) {
        if (!texts.isEmpty()) {
            rule.add(name, Trees.array(texts));
        }
    }

    /** As the API server writes rules into sentences. */
    @Override
    public String toString() {
        List<String> parts = new ArrayList<>();
        describe(parts, "APIGroups", groups);
        describe(parts, "Resources", resources);
        describe(parts, "ResourceNames", names);
        describe(parts, "NonResourceURLs", urls);
        describe(parts, "Verbs", verbs);
        return "{" + String.join(", ", parts) + "}";
    }

    private static void describe(List<String> parts, String name, List<String> texts) {
        if (!texts.isEmpty()) {
            parts.add(name + ":[" + String.join(" ", texts.stream().map(text -> '"' + text + '"').toList()) + "]");
        }
    }
}
