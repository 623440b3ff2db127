package io.kelp.mapper.coap.internal;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.eclipse.californium.core.config.CoapConfig;
import org.eclipse.californium.core.config.CoapConfig.MatcherMode;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.elements.Connector;
import org.eclipse.californium.elements.UDPConnector;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.elements.config.SystemConfig;
import org.eclipse.californium.elements.config.UdpConfig;
import org.eclipse.californium.scandium.DTLSConnector;
import org.eclipse.californium.scandium.config.DtlsConfig;
import org.eclipse.californium.scandium.config.DtlsConfig.DtlsRole;
import org.eclipse.californium.scandium.config.DtlsConnectorConfig;
import org.eclipse.californium.scandium.dtls.CertificateType;
import org.eclipse.californium.scandium.dtls.x509.SingleCertificateProvider;
import org.eclipse.californium.scandium.dtls.x509.StaticNewAdvancedCertificateVerifier;

/**
 * The local ends that all devices share: one for plain CoAP, one for all shared keys, one for each set of certificates. One thread
 * runs the protocol and all timers; each end has two more for its socket (Californium's), whatever the number of devices.
 */
final class Endpoints {

    private static final int PEER_FORGOTTEN_SECONDS = 600;
    private static final int BLOCKS_FORGOTTEN_SECONDS = 60;
    private static final int MESSAGES_PER_PEER = 16;

    private final CoapMapperConfig config;
    private final ScheduledThreadPoolExecutor thread;
    private final List<SharedEndpoint> open = new ArrayList<>(); // guards itself
    private boolean closed;

