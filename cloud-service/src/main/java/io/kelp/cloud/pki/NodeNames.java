package io.kelp.cloud.pki;

import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/** How a certificate names its gateway (channel specification 1.5, 10). */
public final class NodeNames {

    /** Common name of edges up to 1.15, whose certificates do not name the node. */
    static final String LEGACY_COMMON_NAME = "kubeedge.io";

    static final String PREFIX = "system:node:";
    static final String GROUP = "system:nodes";

    private static final int MAX_LENGTH = 253;
    private static final Pattern DNS_SUBDOMAIN =
            Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");

    private NodeNames() {}

    /** Whether Kubernetes would take this as the name of a Node; nothing else gets into a path. */
    public static boolean isValid(String name) {
        return name != null && name.length() <= MAX_LENGTH && DNS_SUBDOMAIN.matcher(name).matches();
    }

    /** The node that a certificate names; empty when it names none. */
    public static Optional<String> of(X509Certificate certificate) {
        return GROUP.equals(attribute(certificate, "O")) ? fromCommonName(attribute(certificate, "CN")) : Optional.empty();
    }

    /** Whether this is the certificate of an edge up to 1.15. */
    public static boolean isLegacy(X509Certificate certificate) {
        return LEGACY_COMMON_NAME.equals(attribute(certificate, "CN"))
                && "KubeEdge".equalsIgnoreCase(attribute(certificate, "O"));
    }

    /** Identifies the key of a certificate: {@code sha256:} and hex. */
    public static String keyId(X509Certificate certificate) {
        return CertificateRequest.keyId(certificate.getPublicKey().getEncoded());
    }

    static Optional<String> fromCommonName(String commonName) {
        return Optional.of(commonName).filter(cn -> cn.startsWith(PREFIX)).map(cn -> cn.substring(PREFIX.length()))
                .filter(NodeNames::isValid);
    }

    private static String attribute(X509Certificate certificate, String type) {
        try {
            for (Rdn rdn : new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
                if (rdn.getType().equalsIgnoreCase(type)) {
                    return String.valueOf(rdn.getValue());
                }
            }
        } catch (InvalidNameException e) {
            return ""; // a subject that cannot be read names nobody
        }
        return "";
    }
}
