package io.kelp.cloud.standalone;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.kelp.cloud.pki.PkiException;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.ApiServer;
import io.kelp.kubeapi.ApiSettings;
import io.kelp.kubeapi.ApiStore;
import io.kelp.kubeapi.User;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Kubernetes API of a standalone installation. Its data folder holds {@code api.db} (all objects), {@code pki/} (keys),
 * {@code admin.kubeconfig} and, while objects are lost, {@code api.db.lost}; only its owner can read it.
 */
public final class StandaloneServer implements AutoCloseable {

    /** The Kubernetes release that the API is like, as {@code /version} tells it. */
    public static final String GIT_VERSION = "v1.34.4+kelp";

    private static final Logger LOG = LoggerFactory.getLogger(StandaloneServer.class);
    private static final String ISSUER = "https://kubernetes.default.svc.cluster.local";
    private static final Duration EVENT_LIFE = Duration.ofHours(1);
    private static final List<String> SERVICE_NAMES =
            List.of("kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local");

    /** Of the processes' own clients: it never leaves this process and ends with it. */
    private static final String OWN_USER = "kelp-cloud";
    private static final int TOKEN_BYTES = 32;

    private final SqliteApiStore store;
    private final ApiServer api;
    private final JettyApiTransport transport;
    private final Path database;
    private final CertificateRenewal renewal;
    private final Path kubeconfig;
    private final Config ownClient;
    private final String url;

    /**
     * What is to be served, and where.
     *
     * @param data the data folder; made when it is missing
     * @param bind address to listen on
     * @param port 0 for any free one
     * @param names further names and addresses that clients dial; the certificate covers them
     */
    public record Options(Path data, String bind, int port, Collection<String> names) {

        /** For the administrator of this machine alone, on any free port. */
        public static Options onLoopback(Path data) {
            return new Options(data, "127.0.0.1", 0, List.of());
        }
    }

    /** It cannot start; the message says why and what to do. */
    public static final class StartException extends Exception {
        private static final long serialVersionUID = 1L;

        StartException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    private StandaloneServer(SqliteApiStore store, ApiServer api, JettyApiTransport transport, CertificateRenewal renewal, Path database,
            Path kubeconfig, Config ownClient) {
        this.database = database;
        this.store = store;
        this.api = api;
        this.transport = transport;
        this.renewal = renewal;
        this.kubeconfig = kubeconfig;
        this.ownClient = ownClient;
        this.url = ownClient.getMasterUrl().replaceFirst("/$", "");
    }

    /**
     * Starts the API; it answers when this returns.
     *
     * @throws StartException when the folder, the store, a key or the port cannot be used; nothing is left running then
     */
    public static StandaloneServer start(Options options) throws StartException {
        return start(options, true, Clock.systemUTC());
    }

    /**
     * Opens an installation that is not running, for {@link #ownClient()} alone: on a free port of loopback, and without a word of it in
     * the administrator's kubeconfig.
     *
     * @throws StartException as {@link #start}; also when another process has the folder
     */
    public static StandaloneServer openStopped(Path data) throws StartException {
        return start(Options.onLoopback(data), false, Clock.systemUTC());
    }

