package io.kelp.load;

import io.kelp.testkit.Await;
import io.kelp.testkit.CloudProcess;
import io.kelp.testkit.ControlPlane;
import io.kelp.testkit.GatewayProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/** One gateway, joined and Ready, on a cloud service on a real control plane. */
final class Rig implements AutoCloseable {

    final ControlPlane plane;
    final CloudProcess cloud;
    final GatewayProcess gateway;
    final Api api;
    private final Deque<AutoCloseable> started = new ArrayDeque<>();

    Rig(Path work) throws Exception {
        try {
            plane = own(ControlPlane.start(work.resolve("control-plane")));
            cloud = own(new CloudProcess(work.resolve("cloud"), plane.kubeconfig()));
            cloud.start();
            gateway = own(new GatewayProcess(folder(work), "bench"));
            addJvmOptions(gateway);
            gateway.join(cloud).start();
            api = new Api(plane.kubeconfig());
            Await.until("the Node is Ready", Duration.ofSeconds(30), () -> plane.readiness("bench").equals("True"));
        } catch (Exception | AssertionError e) {
            close(); // a rig that is not complete leaves no process behind
            throw e;
        }
    }

    private <T extends AutoCloseable> T own(T part) {
        started.push(part);
        return part;
    }

    /** {@code KELP_BENCH_DIR}: where the gateway lies, for example a file system of its own, whose device nobody else writes to. */
    private static Path folder(Path work) throws IOException {
        String folder = System.getenv().getOrDefault("KELP_BENCH_DIR", "").strip();
        return folder.isEmpty() ? work.resolve("gateway") : Files.createTempDirectory(Path.of(folder), "gateway");
    }

    /** {@code KELP_BENCH_JVM}: options for the gateway's virtual machine besides those it ships with, for profiling. */
    static void addJvmOptions(GatewayProcess gateway) throws IOException {
        String options = System.getenv().getOrDefault("KELP_BENCH_JVM", "").strip();
        if (!options.isEmpty()) {
            Files.writeString(gateway.home().resolve("etc/jvm.options"), "\n" + options.replaceAll("\\s+", "\n") + "\n",
                    StandardOpenOption.APPEND);
        }
    }

    /** Makes devices {@code <prefix>0…} with one property {@code value} that nobody drives. */
    void plainDevices(String prefix, int count) throws Exception {
        for (int i = 0; i < count; i++) {
            api.create("/apis/devices.kubeedge.io/v1beta1/namespaces/default/devices", """
                    {"apiVersion":"devices.kubeedge.io/v1beta1","kind":"Device","metadata":{"name":"%s%d","namespace":"default"},
                    "spec":{"nodeName":"bench","deviceModelRef":{"name":"none"},"protocol":{"protocolName":"foreign"},
                    "properties":[{"name":"value","desired":{"value":"x","metadata":{"type":"string"}},"reportToCloud":true}]}}""".formatted(prefix, i));
        }
        Await.until("the gateway has the devices", Duration.ofSeconds(30),
                () -> gateway.kelp("device", "list").orFail().lines().filter(l -> l.contains(prefix)).count() >= count);
    }

    @Override
    public void close() throws IOException {
        while (!started.isEmpty()) {
            try {
                started.pop().close();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (IOException | RuntimeException e) {
                throw e;
            } catch (Exception e) { // AutoCloseable declares no narrower one
                throw new IOException("a part of the rig did not end", e);
            }
        }
    }
}
