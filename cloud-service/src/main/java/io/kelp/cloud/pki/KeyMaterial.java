package io.kelp.cloud.pki;

import io.kelp.cloud.kube.KubeApi;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.Date;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The CA and the server certificate of the installation, and its join token, kept where KubeEdge
 * keeps them, so that either cloud can take over from the other (channel specification 1.1).
 *
 * <p>Whatever several replicas find when they start at once, they end with the same CA: the first
 * one to create the Secret decides.
 */
public final class KeyMaterial {

    private static final Logger LOG = LoggerFactory.getLogger(KeyMaterial.class);

    static final String CA_SECRET = "casecret";
    private static final String SERVER_SECRET = "cloudcoresecret";
    private static final String TOKEN_SECRET = "tokensecret";
    private static final Duration TOKEN_LIFE = Duration.ofHours(24);

    private final SecretStore secrets;
    private final CertificateAuthority authority;
    private final KeyPairDer server;
    private final Clock clock;

    private KeyMaterial(SecretStore secrets, CertificateAuthority authority, KeyPairDer server, Clock clock) {
        this.secrets = secrets;
        this.authority = authority;
        this.server = server;
        this.clock = clock;
    }

    /**
     * Loads what there is and makes what is missing.
     *
     * @param folder where PEM files may lie, {@code null} for none
     * @param hosts names and addresses that gateways dial; a server certificate that does not cover
     *     all of them is replaced
     * @throws PkiException when something cannot be read, used or written
     */
    public static KeyMaterial load(KubeApi kube, Path folder, Collection<String> hosts, Clock clock) throws PkiException {
        SecretStore secrets = new SecretStore(kube);
        CertificateAuthority authority = loadAuthority(secrets, folder, clock.instant());
        KeyPairDer server = loadServer(secrets, folder, authority, hosts, clock.instant());
        return new KeyMaterial(secrets, authority, server, clock);
    }

    private static CertificateAuthority loadAuthority(SecretStore secrets, Path folder, Instant now) throws PkiException {
        Optional<KeyPairDer> files = PemFiles.read(folder, "ca");
        if (files.isPresent()) {
            writeIfDifferent(secrets, CA_SECRET, caData(files.get()));
            return new CertificateAuthority(files.get());
        }
        Optional<KeyPairDer> stored = pair(secrets, CA_SECRET, "cadata", "cakeydata");
        if (stored.isPresent()) {
            return new CertificateAuthority(stored.get());
        }
        CertificateAuthority made = CertificateAuthority.generate(now);
        if (secrets.createIfAbsent(CA_SECRET, caData(made.material()))) {
            LOG.info("Made a certificate authority and stored it in Secret {}/{}", SecretStore.NAMESPACE, CA_SECRET);
            return made;
        }
        Optional<KeyPairDer> others = pair(secrets, CA_SECRET, "cadata", "cakeydata");
        if (others.isPresent()) {
            return new CertificateAuthority(others.get());
        }
        throw new PkiException("Secret " + SecretStore.NAMESPACE + "/" + CA_SECRET
                + " exists without cadata and cakeydata; restore it from a backup, or delete it to have a new CA made"
                + " (then all gateways must join again)");
    }

    private static KeyPairDer loadServer(SecretStore secrets, Path folder, CertificateAuthority authority,
            Collection<String> hosts, Instant now) throws PkiException {
        Optional<KeyPairDer> files = PemFiles.read(folder, "server");
        if (files.isPresent()) {
            Set<String> missing = missing(files.get(), hosts);
            if (!missing.isEmpty()) {
                LOG.warn("The server certificate in {} does not cover {}: gateways that dial these will refuse it", folder, missing);
            }
            writeIfDifferent(secrets, SERVER_SECRET, serverData(files.get()));
            return files.get();
        }
        Optional<KeyPairDer> stored = pair(secrets, SERVER_SECRET, "cloudcoredata", "cloudcorekeydata");
        Set<String> names = new TreeSet<>(hosts);
        if (stored.isPresent()) {
            String reason = whyNotUsable(stored.get(), authority, hosts, now);
            if (reason.isEmpty()) {
                return stored.get();
            }
            LOG.info("Issuing a new server certificate, because the stored one {}", reason);
            names.addAll(HostNames.of(stored.get().certificate())); // gateways and replicas may use other names still
        }
        KeyPairDer issued = authority.issueServer(names, now);
        if (stored.isEmpty()) {
            if (secrets.createIfAbsent(SERVER_SECRET, serverData(issued))) {
                return issued;
            }
            Optional<KeyPairDer> others = pair(secrets, SERVER_SECRET, "cloudcoredata", "cloudcorekeydata");
            if (others.isPresent() && whyNotUsable(others.get(), authority, hosts, now).isEmpty()) {
                return others.get();
            }
        }
        secrets.write(SERVER_SECRET, serverData(issued));
        return issued;
    }

