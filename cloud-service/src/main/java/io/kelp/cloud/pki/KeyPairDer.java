package io.kelp.cloud.pki;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import org.bouncycastle.asn1.ASN1BitString;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/**
 * A certificate and its private key, with exactly the bytes under which they are kept: the CA's
 * hash is taken over the one, tokens are keyed with the other (channel specification 1.1, 1.4,
 * traps 3 to 5).
 *
 * @param certificate the certificate
 * @param certificateDer its DER bytes as stored
 * @param key the private key, on P-256
 * @param keySec1Der the key as SEC 1 {@code ECPrivateKey} DER as stored
 */
record KeyPairDer(X509Certificate certificate, byte[] certificateDer, PrivateKey key, byte[] keySec1Der) {

    /**
     * Reads what a Secret or a PEM file holds.
     *
     * @param keyDer SEC 1 DER; PKCS#8 DER is accepted too, because tools of the trade write it
     * @param where what to name in messages, for example {@code Secret kubeedge/casecret}
     * @throws PkiException when the bytes are no certificate or EC key, or do not belong together
     */
    static KeyPairDer parse(byte[] certificateDer, byte[] keyDer, String where) throws PkiException {
        try {
            X509Certificate certificate = certificate(certificateDer);
            byte[] sec1 = keyDer;
            PrivateKey key;
            try {
                key = keyFromSec1(keyDer);
            } catch (GeneralSecurityException | IOException | RuntimeException e) {
                // Not SEC 1: the parser answers malformed input with exceptions of all these kinds.
                key = KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(keyDer));
                sec1 = toSec1((ECPrivateKey) key, (ECPublicKey) certificate.getPublicKey());
            }
            requireMatch(certificate, key, where);
            return new KeyPairDer(certificate, certificateDer, key, sec1);
        } catch (GeneralSecurityException | IOException | ClassCastException e) {
            throw new PkiException(where + " holds no usable EC certificate and key (" + e.getMessage()
                    + "); restore it, or delete it to have a new one made", e);
        }
    }

    private static void requireMatch(X509Certificate certificate, PrivateKey key, String where)
            throws GeneralSecurityException, PkiException {
        byte[] probe = {1, 2, 3, 4};
        Signature signing = Signature.getInstance("SHA256withECDSA");
        signing.initSign(key);
        signing.update(probe);
        byte[] signature = signing.sign();
        Signature checking = Signature.getInstance("SHA256withECDSA");
        checking.initVerify(certificate.getPublicKey());
        checking.update(probe);
        if (!checking.verify(signature)) {
            throw new PkiException("certificate and key in " + where + " do not belong together; restore both from the same backup");
        }
    }

    static X509Certificate certificate(byte[] der) throws GeneralSecurityException {
        return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
    }

    static KeyPair generateKeyPair() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    /** SEC 1 with named curve and public key, what Go's {@code x509.MarshalECPrivateKey} writes: 121 bytes for P-256. */
    static byte[] toSec1(ECPrivateKey key, ECPublicKey publicKey) throws IOException {
        ASN1BitString point = DERBitString.getInstance(
                SubjectPublicKeyInfo.getInstance(publicKey.getEncoded()).getPublicKeyData());
        return new org.bouncycastle.asn1.sec.ECPrivateKey(
                256, key.getS(), (DERBitString) point, SECObjectIdentifiers.secp256r1).getEncoded("DER");
    }

    private static PrivateKey keyFromSec1(byte[] sec1) throws GeneralSecurityException, IOException {
        org.bouncycastle.asn1.sec.ECPrivateKey parsed = org.bouncycastle.asn1.sec.ECPrivateKey.getInstance(sec1);
        ASN1ObjectIdentifier curve = parsed.getParametersObject() instanceof ASN1ObjectIdentifier named
                ? named : SECObjectIdentifiers.secp256r1;
        PrivateKeyInfo pkcs8 = new PrivateKeyInfo(
                new AlgorithmIdentifier(X9ObjectIdentifiers.id_ecPublicKey, curve), parsed);
        return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(pkcs8.getEncoded("DER")));
    }
}
