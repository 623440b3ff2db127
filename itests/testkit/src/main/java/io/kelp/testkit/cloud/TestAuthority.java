package io.kelp.testkit.cloud;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicLong;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A CA like KubeEdge's for tests: certificates and join tokens of any age. */
public final class TestAuthority {

    private static final AtomicLong SERIAL = new AtomicLong(5000);

    private final KeyPair keys = newKeyPair();
    private final X509Certificate certificate;

    public TestAuthority(Instant from, Instant to) {
        try {
            X509v3CertificateBuilder builder = builder("CN=KubeEdge", "CN=KubeEdge", keys.getPublic(), from, to)
                    .addExtension(Extension.basicConstraints, true, new BasicConstraints(true))
                    .addExtension(Extension.keyUsage, true,
                            new KeyUsage(KeyUsage.keyCertSign | KeyUsage.digitalSignature | KeyUsage.keyEncipherment));
            certificate = sign(builder);
        } catch (CertIOException e) {
            throw new IllegalStateException(e);
        }
    }

    public static KeyPair newKeyPair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    public X509Certificate certificate() {
        return certificate;
    }

    /** A server certificate for loopback ({@code 127.0.0.1} and {@code localhost}), with the empty DNS name of stock clouds. */
    public X509Certificate server(PublicKey key, Instant from, Instant to) {
        return server(key, from, to, new GeneralName(GeneralName.dNSName, ""),
                new GeneralName(GeneralName.dNSName, "localhost"), new GeneralName(GeneralName.iPAddress, "127.0.0.1"));
    }

    public X509Certificate server(PublicKey key, Instant from, Instant to, GeneralName... names) {
        return issue("CN=KubeEdge, O=KubeEdge", key, from, to, KeyPurposeId.id_kp_serverAuth, names);
    }

    /** The certificate of a node. */
    public X509Certificate edge(String node, PublicKey key, Instant from, Instant to) {
        return issue("O=system:nodes, CN=system:node:" + node, key, from, to, KeyPurposeId.id_kp_clientAuth);
    }

    public X509Certificate issue(String subject, PublicKey key, Instant from, Instant to, KeyPurposeId use, GeneralName... names) {
        try {
            X509v3CertificateBuilder builder = builder("CN=KubeEdge", subject, key, from, to)
                    .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature | KeyUsage.keyEncipherment))
                    .addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(use));
            if (names.length > 0) {
                builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names));
            }
            return sign(builder);
        } catch (CertIOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A join token that ends at the given time; keyed for this fake, not with the CA key as real ones are. */
    public String token(Instant expires) {
        try {
            String hash = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
            String head = base64("{\"alg\":\"HS256\",\"typ\":\"JWT\"}".getBytes(StandardCharsets.US_ASCII)) + "."
                    + base64(("{\"exp\":" + expires.getEpochSecond() + "}").getBytes(StandardCharsets.US_ASCII));
            return hash + "." + head + "." + signature(head);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Empty when the token is good, else what a stock cloud says. */
    String refusal(String jwt) {
        String[] parts = jwt.split("\\.", -1);
        if (parts.length != 3) {
            return "token validation failure, err: token is malformed: token contains an invalid number of segments";
        }
        if (!signature(parts[0] + "." + parts[1]).equals(parts[2])) {
            return "token validation failure, err: token signature is invalid: signature is invalid";
        }
        String claims = new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.US_ASCII);
        long expires = Long.parseLong(claims.replaceAll("\\D", ""));
        return Instant.now().getEpochSecond() < expires ? ""
                : "token validation failure, err: token has invalid claims: token is expired";
    }

    private String signature(String head) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(keys.getPrivate().getEncoded(), "HmacSHA256"));
            return base64(mac.doFinal(head.getBytes(StandardCharsets.US_ASCII)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static X509v3CertificateBuilder builder(String issuer, String subject, PublicKey key, Instant from, Instant to) {
        return new JcaX509v3CertificateBuilder(new X500Name(issuer), BigInteger.valueOf(SERIAL.incrementAndGet()),
                Date.from(from), Date.from(to), new X500Name(subject), key);
    }

    private X509Certificate sign(X509v3CertificateBuilder builder) {
        try {
            return new JcaX509CertificateConverter().getCertificate(
                    builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new IllegalStateException(e);
        }
    }
}
