package io.kelp.cloud.pki;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.bc.BcX509ExtensionUtils;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * The certificate authority that all certificates of an installation come from (channel
 * specification 1.2, 1.3, 1.5). Immutable; safe for use by several threads.
 */
public final class CertificateAuthority {

    /** Validity of CA and server certificate: a hundred years of 364 days, as KubeEdge has it. */
    static final Duration LONG_LIFE = Duration.ofDays(100L * 364);

    private static final BigInteger CA_SERIAL = BigInteger.valueOf(1024);
    private static final int CRITICAL_USAGE = KeyUsage.keyEncipherment | KeyUsage.digitalSignature;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final KeyPairDer material;

    CertificateAuthority(KeyPairDer material) {
        this.material = material;
    }

    /** Makes a new authority: P-256, subject {@code CN=KubeEdge}, serial 1024. */
    static CertificateAuthority generate(Instant now) throws PkiException {
        try {
            KeyPair keys = KeyPairDer.generateKeyPair();
            X500Name name = new X500Name("CN=KubeEdge");
            X509v3CertificateBuilder builder = builder(name, CA_SERIAL, now, LONG_LIFE, name, keys.getPublic());
            SubjectPublicKeyInfo publicKey = SubjectPublicKeyInfo.getInstance(keys.getPublic().getEncoded());
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(CRITICAL_USAGE | KeyUsage.keyCertSign));
            builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(
                    new KeyPurposeId[] {KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth}));
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
            builder.addExtension(Extension.subjectKeyIdentifier, false,
                    new BcX509ExtensionUtils().createSubjectKeyIdentifier(publicKey));
            byte[] der = builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())).getEncoded();
            return new CertificateAuthority(new KeyPairDer(KeyPairDer.certificate(der), der, keys.getPrivate(), sec1(keys)));
        } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
            throw new PkiException("cannot make a certificate authority: " + e.getMessage(), e);
        }
    }

    X509Certificate certificate() {
        return material.certificate();
    }

    /** The CA certificate in DER, as {@code /ca.crt} gives it. */
    public byte[] certificateDer() {
        return material.certificateDer().clone();
    }

    /** The key that join tokens are authenticated with: the CA key in SEC 1 DER. */
    byte[] tokenKey() {
        return material.keySec1Der().clone();
    }

    /** First part of every join token: SHA-256 over the certificate's DER, lower-case hex. */
    String fingerprint() {
        return HexFormat.of().formatHex(sha256(material.certificateDer()));
    }

    /** A server certificate with a new key (section 1.3). */
    KeyPairDer issueServer(Collection<String> hosts, Instant now) throws PkiException {
        try {
            KeyPair keys = KeyPairDer.generateKeyPair();
            X500Name subject = new X500NameBuilder().addRDN(BCStyle.CN, "KubeEdge").addRDN(BCStyle.O, "KubeEdge").build();
            X509v3CertificateBuilder builder =
                    builder(issuer(), serial(), now, LONG_LIFE, subject, keys.getPublic());
            addLeafExtensions(builder, List.of(KeyPurposeId.id_kp_serverAuth));
            GeneralName[] names = hosts.stream().map(HostNames::generalName).toArray(GeneralName[]::new);
            builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names));
            byte[] der = sign(builder);
            return new KeyPairDer(KeyPairDer.certificate(der), der, keys.getPrivate(), sec1(keys));
        } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
            throw new PkiException("cannot issue a server certificate for " + hosts + ": " + e.getMessage(), e);
        }
    }

    /** Signs what a gateway asked for; the caller has decided that it may have it. */
    byte[] sign(CertificateRequest request, List<KeyPurposeId> usages, Instant now, Duration validity) throws PkiException {
        try {
            X509v3CertificateBuilder builder = new X509v3CertificateBuilder(issuer(), serial(), Date.from(now),
                    Date.from(now.plus(validity)), request.subject(), request.publicKey());
            addLeafExtensions(builder, usages);
            if (!request.alternativeNames().isEmpty()) {
                builder.addExtension(Extension.subjectAlternativeName, false,
                        new GeneralNames(request.alternativeNames().toArray(GeneralName[]::new)));
            }
            return sign(builder);
        } catch (IOException | OperatorCreationException e) {
            throw new PkiException("cannot sign: " + e.getMessage(), e);
        }
    }

    /**
     * Checks that a client certificate comes from this authority, is valid now and may be used by a
     * client.
     *
     * @throws CertificateException with the reason in the words of Go's x509 package
     */
    public void verifyClient(X509Certificate leaf, Instant now) throws CertificateException {
        try {
            leaf.verify(material.certificate().getPublicKey());
        } catch (GeneralSecurityException e) {
            throw new CertificateException("x509: certificate signed by unknown authority", e);
        }
        if (!leaf.getIssuerX500Principal().equals(material.certificate().getSubjectX500Principal())) {
            throw new CertificateException("x509: certificate signed by unknown authority");
        }
        try {
            leaf.checkValidity(Date.from(now));
        } catch (CertificateException e) {
            throw new CertificateException("x509: certificate has expired or is not yet valid: " + e.getMessage(), e);
        }
        List<String> usages = leaf.getExtendedKeyUsage();
        if (leaf.getBasicConstraints() >= 0 || usages == null
                || !(usages.contains(KeyPurposeId.id_kp_clientAuth.getId())
                        || usages.contains(KeyPurposeId.anyExtendedKeyUsage.getId()))) {
            throw new CertificateException("x509: certificate specifies an incompatible key usage");
        }
    }

    private void addLeafExtensions(X509v3CertificateBuilder builder, List<KeyPurposeId> usages) throws IOException {
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(CRITICAL_USAGE));
        builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(usages.toArray(KeyPurposeId[]::new)));
        addAuthorityKey(builder);
    }

    private void addAuthorityKey(X509v3CertificateBuilder builder) throws CertIOException {
        byte[] caKeyId = material.certificate().getExtensionValue(Extension.subjectKeyIdentifier.getId());
        if (caKeyId != null) { // authorities made by others may lack the identifier
            builder.addExtension(Extension.authorityKeyIdentifier, false, new BcX509ExtensionUtils()
                    .createAuthorityKeyIdentifier(SubjectPublicKeyInfo.getInstance(material.certificate().getPublicKey().getEncoded())));
        }
    }

    private byte[] sign(X509v3CertificateBuilder builder) throws OperatorCreationException, IOException {
        return builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(material.key())).getEncoded();
    }

    /** The issuer as it stands in the CA certificate, byte for byte: verifiers compare encodings. */
    private X500Name issuer() {
        return X500Name.getInstance(material.certificate().getSubjectX500Principal().getEncoded());
    }

    private static X509v3CertificateBuilder builder(
            X500Name issuer, BigInteger serial, Instant now, Duration life, X500Name subject, PublicKey key) {
        return new X509v3CertificateBuilder(issuer, serial, Date.from(now), Date.from(now.plus(life)), subject,
                SubjectPublicKeyInfo.getInstance(key.getEncoded()));
    }

    private static BigInteger serial() {
        return new BigInteger(63, RANDOM).max(BigInteger.ONE);
    }

    private static byte[] sec1(KeyPair keys) throws IOException {
        return KeyPairDer.toSec1((ECPrivateKey) keys.getPrivate(), (ECPublicKey) keys.getPublic());
    }

    KeyPairDer material() {
        return material;
    }

    static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
