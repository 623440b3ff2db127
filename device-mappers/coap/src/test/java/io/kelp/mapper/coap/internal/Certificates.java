package io.kelp.mapper.coap.internal;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** An authority of its own, and PEM files of certificates that it signs. */
final class Certificates {

    private final Path folder;
    private final X500Name name;
    private final KeyPair keys = keys();
    private int serial = 1;

    /** Writes {@code NAME.pem}. */
    Certificates(Path folder, String name) throws Exception {
        this.folder = folder;
        this.name = new X500Name("CN=" + name);
        write(name + ".pem", "CERTIFICATE", certificate(this.name, keys, true, null));
    }

    /** Writes {@code NAME.pem}, {@code NAME.key} (PKCS #8) and {@code NAME.sec1} (RFC 5915). */
    void issue(String file, String host) throws Exception {
        KeyPair own = keys();
        write(file + ".pem", "CERTIFICATE", certificate(new X500Name("CN=" + host), own, false, host));
        write(file + ".key", "PRIVATE KEY", own.getPrivate().getEncoded());
        // GnuTLS wants the public key in it, too, which the JDK leaves out.
        SubjectPublicKeyInfo open = SubjectPublicKeyInfo.getInstance(own.getPublic().getEncoded());
        write(file + ".sec1", "EC PRIVATE KEY", new ECPrivateKey(256, ((java.security.interfaces.ECPrivateKey) own.getPrivate()).getS(),
                open.getPublicKeyData(), open.getAlgorithm().getParameters()).getEncoded());
    }

    private static KeyPair keys() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    private byte[] certificate(X500Name subject, KeyPair own, boolean authority, String host)
            throws IOException, GeneralSecurityException, OperatorCreationException {
        Instant now = Instant.now();
        var builder = new JcaX509v3CertificateBuilder(name, BigInteger.valueOf(serial++), Date.from(now.minus(Duration.ofDays(1))),
                Date.from(now.plus(Duration.ofDays(1))), subject, own.getPublic());
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
        if (authority) {
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
        } else {
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature | KeyUsage.keyAgreement));
            builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(
                    new GeneralName(host.matches("[0-9.]+") ? GeneralName.iPAddress : GeneralName.dNSName, host)));
        }
        return builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())).getEncoded();
    }

    private void write(String file, String what, byte[] der) throws IOException {
        Files.writeString(folder.resolve(file), "-----BEGIN " + what + "-----\n"
                + Base64.getMimeEncoder(64, "\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII)).encodeToString(der)
                + "\n-----END " + what + "-----\n");
    }
}
