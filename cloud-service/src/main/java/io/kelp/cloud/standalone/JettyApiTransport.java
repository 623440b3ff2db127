package io.kelp.cloud.standalone;

import io.kelp.cloud.hub.HandshakeFailures;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The API over HTTPS: HTTP/1.1 and HTTP/2 on one port, client certificates asked for. Requests wait for one of a few

 * workers, those with large bodies for one of their own, watches for nobody: an idle one costs its connection's memory and no thread.
 */
public final class JettyApiTransport implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(JettyApiTransport.class);
    private static final int MAX_THREADS = 12;
    private static final int MIN_THREADS = 2;
    private static final int IDLE_MILLIS = 90_000; // Go's clients give idle connections up after this time themselves
    private static final int STOP_MILLIS = 500;
    private static final int BACKLOG = 512;
    private static final int HEADER_BYTES = 32 << 10; // tokens of service accounts are long
    private static final int OUTPUT_BYTES = 8 << 10;
    private static final int BODY_BYTES_PER_SECOND = 1000;
    private static final int STREAMS_PER_CONNECTION = 1000; // watches of one Go client share a connection
    private static final int POOLED_PER_SIZE = 64;
    private static final long POOLED_BYTES = 8L << 20;
    private static final long WORKER_IDLE_SECONDS = 30;
    private static final long STACK_BYTES = 2L << 20; // for expressions and trees as deep as they may be; taken only when needed

    private final Server server;
    private final ServerConnector connector;
    private final ThreadPoolExecutor workers;
    private final ThreadPoolExecutor large;
    private final ApiHandler handler;

    /**
     * Listens.
     *
     * @throws IOException when the port cannot be listened on
     */
    public JettyApiTransport(TransportSettings settings, StandaloneTls tls, ApiService api) throws IOException {
        AtomicInteger number = new AtomicInteger();
        this.workers = new ThreadPoolExecutor(settings.workers(), settings.workers(), WORKER_IDLE_SECONDS, TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(settings.waitingRequests()), r -> new Thread(null, r, "kelp-api-" + number.incrementAndGet(), STACK_BYTES));
        workers.allowCoreThreadTimeOut(true);
        this.large = new ThreadPoolExecutor(1, 1, WORKER_IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(settings.waitingRequests()),
                r -> new Thread(null, r, "kelp-api-large", STACK_BYTES));
        large.allowCoreThreadTimeOut(true);
        QueuedThreadPool pool = new QueuedThreadPool(MAX_THREADS, MIN_THREADS);
        pool.setName("kelp-api-http");
        this.server = new Server(pool, null, new ArrayByteBufferPool(0, -1, -1, POOLED_PER_SIZE, POOLED_BYTES, POOLED_BYTES));
        server.setStopTimeout(STOP_MILLIS);
        this.connector = connector(settings, tls.context());
        server.addConnector(connector);
        this.handler = new ApiHandler(api, workers, large, tls.clients(), settings.bodyBytes());
        server.setHandler(handler);
        try {
            server.start();
        } catch (Exception e) {
            // Jetty's life cycle declares Exception.
            close();
            throw e instanceof IOException io ? io : new IOException(e.getMessage(), e);
        }
    }

    private ServerConnector connector(TransportSettings settings, SslContextFactory.Server tls) {
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setSendXPoweredBy(false);
        http.setRequestHeaderSize(HEADER_BYTES);
        http.setOutputBufferSize(OUTPUT_BYTES);
        http.setMinRequestDataRate(BODY_BYTES_PER_SECOND);
        // The API reads the path as it came; nothing here maps it to files.
        http.setUriCompliance(UriCompliance.UNSAFE);
        http.addCustomizer(new SecureRequestCustomizer(false, false, -1, false));
        HttpConnectionFactory http1 = new HttpConnectionFactory(http);
        HTTP2ServerConnectionFactory http2 = new HTTP2ServerConnectionFactory(http);
        http2.setMaxConcurrentStreams(STREAMS_PER_CONNECTION);
        http2.setStreamIdleTimeout(0);
        ALPNServerConnectionFactory alpn = new ALPNServerConnectionFactory();
        alpn.setDefaultProtocol(http1.getProtocol());
        ServerConnector made = new ServerConnector(server, 1, 1,
                new SslConnectionFactory(tls, alpn.getProtocol()), alpn, http2, http1);
        made.addBean(new HandshakeFailures("API"));
        made.setHost(settings.bind());
        made.setPort(settings.port());
        made.setIdleTimeout(IDLE_MILLIS);
        made.setAcceptQueueSize(BACKLOG);
        made.addBean(new NetworkConnectionLimit(settings.maxConnections(), made));
        return made;
    }

    /** The number under which it really listens. */
    public int port() {
        return connector.getLocalPort();
    }

    /** Figures for operators by metric name. */
    Map<String, Long> metricValues() {
        return Map.of("kelp_api_connections", (long) connector.getConnectedEndPoints().size(), "kelp_api_body_bytes_held", handler.heldBytes(),
                "kelp_api_requests_waiting", (long) workers.getQueue().size() + large.getQueue().size());
    }

    /** Turns new requests away (503) and waits a moment for those that workers have; watches go on until the API ends them. */
    public void stopTaking() {
        handler.stopTaking();
        workers.shutdown();
        large.shutdown();
        try {
            if (!workers.awaitTermination(STOP_MILLIS, TimeUnit.MILLISECONDS) || !large.awaitTermination(STOP_MILLIS, TimeUnit.MILLISECONDS)) {
                LOG.info("Some requests are cut off, they were not answered within {} ms", STOP_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (TimeoutException e) {
            LOG.debug("Connections were cut off after {} ms", STOP_MILLIS);
        } catch (Exception e) {
            // Jetty's life cycle declares Exception; what is left open ends with the process.
            LOG.warn("Stopping the API port: {}", e.toString());
        }
        server.destroy();
        workers.shutdownNow();
        large.shutdownNow();
    }
}
