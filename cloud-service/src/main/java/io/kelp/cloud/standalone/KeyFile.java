package io.kelp.cloud.standalone;

import io.kelp.cloud.pki.PkiException;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.util.Optional;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.openssl.PEMException;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;

/** PEM files: read as the tools of the trade write them, written whole or not at all. */
final class KeyFile {

    private KeyFile() {}

    /** @return empty when there is no such file */
    static Optional<X509Certificate> certificate(Path file) throws PkiException {
        Optional<Object> pem = first(file);
        if (pem.isEmpty()) {
            return Optional.empty();
        }
        if (pem.get() instanceof X509CertificateHolder holder) {
            try {
                return Optional.of(new JcaX509CertificateConverter().getCertificate(holder));
            } catch (java.security.cert.CertificateException e) {
                throw unusable(file, e.getMessage());
            }
        }
        throw unusable(file, "it holds no certificate");
    }

    /** @return empty when there is no such file */
    static Optional<KeyPair> keyPair(Path file) throws PkiException {
        Optional<Object> pem = first(file);
        if (pem.isEmpty()) {
            return Optional.empty();
        }
        if (pem.get() instanceof PEMKeyPair pair) {
            try {
                return Optional.of(new JcaPEMKeyConverter().getKeyPair(pair));
            } catch (PEMException e) {
                throw unusable(file, e.getMessage());
            }
        }
        throw unusable(file, "it holds no unencrypted EC or RSA private key in the form \"BEGIN EC PRIVATE KEY\" or \"BEGIN RSA PRIVATE KEY\"");
    }

    private static Optional<Object> first(Path file) throws PkiException {
        try (PEMParser parser = new PEMParser(new StringReader(Files.readString(file)))) {
            Object read = parser.readObject();
            if (read == null) {
                throw unusable(file, "it holds no PEM block");
            }
            return Optional.of(read);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException | IllegalArgumentException e) {
            throw unusable(file, e.getMessage());
        }
    }

    private static PkiException unusable(Path file, String reason) {
        return new PkiException(file + " cannot be used: " + reason + "; restore it from a backup");
    }

    static String pem(X509Certificate certificate) throws PkiException {
        try {
            return pem("CERTIFICATE", certificate.getEncoded());
        } catch (java.security.cert.CertificateEncodingException e) {
            throw new PkiException("Cannot write a certificate: " + e.getMessage(), e);
        }
    }

    /** The classic form of its algorithm (SEC 1, PKCS #1), which every client library reads. */
    static String pem(KeyPair keys) throws PkiException {
        try {
            PrivateKeyInfo info = PrivateKeyInfo.getInstance(keys.getPrivate().getEncoded());
            if (keys.getPrivate() instanceof ECPrivateKey ec) {
                byte[] point = SubjectPublicKeyInfo.getInstance(keys.getPublic().getEncoded()).getPublicKeyData().getBytes();
                return pem("EC PRIVATE KEY", new org.bouncycastle.asn1.sec.ECPrivateKey(ec.getParams().getOrder().bitLength(), ec.getS(),
                        new DERBitString(point), info.getPrivateKeyAlgorithm().getParameters()).getEncoded());
            }
            return pem("RSA PRIVATE KEY", info.parsePrivateKey().toASN1Primitive().getEncoded());
        } catch (IOException e) {
            throw new PkiException("Cannot write a key: " + e.getMessage(), e);
        }
    }

    private static String pem(String type, byte[] der) throws PkiException {
        StringWriter text = new StringWriter();
        try (PemWriter writer = new PemWriter(text)) {
            writer.writeObject(new PemObject(type, der));
        } catch (IOException e) {
            throw new PkiException("Cannot write PEM: " + e.getMessage(), e);
        }
        return text.toString();
    }
}
