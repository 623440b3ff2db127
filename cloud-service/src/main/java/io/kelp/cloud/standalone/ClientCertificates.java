package io.kelp.cloud.standalone;

import io.kelp.cloud.pki.ClientTrust;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.Date;
import java.util.List;

/**
 * Which client certificates count: those that the cluster's own authority has signed. TLS takes any, so that a client with
 * a wrong one is told so in words ({@code 401 Unauthorized}) as a Kubernetes API server does, not with a broken handshake.
 */
final class ClientCertificates extends ClientTrust {

    private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
    private static final String ANY_USAGE = "2.5.29.37.0";

    private final X509Certificate authority;
    private final Clock clock;

    ClientCertificates(X509Certificate authority, Clock clock) {
        this.authority = authority;
        this.clock = clock;
    }

    /** @param chain the client's own certificate first */
    boolean areTrusted(List<X509Certificate> chain) {
        X509Certificate client = chain.get(0);
        try {
            if (!client.getIssuerX500Principal().equals(authority.getSubjectX500Principal())) {
                return false;
            }
            client.verify(authority.getPublicKey());
            Date now = Date.from(clock.instant());
            client.checkValidity(now);
            List<String> usages = client.getExtendedKeyUsage();
            return client.getBasicConstraints() < 0 && usages != null
                    && (usages.contains(CLIENT_AUTH) || usages.contains(ANY_USAGE));
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {
        // Judged per request by areTrusted: a connection may outlive a certificate.
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[] {authority};
    }
}
