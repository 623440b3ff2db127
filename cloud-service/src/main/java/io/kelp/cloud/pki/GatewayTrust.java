package io.kelp.cloud.pki;

import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Clock;

/** Lets clients in whose certificate comes from our CA, is valid now and is for clients. */
final class GatewayTrust extends ClientTrust {

    private final CertificateAuthority authority;
    private final Clock clock;

    GatewayTrust(CertificateAuthority authority, Clock clock) {
        this.authority = authority;
        this.clock = clock;
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        try {
            authority.verifyClient(chain[0], clock.instant());
        } catch (CertificateException e) {
            // Whom it claims to be helps the operator to find the gateway; it is proven by nothing.
            throw new CertificateException(e.getMessage() + ", certificate of " + chain[0].getSubjectX500Principal().getName());
        }
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[] {authority.certificate()};
    }
}
