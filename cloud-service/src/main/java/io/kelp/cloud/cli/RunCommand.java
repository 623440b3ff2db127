package io.kelp.cloud.cli;

import io.kelp.cloud.hub.HubSettings;
import io.kelp.cloud.kube.KubeClient;
import io.kelp.cloud.pki.AuthorityCopy;
import io.kelp.cloud.pki.PkiException;
import io.kelp.cloud.standalone.Controllers;
import io.kelp.cloud.standalone.StandaloneServer;
import io.kelp.cloud.workload.Workloads;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code kelp-cloud run}. */
@Command(name = "run", mixinStandardHelpOptions = true, sortOptions = false,
        description = "Runs the cloud service until it is told to end (SIGTERM).")
final class RunCommand implements Callable<Integer> {

    private static final long STOP_SECONDS = 10;
    private static final int MAX_PORT = 65535;

    @Mixin
    private KubeOption kube = new KubeOption();

    @Option(names = "--data", paramLabel = "DIR", description = {
        "Folder with ca.crt and ca.key, or server.crt and server.key (PEM), to be used instead of the stored ones.",
        "Otherwise key material lives in the Secrets of namespace kubeedge and is made when missing.",
        "With --standalone also the folder of the API: objects, keys, admin.kubeconfig; default:",
        "/var/lib/kelp-cloud for root, else ~/.local/share/kelp-cloud."})
    private Path data;

    @Option(names = "--standalone",
            description = "Needs no cluster: serves a Kubernetes API itself, with its objects in the folder given with --data.")
    private boolean standalone;

    @Option(names = "--accept-data-loss", description = {
        "For one start of --standalone after its database was lost: serves gateways from what the API now holds. They remove",
        "devices and pods that it does not hold; copying a backup to api.db instead brings these back."})
    private boolean acceptDataLoss;

    @Option(names = "--api-port", paramLabel = "P", defaultValue = "6443",
            description = "Kubernetes API of --standalone. Default: ${DEFAULT-VALUE}.")
    private int apiPort;

    @Option(names = "--api-bind", paramLabel = "A", defaultValue = "127.0.0.1",
            description = "Address of the Kubernetes API of --standalone. Default: ${DEFAULT-VALUE}.")
    private String apiBind;

    @Option(names = "--bind", paramLabel = "A", defaultValue = "0.0.0.0",
            description = "Address that gateways reach. Default: ${DEFAULT-VALUE}, all.")
    private String bind;

    @Option(names = "--advertise", paramLabel = "HOST", split = ",",
            description = "Names and addresses that gateways dial; the server certificate covers them. Default: this machine's addresses.")
    private List<String> advertise = new ArrayList<>();

    @Option(names = "--hub-port", paramLabel = "P", defaultValue = "10000", description = "Messages. Default: ${DEFAULT-VALUE}.")
    private int hubPort;

    @Option(names = "--join-port", paramLabel = "P", defaultValue = "10002", description = "Joining. Default: ${DEFAULT-VALUE}.")
    private int joinPort;

    @Option(names = "--web-port", paramLabel = "P", defaultValue = "8080",
            description = "The page for people, metrics and health, on loopback: http://localhost:P. Default: ${DEFAULT-VALUE}.")
    private int webPort;

    @Option(names = "--legacy-edges",
            description = "Accept KubeEdge up to 1.15, whose certificates do not name their node.")
    private boolean legacyEdges;

    @Option(names = "--certificate-days", paramLabel = "N", defaultValue = "365",
            description = "Validity of gateway certificates, 1 to 3650. Default: ${DEFAULT-VALUE}.")
    private int certificateDays;

