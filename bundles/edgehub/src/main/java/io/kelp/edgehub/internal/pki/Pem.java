package io.kelp.edgehub.internal.pki;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads and writes certificates and EC keys as PEM text (RFC 7468). */
public final class Pem {

    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----\\s+([A-Za-z0-9+/=\\s]+?)-----END \\1-----");
    private static final String CERTIFICATE = "CERTIFICATE";
    private static final String PRIVATE_KEY = "PRIVATE KEY";
    private static final String SEC1_KEY = "EC PRIVATE KEY";
    private static final byte[] EC_P256 =
            Der.sequence(Der.oid(1, 2, 840, 10045, 2, 1), Der.oid(1, 2, 840, 10045, 3, 1, 7));

    private Pem() {}

    public static String encode(X509Certificate certificate) {
        try {
            return block(CERTIFICATE, certificate.getEncoded());
        } catch (CertificateException e) {
            throw new IllegalArgumentException("certificate cannot be encoded", e);
        }
    }

    /** PKCS#8. */
    public static String encode(PrivateKey key) {
        return block(PRIVATE_KEY, key.getEncoded());
    }

    /** The first certificate in the text. */
    public static X509Certificate certificate(String pem) throws CertificateException {
        Matcher blocks = BLOCK.matcher(pem);
        while (blocks.find()) {
            if (blocks.group(1).equals(CERTIFICATE)) {
                return certificate(bytes(blocks.group(2)));
            }
        }
        throw new CertificateException("there is no PEM certificate in it");
    }

    /** A certificate from its DER form. */
    public static X509Certificate certificate(byte[] der) throws CertificateException {
        return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
    }

    /** The first EC key in the text: PKCS#8, or SEC 1 on curve P-256 as KubeEdge writes it. */
    public static PrivateKey privateKey(String pem) throws GeneralSecurityException {
        Matcher blocks = BLOCK.matcher(pem);
        while (blocks.find()) {
            byte[] der = bytes(blocks.group(2));
            if (blocks.group(1).equals(SEC1_KEY)) {
                der = Der.sequence(Der.integer(0), EC_P256, Der.element(Der.OCTET_STRING, der));
            } else if (!blocks.group(1).equals(PRIVATE_KEY)) {
                continue;
            }
            return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der));
        }
        throw new GeneralSecurityException("there is no PEM private key in it");
    }

    private static byte[] bytes(String base64) throws CertificateException {
        try {
            return Base64.getMimeDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new CertificateException("its Base64 is damaged", e);
        }
    }

    private static String block(String label, byte[] der) {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return new String(("-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n")
                .getBytes(StandardCharsets.US_ASCII), StandardCharsets.US_ASCII);
    }
}
