package io.kelp.kubeapi.internal.auth;

import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.kelp.kubeapi.ApiStore;
import io.kelp.kubeapi.ApiStore.Key;
import io.kelp.kubeapi.User;
import io.kelp.kubeapi.internal.resource.Trees;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Tokens of ServiceAccounts: JWTs with the claims of Kubernetes' bound tokens. A token is good as long as its time, its
 * ServiceAccount and the object it is bound to (Pod, Secret or Node) last. Blocks like the store; safe for use by several threads.
 */
public final class ServiceAccountTokens {

    static final String PREFIX = "system:serviceaccount:";

    /** Clocks may differ by so much; also how long a token outlives the deletion of what it is bound to. */
    private static final Duration LEEWAY = Duration.ofMinutes(1);
    private static final String CREDENTIAL_ID = "authentication.kubernetes.io/credential-id";
    private static final String PRIVATE = "kubernetes.io";

    /**
     * What a token is for.
     *
     * @param bound objects by claim name ({@code pod}, {@code secret}, {@code node}); a pod's node has an empty uid when it is unknown
     */
    record Grant(String namespace, String account, String accountUid, List<String> audiences, long seconds, Map<String, Bound> bound) {}

    record Bound(String name, String uid) {}

    record Token(String text, Instant expires) {}

    /** @param audiences of those asked for, the ones that the token is for */
    record Verified(User user, List<String> audiences) {}

    private final ApiStore store;
    private final TokenKeys keys;
    private final String issuer;
    private final InstantSource clock;

    public ServiceAccountTokens(ApiStore store, TokenKeys keys, String issuer, InstantSource clock) {
        this.store = store;
        this.keys = keys;
        this.issuer = issuer;
        this.clock = clock;
    }

    String issuer() {
        return issuer;
    }

    Token issue(Grant grant) {
        long now = clock.instant().getEpochSecond();
        JsonObject own = new JsonObject();
        own.addProperty("namespace", grant.namespace());
        grant.bound().forEach((claim, bound) -> own.add(claim, reference(bound)));
        own.add("serviceaccount", reference(new Bound(grant.account(), grant.accountUid())));
        JsonObject claims = new JsonObject();
        claims.add("aud", Trees.array(grant.audiences()));
        claims.addProperty("exp", now + grant.seconds());
        claims.addProperty("iat", now);
        claims.addProperty("iss", issuer);
        claims.addProperty("jti", UUID.randomUUID().toString());
        claims.add(PRIVATE, own);
        claims.addProperty("nbf", now);
        claims.addProperty("sub", PREFIX + grant.namespace() + ":" + grant.account());
        return new Token(keys.sign(claims), Instant.ofEpochSecond(now + grant.seconds()));
    }

    /** @param audiences that are acceptable, empty for the API server itself */
    Verified verify(String token, List<String> audiences) throws InvalidTokenException {
        JsonObject claims = keys.verify(token);
        if (!Trees.text(claims, "iss").equals(issuer)) {
            throw new InvalidTokenException("invalid bearer token");
        }
        List<String> tokenAudiences = claims.get("aud") instanceof JsonPrimitive one ? List.of(one.getAsString()) : Trees.texts(claims, "aud");
        List<String> wanted = audiences.isEmpty() ? List.of(issuer) : audiences;
        List<String> common = tokenAudiences.stream().filter(wanted::contains).toList();
        if (common.isEmpty()) {
            throw refuse("token audiences " + quoted(tokenAudiences) + " is invalid for the target audiences " + quoted(wanted));
        }
        checkTimes(claims);
        return new Verified(checkObjects(claims), common);
    }

    private void checkTimes(JsonObject claims) throws InvalidTokenException {
        Instant now = clock.instant();
        if (now.minus(LEEWAY).isAfter(time(claims, "exp"))) {
            throw refuse("service account token has expired");
        }
        if (now.plus(LEEWAY).isBefore(time(claims, "nbf"))) {
            throw refuse("service account token is not valid yet");
        }
        if (claims.has("iat") && now.plus(LEEWAY).isBefore(time(claims, "iat"))) {
            throw refuse("service account token is issued in the future");
        }
    }

