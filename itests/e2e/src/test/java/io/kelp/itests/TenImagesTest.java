package io.kelp.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import io.kelp.testkit.Await;
import io.kelp.testkit.ControlPlane;
import io.kelp.testkit.GatewayProcess;
import io.kelp.workloads.SampleJars;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Ten images, each a bundle, component, thread and endpoint of its own, and two replicas of one of them, on one gateway. */
@Tag("slow")
@ExtendWith(Installation.class)
class TenImagesTest {

    private final ControlPlane plane;
    private final Installation.Gateways gateways;

    TenImagesTest(ControlPlane plane, Installation.Gateways gateways) {
        this.plane = plane;
        this.gateways = gateways;
    }

    @Test
    void tenDifferentImagesAndTwoReplicasOfOneRunSideBySide() throws Exception {
        try (GatewayProcess gateway = gateways.joined("ten")) {
            List<String> images = new ArrayList<>();
            for (String name : SampleJars.TEN) {
                images.add(Images.web(gateway, name, "1.0.0"));
            }
            gateway.start();
            Pods pods = new Pods(plane, gateway);
            StringBuilder manifest = new StringBuilder();
            for (int i = 0; i < images.size(); i++) {
                String name = SampleJars.TEN.get(i);
                manifest.append(Pods.controller("Deployment", name, "replicas: " + (i == 0 ? 2 : 1) + "\n", pods.web(images.get(i), ""))).append("---\n");
            }
            pods.apply(manifest.toString());

            Set<Integer> ports = new HashSet<>();
            for (String name : SampleJars.TEN) {
                for (JsonObject pod : pods.awaitReady(name, name.equals(SampleJars.TEN.get(0)) ? 2 : 1)) {
                    assertEquals(name + " 1.0.0", pods.ask(pod, "/"));
                    ports.add(Pods.port(pod, "web", 8080));
                }
            }
            assertEquals(11, ports.size());
            long threads = threads(gateway);
            assertTrue(threads >= 11, threads + " threads of the workloads");

            // One of them goes and another is exchanged; all others stay as they are.
            pods.kubectl("delete", "deployment", "willow", "--timeout=20s");
            pods.kubectl("set", "image", "deployment/poplar", "web=" + images.get(0));
            pods.kubectl("rollout", "status", "deployment/poplar", "--timeout=40s");
            assertEquals("alder 1.0.0", pods.ask(pods.awaitReady("poplar", 1).get(0), "/"));
            for (String name : SampleJars.TEN.subList(0, 8)) {
                for (JsonObject pod : pods.of(name)) {
                    assertEquals(name + " 1.0.0", pods.ask(pod, "/"));
                    assertEquals(0, Pods.restarts(pod, "web"));
                }
            }
            Await.until("the thread of the deleted one has ended", Pods.SOON, () -> threads(gateway) == threads - 1);
        }
    }

    /** Threads of the process that bear the name of a workload. */
    private static long threads(GatewayProcess gateway) throws Exception {
        long count = 0;
        try (var tasks = Files.list(java.nio.file.Path.of("/proc/" + gateway.pid() + "/task"))) {
            for (var task : tasks.toList()) {
                if (SampleJars.TEN.contains(Files.readString(task.resolve("comm")).strip())) {
                    count++;
                }
            }
        }
        return count;
    }
}
