package io.kelp.cloud.standalone;

import io.kelp.cloud.pki.HostNames;
import io.kelp.cloud.pki.PemFiles;
import io.kelp.cloud.pki.PkiException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys of a standalone installation, in {@code pki/} of its data folder: {@code ca}, {@code apiserver} ({@code .crt} and
 * {@code .key}) and {@code sa.key}, which signs tokens of service accounts. What is missing is made; only the owner can read it.
 */
public final class StandalonePki {

    private static final Logger LOG = LoggerFactory.getLogger(StandalonePki.class);
    private static final Duration SERVER_LIFE = Duration.ofDays(365);
    private static final Duration RENEW_BEFORE = Duration.ofDays(60);
    private static final int ADMIN_KEY_BITS = 2048;
    private static final int TLS_SESSIONS = 500;
    private static final int TLS_SESSION_SECONDS = 600;

    private final ClusterAuthority authority;
    private final KeyPair serverKeys;
    private final X509Certificate serverCertificate;
    private final KeyPair tokenKeys;
    private final Clock clock;

    private StandalonePki(ClusterAuthority authority, KeyPair serverKeys, X509Certificate serverCertificate, KeyPair tokenKeys,
            Clock clock) {
        this.authority = authority;
        this.serverKeys = serverKeys;
        this.serverCertificate = serverCertificate;
        this.tokenKeys = tokenKeys;
        this.clock = clock;
    }

    /**
     * Loads the keys and makes what is missing; a server certificate that does not cover all hosts, or ends within 60 days,
     * is replaced.
     *
     * @param data the data folder
     * @param hosts names and addresses that clients dial
     * @throws PkiException when a file cannot be read, used or written
     */
    public static StandalonePki open(Path data, Collection<String> hosts, Clock clock) throws PkiException {
        Path folder = data.resolve("pki");
        try {
            Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (IOException e) {
            throw new PkiException("The folder " + folder + " cannot be made (" + e.getMessage() + "); choose another with --data", e);
        }
        ClusterAuthority authority = authority(folder, clock.instant());
        KeyPair serverKeys = keys(folder.resolve("apiserver.key"));
        X509Certificate server = server(folder.resolve("apiserver.crt"), authority, serverKeys, hosts, clock.instant());
        return new StandalonePki(authority, serverKeys, server, keys(folder.resolve("sa.key")), clock);
    }

    private static ClusterAuthority authority(Path folder, Instant now) throws PkiException {
        Path file = folder.resolve("ca.crt");
        Optional<X509Certificate> certificate = KeyFile.certificate(file);
        Path keyFile = folder.resolve("ca.key");
        if (certificate.isPresent()) {
            KeyPair keys = KeyFile.keyPair(keyFile).orElseThrow(() -> new PkiException(keyFile + " is missing beside " + file
                    + "; restore it from a backup, or delete both to have new ones made (then every kubeconfig is written anew)"));
            if (!keys.getPublic().equals(certificate.get().getPublicKey())) {
                throw new PkiException(file + " and " + keyFile + " do not belong together; restore both from the same backup");
            }
            return new ClusterAuthority(certificate.get(), keys.getPrivate());
        }
        KeyPair keys = keys(keyFile); // left by a start that was cut off before it wrote the certificate
        ClusterAuthority made = ClusterAuthority.generate(keys, now);
        PemFiles.write(file, KeyFile.pem(made.certificate()));
        return made;
    }

    private static KeyPair keys(Path file) throws PkiException {
        Optional<KeyPair> stored = KeyFile.keyPair(file);
        if (stored.isPresent()) {
            return stored.get();
        }
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            PemFiles.write(file, KeyFile.pem(generator.generateKeyPair()));
        } catch (GeneralSecurityException e) {
            throw new PkiException("Cannot make a key: " + e.getMessage(), e);
        }
        return KeyFile.keyPair(file).orElseThrow(() -> new PkiException(file + " has gone while it was being read"));
    }

