package io.kelp.kubeapi.internal.auth;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.ApiStore;
import io.kelp.kubeapi.ApiStore.Key;
import io.kelp.kubeapi.FieldError;
import io.kelp.kubeapi.User;
import io.kelp.kubeapi.internal.auth.ServiceAccountTokens.Bound;
import io.kelp.kubeapi.internal.auth.ServiceAccountTokens.Grant;
import io.kelp.kubeapi.internal.auth.ServiceAccountTokens.Token;
import io.kelp.kubeapi.internal.resource.CreateHandler;
import io.kelp.kubeapi.internal.resource.ResourceType;
import io.kelp.kubeapi.internal.resource.Trees;
import java.math.BigDecimal;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code serviceaccounts/token}: gives out tokens ({@code TokenRequest} of {@code authentication.k8s.io/v1}). */
final class TokenRequests implements CreateHandler {

    static final String GROUP = "authentication.k8s.io";
    static final long DEFAULT_SECONDS = 3600;
    private static final long MIN_SECONDS = 600;
    private static final long MAX_SECONDS = 1L << 32;

    private final ResourceType type;
    private final ApiStore store;
    private final ServiceAccountTokens tokens;
    private final InstantSource clock;

    TokenRequests(ResourceType type, ApiStore store, ServiceAccountTokens tokens, InstantSource clock) {
        this.type = type;
        this.store = store;
        this.tokens = tokens;
        this.clock = clock;
    }

    @Override
    public ResourceType bodyType() {
        return type;
    }

    @Override
    public JsonObject create(User user, String namespace, String name, JsonObject body) throws ApiException {
        JsonObject account = find("/serviceaccounts", namespace, name)
                .orElseThrow(() -> find("/namespaces", "", namespace).isEmpty() ? ApiException.notFound("namespaces", namespace)
                        : ApiException.notFound("serviceaccounts", name));
        checkMetadata(namespace, name, body);
        long seconds = seconds(body);
        JsonObject reference = Trees.object(body, "spec", "boundObjectRef");
        Map<String, Bound> bound = reference.size() == 0 ? Map.of() : bound(namespace, name, reference);
        List<String> audiences = Trees.texts(body, "spec", "audiences");
        if (audiences.isEmpty()) {
            audiences = List.of(tokens.issuer());
        }
        String uid = Trees.text(account, "metadata", "uid");
        Token token = tokens.issue(new Grant(namespace, name, uid, audiences, seconds, bound));
        return answer(namespace, name, uid, Trees.at(body, "metadata", "managedFields"), audiences, seconds, reference, token);
    }

    private static void checkMetadata(String namespace, String name, JsonObject body) throws ApiException {
        String said = Trees.text(body, "metadata", "name");
        if (!said.isEmpty() && !said.equals(name)) {
            throw invalid(name, FieldError.invalid("metadata.name", '"' + said + '"', "must match the service account name if specified"));
        }
        said = Trees.text(body, "metadata", "namespace");
        if (!said.isEmpty() && !said.equals(namespace)) {
            throw invalid(name, FieldError.invalid("metadata.namespace", '"' + said + '"', "must match the service account namespace if specified"));
        }
    }

    private static long seconds(JsonObject body) throws ApiException {
        JsonElement asked = Trees.at(body, "spec", "expirationSeconds");
        if (asked == null) {
            return DEFAULT_SECONDS;
        }
        if (!(asked instanceof JsonPrimitive number) || !number.isNumber()) {
            throw ApiException.badRequest("spec.expirationSeconds is not a number");
        }
        BigDecimal seconds = number.getAsBigDecimal();
        if (seconds.compareTo(BigDecimal.valueOf(MIN_SECONDS)) < 0) {
            throw invalid("", FieldError.invalid("spec.expirationSeconds", number.getAsString(), "may not specify a duration less than 10 minutes"));
        }
        if (seconds.compareTo(BigDecimal.valueOf(MAX_SECONDS)) > 0) {
            throw invalid("", FieldError.invalid("spec.expirationSeconds", number.getAsString(), "may not specify a duration larger than 2^32 seconds"));
        }
        return seconds.longValue();
    }

