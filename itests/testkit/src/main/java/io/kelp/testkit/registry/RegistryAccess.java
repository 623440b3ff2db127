package io.kelp.testkit.registry;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Who may use a registry. */
public interface RegistryAccess {

    RegistryAccess EVERYBODY = (request, url) -> null;

    /** @return a refusal or the answer of the token service; {@code null} when the registry itself may answer */
    RegistryAnswer answer(RegistryRequest request, String url);

    /** User and password with each request. */
    static RegistryAccess basic(String user, String password) {
        return (request, url) -> request.header("Authorization").equals(basicHeader(user, password)) ? null
                : RegistryAnswer.error(401, "UNAUTHORIZED", "authentication required", "WWW-Authenticate", "Basic realm=\"test\"");
    }

    static String basicHeader(String user, String password) {
        return "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Tokens of a token service at {@code /token} of this or another registry server, as the distribution project has it: GET with
     * basic authentication, POST with a refresh token or a password.
     */
    final class Tokens implements RegistryAccess {

        private final String user;
        private final String password;
        private final String identityToken;
        private final Set<String> valid = ConcurrentHashMap.newKeySet();
        private final AtomicInteger issued = new AtomicInteger();
        private volatile boolean anonymousPull;
        private volatile boolean postOnly;
        private volatile String realm = "";

        public Tokens(String user, String password, String identityToken) {
            this.user = user;
            this.password = password;
            this.identityToken = identityToken;
        }

        public Tokens withAnonymousPull() {
            anonymousPull = true;
            return this;
        }

        /** Knows OAuth2 only. */
        public Tokens withPostOnly() {
            postOnly = true;
            return this;
        }

        /** @param address of the token service, if it is not this server's */
        public Tokens withRealm(String address) {
            realm = address;
            return this;
        }

        /** Makes all tokens worthless, as when their time is over. */
        public void expire() {
            valid.clear();
        }

        public int issued() {
            return issued.get();
        }

        @Override
        public RegistryAnswer answer(RegistryRequest request, String url) {
            if (request.path().equals("/token")) {
                return token(request);
            }
            String header = request.header("Authorization");
            String repository = request.path().replaceAll("^/v2/(.*?)/(manifests|blobs)/.*$", "$1");
            boolean write = !request.method().equals("GET") && !request.method().equals("HEAD");
            boolean permitted = header.startsWith("Bearer ") && valid.stream().anyMatch(each -> header.equals("Bearer " + each)
                    && each.contains("repository-" + repository.replace('/', '_') + "-pull" + (write ? "-push" : "")));
            return permitted ? null : RegistryAnswer.error(401, "UNAUTHORIZED", "authentication required", "WWW-Authenticate",
                    "Bearer realm=\"" + (realm.isEmpty() ? url + "/token" : realm) + "\",service=\"test registry\",scope=\"repository:" + repository + ":pull\"");
        }

        private RegistryAnswer token(RegistryRequest request) {
            boolean known;
            if (request.method().equals("POST")) {
                known = request.field("grant_type").equals("refresh_token") && request.field("refresh_token").equals(identityToken)
                        || request.field("grant_type").equals("password") && request.field("username").equals(user) && request.field("password").equals(password);
            } else {
                if (postOnly) {
                    return RegistryAnswer.error(405, "UNSUPPORTED", "POST only");
                }
                String header = request.header("Authorization");
                known = header.equals(basicHeader(user, password)) || header.isEmpty() && anonymousPull && !request.field("scope").contains("push");
            }
            if (!known || !request.field("service").equals("test registry")) {
                return RegistryAnswer.error(401, "UNAUTHORIZED", "who is that");
            }
            String token = UUID.randomUUID() + "-" + request.field("scope").replace('/', '_').replaceAll("[:,]", "-");
            valid.add(token);
            issued.incrementAndGet();
            return RegistryAnswer.json(200, "{\"" + (request.method().equals("POST") ? "access_token" : "token") + "\":\"" + token + "\",\"expires_in\":300}");
        }
    }
}
