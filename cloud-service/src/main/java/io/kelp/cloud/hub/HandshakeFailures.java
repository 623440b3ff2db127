package io.kelp.cloud.hub;

import javax.net.ssl.SSLEngine;
import org.eclipse.jetty.io.ssl.SslHandshakeListener;
import org.slf4j.LoggerFactory;

/** Says who failed to make a TLS connection to a port, and why. */
public final class HandshakeFailures implements SslHandshakeListener {

    private static final int MAX_REASON = 200;

    private final String port;
    private final LimitedLog log = new LimitedLog(LoggerFactory.getLogger(HandshakeFailures.class), 1, 20);

    public HandshakeFailures(String port) {
        this.port = port;
    }

    @Override
    public void handshakeFailed(Event event, Throwable failure) {
        SSLEngine engine = event.getSSLEngine();
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        String reason = String.valueOf(cause.getMessage()).replaceAll("\\p{Cntrl}", "?");
        log.warn("TLS connection of " + engine.getPeerHost() + ":" + engine.getPeerPort() + " to the " + port + " port refused: "
                + (reason.length() > MAX_REASON ? reason.substring(0, MAX_REASON) : reason));
    }
}
