package io.kelp.cloud.cli;

import io.kelp.cloud.edge.EdgeController;
import io.kelp.cloud.edge.EdgeObjects;
import io.kelp.cloud.hub.Hub;
import io.kelp.cloud.hub.HubSettings;
import io.kelp.cloud.hub.LegacyEdges;
import io.kelp.cloud.hub.UpgradeHandler;
import io.kelp.cloud.kube.KubeApi;
import io.kelp.cloud.pki.Joining;
import io.kelp.cloud.pki.KeyMaterial;
import io.kelp.cloud.pki.PkiException;
import io.kelp.cloud.web.JvmMetrics;
import io.kelp.cloud.web.WebHandler;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The running cloud service: builds its components, starts them and ends them in reverse order. */
final class CloudService implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(CloudService.class);
    private static final long TOKEN_HOURS = 12;
    private static final int JOIN_CONNECTIONS = 500;
    private static final int WEB_CONNECTIONS = 20;
    private static final int SPARE_CONNECTIONS = 200;

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final Ports ports;

    /**
     * Starts everything; returns when gateways can join and connect.
     *
     * @param kubernetesCa the CA of the API server as PEM, empty when unknown
     * @throws ServiceException when something prevents the start; nothing is left running then
     */
    CloudService(KubeApi kube, CloudOptions options, Supplier<String> kubernetesCa, String version) throws ServiceException {
        try {
            this.ports = start(kube, options, kubernetesCa, version);
        } catch (ServiceException | RuntimeException e) {
            close();
            throw e;
        } catch (PkiException e) {
            close();
            throw new ServiceException(e.getMessage(), e);
        }
    }

    private Ports start(KubeApi kube, CloudOptions options, Supplier<String> kubernetesCa, String version)
            throws ServiceException, PkiException {
        KeyMaterial keys = KeyMaterial.load(kube, options.data(), hosts(options), Clock.systemUTC());
        keys.refreshToken();
        ScheduledExecutorService timer = own(Executors.newSingleThreadScheduledExecutor(r -> new Thread(r, "kelp-token")));
        timer.scheduleAtFixedRate(() -> refreshToken(keys), TOKEN_HOURS, TOKEN_HOURS, TimeUnit.HOURS);
        SyncDefinitions.install(kube);

        HubSettings settings = HubSettings.defaults();
        String address = options.advertise().get(0);
        Hub hub = new Hub(kube, settings, address, kubernetesCa, version);
        parts.push(hub);
        EdgeObjects objects = new EdgeObjects(kube, hub);
        parts.push(objects);
        hub.add(objects);
        hub.add(new EdgeController(kube, hub, objects, address));
        LegacyEdges legacy = null;
        Joining joining = new Joining(kube, keys, hub::isConnected, options.legacyEdges(), options.certificateLife());
        if (options.legacyEdges()) {
            legacy = new LegacyEdges(kube, joining::recordKey);
            parts.push(legacy);
        }
        hub.start();
        WebHandler web = new WebHandler(List.of(hub::metricValues, () -> joinMetrics(joining), JvmMetrics::values), objects::isComplete);
        Ports opened = new Ports(List.of(
                new Ports.Port("hub", options.bind(), options.hubPort(), keys.tlsForGateways(),
                        settings.maxSessions() + SPARE_CONNECTIONS, new UpgradeHandler(hub, legacy)),
                new Ports.Port("join", options.bind(), options.joinPort(), joining.tls(), JOIN_CONNECTIONS, joining.handler()),
                new Ports.Port("web", "127.0.0.1", options.webPort(), null, WEB_CONNECTIONS, web)));
        parts.addLast(opened); // ends after the hub has said goodbye to the gateways
        LOG.info("kelp-cloud {} serves gateways at {}:{}, joins at {}:{}, metrics at 127.0.0.1:{}; certificate for {}",
                version, options.bind(), opened.number("hub"), options.bind(), opened.number("join"), opened.number("web"), keys.serverHosts());
        return opened;
    }

    private ScheduledExecutorService own(ScheduledExecutorService executor) {
        parts.push(executor::shutdownNow);
        return executor;
    }

    /** What the server certificate must cover: what gateways dial, what is bound, and this machine. */
    private static Set<String> hosts(CloudOptions options) {
        Set<String> hosts = new LinkedHashSet<>(options.advertise());
        if (!options.bind().equals("0.0.0.0") && !options.bind().equals("::")) {
            hosts.add(options.bind());
        }
        hosts.add("localhost");
        hosts.add("127.0.0.1");
        return hosts;
    }

    private static Map<String, Long> joinMetrics(Joining joining) {
        Map<String, Long> values = new LinkedHashMap<>();
        values.put("kelp_join_certificates_signed_total", joining.handler().signed());
        values.put("kelp_join_certificates_refused_total", joining.handler().refused());
        return values;
    }

    private static void refreshToken(KeyMaterial keys) {
        try {
            keys.refreshToken();
        } catch (PkiException e) {
            LOG.warn("The join token could not be renewed and will be tried again in {} h: {}", TOKEN_HOURS, e.getMessage());
        }
    }

    /** The number of a port: {@code hub}, {@code join} or {@code web}. */
    int port(String name) {
        return ports.number(name);
    }

    @Override
    public void close() {
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (Exception e) {
                // AutoCloseable declares Exception; the other parts must be closed all the same.
                LOG.warn("Stopping: {}", e.toString());
            }
        }
    }
}
