package io.kelp.kubeapi.internal.auth;

import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.ApiRequest;
import io.kelp.kubeapi.User;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Believes client certificates first (subject: CN is the user, each O a group), then bearer tokens: static ones and those of
 * ServiceAccounts. A good certificate decides, whatever else the request carries; a bad token is refused and never becomes anonymous.
 */
public final class Credentials implements Authenticator {

    static final String AUTHENTICATED = "system:authenticated";
    private static final User ANONYMOUS = User.of("system:anonymous", "system:unauthenticated");
    private static final String SCHEME = "bearer";

    private record StaticToken(byte[] digest, User user) {}

    private static final int KNOWN_CERTIFICATES = 1000;

    private final List<StaticToken> staticTokens;
    private final ServiceAccountTokens accounts;

    /** Whose a certificate is; it comes with every request of its connection. Guarded by itself. */
    private final Map<X509Certificate, Optional<User>> subjects = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<X509Certificate, Optional<User>> eldest) {
            return size() > KNOWN_CERTIFICATES;
        }
    };

    /** @param tokens static bearer tokens and whose they are */
    public Credentials(Map<String, User> tokens, ServiceAccountTokens accounts) {
        this.staticTokens = tokens.entrySet().stream().map(entry -> new StaticToken(sha256(entry.getKey()), entry.getValue())).toList();
        this.accounts = accounts;
    }

    @Override
    public User authenticate(ApiRequest request) throws ApiException {
        Optional<User> subject = request.certificates().isEmpty() ? Optional.empty() : subject(request.certificates().get(0));
        if (subject.isPresent()) {
            return subject.get();
        }
        String token = bearerToken(request.header("authorization").orElse(""));
        if (token.isEmpty()) {
            return ANONYMOUS;
        }
        try {
            return verify(token, List.of()).user();
        } catch (InvalidTokenException e) {
            throw ApiException.unauthorized();
        }
    }

    private Optional<User> subject(X509Certificate certificate) {
        synchronized (subjects) {
            return subjects.computeIfAbsent(certificate, unknown -> ClientCertificates.user(unknown).map(Credentials::withGroup));
        }
    }

    /** @param audiences that are acceptable, empty for the API server itself */
    ServiceAccountTokens.Verified verify(String token, List<String> audiences) throws InvalidTokenException {
        byte[] digest = sha256(token);
        User known = null;
        for (StaticToken candidate : staticTokens) {
            // All of them, so that the time taken tells nothing.
            known = MessageDigest.isEqual(candidate.digest(), digest) ? candidate.user() : known;
        }
        if (known == null) {
            ServiceAccountTokens.Verified verified = accounts.verify(token, audiences);
            return new ServiceAccountTokens.Verified(withGroup(verified.user()), verified.audiences());
        }
        if (!audiences.isEmpty() && !audiences.contains(accounts.issuer())) {
            throw new InvalidTokenException("invalid bearer token");
        }
        return new ServiceAccountTokens.Verified(withGroup(known), List.of(accounts.issuer()));
    }

    private static String bearerToken(String header) {
        String[] parts = header.strip().split(" ", 3);
        return parts.length >= 2 && parts[0].equalsIgnoreCase(SCHEME) ? parts[1] : "";
    }

    private static User withGroup(User user) {
        if (user.groups().contains(AUTHENTICATED)) {
            return user;
        }
        List<String> groups = new ArrayList<>(user.groups());
        groups.add(AUTHENTICATED);
        return new User(user.name(), user.uid(), groups, user.extra());
    }

    private static byte[] sha256(String token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This Java runtime has no SHA-256", e);
        }
    }
}
