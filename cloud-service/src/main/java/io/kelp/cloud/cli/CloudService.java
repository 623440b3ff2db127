package io.kelp.cloud.cli;

import io.kelp.cloud.device.DeviceController;
import io.kelp.cloud.device.DeviceDescription;
import io.kelp.cloud.edge.EdgeController;
import io.kelp.cloud.edge.EdgeObjects;
import io.kelp.cloud.history.PropertyHistory;
import io.kelp.cloud.hub.Hub;
import io.kelp.cloud.hub.HubSettings;
import io.kelp.cloud.hub.LegacyEdges;
import io.kelp.cloud.hub.ObjectSource;
import io.kelp.cloud.hub.Replicas;
import io.kelp.cloud.hub.UpgradeHandler;
import io.kelp.cloud.hub.UpstreamHandler;
import io.kelp.cloud.kube.CustomResources;
import io.kelp.cloud.kube.KubeApi;
import io.kelp.cloud.method.MethodCalls;
import io.kelp.cloud.pki.Joining;
import io.kelp.cloud.pki.KeyMaterial;
import io.kelp.cloud.pki.PkiException;
import io.kelp.cloud.web.JoinInfo;
import io.kelp.cloud.web.JvmMetrics;
import io.kelp.cloud.web.PageHandler;
import io.kelp.cloud.web.WebHandler;
import io.kelp.cloud.workload.DaemonSetHints;
import io.kelp.cloud.workload.OsgiRuntimeClass;
import io.kelp.cloud.workload.Workloads;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The running cloud service: builds its components, starts them and ends them in reverse order. */
final class CloudService implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(CloudService.class);
    private static final long TOKEN_HOURS = 12;
    private static final Duration DEFINITIONS_PATIENCE = Duration.ofSeconds(30);
    private static final Duration REPLICA_PERIOD = Duration.ofSeconds(10);
    private static final int JOIN_CONNECTIONS = 500;
    private static final int WEB_CONNECTIONS = 120; // 50 open pages, what they ask for meanwhile, and who reads the metrics
    private static final int SPARE_CONNECTIONS = 200;

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final Ports ports;

    /**
     * Starts everything; returns when gateways can join and connect.
     *
     * @param kubernetesCa the CA of the API server as PEM, empty when unknown
     * @throws ServiceException when something prevents the start; nothing is left running then
     */
    CloudService(KubeApi kube, CloudOptions options, HubSettings settings, Supplier<String> kubernetesCa, String version)
            throws ServiceException {
        this(kube, options, settings, kubernetesCa, version, Map::of);
    }

    /** @param metrics further figures to show */
    CloudService(KubeApi kube, CloudOptions options, HubSettings settings, Supplier<String> kubernetesCa, String version,
            Supplier<Map<String, Long>> metrics) throws ServiceException {
        try {
            this.ports = start(kube, options, settings, kubernetesCa, version, metrics);
        } catch (ServiceException | RuntimeException e) {
            close();
            throw e;
        } catch (PkiException e) {
            close();
            throw new ServiceException(e.getMessage(), e);
        }
    }

    private Ports start(KubeApi kube, CloudOptions options, HubSettings settings, Supplier<String> kubernetesCa, String version,
            Supplier<Map<String, Long>> metrics) throws ServiceException, PkiException {
        KeyMaterial keys = KeyMaterial.load(kube, options.data(), hosts(options), Clock.systemUTC());
        keys.refreshToken();
        ScheduledExecutorService timer = own(Executors.newSingleThreadScheduledExecutor(r -> new Thread(r, "kelp-token")));
        timer.scheduleAtFixedRate(() -> refreshToken(keys), TOKEN_HOURS, TOKEN_HOURS, TimeUnit.HOURS);
        installDefinitions(kube);
        OsgiRuntimeClass.install(kube);
        parts.push(new DaemonSetHints(kube));

        String address = options.advertise().get(0);
        Hub hub = new Hub(kube, settings, address, kubernetesCa, version);
        parts.push(hub);
        EdgeObjects objects = new EdgeObjects(kube, hub);
        parts.push(objects);
        hub.add(objects);
        DeviceController devices = new DeviceController(kube, DeviceController.Settings.defaults());
        hub.add(new EdgeController(kube, hub, objects, devices::nodeOf, address));
        parts.push(devices);
        hub.add((ObjectSource) devices);
        hub.add((UpstreamHandler) devices);
        PropertyHistory history = new PropertyHistory(hub);
        devices.onReports(history::reported);
        hub.add((ObjectSource) history);
        hub.add((UpstreamHandler) history);
        devices.start(hub).exceptionally(failure -> {
            LOG.error("Devices are not served: {}", failure.getMessage());
            return null;
        });
        LegacyEdges legacy = null;
        Joining joining = new Joining(kube, keys, hub::isConnected, options.legacyEdges(), options.certificateLife());
        if (options.legacyEdges()) {
            legacy = new LegacyEdges(kube, joining::recordKey);
            parts.push(legacy);
        }
        Workloads workloads = new Workloads(kube, objects, hub::isConnected, hub.replica(), hub::seenAt, options.workloads());
        parts.push(workloads);
        devices.keepColumns(workloads::isAway);
        MethodCalls methods = new MethodCalls(kube, hub, new MethodCalls.Devices() {
            @Override
            public Optional<DeviceDescription> describe(String namespace, String name) {
                return devices.values().describe(namespace, name);
            }

            @Override
            public Optional<String> nodeOf(String namespace, String name) {
                return devices.nodeOf(namespace, name);
            }

            @Override
            public boolean hasNode(String node) {
                return workloads.hasNode(node);
            }
        });
        parts.push(methods);
        hub.add((ObjectSource) methods);
        hub.add((UpstreamHandler) methods);
        hub.start();
        parts.push(new Replicas(kube, hub, REPLICA_PERIOD));
        CompletableFuture<Ports> open = new CompletableFuture<>();
        JoinInfo join = new JoinInfo(options.advertise(), () -> open.join().number("hub"), () -> open.join().number("join"),
                () -> KeyMaterial.currentToken(kube, Clock.systemUTC()));
        PageHandler page = new PageHandler(kube, devices.values(), devices.desiredWriter(PageHandler.FIELD_MANAGER), history, methods, hub::isConnected,
                node -> objects.podsOn(node).stream().map(pod -> pod.json().get()), join, version);
        parts.push(page);
        WebHandler web = new WebHandler(List.of(hub::metricValues, () -> joinMetrics(joining), () -> deviceMetrics(devices),
                page::metricValues, metrics, JvmMetrics::values), () -> objects.isComplete() && devices.isComplete(), page);
        Ports opened = new Ports(List.of(
                new Ports.Port("hub", options.bind(), options.hubPort(), keys.tlsForGateways(),
                        settings.maxSessions() + SPARE_CONNECTIONS, new UpgradeHandler(hub, legacy)),
                new Ports.Port("join", options.bind(), options.joinPort(), joining.tls(), JOIN_CONNECTIONS, joining.handler()),
                new Ports.Port("web", "127.0.0.1", options.webPort(), null, WEB_CONNECTIONS, web)));
        open.complete(opened);
        parts.addLast(opened); // ends after the hub has said goodbye to the gateways
        LOG.info("kelp-cloud {} serves gateways at {}:{}, joins at {}:{}, people at http://127.0.0.1:{}; certificate for {}",
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

    private static Map<String, Long> deviceMetrics(DeviceController devices) {
        Map<String, Long> values = new LinkedHashMap<>();
        values.put("kelp_device_status_writes_total", devices.writes());
        values.put("kelp_device_status_writes_failed_total", devices.failedWrites());
        return values;
    }

    static void installDefinitions(KubeApi kube) throws ServiceException {
        try {
            new CustomResources(kube).install(DEFINITIONS_PATIENCE).get(DEFINITIONS_PATIENCE.toSeconds() + 5, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new ServiceException("The CustomResourceDefinitions cannot be installed: " + e.getCause().getMessage()
                    + "; give the account of kelp-cloud the rights listed in manifests/rbac.yaml", e);
        } catch (TimeoutException e) {
            throw new ServiceException("The API server does not serve the CustomResourceDefinitions within "
                    + DEFINITIONS_PATIENCE.toSeconds() + " s; try again, or see its log", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ServiceException("Interrupted while installing the CustomResourceDefinitions", e);
        }
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
