package io.kelp.kubeapi.internal.rest;

import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.ApiRequest;
import io.kelp.kubeapi.User;
import io.kelp.kubeapi.internal.auth.Authenticator;
import io.kelp.kubeapi.internal.auth.Authorizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Who asks and may he: authentication, impersonation, authorization. */
final class Access {

    private static final String EXTRA = "impersonate-extra-";
    private static final String SERVICE_ACCOUNT = "system:serviceaccount:";
    private static final String AUTHENTICATED = "system:authenticated";

    private final Authenticator authenticator;
    private final Authorizer authorizer;

    Access(Authenticator authenticator, Authorizer authorizer) {
        this.authenticator = authenticator;
        this.authorizer = authorizer;
    }

    User user(ApiRequest request) throws ApiException {
        User user = authenticator.authenticate(request);
        boolean impersonates = request.headers().keySet().stream().anyMatch(name -> name.startsWith("impersonate-"));
        return impersonates ? impersonated(user, request) : user;
    }

    private User impersonated(User user, ApiRequest request) throws ApiException {
        String name = request.header("impersonate-user").orElse("");
        if (name.isEmpty()) {
            throw new ApiException(500, "InternalError", "Internal Server Error: \"" + request.path() + "\": a group, uid or extra was requested without impersonating a user",
                    null);
        }
        String[] account = name.startsWith(SERVICE_ACCOUNT) ? name.substring(SERVICE_ACCOUNT.length()).split(":", -1) : new String[0];
        if (account.length == 2) {
            check(user, new Authorizer.Action("impersonate", "", "serviceaccounts", account[0], account[1], ""));
        } else {
            check(user, new Authorizer.Action("impersonate", "", "users", "", name, ""));
        }
        List<String> groups = new ArrayList<>();
        for (String group : values(request, "impersonate-group")) {
            check(user, new Authorizer.Action("impersonate", "", "groups", "", group, ""));
            groups.add(group);
        }
        String uid = request.header("impersonate-uid").orElse("");
        if (!uid.isEmpty()) {
            check(user, new Authorizer.Action("impersonate", "authentication.k8s.io", "uids", "", uid, ""));
        }
        Map<String, List<String>> extra = new HashMap<>();
        for (String header : request.headers().keySet()) {
            if (header.startsWith(EXTRA)) {
                String key = java.net.URLDecoder.decode(header.substring(EXTRA.length()), StandardCharsets.UTF_8);
                for (String value : values(request, header)) {
                    check(user, new Authorizer.Action("impersonate", "authentication.k8s.io", "userextras/" + key, "", value, ""));
                    extra.computeIfAbsent(key, k -> new ArrayList<>()).add(value);
                }
            }
        }
        if (account.length == 2 && groups.isEmpty()) {
            groups.add("system:serviceaccounts");
            groups.add("system:serviceaccounts:" + account[0]);
        }
        if (!name.equals("system:anonymous") && !groups.contains(AUTHENTICATED)) {
            groups.add(AUTHENTICATED);
        }
        return new User(name, uid, groups, extra);
    }

    private static List<String> values(ApiRequest request, String header) {
        List<String> values = new ArrayList<>();
        for (String value : request.header(header).orElse("").split(",")) {
            if (!value.isBlank()) {
                values.add(value.trim());
            }
        }
        return values;
    }

    void check(User user, Target target, String nameInQuery) throws ApiException {
        check(user, target.isResource()
                ? new Authorizer.Action(target.verb(), target.group(), target.resourcePath(), scope(target), target.name().isEmpty() ? nameInQuery : target.name(), "")
                : new Authorizer.Action(target.verb(), "", "", "", "", target.path()));
    }

    /** A namespace is in itself. */
    private static String scope(Target target) {
        return target.group().isEmpty() && target.resource().equals("namespaces") ? target.name() : target.namespace();
    }

    private void check(User user, Authorizer.Action action) throws ApiException {
        Authorizer.Decision decision = authorizer.decide(user, action);
        if (decision.allowed()) {
            return;
        }
        String because = decision.reason().isEmpty() ? "" : ": " + decision.reason();
        if (action.resource().isEmpty()) {
            throw new ApiException(403, "Forbidden", "forbidden: User " + MetadataRules.quoted(user.name()) + " cannot " + action.verb() + " path "
                    + MetadataRules.quoted(action.path()) + because, new JsonObject());
        }
        String where = action.namespace().isEmpty() ? " at the cluster scope" : " in the namespace " + MetadataRules.quoted(action.namespace());
        String plural = action.resource().split("/", 2)[0];
        throw ApiException.forbidden(action.group().isEmpty() ? plural : plural + "." + action.group(), action.name(),
                "User " + MetadataRules.quoted(user.name()) + " cannot " + action.verb() + " resource " + MetadataRules.quoted(action.resource())
                        + " in API group " + MetadataRules.quoted(action.group()) + where + because);
    }
}
