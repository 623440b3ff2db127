package io.kelp.cloud.kube;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.kelp.testkit.Needed;
import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * etcd and kube-apiserver on loopback for one test class. The programs are taken from
 * {@code KELP_K8S_BIN}, the cache of {@code itests/control-plane.sh}, or PATH; without them the tests are
 * left out, unless {@code -Dkelp.requirePeers=true} says that they must run.
 */
public final class RealApiServer implements AutoCloseable {

    private static final String TOKEN = "test-admin-token";

    private final Path dir;
    private final List<Process> processes = new ArrayList<>();
    private final int port;
    private final List<String> apiServerCommand;

    private RealApiServer(Path etcd, Path apiServer, List<String> flags) throws IOException, InterruptedException {
        dir = Files.createTempDirectory("kelp-apiserver");
        int etcdPort = freePort();
        port = freePort();
        String etcdUrl = "http://127.0.0.1:" + etcdPort;
        String peerUrl = "http://127.0.0.1:" + freePort();
        processes.add(spawn("etcd", List.of(etcd.toString(), "--data-dir", dir.resolve("etcd").toString(), "--unsafe-no-fsync",
                "--listen-client-urls", etcdUrl, "--advertise-client-urls", etcdUrl,
                "--listen-peer-urls", peerUrl, "--initial-advertise-peer-urls", peerUrl,
                "--initial-cluster", "default=" + peerUrl)));
        Files.writeString(dir.resolve("tokens.csv"), TOKEN + ",admin,admin,system:masters\n");
        Files.writeString(dir.resolve("sa.key"), serviceAccountKey());
        List<String> command = new ArrayList<>(List.of(apiServer.toString(), "--etcd-servers", etcdUrl, "--bind-address", "127.0.0.1",
                "--secure-port", Integer.toString(port), "--cert-dir", dir.resolve("certs").toString(),
                "--token-auth-file", dir.resolve("tokens.csv").toString(), "--authorization-mode", "RBAC",
                "--service-account-issuer", "https://kubernetes.default.svc",
                "--service-account-key-file", dir.resolve("sa.key").toString(),
                "--service-account-signing-key-file", dir.resolve("sa.key").toString(),
                "--service-cluster-ip-range", "10.96.0.0/24", "--disable-admission-plugins", "ServiceAccount"));
        command.addAll(flags);
        apiServerCommand = List.copyOf(command);
        processes.add(spawn("kube-apiserver", apiServerCommand));
        awaitReady();
    }

    /** As {@link #start()}, with more flags for the API server. */
    public static RealApiServer start(String... flags) throws IOException, InterruptedException {
        Optional<Path> etcd = find("etcd");
        Optional<Path> apiServer = find("kube-apiserver");
        Needed.program(etcd.isPresent(), "etcd");
        Needed.program(apiServer.isPresent(), "kube-apiserver (in KELP_K8S_BIN or on the PATH)");
        return new RealApiServer(etcd.orElseThrow(), apiServer.orElseThrow(), List.of(flags));
    }

    /** Runs kube-controller-manager as well, with these controllers and flags, until {@link #close}. */
    public void startControllers(String controllers, String... flags) throws IOException {
        Optional<Path> program = find("kube-controller-manager");
        Needed.program(program.isPresent(), "kube-controller-manager (in KELP_K8S_BIN or on the PATH)");
        List<String> command = new ArrayList<>(List.of(program.orElseThrow().toString(), "--kubeconfig", kubeconfig().toString(),
                "--controllers", controllers, "--leader-elect=false", "--secure-port=" + freePort(), "--bind-address=127.0.0.1",
                "--cert-dir", dir.resolve("manager").toString()));
        command.addAll(List.of(flags));
        processes.add(spawn("kube-controller-manager", command));
    }

    /** A file for programs that ask for one; it lives as long as the server. */
    public Path kubeconfig() throws IOException {
        Path kubeconfig = dir.resolve("kubeconfig.yaml");
        return Files.writeString(kubeconfig, """
                apiVersion: v1
                kind: Config
                clusters: [{name: c, cluster: {server: "https://127.0.0.1:%d", insecure-skip-tls-verify: true}}]
                users: [{name: u, user: {token: %s}}]
                contexts: [{name: x, context: {cluster: c, user: u}}]
                current-context: x
                """.formatted(port, TOKEN));
    }

    public KubeClient client() {
        return new KubeClient(config(), KubeClient.Settings.defaults());
    }

    public Config config() {
        return new ConfigBuilder(Config.empty()).withMasterUrl("https://127.0.0.1:" + port)
                .withOauthToken(TOKEN).withTrustCerts(true).withDisableHostnameVerification(true).build();
    }

    /** Kills the API server as a power cut would and starts it anew on the same data. */
    public void restart() throws IOException, InterruptedException {
        kill();
        processes.add(spawn("kube-apiserver", apiServerCommand));
        awaitReady();
    }

    public void kill() throws InterruptedException {
        Process apiServer = processes.remove(1);
        apiServer.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
    }

    @Override
    public void close() throws IOException {
        try {
            for (int i = processes.size() - 1; i >= 0; i--) {
                processes.get(i).destroyForcibly().waitFor(10, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        try (Stream<Path> files = Files.walk(dir)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    private void awaitReady() throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        try (KubeClient client = client()) {
            while (System.nanoTime() < end) {
                try {
                    client.getBytes("/readyz").get(5, TimeUnit.SECONDS);
                    client.get("/api/v1/namespaces/default").get(5, TimeUnit.SECONDS);
                    return;
                } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
                    if (!processes.stream().allMatch(Process::isAlive)) {
                        throw new IOException("The control plane ended:\n" + Files.readString(dir.resolve("kube-apiserver.log")));
                    }
                    Thread.sleep(50);
                }
            }
        }
        throw new IOException("The API server was not ready in time:\n" + Files.readString(dir.resolve("kube-apiserver.log")));
    }

    private Process spawn(String name, List<String> command) throws IOException {
        return new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(dir.resolve(name + ".log").toFile())).start();
    }

    private static Optional<Path> find(String program) {
        List<String> places = new ArrayList<>();
        Optional.ofNullable(System.getenv("KELP_K8S_BIN")).ifPresent(places::add);
        String cache = Optional.ofNullable(System.getenv("KELP_CACHE")).orElse(System.getProperty("user.home") + "/.cache/kelp");
        places.add(cache + "/control-plane-1.34.4");
        places.addAll(List.of(System.getenv("PATH").split(File.pathSeparator)));
        return places.stream().map(place -> Path.of(place, program)).filter(Files::isExecutable).findFirst();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static String serviceAccountKey() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            return "-----BEGIN PRIVATE KEY-----\n"
                    + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(generator.generateKeyPair().getPrivate().getEncoded())
                    + "\n-----END PRIVATE KEY-----\n";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
