package io.kelp.edgehub.internal.pki;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/**
 * Who the gateway is towards the cloud: the pinned CA, its certificate and the key of that.
 *
 * @param ca the only root that is trusted
 * @param certificate names the node
 * @param key the private key of the certificate
 */
public record Identity(X509Certificate ca, X509Certificate certificate, PrivateKey key) {

    private static final String PREFIX = "system:node:";

    /** Common name of a node's certificate (specification section 1.6). */
    public static String subjectOf(String node) {
        return PREFIX + node;
    }

    /** The node that the certificate names. */
    public String nodeName() throws GeneralSecurityException {
        return nodeOf(certificate);
    }

    static String nodeOf(X509Certificate certificate) throws GeneralSecurityException {
        String subject = certificate.getSubjectX500Principal().getName();
        try {
            for (Rdn rdn : new LdapName(subject).getRdns()) {
                if (rdn.getType().equalsIgnoreCase("CN") && rdn.getValue().toString().startsWith(PREFIX)) {
                    return rdn.getValue().toString().substring(PREFIX.length());
                }
            }
        } catch (InvalidNameException e) {
            throw new GeneralSecurityException("its subject " + subject + " cannot be read", e);
        }
        throw new GeneralSecurityException("its subject " + subject + " names no node");
    }

    /** Whether the key is the certificate's. */
    static boolean belongTogether(X509Certificate certificate, PrivateKey key) {
        try {
            byte[] probe = {1, 2, 3, 4};
            Signature signer = Signature.getInstance("SHA256withECDSA");
            signer.initSign(key);
            signer.update(probe);
            byte[] signature = signer.sign();
            signer.initVerify(certificate.getPublicKey());
            signer.update(probe);
            return signer.verify(signature);
        } catch (GeneralSecurityException e) {
            return false; // another kind of key
        }
    }
}
