package io.kelp.kubeapi.internal.auth;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.kelp.kubeapi.internal.resource.Trees;
import java.util.List;
import java.util.Optional;

/** What others need to check tokens of ServiceAccounts themselves: OpenID Connect Discovery 1.0 and the key set (RFC 7517). */
public final class IssuerDocuments {

    private static final String CONFIGURATION = "/.well-known/openid-configuration";
    private static final String KEYS = "/openid/v1/jwks";

    private final TokenKeys keys;
    private final String issuer;

    public IssuerDocuments(TokenKeys keys, String issuer) {
        this.keys = keys;
        this.issuer = issuer;
    }

    /** @param contentType of the answer to a GET */
    public record Document(String contentType, String body) {}

    /** @param host that the request was sent to, with port */
    public Optional<Document> find(String path, String host) {
        return switch (path) {
            case CONFIGURATION, CONFIGURATION + "/" -> Optional.of(new Document("application/json", configuration(host)));
            case KEYS, KEYS + "/" -> Optional.of(new Document("application/jwk-set+json", keySet()));
            default -> Optional.empty();
        };
    }

    private String configuration(String host) {
        JsonObject configuration = new JsonObject();
        configuration.addProperty("issuer", issuer);
        configuration.addProperty("jwks_uri", "https://" + host + KEYS);
        configuration.add("response_types_supported", Trees.array(List.of("id_token")));
        configuration.add("subject_types_supported", Trees.array(List.of("public")));
        configuration.add("id_token_signing_alg_values_supported", Trees.array(List.of(keys.algorithm())));
        return configuration.toString();
    }

    private String keySet() {
        JsonArray all = new JsonArray();
        all.add(keys.toJwk());
        JsonObject set = new JsonObject();
        set.add("keys", all);
        return set.toString();
    }
}