    private Map<String, Bound> bound(String namespace, String account, JsonObject reference) throws ApiException {
        String kind = Trees.text(reference, "kind");
        String apiVersion = Trees.text(reference, "apiVersion");
        String name = Trees.text(reference, "name");
        Map<String, Bound> bound = new LinkedHashMap<>();
        switch (apiVersion + "/" + kind) {
            case "v1/Pod" -> {
                JsonObject pod = existing("pods", namespace, name, kind, reference);
                if (!Trees.text(pod, "spec", "serviceAccountName").equals(account)) {
                    throw ApiException.badRequest("cannot bind token for serviceaccount \"" + account
                            + "\" to pod running with different serviceaccount name.");
                }
                String node = Trees.text(pod, "spec", "nodeName");
                if (!node.isEmpty()) {
                    String uid = find("/nodes", "", node).map(found -> Trees.text(found, "metadata", "uid")).orElse("");
                    bound.put("node", new Bound(node, uid));
                }
                bound.put("pod", new Bound(name, Trees.text(pod, "metadata", "uid")));
            }
            case "v1/Secret" -> bound.put("secret", new Bound(name, Trees.text(existing("secrets", namespace, name, kind, reference), "metadata", "uid")));
            case "v1/Node" -> bound.put("node", new Bound(name, Trees.text(existing("nodes", "", name, kind, reference), "metadata", "uid")));
            default -> throw ApiException.badRequest("cannot bind token to object of type "
                    + (apiVersion.contains("/") ? apiVersion : "/" + apiVersion) + ", Kind=" + kind);
        }
        return bound;
    }

    private JsonObject existing(String plural, String namespace, String name, String kind, JsonObject reference) throws ApiException {
        JsonObject object = find("/" + plural, namespace, name).orElseThrow(() -> ApiException.notFound(plural, name));
        String uid = Trees.text(reference, "uid");
        if (!uid.isEmpty() && !uid.equals(Trees.text(object, "metadata", "uid"))) {
            throw ApiException.conflict(kind, name, "the UID in the bound object reference (" + uid
                    + ") does not match the UID in record. The object might have been deleted and then recreated");
        }
        return object;
    }

    private Optional<JsonObject> find(String collection, String namespace, String name) {
        return store.get(new Key(collection, namespace, name)).map(item -> Trees.parse(item.value()));
    }

    private JsonObject answer(String namespace, String name, String uid, JsonElement managers, List<String> audiences, long seconds,
            JsonObject reference, Token token) {
        JsonObject metadata = new JsonObject();
        metadata.addProperty("name", name);
        metadata.addProperty("namespace", namespace);
        metadata.addProperty("uid", uid);
        metadata.addProperty("creationTimestamp", clock.instant().truncatedTo(ChronoUnit.SECONDS).toString());
        if (managers != null) {
            metadata.add("managedFields", managers);
        }
        JsonObject spec = new JsonObject();
        spec.add("audiences", Trees.array(audiences));
        spec.addProperty("expirationSeconds", seconds);
        spec.add("boundObjectRef", reference.size() == 0 ? JsonNull.INSTANCE : reference);
        JsonObject status = new JsonObject();
        status.addProperty("token", token.text());
        status.addProperty("expirationTimestamp", token.expires().toString());
        JsonObject answer = new JsonObject();
        answer.addProperty("kind", "TokenRequest");
        answer.addProperty("apiVersion", GROUP + "/v1");
        answer.add("metadata", metadata);
        answer.add("spec", spec);
        answer.add("status", status);
        return answer;
    }

    private static ApiException invalid(String name, FieldError error) {
        return ApiException.invalid(GROUP, "TokenRequest", name, List.of(error));
    }
}
