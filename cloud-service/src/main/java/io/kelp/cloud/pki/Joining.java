package io.kelp.cloud.pki;

import io.kelp.cloud.kube.KubeApi;
import java.time.Duration;
import java.util.function.Predicate;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts the parts of the join port together. */
public final class Joining {

    private static final Logger LOG = LoggerFactory.getLogger(Joining.class);

    private static final double REQUESTS_PER_SECOND = 50;
    private static final double BURST = 500;

    private final JoinHandler handler;
    private final SslContextFactory.Server tls;
    private final NameOwnership names;

    /**
     * @param isConnected whether a node has a session at this replica
     * @param legacyEdges whether edges up to 1.15 get certificates
     * @param validity of gateway certificates
     * @throws PkiException when TLS cannot be set up with the key material
     */
    public Joining(KubeApi kube, KeyMaterial material, Predicate<String> isConnected, boolean legacyEdges, Duration validity)
            throws PkiException {
        this.names = new NameOwnership(kube, isConnected, material.clock());
        CertificateSigning signing = new CertificateSigning(
                material.authority(), material.serverHosts(), names, legacyEdges, validity, material.clock());
        this.handler = new JoinHandler(material.authority(), signing, names, new RequestRate(REQUESTS_PER_SECOND, BURST, System::nanoTime));
        this.tls = material.tlsForJoining();
    }

    public JoinHandler handler() {
        return handler;
    }

    /** Remembers that a node has a key; what fails is logged. */
    public void recordKey(String node, String keyId) {
        names.record(node, keyId).whenComplete((ok, failure) -> {
            if (failure != null) {
                LOG.warn("The key of node {} could not be recorded: {}", node, failure.getMessage());
            }
        });
    }

    public SslContextFactory.Server tls() {
        return tls;
    }
}