    private static String whyNotUsable(KeyPairDer server, CertificateAuthority authority, Collection<String> hosts, Instant now) {
        try {
            server.certificate().verify(authority.certificate().getPublicKey());
            server.certificate().checkValidity(Date.from(now));
        } catch (CertificateException e) {
            return "is not valid now (" + e.getMessage() + ")";
        } catch (GeneralSecurityException e) {
            return "is not from this CA";
        }
        Set<String> missing = missing(server, hosts);
        return missing.isEmpty() ? "" : "does not cover " + missing;
    }

    private static Set<String> missing(KeyPairDer server, Collection<String> hosts) {
        Set<String> missing = new TreeSet<>();
        hosts.forEach(h -> missing.add(HostNames.canonical(h)));
        missing.removeAll(HostNames.of(server.certificate()));
        return missing;
    }

    public CertificateAuthority authority() {
        return authority;
    }

    /** Names and addresses that the server certificate is valid for. */
    public Set<String> serverHosts() {
        return HostNames.of(server.certificate());
    }

    KeyPairDer server() {
        return server;
    }

    /** TLS for the message port: only clients with a certificate of this CA that is valid now. */
    public SslContextFactory.Server tlsForGateways() throws PkiException {
        return ServerTls.context(server, authority, new GatewayTrust(authority, clock), true);
    }

    /** TLS for the join port: a client certificate is asked for, and judged by the handler of the request. */
    SslContextFactory.Server tlsForJoining() throws PkiException {
        return ServerTls.context(server, authority, new AnyClient(), false);
    }

    Clock clock() {
        return clock;
    }

    /** Makes a token that is valid for 24 h and stores it; to be called at start and every 12 h. */
    public void refreshToken() throws PkiException {
        String token = JoinToken.create(authority.fingerprint(), authority.tokenKey(), clock.instant().plus(TOKEN_LIFE));
        secrets.write(TOKEN_SECRET, Map.of("tokendata", token.getBytes(StandardCharsets.US_ASCII)));
    }

    /**
     * The join token that an installation has stored.
     *
     * @throws PkiException when there is none, it has expired, or it cannot be read
     */
    public static String storedToken(KubeApi kube, Clock clock) throws PkiException {
        return usable(new SecretStore(kube).read(TOKEN_SECRET), clock);
    }

    /**
     * As {@link #storedToken}, without waiting.
     *
     * @return fails with {@link PkiException}, or as {@link KubeApi#get} does
     */
    public static CompletableFuture<String> currentToken(KubeApi kube, Clock clock) {
        return SecretStore.readLater(kube, TOKEN_SECRET).thenCompose(data -> {
            try {
                return CompletableFuture.completedFuture(usable(data, clock));
            } catch (PkiException e) {
                return CompletableFuture.failedFuture(e);
            }
        });
    }

    private static String usable(Optional<Map<String, byte[]>> secret, Clock clock) throws PkiException {
        byte[] token = secret.map(data -> data.get("tokendata")).orElseThrow(() ->
                new PkiException("There is no join token (Secret " + SecretStore.NAMESPACE + "/" + TOKEN_SECRET
                        + "); start \"kelp-cloud run\", which makes one and renews it"));
        String text = new String(token, StandardCharsets.US_ASCII).strip();
        Optional<Instant> expiry = JoinToken.expiry(text);
        if (expiry.isEmpty() || !expiry.get().isAfter(clock.instant())) {
            throw new PkiException("The stored join token " + expiry.map(e -> "expired at " + e).orElse("is damaged")
                    + "; start \"kelp-cloud run\", which renews it");
        }
        return text;
    }

    private static Optional<KeyPairDer> pair(SecretStore secrets, String secret, String certificate, String key) throws PkiException {
        Optional<Map<String, byte[]>> data = secrets.read(secret);
        if (data.isEmpty() || !data.get().containsKey(certificate) || !data.get().containsKey(key)) {
            return Optional.empty();
        }
        return Optional.of(KeyPairDer.parse(data.get().get(certificate), data.get().get(key),
                "Secret " + SecretStore.NAMESPACE + "/" + secret));
    }

    static Optional<KeyPairDer> authority(SecretStore secrets) throws PkiException {
        return pair(secrets, CA_SECRET, "cadata", "cakeydata");
    }

    private static void writeIfDifferent(SecretStore secrets, String name, Map<String, byte[]> data) throws PkiException {
        Optional<Map<String, byte[]>> present = secrets.read(name);
        boolean same = present.isPresent() && data.entrySet().stream()
                .allMatch(e -> Arrays.equals(e.getValue(), present.get().get(e.getKey())));
        if (!same) {
            secrets.write(name, data);
        }
    }

    static Map<String, byte[]> caData(KeyPairDer ca) {
        return Map.of("cadata", ca.certificateDer(), "cakeydata", ca.keySec1Der());
    }

    private static Map<String, byte[]> serverData(KeyPairDer server) {
        return Map.of("cloudcoredata", server.certificateDer(), "cloudcorekeydata", server.keySec1Der());
    }
}
