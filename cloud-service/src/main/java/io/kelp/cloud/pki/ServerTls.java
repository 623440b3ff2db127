package io.kelp.cloud.pki;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/** TLS of the cloud's ports: 1.2 and 1.3, the server certificate (channel specification 1.5, 1.7). */
final class ServerTls {

    /** Tickets for resumption last this long; state for them is kept by the client, not here. */
    private static final int SESSION_SECONDS = 600;
    private static final int SESSIONS = 500;

    private ServerTls() {}

    static SslContextFactory.Server context(KeyPairDer server, CertificateAuthority authority, X509ExtendedTrustManager clients,
            boolean clientRequired) throws PkiException {
        try {
            char[] password = new char[0];
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, password);
            store.setKeyEntry("server", server.key(), password,
                    new Certificate[] {server.certificate(), authority.certificate()});
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, password);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), new TrustManager[] {clients}, null);
            context.getServerSessionContext().setSessionCacheSize(SESSIONS);
            context.getServerSessionContext().setSessionTimeout(SESSION_SECONDS);
            SslContextFactory.Server tls = new SslContextFactory.Server();
            tls.setSslContext(context);
            tls.setIncludeProtocols("TLSv1.3", "TLSv1.2");
            tls.setRenegotiationAllowed(false);
            tls.setUseCipherSuitesOrder(false); // a gateway knows what its processor and its virtual machine are good at
            if (clientRequired) {
                tls.setNeedClientAuth(true);
            } else {
                tls.setWantClientAuth(true);
            }
            return tls;
        } catch (GeneralSecurityException | IOException e) {
            throw new PkiException("Cannot set up TLS with the server certificate: " + e.getMessage(), e);
        }
    }
}
