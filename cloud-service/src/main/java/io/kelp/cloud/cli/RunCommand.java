package io.kelp.cloud.cli;

import io.kelp.cloud.hub.HubSettings;
import io.kelp.cloud.kube.KubeClient;
import java.net.InetAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
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
        "Otherwise key material lives in the Secrets of namespace kubeedge and is made when missing."})
    private Path data;

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

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() throws ServiceException, InterruptedException {
        CloudOptions options = options();
        CountDownLatch told = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        try (KubeClient client = kube.connect()) {
            String ca = kube.certificateAuthority();
            CloudService service = new CloudService(client, options, HubSettings.defaults(), () -> ca, Version.text());
            Runtime.getRuntime().addShutdownHook(new Thread(() -> end(told, ended), "kelp-shutdown"));
            told.await();
            // The logging of the JVM ends on its own at this moment.
            spec.commandLine().getErr().println("kelp-cloud ends, because it was told to");
            spec.commandLine().getErr().flush();
            service.close();
        }
        ended.countDown();
        return CommandLine.ExitCode.OK;
    }

    /** Waits until the service has said goodbye, then ends the JVM: with 0, because this is how it is meant to end. */
    private static void end(CountDownLatch told, CountDownLatch ended) {
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
        return new CloudOptions(data, bind, hosts, hubPort, joinPort, webPort, legacyEdges, Duration.ofDays(certificateDays));
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
                        addresses.add(ip.getHostAddress());
                    }
                }
            }
        } catch (SocketException e) {
            LoggerFactory.getLogger(RunCommand.class).warn("Own addresses cannot be listed ({}); give --advertise", e.getMessage());
        }
        return addresses.isEmpty() ? List.of("127.0.0.1") : addresses;
    }
}
