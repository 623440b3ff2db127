package io.kelp.kubeapi.internal.auth;

import io.kelp.kubeapi.User;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/** Reads users from the subjects of client certificates whose chain TLS has verified already. */
final class ClientCertificates {

    private static final String CREDENTIAL_ID = "authentication.kubernetes.io/credential-id";

    private ClientCertificates() {
    }

    /** @return empty when the subject has no common name, like for kube-apiserver */
    static Optional<User> user(X509Certificate certificate) {
        String name = "";
        List<String> groups = new ArrayList<>();
        try {
            // The text form begins with the last part of the subject, LdapName counts from the first again.
            for (Rdn part : new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
                if (part.getValue() instanceof String value) {
                    switch (part.getType().toUpperCase(Locale.ROOT)) {
                        case "CN" -> name = value;
                        case "O" -> groups.add(value);
                        default -> { } // says nothing about who it is
                    }
                }
            }
            if (name.isEmpty()) {
                return Optional.empty();
            }
            String digest = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
            return Optional.of(new User(name, "", groups, Map.of(CREDENTIAL_ID, List.of("X509SHA256=" + digest))));
        } catch (InvalidNameException | CertificateEncodingException e) {
            return Optional.empty();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This Java runtime has no SHA-256", e);
        }
    }
}
