package io.kelp.oci.internal.registry;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Collection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** Whom to trust: the authorities of the machine and those of a file. */
final class Trust {

    private Trust() {}

    /** @throws IOException when the file cannot be read or holds no certificates */
    static SSLContext with(Path authorities) throws IOException {
        try {
            KeyStore all = KeyStore.getInstance(KeyStore.getDefaultType());
            all.load(null, null);
            int count = 0;
            for (TrustManager manager : managers(null)) {
                if (manager instanceof X509TrustManager machine) {
                    for (X509Certificate each : machine.getAcceptedIssuers()) {
                        all.setCertificateEntry("machine" + count++, each);
                    }
                }
            }
            for (Certificate each : read(authorities)) {
                all.setCertificateEntry("file" + count++, each);
            }
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, managers(all), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("TLS cannot be set up with the authorities of " + authorities + ": " + e.getMessage(), e);
        }
    }

    private static Collection<? extends Certificate> read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            Collection<? extends Certificate> found = CertificateFactory.getInstance("X.509").generateCertificates(in);
            if (found.isEmpty()) {
                throw new IOException(file + " holds no certificate; expected PEM");
            }
            return found;
        } catch (CertificateException e) {
            throw new IOException(file + " holds no certificates; expected PEM", e);
        } catch (java.nio.file.NoSuchFileException e) {
            throw new IOException("the file of trusted authorities, " + file + ", is not there", e);
        }
    }

    private static TrustManager[] managers(KeyStore store) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }
}
