package io.kelp.oci.internal.registry;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.kelp.oci.RegistryCredentials;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * Who we are at one registry for one piece of work: tries credentials in their order, then nobody.
 * Knows {@code Basic} and {@code Bearer} with the token services of the distribution project (GET, and POST as OAuth2 has it).
 */
final class Login {

    private static final int MAX_ANSWER = 256 << 10;
    private static final String CLIENT = "kelp";

    private final Transport transport;
    private final String registry;
    private final List<RegistryCredentials> candidates;
    private int current;
    private boolean proven;
    private String header;

    /** @param credentials those that hold here, in order */
    Login(Transport transport, String registry, List<RegistryCredentials> credentials) {
        this.transport = transport;
        this.registry = registry;
        this.candidates = new ArrayList<>(credentials);
        this.candidates.add(null);
    }

    /** Value for {@code Authorization}; {@code null} for nobody. */
    String header() {
        return header;
    }

    /** The registry accepted the header. */
    void accepted() {
        proven = true;
    }

    /**
     * Finds an answer to a refusal.
     *
     * @param lines of {@code WWW-Authenticate}
     * @return false when there is nothing left to try
     */
    boolean answer(List<String> lines, String scope, Transport.Deadline deadline) throws IOException, InterruptedException {
        if (header != null && !proven) {
            current++;
        }
        proven = false;
        header = null;
        Optional<Challenge> bearer = Challenge.find(lines, "bearer");
        boolean basic = Challenge.find(lines, "basic").isPresent();
        for (; current < candidates.size(); current++) {
            RegistryCredentials who = candidates.get(current);
            if (bearer.isPresent()) {
                header = token(bearer.get(), scope, who, deadline).map(token -> "Bearer " + token).orElse(null);
            } else if (basic && who != null && !who.username().isEmpty()) {
                header = basic(who);
            }
            if (header != null) {
                return true;
            }
        }
        return false;
    }

    /** The present one may not do this; takes the next one. */
    boolean next() {
        if (current + 1 >= candidates.size()) {
            return false;
        }
        current++;
        header = null;
        proven = false;
        return true;
    }

    private static String basic(RegistryCredentials who) {
        return "Basic " + Base64.getEncoder().encodeToString((who.username() + ":" + who.password()).getBytes(StandardCharsets.UTF_8));
    }

    private Optional<String> token(Challenge challenge, String scope, RegistryCredentials who, Transport.Deadline deadline)
            throws IOException, InterruptedException {
        URI realm = realm(challenge.parameter("realm"), who != null);
        String service = challenge.parameter("service");
        if (who != null && !who.identityToken().isEmpty()) {
            return post(realm, "grant_type=refresh_token&refresh_token=" + encode(who.identityToken()), service, scope, deadline);
        }
        String query = "service=" + encode(service) + "&scope=" + encode(scope) + (who == null ? "" : "&account=" + encode(who.username()));
        URI address = URI.create(realm + (realm.getRawQuery() == null ? "?" : "&") + query);
        HttpRequest.Builder request = transport.request(address).GET();
        if (who != null) {
            request.header("Authorization", basic(who));
        }
        BodySink.Memory body = new BodySink.Memory(MAX_ANSWER, false);
        int status = send(request, body, deadline);
        if (who != null && (status == 404 || status == 405)) {
            return post(realm, "grant_type=password&username=" + encode(who.username()) + "&password=" + encode(who.password()), service, scope, deadline);
        }
        return read(status, realm, body);
    }

    private Optional<String> post(URI realm, String grant, String service, String scope, Transport.Deadline deadline)
            throws IOException, InterruptedException {
        String form = grant + "&client_id=" + CLIENT + "&service=" + encode(service) + "&scope=" + encode(scope);
        HttpRequest.Builder request = transport.request(realm).header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(form));
        BodySink.Memory body = new BodySink.Memory(MAX_ANSWER, false);
        return read(send(request, body, deadline), realm, body);
    }

    /** A token service must be as safe as the registry: a password never goes out in the clear because somebody wrote so into a header. */
    private URI realm(String text, boolean secret) throws RegistryException {
        URI realm;
        try {
            realm = URI.create(text);
        } catch (IllegalArgumentException e) {
            throw refused("names a token service that is no address", e);
        }
        boolean plain = "http".equals(realm.getScheme());
        if (realm.getHost() == null || realm.getRawUserInfo() != null || realm.getRawFragment() != null || !plain && !"https".equals(realm.getScheme())) {
            throw refused("names a token service that is no address", null);
        }
        boolean registryPlain = Origins.plain(transport.settings(), registry);
        boolean permitted = Origins.plain(transport.settings(), realm.getRawAuthority())
                || registryPlain && (!secret || realm.getHost().equals(Origins.host(registry)));
        if (plain && !permitted) {
            throw refused("sends to a token service without TLS, " + realm.getRawAuthority() + "; name that host among the registries with plain HTTP, if that is meant", null);
        }
        return realm;
    }

    private int send(HttpRequest.Builder request, BodySink.Memory body, Transport.Deadline deadline) throws IOException, InterruptedException {
        return transport.exchange(request.header("Accept", "application/json").build(), info -> body, deadline).status();
    }

    private Optional<String> read(int status, URI realm, BodySink.Memory body) throws RegistryException {
        if (status == 400 || status == 401 || status == 403) {
            return Optional.empty();
        }
        if (status != 200) {
            throw new RegistryException(status >= 500 || status == 429 ? RegistryException.Kind.UNAVAILABLE : RegistryException.Kind.REFUSED,
                    "the token service of " + registry + ", " + realm.getRawAuthority() + ", answered " + status);
        }
        try {
            JsonObject answer = JsonParser.parseString(new String(body.bytes(), StandardCharsets.UTF_8)).getAsJsonObject();
            for (String name : List.of("token", "access_token")) {
                JsonElement token = answer.get(name);
                if (token != null && token.isJsonPrimitive() && token.getAsString().matches("[\\x21-\\x7e]+")) {
                    return Optional.of(token.getAsString());
                }
            }
        } catch (JsonParseException | IllegalStateException e) {
            throw new RegistryException(RegistryException.Kind.REFUSED, "the token service of " + registry + " answered no JSON");
        }
        throw new RegistryException(RegistryException.Kind.REFUSED, "the token service of " + registry + " answered without a token");
    }

    private RegistryException refused(String what, Throwable cause) {
        return new RegistryException(RegistryException.Kind.REFUSED, registry + " " + what, cause);
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
