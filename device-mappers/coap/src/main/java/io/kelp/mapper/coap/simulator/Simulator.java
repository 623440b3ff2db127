package io.kelp.mapper.coap.simulator;

import io.kelp.mapper.coap.internal.codec.Format;
import io.kelp.mapper.coap.internal.codec.JsonText;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.californium.core.CoapResource;
import org.eclipse.californium.core.CoapServer;
import org.eclipse.californium.core.config.CoapConfig;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.core.network.Endpoint;
import org.eclipse.californium.core.server.resources.Resource;
import org.eclipse.californium.elements.config.CertificateAuthenticationMode;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.elements.config.SystemConfig;
import org.eclipse.californium.elements.config.UdpConfig;
import org.eclipse.californium.elements.util.SslContextUtil;
import org.eclipse.californium.scandium.DTLSConnector;
import org.eclipse.californium.scandium.config.DtlsConfig;
import org.eclipse.californium.scandium.config.DtlsConfig.DtlsRole;
import org.eclipse.californium.scandium.config.DtlsConnectorConfig;
import org.eclipse.californium.scandium.dtls.CertificateType;
import org.eclipse.californium.scandium.dtls.pskstore.AdvancedSinglePskStore;
import org.eclipse.californium.scandium.dtls.x509.SingleCertificateProvider;
import org.eclipse.californium.scandium.dtls.x509.StaticNewAdvancedCertificateVerifier;

/** One or several simulated CoAP devices. */
public final class Simulator implements AutoCloseable {

    private static final int TEXT = Format.TEXT.number();
    private static final int CONNECTION_ID_BYTES = 6;

    private final Options options;
    private final ScheduledExecutorService thread = Executors.newScheduledThreadPool(2, r -> new Thread(r, "simulator"));
    private final List<CoapServer> servers = new ArrayList<>();
    private final Faults faults = new Faults();

    private Simulator(Options options) {
        this.options = options;
        faults.set(options.faults());
    }

    /** Runs until it is killed. @throws IllegalArgumentException with a sentence for whoever typed the arguments */
    public static void run(String... arguments) throws IOException, InterruptedException {
        if (List.of(arguments).contains("--help")) {
            System.out.print(Options.HELP);
            return;
        }
        Simulator simulator = start(arguments);
        simulator.servers.stream().flatMap(s -> s.getEndpoints().stream()).limit(3).forEach(e -> System.out.println("listening at " + e.getUri()));
        System.out.println("stop with Ctrl+C");
        Thread.currentThread().join();
    }

    /** Starts as the arguments say. */
    public static Simulator start(String... arguments) throws IOException {
        Simulator simulator = new Simulator(Options.parse(arguments));
        boolean started = false;
        try {
            for (int i = 0; i < simulator.options.devices(); i++) {
                simulator.add(i);
            }
            started = true;
            return simulator;
        } finally {
            if (!started) {
                simulator.close();
            }
        }
    }

    private void add(int number) throws IOException {
        Configuration settings = settings();
        CoapServer server = new CoapServer(settings);
        Plant plant = new Plant("sim" + number);
        List<Node> living = resources(server, plant);
        FaultyDeliverer deliverer = new FaultyDeliverer(server.getRoot(), settings, faults, thread);
        server.setMessageDeliverer(deliverer);
        server.setExecutors(thread, thread, true);
        server.addEndpoint(CoapEndpoint.builder().setConfiguration(settings)
                .setInetSocketAddress(new InetSocketAddress(options.host(), options.port() == 0 ? 0 : options.port() + number)).build());
        if (options.secure()) {
            Configuration secured = settings();
            secured.set(CoapConfig.RESPONSE_MATCHING, CoapConfig.MatcherMode.RELAXED);
            server.addEndpoint(CoapEndpoint.builder().setConfiguration(secured).setConnector(new DTLSConnector(dtls(secured, number))).build());
        }
        servers.add(server);
        server.getEndpoints().forEach(endpoint -> endpoint.addInterceptor(deliverer.losses()));
        try {
            server.start();
        } catch (IllegalStateException e) {
            throw new IOException("port " + (options.port() + number) + " at " + options.host() + " cannot be used: " + e.getMessage(), e);
        }
        thread.scheduleAtFixedRate(() -> living.forEach(CoapResource::changed), 1, 1, TimeUnit.SECONDS);
    }

    /** @return those that change by themselves */
    private List<Node> resources(CoapServer server, Plant plant) {
        CoapResource sensors = new CoapResource("sensors");
        Node temperature = new Node("temperature", "temperature-c", List.of(TEXT), f -> text(plant.temperature())).sensor().observable(5);
        Node pack = new Node("pack", "senml", List.of(Format.SENML_JSON.number(), Format.SENML_CBOR.number()),
                f -> plant.pack(f == Format.SENML_CBOR.number())).sensor().observable(5);
        sensors.add(temperature, pack, new Node("humidity", "humidity", List.of(Format.JSON.number()),
                f -> plant.humidityJson().getBytes(StandardCharsets.UTF_8)));
        server.add(sensors,
                new Node("setpoint", "setpoint", List.of(TEXT), f -> text(plant.setpoint())).writable(b -> plant.setpoint(string(b).trim())).observable(60),
                new Node("valve", "valve", List.of(Format.CBOR.number()), f -> plant.valve()).writable(plant::valve),
                new Node("log", "log", List.of(TEXT), f -> plant.log().getBytes(StandardCharsets.UTF_8)).writable(b -> plant.log(string(b))),
                new Node("uptime", "uptime", List.of(TEXT), f -> text(plant.uptime())).sensor(),
                new Node("reset", "reset", List.of(Format.JSON.number()), f -> new byte[0]).callable(b -> {
                    long before = plant.uptime();
                    plant.reset();
                    return JsonText.of(Map.of("before", before)).getBytes(StandardCharsets.UTF_8);
                }),
                new Node("fault", "fault", List.of(TEXT), f -> text(faults)).writable(b -> faults.set(string(b))));
        return List.of(temperature, pack);
    }

