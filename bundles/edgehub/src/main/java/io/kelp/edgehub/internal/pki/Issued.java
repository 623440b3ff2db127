package io.kelp.edgehub.internal.pki;

import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;

/** What must hold of a certificate that the cloud has issued, before it is used. */
public final class Issued {

    private static final String CLIENT_AUTHENTICATION = "1.3.6.1.5.5.7.3.2";

    private Issued() {}

    /** @throws GeneralSecurityException saying what is wrong with the certificate */
    public static X509Certificate check(byte[] der, X509Certificate ca, String node, PublicKey key)
            throws GeneralSecurityException {
        X509Certificate issued = Pem.certificate(der);
        issued.verify(ca.getPublicKey());
        if (!issued.getPublicKey().equals(key)) {
            throw new CertificateException("the cloud issued a certificate for another key");
        }
        if (!Identity.nodeOf(issued).equals(node)) {
            throw new CertificateException("the cloud issued a certificate for node " + Identity.nodeOf(issued)
                    + " instead of " + node);
        }
        List<String> usage = issued.getExtendedKeyUsage();
        if (usage != null && !usage.contains(CLIENT_AUTHENTICATION)) {
            throw new CertificateException("the cloud issued a certificate that is not for clients");
        }
        return issued;
    }
}
