package io.kelp.cloud.standalone;

import org.eclipse.jetty.util.ssl.SslContextFactory;

/**
 * TLS of the API port.
 *
 * @param context server certificate and protocols; asks for client certificates
 * @param clients judges them
 */
record StandaloneTls(SslContextFactory.Server context, ClientCertificates clients) {}