    /** @param served whether others are to find it */
    static StandaloneServer start(Options options, boolean served, Clock clock) throws StartException {
        SqliteApiStore store = null;
        ApiServer api = null;
        JettyApiTransport transport = null;
        try {
            Files.createDirectories(options.data(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            store = SqliteApiStore.open(options.data().resolve("api.db"), StoreSettings.defaults());
            Set<String> hosts = hosts(options);
            StandalonePki pki = StandalonePki.open(options.data(), hosts, clock);
            String token = token();
            api = new ApiServer(store, new ApiSettings(GIT_VERSION, pki.tokenKeys(), ISSUER, pki.authorityPem(),
                    Map.of(token, User.of(OWN_USER, "system:masters")), StoreSettings.defaults().historyLife(), EVENT_LIFE));
            StandaloneTls tls = pki.tls();
            transport = new JettyApiTransport(TransportSettings.defaults(options.bind(), options.port()), tls, api::serve);
            String url = "https://" + host(options.bind()) + ":" + transport.port();
            Path kubeconfig = kubeconfig(options.data());
            CertificateRenewal renewal = null;
            if (served) {
                pki.keepAdminKubeconfig(kubeconfig, url);
                renewal = new CertificateRenewal(() -> StandalonePki.open(options.data(), hosts, clock), pki, tls, kubeconfig, url);
                LOG.info("The Kubernetes API {} listens at {}; certificate for {}", GIT_VERSION, url, pki.serverHosts());
            }
            Config ownClient = new ConfigBuilder(Config.empty()).withMasterUrl(url).withOauthToken(token)
                    .withCaCertData(Base64.getEncoder().encodeToString(pki.authorityPem().getBytes(StandardCharsets.US_ASCII))).build();
            return new StandaloneServer(store, api, transport, renewal, options.data().resolve("api.db"), kubeconfig, ownClient);
        } catch (IOException e) {
            close(api, transport, store);
            throw new StartException(transport == null && api != null
                    ? "Cannot listen on " + options.bind() + ":" + options.port() + " (" + cause(e)
                            + "); another program may have the port, choose another with --api-port"
                    : "The folder " + options.data() + " cannot be made (" + e.getMessage() + "); choose another with --data", e);
        } catch (PkiException | ApiStore.StoreException e) {
            close(api, transport, store);
            throw new StartException(e.getMessage(), e);
        } catch (ApiException e) {
            close(api, transport, store);
            throw new StartException("The objects that every cluster has cannot be made in " + options.data() + ": " + e.getMessage(), e);
        } catch (RuntimeException e) {
            close(api, transport, store);
            throw e;
        }
    }

    private static String token() {
        byte[] token = new byte[TOKEN_BYTES];
        new SecureRandom().nextBytes(token);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(token);
    }

    /**
     * Which process has the store of a data folder.
     *
     * @return empty when none has
     * @throws StartException when the folder cannot be used
     */
    public static Optional<String> owner(Path data) throws StartException {
        try {
            return DataLock.holder(data.resolve("api.db"));
        } catch (ApiStore.StoreException e) {
            throw new StartException(e.getMessage(), e);
        }
    }

    /** Whether a folder holds an installation. */
    public static boolean exists(Path data) {
        return Files.exists(data.resolve("api.db"));
    }

    /** How clients of this process reach it; good as long as it runs, other than certificates. */
    public Config ownClient() {
        return ownClient;
    }

    /**
     * Whether objects were lost, at this start or before, and are still missing: what gateways have must then not be measured by what
     * is here.
     *
     * @return a sentence that says what happened and when; empty when nothing is missing
     * @throws StartException when that cannot be found out
     */
    public Optional<String> loss() throws StartException {
        try {
            return store.loss();
        } catch (ApiStore.StoreException e) {
            throw new StartException(e.getMessage(), e);
        }
    }

    /** Nothing counts as lost from now on, see {@link #loss}. */
    public void acceptLoss() throws StartException {
        try {
            store.acceptLoss();
        } catch (ApiStore.StoreException e) {
            throw new StartException(e.getMessage(), e);
        }
    }

    CertificateRenewal renewal() {
        return renewal;
    }

    /** Where the administrator's kubeconfig of a data folder is. */
    public static Path kubeconfig(Path data) {
        return data.toAbsolutePath().normalize().resolve("admin.kubeconfig");
    }

    /** The data folder when nobody names one: the system's for root, else the user's own. */
    public static Path defaultData() {
        return "root".equals(System.getProperty("user.name")) ? Path.of("/var/lib/kelp-cloud")
                : Path.of(System.getProperty("user.home"), ".local", "share", "kelp-cloud");
    }

    /** For the administrator, readable by the owner only. */
    public Path kubeconfig() {
        return kubeconfig;
    }

    public String url() {
        return url;
    }

    /** Figures for operators, see {@link ApiServer#metricValues}. */
    public Map<String, Long> metricValues() {
        Map<String, Long> values = new LinkedHashMap<>(api.metricValues());
        values.put("kelp_api_store_bytes", database.toFile().length());
        values.put("kelp_api_store_log_bytes", database.resolveSibling(database.getFileName() + "-wal").toFile().length());
        values.putAll(transport.metricValues());
        return values;
    }

    private static Set<String> hosts(Options options) throws IOException {
        Set<String> hosts = new LinkedHashSet<>(List.of("localhost", "127.0.0.1", "::1"));
        hosts.addAll(SERVICE_NAMES);
        hosts.addAll(options.names());
        if (!isAny(options.bind())) {
            hosts.add(options.bind());
            return hosts;
        }
        try {
            NetworkInterface.networkInterfaces().flatMap(NetworkInterface::inetAddresses).filter(ip -> !ip.isLinkLocalAddress())
                    .map(ip -> ip.getHostAddress().replaceFirst("%.*", "")).forEach(hosts::add);
        } catch (SocketException e) {
            LOG.warn("Own addresses cannot be listed ({}); the API's certificate covers {}", e.getMessage(), hosts);
        }
        return hosts;
    }

    private static boolean isAny(String bind) throws IOException {
        try {
            return InetAddress.getByName(bind).isAnyLocalAddress();
        } catch (UnknownHostException e) {
            throw new IOException("there is no address \"" + bind + "\"", e);
        }
    }

    /** What clients on this machine dial. */
    private static String host(String bind) throws IOException {
        if (isAny(bind)) {
            return "127.0.0.1";
        }
        return bind.indexOf(':') >= 0 ? "[" + bind + "]" : bind;
    }

    private static String cause(Throwable problem) {
        Throwable cause = problem;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.getMessage();
    }

    @Override
    public void close() {
        if (renewal != null) {
            renewal.close();
        }
        close(api, transport, store);
    }

    /** Nothing new comes, then watches end, so that clients see an end in good order; then the port; then the disk. */
    private static void close(ApiServer api, JettyApiTransport transport, ApiStore store) {
        if (transport != null) {
            transport.stopTaking();
        }
        if (api != null) {
            api.close();
        }
        if (transport != null) {
            transport.close();
        }
        if (store != null) {
            store.close();
        }
    }
}
