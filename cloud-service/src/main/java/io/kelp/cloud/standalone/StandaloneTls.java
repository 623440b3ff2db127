package io.kelp.cloud.standalone;

import io.kelp.cloud.pki.PkiException;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/**
 * TLS of the API port.
 *
 * @param context server certificate and protocols; asks for client certificates
 * @param clients judges them
 */
record StandaloneTls(SslContextFactory.Server context, ClientCertificates clients) {

    /** Connections that begin from now on see the certificate of another one; those there are go on. */
    void use(StandaloneTls renewed) throws PkiException {
        try {
            context.reload(factory -> factory.setSslContext(renewed.context.getSslContext()));
        } catch (Exception e) {
            // Jetty declares Exception.
            throw new PkiException("The API port cannot change to its new certificate: " + e.getMessage(), e);
        }
    }
}
