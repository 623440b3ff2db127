package io.kelp.cloud.standalone;

import io.kelp.cloud.pki.PkiException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What matters of a kubeconfig that this program wrote.
 *
 * @param server URL of the API server
 * @param authorityPem certificate of its authority
 * @param client certificate of the user
 */
record Kubeconfig(String server, String authorityPem, X509Certificate client) {

    private static final Pattern SERVER = field("server");
    private static final Pattern AUTHORITY = field("certificate-authority-data");
    private static final Pattern CLIENT = field("client-certificate-data");

    static String text(String server, String authorityPem, String clientPem, String keyPem) {
        return """
                apiVersion: v1
                kind: Config
                clusters:
                - name: kelp
                  cluster:
                    server: %s
                    certificate-authority-data: %s
                contexts:
                - name: kubernetes-admin@kelp
                  context:
                    cluster: kelp
                    user: kubernetes-admin
                current-context: kubernetes-admin@kelp
                preferences: {}
                users:
                - name: kubernetes-admin
                  user:
                    client-certificate-data: %s
                    client-key-data: %s
                """.formatted(server, base64(authorityPem), base64(clientPem), base64(keyPem));
    }

    /** @return empty when there is none, or one that another program wrote or changed beyond recognition */
    static Optional<Kubeconfig> read(Path file) throws PkiException {
        try {
            String text = Files.readString(file);
            Matcher server = SERVER.matcher(text);
            Matcher authority = AUTHORITY.matcher(text);
            Matcher client = CLIENT.matcher(text);
            if (!server.find() || !authority.find() || !client.find()) {
                return Optional.empty();
            }
            X509Certificate certificate = (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(Base64.getDecoder().decode(client.group(1))));
            return Optional.of(new Kubeconfig(server.group(1),
                    new String(Base64.getDecoder().decode(authority.group(1)), StandardCharsets.UTF_8), certificate));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (CertificateException | IllegalArgumentException e) {
            return Optional.empty(); // damaged: written anew
        } catch (IOException e) {
            throw new PkiException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static Pattern field(String name) {
        return Pattern.compile("(?m)^\\s*" + name + ": (\\S+)$");
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
