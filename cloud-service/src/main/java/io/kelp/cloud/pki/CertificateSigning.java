package io.kelp.cloud.pki;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides on requests for gateway certificates (channel specification 1.5). Stricter than a stock
 * cloud in what that leaves open: the request must name the node that asks, must be signed by its
 * key, the name must be free or the key's already, and nobody gets a certificate for our host names.
 */
final class CertificateSigning {

    private static final Logger LOG = LoggerFactory.getLogger(CertificateSigning.class);
    private static final List<KeyPurposeId> USAGE_BY_NUMBER =
            List.of(KeyPurposeId.anyExtendedKeyUsage, KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth);

    private final CertificateAuthority authority;
    private final Set<String> ownHosts;
    private final NameOwnership names;
    private final boolean legacyEdges;
    private final Duration validity;
    private final Clock clock;

    CertificateSigning(CertificateAuthority authority, Set<String> ownHosts, NameOwnership names, boolean legacyEdges,
            Duration validity, Clock clock) {
        this.authority = authority;
        this.ownHosts = Set.copyOf(ownHosts);
        this.names = names;
        this.legacyEdges = legacyEdges;
        this.validity = validity;
        this.clock = clock;
    }

    /**
     * A request at {@code /edge.crt}.
     *
     * @param authorization header of this name, empty when absent
     * @param nodeName header of this name, empty when absent
     * @param usages header {@code ExtKeyUsages}, empty when absent
     * @param client the client's TLS certificate, {@code null} when it sent none
     * @param csr the body
     */
    record Request(String authorization, String nodeName, String usages, X509Certificate client, byte[] csr) {}

    /** An HTTP answer; {@code body} is text unless the status is 200. */
    record Answer(int status, byte[] body) {

        static Answer text(int status, String text) {
            return new Answer(status, text.getBytes(StandardCharsets.UTF_8));
        }
    }

    private static final class RefusedException extends Exception {

        private static final long serialVersionUID = 1L;

        private final int status;

        RefusedException(int status, String message) {
            super(message);
            this.status = status;
        }
    }

    CompletableFuture<Answer> decide(Request request) {
        CertificateRequest csr;
        List<KeyPurposeId> usages;
        try {
            authenticate(request);
            usages = usages(request);
            csr = parse(request);
            requireHarmless(csr, usages);
            if (NodeNames.LEGACY_COMMON_NAME.equals(csr.commonName())) {
                requireLegacy(csr);
                return CompletableFuture.completedFuture(sign(request, csr, usages));
            }
            requireOwnName(request, csr);
        } catch (RefusedException e) {
            LOG.warn("Certificate refused to node \"{}\": {}", printable(request.nodeName()), e.getMessage());
            return CompletableFuture.completedFuture(Answer.text(e.status, e.getMessage()));
        }
        String node = csr.commonName().substring(NodeNames.PREFIX.length());
        // Who shows the certificate of the name owns the name; who brings a token has to wait for it to be free.
        boolean owner = request.client() != null && NodeNames.of(request.client()).filter(node::equals).isPresent();
        CompletableFuture<String> objection = owner
                ? CompletableFuture.completedFuture("") : names.objection(node, csr.keyId());
        return objection.thenCompose(reason -> {
            if (!reason.isEmpty()) {
                LOG.warn("Certificate refused: {}", reason);
                return CompletableFuture.completedFuture(Answer.text(409, reason));
            }
            return names.record(node, csr.keyId()).thenApply(ok -> sign(request, csr, usages));
        });
    }

    private void authenticate(Request request) throws RefusedException {
        if (request.client() != null) {
            try {
                authority.verifyClient(request.client(), clock.instant());
            } catch (CertificateException e) {
                throw notVerified(request, "failed to verify edge certificate: " + e.getMessage());
            }
            boolean own = NodeNames.of(request.client()).filter(n -> n.equals(request.nodeName())).isPresent();
            if (!own && !(legacyEdges && NodeNames.isLegacy(request.client()))) {
                throw notVerified(request, "request node name is not match with the certificate");
            }
            return;
        }
        if (request.authorization().isEmpty()) {
            throw new RefusedException(401, "token validation failure, token is empty");
        }
        String[] words = request.authorization().split(" ", -1);
        if (words.length != 2) {
            throw new RefusedException(401, "token validation failure, token cannot be split");
        }
        try {
            JoinToken.verify(words[1], authority.tokenKey(), clock.instant());
        } catch (JoinToken.RefusedException e) {
            throw new RefusedException(401, "token validation failure, err: " + e.getMessage());
        }
    }

