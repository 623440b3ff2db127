package io.kelp.load;

import io.kelp.testkit.Await;
import io.kelp.testkit.GatewayProcess;
import io.kelp.testkit.Java;
import io.kelp.testkit.Ports;
import io.kelp.testkit.Shell;
import io.kelp.testkit.Zips;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** {@code kelp-cloud run --standalone} from its zip, with or without a gateway. */
final class StandaloneCloud implements AutoCloseable {

    private final Path work;
    private final Path data;
    private final String program;
    private final int hubPort = Ports.free();
    private final int joinPort = Ports.free();
    private final int apiPort = Ports.free();
    private final Process process;
    private GatewayProcess gateway;

    StandaloneCloud(Path work) throws IOException {
        this.work = work;
        this.data = work.resolve("data");
        this.program = Zips.unpack("cloud-service", "kelp-cloud", work.resolve("unzipped")).resolve("bin/kelp-cloud").toString();
        ProcessBuilder builder = new ProcessBuilder(program, "run", "--standalone", "--data", data.toString(), "--api-port", "" + apiPort,
                "--bind", "127.0.0.1", "--advertise", "127.0.0.1,localhost", "--hub-port", "" + hubPort, "--join-port", "" + joinPort,
                "--web-port", "" + Ports.free()).redirectErrorStream(true).redirectOutput(work.resolve("cloud.log").toFile());
        Java.into(builder.environment());
        process = builder.start();
        try {
            Await.until("the cloud service listens", Duration.ofSeconds(60), () -> {
                if (!process.isAlive()) {
                    throw new AssertionError("kelp-cloud ended with " + process.exitValue() + ":\n" + Files.readString(work.resolve("cloud.log")));
                }
                return listens(apiPort) && listens(hubPort) && listens(joinPort);
            });
        } catch (AssertionError e) {
            process.destroyForcibly();
            throw e;
        }
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    Path kubeconfig() {
        return data.resolve("admin.kubeconfig");
    }

    long pid() {
        return process.pid();
    }

    /** Joins a gateway named {@code bench} and waits until it is connected. */
    GatewayProcess addGateway() throws IOException {
        return addGateway(hubPort);
    }

    int hubPort() {
        return hubPort;
    }

    /** @param hub port that leads to the hub, for example that of a cable */
    GatewayProcess addGateway(int hub) throws IOException {
        String token = Shell.run(Duration.ofSeconds(30), work, Java.into(new HashMap<>()), List.of(program, "token", "--data", data.toString()))
                .orFail().strip();
        gateway = new GatewayProcess(work.resolve("gateway"), "bench");
        Rig.addJvmOptions(gateway);
        gateway.kelp("join", "--cloud", "127.0.0.1", "--hub-port", "" + hub, "--join-port", "" + joinPort, "--token", token,
                "--node", "bench").orFail();
        gateway.start();
        Await.until("the gateway is connected", Duration.ofSeconds(30), () -> gateway.linkState().equals("CONNECTED"));
        return gateway;
    }

    @Override
    public void close() throws IOException {
        if (gateway != null) {
            gateway.close();
        }
        process.destroy();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
