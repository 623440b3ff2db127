package io.kelp.cloud.cli;

import io.kelp.cloud.hub.HandshakeFailures;
import java.util.List;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * The three ports of the cloud service on one Jetty server with one small pool: no handler blocks,
 * so gateways need no thread each.
 */
final class Ports implements AutoCloseable {

    private static final int MAX_THREADS = 24;
    private static final int MIN_THREADS = 4;
    private static final int SETUP_TIMEOUT_MILLIS = 15_000;
    private static final int BACKLOG = 512;
    private static final int STOP_MILLIS = 300;
    private static final int HEADER_BYTES = 8 << 10;
    private static final int JOIN_BYTES_PER_SECOND = 1000;

    private final Server server;

    /**
     * One port.
     *
     * @param name in messages
     * @param tls {@code null} for plain HTTP
     */
    record Port(String name, String bind, int number, SslContextFactory.Server tls, int maxConnections, Handler handler) {}

    /** @throws ServiceException when a port cannot be listened on */
    Ports(List<Port> ports) throws ServiceException {
        QueuedThreadPool pool = new QueuedThreadPool(MAX_THREADS, MIN_THREADS);
        pool.setName("kelp-http");
        this.server = new Server(pool);
        server.setStopTimeout(STOP_MILLIS);
        for (Port port : ports) {
            server.addConnector(connector(port));
        }
        server.setHandler(new ByPort(ports));
        try {
            server.start();
        } catch (Exception e) {
            // Jetty's life cycle declares Exception.
            close();
            Throwable cause = e;
            while (cause.getCause() != null) {
                cause = cause.getCause();
            }
            throw new ServiceException("Cannot listen: " + (e.getMessage() == null ? "" : e.getMessage() + ": ") + cause.getMessage()
                    + "; another program may have the port, choose others with --hub-port, --join-port and --web-port", e);
        }
    }

    private ServerConnector connector(Port port) {
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setSendXPoweredBy(false);
        http.setRequestHeaderSize(HEADER_BYTES);
        http.setMinRequestDataRate(JOIN_BYTES_PER_SECOND);
        http.setIdleTimeout(SETUP_TIMEOUT_MILLIS);
        HttpConnectionFactory connections = new HttpConnectionFactory(http);
        ServerConnector connector;
        if (port.tls() == null) {
            connector = new ServerConnector(server, 0, 1, connections);
        } else {
            // Gateways dial addresses, NAT maps them: the name they use says nothing.
            http.addCustomizer(new SecureRequestCustomizer(false, false, -1, false));
            SslConnectionFactory tls = new SslConnectionFactory(port.tls(), HttpVersion.HTTP_1_1.asString());
            connector = new ServerConnector(server, 0, 1, tls, connections);
            connector.addBean(new HandshakeFailures(port.name()));
        }
        connector.setName(port.name());
        connector.setHost(port.bind());
        connector.setPort(port.number());
        connector.setIdleTimeout(SETUP_TIMEOUT_MILLIS);
        connector.setAcceptQueueSize(BACKLOG);
        connector.addBean(new NetworkConnectionLimit(port.maxConnections(), connector));
        return connector;
    }

    /** The number under which a port really listens. */
    int number(String name) {
        for (Connector connector : server.getConnectors()) {
            if (name.equals(connector.getName())) {
                return ((ServerConnector) connector).getLocalPort();
            }
        }
        throw new IllegalArgumentException("no port is called " + name);
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) {
            // Jetty's life cycle declares Exception; what is left open ends with the process.
            org.slf4j.LoggerFactory.getLogger(Ports.class).warn("Stopping the ports: {}", e.toString());
        }
        server.destroy();
    }

    private static final class ByPort extends Handler.Sequence {

        private final List<Port> ports;

        private ByPort(List<Port> ports) {
            super(ports.stream().map(Port::handler).toArray(Handler[]::new));
            this.ports = ports;
        }

        @Override
        public boolean handle(Request request, Response response, Callback callback) throws Exception {
            String name = request.getConnectionMetaData().getConnector().getName();
            for (Port port : ports) {
                if (port.name().equals(name)) {
                    return port.handler().handle(request, response, callback);
                }
            }
            return false;
        }
    }
}
