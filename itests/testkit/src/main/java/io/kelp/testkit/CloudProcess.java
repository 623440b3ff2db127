package io.kelp.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A cloud service from its zip, as a process of its own. */
public final class CloudProcess implements AutoCloseable {

    private final Path home;
    private final Path work;
    private final Path kubeconfig;
    private final List<String> cluster;
    private final int hubPort;
    private final int joinPort;
    private final int webPort;
    private final List<String> more;
    private Process process;

    /** @param more further options of {@code kelp-cloud run} */
    public CloudProcess(Path work, Path kubeconfig, String... more) {
        this(work, kubeconfig, List.of("--kubeconfig", kubeconfig.toString()), Ports.free(), Ports.free(), Ports.free(), List.of(more));
    }

    private CloudProcess(Path work, Path kubeconfig, List<String> cluster, int hubPort, int joinPort, int webPort, List<String> more) {
        this.work = work;
        this.home = Zips.unpack("cloud-service", "kelp-cloud", work.resolve("unzipped"));
        this.kubeconfig = kubeconfig;
        this.cluster = cluster;
        this.hubPort = hubPort;
        this.joinPort = joinPort;
        this.webPort = webPort;
        this.more = more;
    }

    /** One that brings the Kubernetes API itself. */
    public static CloudProcess standalone(Path work, String... more) {
        return new CloudProcess(work, work.resolve("data/admin.kubeconfig"), List.of("--standalone", "--api-port", "" + Ports.free()),
                Ports.free(), Ports.free(), Ports.free(), List.of(more));
    }

    /** Another one at the same ports, so that gateways find it, on another cluster. */
    public CloudProcess movedTo(Path elsewhere, Path otherKubeconfig) {
        return new CloudProcess(elsewhere, otherKubeconfig, List.of("--kubeconfig", otherKubeconfig.toString()), hubPort, joinPort, webPort, more);
    }

    /** Of the cluster that it works on. */
    public Path kubeconfig() {
        return kubeconfig;
    }

    public Path work() {
        return work;
    }

    public int hubPort() {
        return hubPort;
    }

    public int joinPort() {
        return joinPort;
    }

    public int webPort() {
        return webPort;
    }

    public long pid() {
        return process.pid();
    }

    public Path log() {
        return work.resolve("cloud.log");
    }

    /** Starts it and waits until gateways can connect. */
    public CloudProcess start() {
        List<String> command = new ArrayList<>(List.of(home.resolve("bin/kelp-cloud").toString(), "run", "--data", work.resolve("data").toString(), "--bind", "127.0.0.1",
                "--advertise", "127.0.0.1,localhost", "--hub-port", "" + hubPort, "--join-port", "" + joinPort, "--web-port", "" + webPort));
        command.addAll(cluster);
        command.addAll(more);
        try {
            ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()));
            Java.into(builder.environment());
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Await.until("the cloud service listens on " + hubPort + " and " + joinPort, Duration.ofSeconds(60), () -> {
            if (!process.isAlive()) {
                throw new AssertionError("kelp-cloud ended with " + process.exitValue() + ":\n" + Files.readString(log()));
            }
            return listens(hubPort) && listens(joinPort);
        });
        return this;
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    public String token() {
        return run("token", "--kubeconfig", kubeconfig.toString()).orFail().strip();
    }

    /** Runs another command of {@code kelp-cloud}, whatever it says. */
    public Shell.Output run(String... arguments) {
        return runWith("", arguments);
    }

    /** The same with something to read on its standard input. */
    public Shell.Output runWith(String input, String... arguments) {
        List<String> command = new ArrayList<>(List.of(home.resolve("bin/kelp-cloud").toString()));
        command.addAll(List.of(arguments));
        return Shell.run(Duration.ofSeconds(60), work, Java.into(new java.util.HashMap<>(Map.of())), command, input);
    }

    /** Ends it as a power cut does. */
    public void kill() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        waitForEnd();
    }

    @Override
    public void close() {
        stop();
    }

    /** Ends it as a service manager does; it can be started again. */
    public void stop() {
        if (process != null && process.isAlive()) {
            process.destroy();
            waitForEnd();
        }
    }

    private void waitForEnd() {
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("kelp-cloud does not end within 20 s of its signal");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