    Endpoints(CoapMapperConfig config) {
        this.config = config;
        this.thread = new ScheduledThreadPoolExecutor(1, r -> new Thread(r, "kelp-coap"));
        thread.setRemoveOnCancelPolicy(true);
        thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /** The right to use a local end for one peer. */
    record Lease(Endpoints all, SharedEndpoint endpoint, InetSocketAddress peer) {

        /** Called exactly once. */
        void giveBack() {
            all.giveBack(this);
        }
    }

    /**
     * A local end with these credentials for this peer.
     *
     * @throws IOException when no further socket can be opened, or there are as many sets of credentials as allowed
     */
    Lease take(Credentials credentials, InetSocketAddress peer) throws IOException {
        synchronized (open) {
            if (closed) {
                throw new IOException("the CoAP mapper stops");
            }
            for (SharedEndpoint endpoint : open) {
                if (endpoint.join(credentials, peer)) {
                    return new Lease(this, endpoint, peer);
                }
            }
            if (!(credentials instanceof Credentials.None)) {
                long secured = open.stream().filter(e -> !e.plain()).count();
                if (secured >= config.mostCredentials()) {
                    throw new IOException(secured + " sets of certificates or contradictory keys are in use, which is as many as allowed"
                            + " (setting mostCredentials of io.kelp.mapper.coap)");
                }
            }
            SharedEndpoint endpoint = start(credentials);
            endpoint.join(credentials, peer);
            open.add(endpoint);
            return new Lease(this, endpoint, peer);
        }
    }

    private void giveBack(Lease lease) {
        synchronized (open) {
            if (!lease.endpoint().leave(lease.peer()) || lease.endpoint().plain() || !open.remove(lease.endpoint())) {
                return;
            }
        }
        lease.endpoint().destroy();
    }

    /** Ends everything; waits for the threads at most some seconds. */
    void close() throws InterruptedException {
        List<SharedEndpoint> last;
        synchronized (open) {
            closed = true;
            last = List.copyOf(open);
            open.clear();
        }
        last.forEach(SharedEndpoint::destroy);
        thread.shutdownNow();
        thread.awaitTermination(5, TimeUnit.SECONDS);
    }

    private SharedEndpoint start(Credentials credentials) throws IOException {
        Configuration settings = settings();
        PeerKeys keys = credentials instanceof Credentials.SharedKey ? new PeerKeys() : null;
        Connector connector;
        try {
            connector = credentials instanceof Credentials.None ? new UDPConnector(new InetSocketAddress(0), settings)
                    : new DTLSConnector(dtls(settings, credentials, keys));
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new IOException("DTLS is not possible with these keys: " + e.getMessage(), e);
        }
        CoapEndpoint endpoint = CoapEndpoint.builder().setConfiguration(settings).setConnector(connector).build();
        endpoint.setExecutors(thread, thread);
        endpoint.start();
        return new SharedEndpoint(endpoint, thread, credentials, keys);
    }

    /** Settings for a client on a machine of 256 MB; Californium's own are for servers. */
    private Configuration settings() {
        Configuration settings = new Configuration(SystemConfig.DEFINITIONS, UdpConfig.DEFINITIONS, CoapConfig.DEFINITIONS, DtlsConfig.DEFINITIONS);
        settings.set(SystemConfig.HEALTH_STATUS_INTERVAL, 0, TimeUnit.SECONDS);
        settings.set(UdpConfig.UDP_RECEIVER_THREAD_COUNT, 1);
        settings.set(UdpConfig.UDP_SENDER_THREAD_COUNT, 1);
        settings.set(CoapConfig.ACK_TIMEOUT, config.ackTimeoutMillis(), TimeUnit.MILLISECONDS);
        settings.set(CoapConfig.MAX_RETRANSMIT, config.mostRepetitions());
        settings.set(CoapConfig.MAX_ACTIVE_PEERS, config.mostPeers());
        settings.set(CoapConfig.MAX_PEER_INACTIVITY_PERIOD, PEER_FORGOTTEN_SECONDS, TimeUnit.SECONDS);
        settings.set(CoapConfig.MAX_RESOURCE_BODY_SIZE, config.largestBodyKibibytes() * 1024);
        settings.set(CoapConfig.PREFERRED_BLOCK_SIZE, Integer.highestOneBit(config.blockSize()));
        settings.set(CoapConfig.BLOCKWISE_STATUS_LIFETIME, BLOCKS_FORGOTTEN_SECONDS, TimeUnit.SECONDS);
        settings.set(CoapConfig.BLOCKWISE_STATUS_INTERVAL, BLOCKS_FORGOTTEN_SECONDS, TimeUnit.SECONDS);
        settings.set(CoapConfig.DEDUPLICATOR, CoapConfig.DEDUPLICATOR_PEERS_MARK_AND_SWEEP);
        settings.set(CoapConfig.PEERS_MARK_AND_SWEEP_MESSAGES, MESSAGES_PER_PEER);
        settings.set(CoapConfig.PROTOCOL_STAGE_THREAD_COUNT, 1);
        return settings;
    }

    private DtlsConnectorConfig dtls(Configuration settings, Credentials credentials, PeerKeys keys) {
        // After a new handshake answers belong to the same device still.
        settings.set(CoapConfig.RESPONSE_MATCHING, MatcherMode.RELAXED);
        settings.set(DtlsConfig.DTLS_ROLE, DtlsRole.CLIENT_ONLY);
        settings.set(DtlsConfig.DTLS_RECEIVER_THREAD_COUNT, 1);
        settings.set(DtlsConfig.DTLS_CONNECTOR_THREAD_COUNT, 1);
        settings.set(DtlsConfig.DTLS_MAX_CONNECTIONS, config.mostPeers());
        settings.set(DtlsConfig.DTLS_STALE_CONNECTION_THRESHOLD, PEER_FORGOTTEN_SECONDS, TimeUnit.SECONDS);
        // Offers connection IDs (RFC 9146): the device then knows us also when a NAT in between has changed our address.
        settings.set(DtlsConfig.DTLS_CONNECTION_ID_LENGTH, 0);
        DtlsConnectorConfig.Builder builder = DtlsConnectorConfig.builder(settings).setAddress(new InetSocketAddress(0));
        if (credentials instanceof Credentials.Certificates c) {
            settings.set(DtlsConfig.DTLS_VERIFY_SERVER_CERTIFICATES_SUBJECT, c.verifyName());
            builder = DtlsConnectorConfig.builder(settings).setAddress(new InetSocketAddress(0));
            builder.setAdvancedCertificateVerifier(StaticNewAdvancedCertificateVerifier.builder()
                    .setTrustedCertificates(c.trusted().toArray(X509Certificate[]::new)).build());
            if (c.key() != null) {
                builder.setCertificateIdentityProvider(new SingleCertificateProvider(c.key(), c.chain().toArray(X509Certificate[]::new), CertificateType.X_509));
            }
        } else {
            builder.setAdvancedPskStore(keys);
        }
        return builder.build();
    }
}