    private static RefusedException notVerified(Request request, String reason) {
        return new RefusedException(401,
                "failed to verify the certificate for edgenode: " + printable(request.nodeName()) + ", err: " + reason);
    }

    private static RefusedException notSigned(Request request, String reason) {
        return new RefusedException(500, "failed to sign certs for edgenode " + printable(request.nodeName()) + ", err: " + reason);
    }

    private static List<KeyPurposeId> usages(Request request) throws RefusedException {
        if (request.usages().isEmpty()) {
            return List.of(KeyPurposeId.id_kp_clientAuth);
        }
        try {
            JsonArray numbers = JsonParser.parseString(request.usages()).getAsJsonArray();
            List<KeyPurposeId> usages = new ArrayList<>();
            for (JsonElement number : numbers) {
                usages.add(USAGE_BY_NUMBER.get(number.getAsInt()));
            }
            if (usages.isEmpty()) {
                usages.add(KeyPurposeId.id_kp_clientAuth);
            }
            return usages;
        } catch (JsonParseException | IllegalStateException | IndexOutOfBoundsException | NumberFormatException
                | UnsupportedOperationException e) {
            throw notSigned(request, "unmarshal http header ExtKeyUsages fail, err: it must be a JSON array of 0, 1 and 2");
        }
    }

    private static CertificateRequest parse(Request request) throws RefusedException {
        try {
            return CertificateRequest.parse(request.csr());
        } catch (PkiException e) {
            throw notSigned(request, "fail to signCerts, err: " + e.getMessage());
        }
    }

    private static void requireOwnName(Request request, CertificateRequest csr) throws RefusedException {
        Optional<String> named = NodeNames.fromCommonName(csr.commonName());
        if (named.isEmpty() || !csr.organizations().equals(List.of(NodeNames.GROUP))) {
            throw new RefusedException(403, "the subject of the csr must be O=system:nodes, CN=system:node:<node name>");
        }
        if (!request.nodeName().isEmpty() && !named.get().equals(request.nodeName())) {
            throw new RefusedException(403, "the csr names node " + named.get() + ", the header NodeName "
                    + printable(request.nodeName()));
        }
    }

    private void requireLegacy(CertificateRequest csr) throws RefusedException {
        if (!legacyEdges) {
            throw new RefusedException(403, "certificates with CN=kubeedge.io do not name their node; this cloud signs them"
                    + " only when it is started with --legacy-edges");
        }
        if (csr.organizations().size() != 1 || !csr.organizations().get(0).equalsIgnoreCase("KubeEdge")) {
            throw new RefusedException(403, "the subject of a legacy csr must be O=KubeEdge, CN=kubeedge.io");
        }
    }

    /** A certificate for servers that names our hosts would let its holder play the cloud. */
    private void requireHarmless(CertificateRequest csr, List<KeyPurposeId> usages) throws RefusedException {
        if (usages.equals(List.of(KeyPurposeId.id_kp_clientAuth))) {
            return;
        }
        for (GeneralName name : csr.alternativeNames()) {
            String host;
            try {
                host = HostNames.canonical(name);
            } catch (IllegalArgumentException e) {
                throw new RefusedException(403, e.getMessage());
            }
            if (ownHosts.contains(host) || host.contains("*")) {
                throw new RefusedException(403, "a gateway cannot have a server certificate for " + printable(host));
            }
        }
    }

    private Answer sign(Request request, CertificateRequest csr, List<KeyPurposeId> usages) {
        try {
            byte[] certificate = authority.sign(csr, usages, clock.instant(), validity);
            LOG.info("Signed a certificate for {} ({})", printable(csr.commonName()), request.client() == null ? "token" : "renewal");
            return new Answer(200, certificate);
        } catch (PkiException e) {
            return Answer.text(500, "failed to sign certs for edgenode " + printable(request.nodeName()) + ", err: " + e.getMessage());
        }
    }

    /** What a client sent, fit for a log line. */
    static String printable(String text) {
        return text.codePoints().filter(c -> !Character.isISOControl(c)).limit(253)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString();
    }
}