    @Option(names = "--autonomy", paramLabel = "TIME", defaultValue = "forever", description = {
        "How long pods stay on a Kelp gateway that cannot be reached: off (as long as they tolerate it), forever, or a time such as",
        "90m, 12h, 7d. Nodes and pods may say otherwise in annotation kelp.io/autonomy-duration. The same for all replicas.",
        "Default: ${DEFAULT-VALUE}."})
    private String autonomy;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    private final CountDownLatch told = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);

    @Override
    public Integer call() throws ServiceException, InterruptedException {
        if (standalone && kube.isGiven()) {
            throw wrong("--standalone and --kubeconfig exclude each other: the one brings a Kubernetes API, the other names one.");
        }
        if (acceptDataLoss && !standalone) {
            throw wrong("--accept-data-loss is for --standalone: only that has a database to lose.");
        }
        CloudOptions options = options();
        if (standalone) {
            runStandalone(options);
        } else {
            try (KubeClient client = kube.connect()) {
                serve(client, options, kube.certificateAuthority(), Map::of, () -> { });
            }
        }
        ended.countDown();
        return CommandLine.ExitCode.OK;
    }

    private void runStandalone(CloudOptions options) throws ServiceException, InterruptedException {
        try (StandaloneServer server = StandaloneServer.start(
                new StandaloneServer.Options(options.data(), apiBind, apiPort, options.advertise()))) {
            Optional<String> loss = server.loss();
            if (loss.isPresent() && !acceptDataLoss) {
                keepGatewaysAway(server, options.data(), loss.get());
                return;
            }
            if (loss.isPresent()) {
                server.acceptLoss();
                LoggerFactory.getLogger(RunCommand.class).warn("Gateways are served from what the API holds, because of --accept-data-loss."
                        + " What was lost: {}", loss.get());
            }
            try (KubeClient client = new KubeClient(server.ownClient(), KubeClient.Settings.defaults())) {
                Controllers controllers = new Controllers(client);
                try (controllers) {
                    AuthorityCopy authority = new AuthorityCopy(client, options.data().resolve("pki"));
                    authority.restore();
                    tell(server);
                    serve(client, options, KubeOption.certificateAuthority(server.ownClient()), server::metricValues, authority::keep);
                }
            }
        } catch (StandaloneServer.StartException | PkiException e) {
            throw new ServiceException(e.getMessage(), e);
        }
    }

    /**
     * Serves the API alone, so that somebody can look and import. No controller runs either: it would evict the pods that come with an
     * import from Nodes that cannot report. The message is short enough to be seen at the end of a log.
     */
    private void keepGatewaysAway(StandaloneServer server, Path data, String loss) throws ServiceException, InterruptedException {
        try (KubeClient client = new KubeClient(server.ownClient(), KubeClient.Settings.defaults())) {
            CloudService.installDefinitions(client);
            tell(server);
            PrintWriter err = spec.commandLine().getErr();
            err.println("kelp-cloud: GATEWAYS ARE KEPT AWAY, so that they keep their devices and pods: the objects of this installation are lost.");
            err.println("  " + loss);
            err.println("  Only the Kubernetes API is served, at " + server.url() + ". There are two ways on:");
            err.println("  1. stop the service, copy a backup (made with kelp-cloud backup) to " + data.resolve("api.db") + ", start it; or");
            err.println("  2. have in the API what gateways shall have (kelp-cloud import FILE --data " + data + "), stop the service, start it once"
                    + " with --accept-data-loss: devices and pods that the API does not hold are then removed from gateways.");
            err.flush();
            untilTold();
        }
    }

    private void tell(StandaloneServer server) {
        PrintWriter out = spec.commandLine().getOut();
        out.println("Kubernetes API: " + server.url());
        out.println("kubeconfig:     " + server.kubeconfig());
        out.println("export KUBECONFIG=" + server.kubeconfig());
        out.flush();
    }

    /** What is done once the key material is there. */
    private interface Started {
        void run() throws PkiException;
    }

    private static void afterStart(Started started) {
        try {
            started.run();
        } catch (PkiException e) {
            LoggerFactory.getLogger(RunCommand.class).warn("There is no copy of the gateways' CA beside the API's file: {}", e.getMessage());
        }
    }

    /** Returns when the service has been told to end and has ended. */
    private void serve(KubeClient client, CloudOptions options, String ca, Supplier<Map<String, Long>> metrics, Started started)
            throws ServiceException, InterruptedException {
        CloudService service = new CloudService(client, options, HubSettings.defaults(), () -> ca, Version.text(), metrics);
        try (service) {
            afterStart(started);
            untilTold();
        }
    }

    private void untilTold() throws InterruptedException {
        Runtime.getRuntime().addShutdownHook(new Thread(this::end, "kelp-shutdown"));
        told.await();
        // The logging of the JVM ends on its own at this moment.
        spec.commandLine().getErr().println("kelp-cloud ends, because it was told to");
        spec.commandLine().getErr().flush();
    }

    /** Waits until the service has said goodbye, then ends the JVM: with 0, because this is how it is meant to end. */
    private void end() {
        told.countDown();
        try {
            boolean inTime = ended.await(STOP_SECONDS, TimeUnit.SECONDS);
            Runtime.getRuntime().halt(inTime ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private CloudOptions options() {
        require(hubPort, "--hub-port");
        require(joinPort, "--join-port");
        require(webPort, "--web-port");
        require(apiPort, "--api-port");
        if (certificateDays < 1 || certificateDays > 3650) {
            throw wrong("--certificate-days is " + certificateDays + ", it must be 1 to 3650.");
        }
        List<String> hosts = advertise.stream().map(String::strip).filter(h -> !h.isEmpty()).toList();
        for (String host : hosts) {
            if (!host.matches("[A-Za-z0-9.:_-]+")) {
                throw wrong("--advertise: \"" + host + "\" is neither a host name nor an IP address.");
            }
        }
        if (hosts.isEmpty()) {
            hosts = ownAddresses();
        }
        Path folder = standalone && data == null ? StandaloneServer.defaultData() : data;
        return new CloudOptions(folder, bind, hosts, hubPort, joinPort, webPort, legacyEdges, Duration.ofDays(certificateDays), workloads());
    }

    private Workloads.Settings workloads() {
        return Workloads.Settings.withAutonomy(autonomy).orElseThrow(() ->
                wrong("--autonomy is \"" + autonomy + "\", it must be off, forever or a time such as 90m, 12h or 7d."));
    }

    private void require(int port, String option) {
        if (port < 0 || port > MAX_PORT) {
            throw wrong(option + " is " + port + ", it must be 0 to " + MAX_PORT + ".");
        }
    }

    private CommandLine.ParameterException wrong(String message) {
        return new CommandLine.ParameterException(spec.commandLine(), message);
    }

    private static List<String> ownAddresses() {
        List<String> addresses = new ArrayList<>();
        try {
            for (NetworkInterface nic : NetworkInterface.networkInterfaces().toList()) {
                for (InterfaceAddress address : nic.getInterfaceAddresses()) {
                    InetAddress ip = address.getAddress();
                    if (!ip.isLoopbackAddress() && !ip.isLinkLocalAddress()) {
                        addresses.add(ip.getHostAddress().replaceFirst("%.*", "")); // the zone means something on this machine only
                    }
                }
            }
        } catch (SocketException e) {
            LoggerFactory.getLogger(RunCommand.class).warn("Own addresses cannot be listed ({}); give --advertise", e.getMessage());
        }
        return addresses.isEmpty() ? List.of("127.0.0.1") : addresses;
    }
}