    private User checkObjects(JsonObject claims) throws InvalidTokenException {
        String namespace = Trees.text(claims, PRIVATE, "namespace");
        String name = Trees.text(claims, PRIVATE, "serviceaccount", "name");
        String uid = Trees.text(claims, PRIVATE, "serviceaccount", "uid");
        if (namespace.isEmpty() || !Trees.text(claims, "sub").equals(PREFIX + namespace + ":" + name)) {
            throw refuse("service account token claims could not be validated");
        }
        JsonObject account = find("/serviceaccounts", namespace, name)
                .orElseThrow(() -> refuse("serviceaccounts \"" + name + "\" not found"));
        if (isGone(account)) {
            throw refuse("service account " + namespace + "/" + name + " has been deleted");
        }
        if (!Trees.text(account, "metadata", "uid").equals(uid)) {
            throw refuse("service account UID (" + Trees.text(account, "metadata", "uid") + ") does not match claim (" + uid + ")");
        }
        JsonObject own = Trees.object(claims, PRIVATE);
        checkBound(own, "secret", "/secrets", namespace);
        checkBound(own, "pod", "/pods", namespace);
        if (!own.has("pod")) {
            checkBound(own, "node", "/nodes", "");
        }
        Map<String, List<String>> extra = new LinkedHashMap<>();
        String id = Trees.text(claims, "jti");
        if (!id.isEmpty()) {
            extra.put(CREDENTIAL_ID, List.of("JTI=" + id));
        }
        for (String claim : List.of("pod", "node")) {
            for (String part : List.of("name", "uid")) {
                String value = Trees.text(own, claim, part);
                if (!value.isEmpty()) {
                    extra.put("authentication.kubernetes.io/" + claim + "-" + part, List.of(value));
                }
            }
        }
        return new User(PREFIX + namespace + ":" + name, uid,
                List.of("system:serviceaccounts", "system:serviceaccounts:" + namespace), extra);
    }

    private void checkBound(JsonObject own, String claim, String collection, String namespace) throws InvalidTokenException {
        if (!own.has(claim)) {
            return;
        }
        String uid = Trees.text(own, claim, "uid");
        JsonObject object = find(collection, namespace, Trees.text(own, claim, "name"))
                .orElseThrow(() -> refuse("service account token has been invalidated"));
        if (isGone(object)) {
            throw refuse("service account token has been invalidated");
        }
        if (!Trees.text(object, "metadata", "uid").equals(uid)) {
            throw refuse(claim + " UID (" + Trees.text(object, "metadata", "uid") + ") does not match service account " + claim
                    + " ref claim (" + uid + ")");
        }
    }

    private Optional<JsonObject> find(String collection, String namespace, String name) {
        return store.get(new Key(collection, namespace, name)).map(item -> Trees.parse(item.value()));
    }

    private boolean isGone(JsonObject object) {
        String deletion = Trees.text(object, "metadata", "deletionTimestamp");
        try {
            return !deletion.isEmpty() && Instant.parse(deletion).isBefore(clock.instant().minus(LEEWAY));
        } catch (DateTimeParseException e) {
            return true; // being deleted since a time that nobody knows
        }
    }

    private static Instant time(JsonObject claims, String name) throws InvalidTokenException {
        if (claims.get(name) instanceof JsonPrimitive number && number.isNumber()) {
            try {
                return Instant.ofEpochSecond(number.getAsBigDecimal().longValueExact());
            } catch (DateTimeException | ArithmeticException e) {
                throw refuse("service account token claims could not be validated");
            }
        }
        throw refuse("service account token claims could not be validated");
    }

    private static JsonObject reference(Bound bound) {
        JsonObject reference = new JsonObject();
        reference.addProperty("name", bound.name());
        if (!bound.uid().isEmpty()) {
            reference.addProperty("uid", bound.uid());
        }
        return reference;
    }

    private static InvalidTokenException refuse(String why) {
        return new InvalidTokenException("[invalid bearer token, " + why + "]");
    }

    private static String quoted(List<String> texts) {
        return "[" + String.join(" ", texts.stream().map(text -> '"' + text + '"').toList()) + "]";
    }
}
