package io.kelp.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.google.gson.JsonObject;
import io.kelp.testkit.Await;
import io.kelp.testkit.Cable;
import io.kelp.testkit.CloudProcess;
import io.kelp.testkit.ControlPlane;
import io.kelp.testkit.GatewayProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A real controller manager that is quick to evict: pods stay on a gateway that cannot be reached, unless its Node says otherwise. */
@Tag("long")
class NoEvictionTest {

    private static final int EVICT_SECONDS = 4;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @Test
    void podsStayWhenOnlyTheLinkOrTheCloudServiceIsDown() throws Exception {
        Path work = Files.createDirectories(Installation.work().resolve("no-eviction"));
        try (ControlPlane plane = ControlPlane.hasty(work.resolve("plane"), EVICT_SECONDS);
                CloudProcess cloud = new CloudProcess(work.resolve("cloud"), plane.kubeconfig()).start();
                CloudProcess other = new CloudProcess(work.resolve("other"), plane.kubeconfig()).start();
                Cable link = new Cable(cloud.hubPort());
                Cable whole = new Cable(other.hubPort());
                GatewayProcess witness = new GatewayProcess(work.resolve("witness"), "witness");
                GatewayProcess keeper = new GatewayProcess(work.resolve("keeper"), "keeper");
                GatewayProcess leaver = new GatewayProcess(work.resolve("leaver"), "leaver")) {
            start(witness, other, whole, plane); // when no Node at all is heard of, Kubernetes evicts nothing
            Pods stay = start(keeper, cloud, link, plane);
            Pods leave = start(leaver, cloud, link, plane);
            plane.kubectl("", "annotate", "node", "leaver", "kelp.io/autonomy-duration=off").orFail();
            JsonObject stays = run(stay);
            JsonObject leaves = run(leave);

            link.cut();
            Await.until("the pod of the gateway without autonomy is evicted", LIMIT, () -> isLeaving(leave, leaves));
            passes(Duration.ofSeconds(3 * EVICT_SECONDS));
            assertEquals("Unknown", plane.readiness("keeper"));
            assertFalse(isLeaving(stay, stays), "the other stays");
            assertEquals("willow 1.0.0", stay.ask(stays, "/"));
            assertEquals("willow 1.0.0", leave.ask(leaves, "/"), "which cannot know of its eviction");
            link.repair();
            Await.until("the Node is Ready again", LIMIT, () -> plane.readiness("keeper").equals("True"));
            sameAsBefore(stay, stays);
            Await.until("the evicted pod has a successor", LIMIT, () -> leave.of("web").size() == 1 && Pods.isReady(leave.of("web").get(0))
                    && !Pods.uid(leave.of("web").get(0)).equals(Pods.uid(leaves)) && leave.get(Pods.name(leaves)).isEmpty());

            cloud.kill();
            Await.until("nobody hears of the gateway", LIMIT, () -> plane.readiness("keeper").equals("Unknown"));
            passes(Duration.ofSeconds(3 * EVICT_SECONDS));
            assertFalse(isLeaving(stay, stays), "the cloud service of this gateway is away, and it stays");
            cloud.start();
            Await.until("the Node is Ready once more", LIMIT, () -> plane.readiness("keeper").equals("True"));
            sameAsBefore(stay, stays);
        }
    }

    private static Pods start(GatewayProcess gateway, CloudProcess cloud, Cable link, ControlPlane plane) {
        Images.web(gateway, "willow", "1.0.0");
        gateway.kelp("join", "--cloud", "127.0.0.1", "--hub-port", "" + link.port(), "--join-port", "" + cloud.joinPort(),
                "--token", cloud.token(), "--node", gateway.node()).orFail();
        gateway.configure("io.kelp.edged", "{\"leaseSeconds\": 2, \"statusSeconds\": 2}");
        gateway.start();
        Pods pods = new Pods(plane, gateway);
        Await.until("the Node is Ready", Pods.SOON, () -> plane.readiness(gateway.node()).equals("True"));
        return pods;
    }

    private static JsonObject run(Pods pods) {
        pods.apply(Pods.controller("Deployment", "web", "replicas: 1\n", pods.web("example.com/willow:1.0.0", "")));
        return pods.awaitReady("web", 1).get(0);
    }

    private static boolean isLeaving(Pods pods, JsonObject pod) {
        return pods.get(Pods.name(pod)).map(p -> !Pods.text(p, "metadata", "deletionTimestamp").isEmpty()).orElse(true);
    }

    private static void sameAsBefore(Pods pods, JsonObject before) {
        JsonObject now = pods.awaitReady("web", 1).get(0);
        assertEquals(Pods.uid(before), Pods.uid(now));
        assertEquals(0, Pods.restarts(now, "web"));
        assertEquals("willow 1.0.0", pods.ask(now, "/"));
    }

    /** The time in which an eviction would have come. */
    private static void passes(Duration time) {
        Instant end = Instant.now().plus(time);
        Await.until("the time of an eviction is over", time.plusSeconds(5), () -> Instant.now().isAfter(end));
    }
}
