package io.kelp.edgehub.internal.pki;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;

/** Makes key pairs and PKCS#10 requests (RFC 2986) for the identity of a node (specification section 1.6). */
public final class CertificateRequest {

    private static final byte[] ECDSA_WITH_SHA256 = Der.sequence(Der.oid(1, 2, 840, 10045, 4, 3, 2));
    private static final byte[] COMMON_NAME = Der.oid(2, 5, 4, 3);
    private static final byte[] ORGANIZATION = Der.oid(2, 5, 4, 10);

    private CertificateRequest() {}

    /** A fresh ECDSA P-256 key pair. */
    public static KeyPair newKeyPair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java runtime has no elliptic curve P-256; use one with module jdk.crypto.ec", e);
        }
    }

    /** The request in DER: subject {@code O=system:nodes, CN=system:node:<node>}, no attributes, signed with the key. */
    public static byte[] encode(String node, KeyPair keys) {
        byte[] subject = Der.sequence(
                Der.element(Der.SET, Der.sequence(ORGANIZATION, Der.utf8("system:nodes"))),
                Der.element(Der.SET, Der.sequence(COMMON_NAME, Der.utf8(Identity.subjectOf(node)))));
        byte[] body = Der.sequence(Der.integer(0), subject, keys.getPublic().getEncoded(), Der.element(Der.CONTEXT_0));
        try {
            Signature signer = Signature.getInstance("SHA256withECDSA");
            signer.initSign(keys.getPrivate());
            signer.update(body);
            return Der.sequence(body, ECDSA_WITH_SHA256, Der.bits(signer.sign()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("signing the certificate request failed", e);
        }
    }
}