    private static byte[] text(Object value) {
        return String.valueOf(value).getBytes(StandardCharsets.UTF_8);
    }

    private static String string(byte[] utf8) {
        return new String(utf8, StandardCharsets.UTF_8);
    }

    private static Configuration settings() {
        Configuration settings = new Configuration(SystemConfig.DEFINITIONS, UdpConfig.DEFINITIONS, CoapConfig.DEFINITIONS, DtlsConfig.DEFINITIONS);
        settings.set(SystemConfig.HEALTH_STATUS_INTERVAL, 0, TimeUnit.SECONDS);
        settings.set(UdpConfig.UDP_RECEIVER_THREAD_COUNT, 1);
        settings.set(UdpConfig.UDP_SENDER_THREAD_COUNT, 1);
        settings.set(CoapConfig.MAX_RESOURCE_BODY_SIZE, 1 << 20);
        settings.set(CoapConfig.MAX_ACTIVE_PEERS, 1000);
        settings.set(CoapConfig.DEDUPLICATOR, CoapConfig.DEDUPLICATOR_PEERS_MARK_AND_SWEEP);
        return settings;
    }

    private DtlsConnectorConfig dtls(Configuration settings, int number) throws IOException {
        settings.set(DtlsConfig.DTLS_ROLE, DtlsRole.SERVER_ONLY);
        settings.set(DtlsConfig.DTLS_MAX_CONNECTIONS, 1000);
        settings.set(DtlsConfig.DTLS_RECEIVER_THREAD_COUNT, 1);
        settings.set(DtlsConfig.DTLS_CONNECTOR_THREAD_COUNT, 1);
        settings.set(DtlsConfig.DTLS_CONNECTION_ID_LENGTH, CONNECTION_ID_BYTES);
        settings.set(DtlsConfig.DTLS_CLIENT_AUTHENTICATION_MODE,
                options.ca() == null ? CertificateAuthenticationMode.NONE : CertificateAuthenticationMode.NEEDED);
        DtlsConnectorConfig.Builder builder = DtlsConnectorConfig.builder(settings)
                .setAddress(new InetSocketAddress(options.host(), options.securePort() == 0 ? 0 : options.securePort() + number));
        if (options.identity() != null) {
            builder.setAdvancedPskStore(new AdvancedSinglePskStore(options.identity(), options.key()));
        }
        if (options.certificate() != null) {
            builder.setCertificateIdentityProvider(new SingleCertificateProvider(pem(options.privateKey()).getPrivateKey(),
                    pem(options.certificate()).getCertificateChain(), CertificateType.X_509));
        }
        if (options.ca() != null) {
            SslContextUtil.Credentials ca = pem(options.ca());
            builder.setAdvancedCertificateVerifier(StaticNewAdvancedCertificateVerifier.builder()
                    .setTrustedCertificates(ca.getCertificateChain() != null ? ca.getCertificateChain()
                            : SslContextUtil.asX509Certificates(ca.getTrustedCertificates())).build());
        }
        return builder.build();
    }

    private static SslContextUtil.Credentials pem(Path file) throws IOException {
        try (InputStream in = new FileInputStream(file.toFile())) {
            return SslContextUtil.loadPemCredentials(in);
        } catch (GeneralSecurityException e) {
            throw new IOException(file + " is no PEM file that can be understood: " + e.getMessage(), e);
        }
    }

    /** Ports of plain CoAP ({@code secure} false) or DTLS, one for each device. */
    public List<Integer> ports(boolean secure) {
        return servers.stream().map(s -> s.getEndpoints().get(secure ? 1 : 0)).map(Endpoint::getAddress).map(InetSocketAddress::getPort).toList();
    }

    /** What goes wrong from now on, as written to {@code /fault}. */
    public void fault(String words) {
        faults.set(words);
    }

    /** Forgets, as a device that starts anew, who observes it. */
    public void restart() {
        servers.forEach(server -> forget(server.getRoot()));
    }

    /** How many observations there are at present. */
    public int observers() {
        return servers.stream().mapToInt(server -> observers(server.getRoot())).sum();
    }

    private static int observers(Resource resource) {
        return (resource instanceof CoapResource known ? known.getObserverCount() : 0)
                + resource.getChildren().stream().mapToInt(Simulator::observers).sum();
    }

    private static void forget(Resource resource) {
        if (resource instanceof CoapResource known) {
            known.clearObserveRelations();
        }
        resource.getChildren().forEach(Simulator::forget);
    }

    @Override
    public void close() {
        servers.forEach(CoapServer::destroy);
        thread.shutdownNow();
    }
}
