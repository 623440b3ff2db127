package io.kelp.cloud.standalone;

import io.kelp.cloud.pki.HostNames;
import io.kelp.cloud.pki.PkiException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Date;
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
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.bc.BcX509ExtensionUtils;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * The authority of a standalone installation's Kubernetes API: signs the API server's certificate and those of its
 * administrators. Gateways have another one, {@link io.kelp.cloud.pki.CertificateAuthority}: a gateway's key must open no API.
 * Immutable; safe for use by several threads.
 *
 * @param certificate self-signed, {@code CN=kubernetes}
 * @param key on P-256
 */
record ClusterAuthority(X509Certificate certificate, PrivateKey key) {

    private static final Duration LIFE = Duration.ofDays(3650);
    private static final Duration BACKDATED = Duration.ofMinutes(5); // clocks of clients differ
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String SIGNATURE = "SHA256withECDSA";

    static ClusterAuthority generate(KeyPair keys, Instant now) throws PkiException {
        X500Name name = new X500Name("CN=kubernetes");
        X509v3CertificateBuilder builder = builder(name, name, keys.getPublic(), now, now.plus(LIFE));
        try {
            builder.addExtension(Extension.keyUsage, true,
                    new KeyUsage(KeyUsage.digitalSignature | KeyUsage.keyEncipherment | KeyUsage.keyCertSign));
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
            builder.addExtension(Extension.subjectKeyIdentifier, false, new BcX509ExtensionUtils()
                    .createSubjectKeyIdentifier(SubjectPublicKeyInfo.getInstance(keys.getPublic().getEncoded())));
            return new ClusterAuthority(sign(builder, keys.getPrivate()), keys.getPrivate());
        } catch (IOException e) {
            throw new PkiException("Cannot make a certificate authority: " + e.getMessage(), e);
        }
    }

    /** @param hosts names and addresses that clients dial */
    X509Certificate issueServer(PublicKey server, Collection<String> hosts, Instant now, Duration life) throws PkiException {
        X509v3CertificateBuilder builder = leaf(new X500Name("CN=kube-apiserver"), server, now, life, KeyPurposeId.id_kp_serverAuth);
        try {
            builder.addExtension(Extension.subjectAlternativeName, false,
                    new GeneralNames(hosts.stream().map(HostNames::generalName).toArray(GeneralName[]::new)));
        } catch (IOException e) {
            throw new PkiException("Cannot issue a certificate for " + hosts + ": " + e.getMessage(), e);
        }
        return sign(builder, key);
    }

    /** @param user name in the API @param group of the user in the API */
    X509Certificate issueClient(PublicKey client, String user, String group, Instant now, Duration life) throws PkiException {
        X500Name subject = new X500NameBuilder().addRDN(BCStyle.O, group).addRDN(BCStyle.CN, user).build();
        return sign(leaf(subject, client, now, life, KeyPurposeId.id_kp_clientAuth), key);
    }

    /** Whether a certificate has been signed with this authority's key. */
    boolean hasSigned(X509Certificate other) {
        try {
            other.verify(certificate.getPublicKey());
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private X509v3CertificateBuilder leaf(X500Name subject, PublicKey leaf, Instant now, Duration life, KeyPurposeId usage)
            throws PkiException {
        Instant end = now.plus(life);
        Instant last = certificate.getNotAfter().toInstant();
        X500Name issuer = X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
        X509v3CertificateBuilder builder = builder(issuer, subject, leaf, now, end.isAfter(last) ? last : end);
        try {
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature | KeyUsage.keyEncipherment));
            builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(usage));
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(Extension.authorityKeyIdentifier, false, new BcX509ExtensionUtils()
                    .createAuthorityKeyIdentifier(SubjectPublicKeyInfo.getInstance(certificate.getPublicKey().getEncoded())));
            return builder;
        } catch (IOException e) {
            throw new PkiException("Cannot issue a certificate for " + subject + ": " + e.getMessage(), e);
        }
    }

    private static X509v3CertificateBuilder builder(X500Name issuer, X500Name subject, PublicKey key, Instant now, Instant end) {
        return new X509v3CertificateBuilder(issuer, new BigInteger(63, RANDOM).max(BigInteger.ONE), Date.from(now.minus(BACKDATED)),
                Date.from(end), subject, SubjectPublicKeyInfo.getInstance(key.getEncoded()));
    }

    private static X509Certificate sign(X509v3CertificateBuilder builder, PrivateKey key) throws PkiException {
        try {
            byte[] der = builder.build(new JcaContentSignerBuilder(SIGNATURE).build(key)).getEncoded();
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
        } catch (IOException | OperatorCreationException | GeneralSecurityException e) {
            throw new PkiException("Cannot sign a certificate: " + e.getMessage(), e);
        }
    }
}