    private static X509Certificate server(Path file, ClusterAuthority authority, KeyPair keys, Collection<String> hosts, Instant now)
            throws PkiException {
        Set<String> names = new TreeSet<>();
        hosts.forEach(host -> names.add(HostNames.canonical(host)));
        Optional<X509Certificate> stored = KeyFile.certificate(file);
        if (stored.isPresent()) {
            String reason = whyNotUsable(stored.get(), authority, keys, names, now);
            if (reason.isEmpty()) {
                return stored.get();
            }
            LOG.info("Issuing a new certificate for the API server, because the stored one {}", reason);
        }
        X509Certificate issued = authority.issueServer(keys.getPublic(), names, now, SERVER_LIFE);
        PemFiles.write(file, KeyFile.pem(issued));
        return issued;
    }

    private static String whyNotUsable(X509Certificate server, ClusterAuthority authority, KeyPair keys, Set<String> names, Instant now) {
        if (!authority.hasSigned(server)) {
            return "is not from this authority";
        }
        if (!keys.getPublic().equals(server.getPublicKey())) {
            return "is for another key";
        }
        if (now.plus(RENEW_BEFORE).isAfter(server.getNotAfter().toInstant()) || now.isBefore(server.getNotBefore().toInstant())) {
            return "is valid from " + server.getNotBefore().toInstant() + " until " + server.getNotAfter().toInstant();
        }
        Set<String> missing = new TreeSet<>(names);
        missing.removeAll(HostNames.of(server));
        return missing.isEmpty() ? "" : "does not cover " + missing;
    }

    /** The certificate of the authority, PEM. */
    public String authorityPem() throws PkiException {
        return KeyFile.pem(authority.certificate());
    }

    /** Signs and checks tokens of service accounts. */
    public KeyPair tokenKeys() {
        return tokenKeys;
    }

    /** What the API server shows. */
    X509Certificate serverCertificate() {
        return serverCertificate;
    }

    /** Names and addresses that the server certificate covers. */
    public Set<String> serverHosts() {
        return HostNames.of(serverCertificate);
    }

    /**
     * A kubeconfig for the administrator ({@code kubernetes-admin} of {@code system:masters}) with a certificate of its own.
     *
     * @param url of the API server
     */
    String adminKubeconfig(String url) throws PkiException {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA"); // libraries exist that take no EC key from a kubeconfig
            generator.initialize(ADMIN_KEY_BITS);
            KeyPair keys = generator.generateKeyPair();
            X509Certificate certificate =
                    authority.issueClient(keys.getPublic(), "kubernetes-admin", "system:masters", clock.instant(), SERVER_LIFE);
            return Kubeconfig.text(url, authorityPem(), KeyFile.pem(certificate), KeyFile.pem(keys));
        } catch (GeneralSecurityException e) {
            throw new PkiException("Cannot make a key: " + e.getMessage(), e);
        }
    }

    /**
     * Keeps a kubeconfig of the administrator in a file: one that names this address, is from this authority and does not
     * end within 60 days stays as it is.
     */
    public void keepAdminKubeconfig(Path file, String url) throws PkiException {
        Optional<Kubeconfig> stored = Kubeconfig.read(file);
        boolean good = stored.isPresent() && stored.get().server().equals(url)
                && stored.get().authorityPem().equals(authorityPem())
                && authority.hasSigned(stored.get().client())
                && stored.get().client().getNotAfter().toInstant().isAfter(clock.instant().plus(RENEW_BEFORE));
        if (!good) {
            PemFiles.write(file, adminKubeconfig(url));
        }
    }

    /** TLS 1.2 and 1.3 for the API port. */
    StandaloneTls tls() throws PkiException {
        try {
            char[] password = new char[0];
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, password);
            store.setKeyEntry("apiserver", serverKeys.getPrivate(), password,
                    new Certificate[] {serverCertificate, authority.certificate()});
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, password);
            ClientCertificates clients = new ClientCertificates(authority.certificate(), clock);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), new TrustManager[] {clients}, null);
            context.getServerSessionContext().setSessionCacheSize(TLS_SESSIONS);
            context.getServerSessionContext().setSessionTimeout(TLS_SESSION_SECONDS);
            SslContextFactory.Server tls = new SslContextFactory.Server();
            tls.setSslContext(context);
            tls.setIncludeProtocols("TLSv1.3", "TLSv1.2");
            tls.setRenegotiationAllowed(false);
            tls.setWantClientAuth(true);
            return new StandaloneTls(tls, clients);
        } catch (GeneralSecurityException | IOException e) {
            throw new PkiException("Cannot set up TLS with the API server's certificate: " + e.getMessage(), e);
        }
    }
}
