package io.kelp.load;

import java.io.IOException;
import java.io.StringReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import javax.net.ssl.SSLContext;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;

/**
 * How to reach an API server.
 *
 * @param authorization header with its end of line; empty when the client's certificate says it all
 */
record ApiAccess(String host, int port, SSLContext tls, String authorization) {

    /** @param kubeconfig of one cluster and one user, with embedded data */
    static ApiAccess of(Path kubeconfig) throws IOException, GeneralSecurityException {
        String text = Files.readString(kubeconfig);
        URI server = URI.create(value(text, "server:"));
        byte[] authority = Base64.getDecoder().decode(value(text, "certificate-authority-data:"));
        String token = value(text, "token:");
        String certificate = value(text, "client-certificate-data:");
        SSLContext tls = token.isEmpty() && !certificate.isEmpty()
                ? mutual(authority, Base64.getDecoder().decode(certificate), Base64.getDecoder().decode(value(text, "client-key-data:")))
                : Tls.trusting(authority);
        return new ApiAccess(server.getHost(), server.getPort(), tls, token.isEmpty() ? "" : "Authorization: Bearer " + token + "\r\n");
    }

    private static SSLContext mutual(byte[] authority, byte[] certificate, byte[] key) throws IOException, GeneralSecurityException {
        Certificate own = CertificateFactory.getInstance("X.509").generateCertificate(new java.io.ByteArrayInputStream(certificate));
        try (PEMParser parser = new PEMParser(new StringReader(new String(key, StandardCharsets.US_ASCII)))) {
            Object found = parser.readObject();
            PrivateKeyInfo info = found instanceof PEMKeyPair pair ? pair.getPrivateKeyInfo() : (PrivateKeyInfo) found;
            return Tls.mutual(authority, new JcaPEMKeyConverter().getPrivateKey(info), own);
        }
    }

    private static String value(String text, String key) {
        return text.lines().map(String::strip).filter(l -> l.startsWith(key)).findFirst()
                .map(l -> l.substring(key.length()).strip().replace("\"", "")).orElse("");
    }
}
