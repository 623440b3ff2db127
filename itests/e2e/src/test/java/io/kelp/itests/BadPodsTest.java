package io.kelp.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import io.kelp.testkit.Await;
import io.kelp.testkit.ControlPlane;
import io.kelp.testkit.GatewayProcess;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Pods that spin, leak or do not end: their neighbour is served all the same, soon, and the culprit is named. */
@Tag("slow")
@ExtendWith(Installation.class)
class BadPodsTest {

    private final ControlPlane plane;
    private final Installation.Gateways gateways;

    BadPodsTest(ControlPlane plane, Installation.Gateways gateways) {
        this.plane = plane;
        this.gateways = gateways;
    }

    /** A gateway under its supervisor with a good pod on it. */
    private interface Scenario {
        void run(Pods pods, String bad) throws Exception;
    }

    private void beside(String name, Scenario scenario) throws Exception {
        try (GatewayProcess gateway = gateways.joined(name)) {
            String good = Images.web(gateway, "good", "1.0.0");
            String bad = Images.bad(gateway);
            gateway.start();
            Pods pods = new Pods(plane, gateway);
            pods.apply(Pods.pod("good", pods.web(good, "")));
            pods.awaitReady("good");
            scenario.run(pods, bad);
            JsonObject pod = pods.await("good", "serves", Duration.ofSeconds(60), p -> Pods.isReady(p) && pods.ask(p, "/").equals("good 1.0.0"));
            assertEquals("Running", Pods.phase(pod));
        }
    }

    private static String bad(Pods pods, String image, String mode, String more) {
        return Pods.pod(mode, pods.spec("containers:\n" + Pods.container("bad", image, "env: [{name: MODE, value: " + mode + "}]\n" + more)));
    }

    @Test
    void oneThatSpinsAndOneThatBlocksItsActivationAreDeletedLikeAnyOther() throws Exception {
        beside("spins", (pods, image) -> {
            long pid = pods.gateway.pid();
            for (String mode : List.of("spin", "block")) {
                pods.apply(bad(pods, image, mode, ""));
            }
            pods.await("spin", "runs", p -> Pods.container(p, "bad").toString().contains("running"));
            assertEquals("good 1.0.0", pods.ask(pods.get("good").orElseThrow(), "/"));
            pods.kubectl("delete", "pod", "spin", "block", "--timeout=40s");
            assertEquals(pid, pods.gateway.pid(), "the gateway has not been restarted for that");
            assertTrue(threads(pods.gateway).stream().noneMatch("bad"::equals), "threads of it are left");
        });
    }

    @Test
    void oneWhoseThreadDoesNotEndCostsARestartAndIsNamed() throws Exception {
        beside("deaf", (pods, image) -> {
            pods.apply(bad(pods, image, "deaf", ""));
            pods.await("deaf", "runs", p -> Pods.container(p, "bad").toString().contains("running"));
            pods.kubectl("delete", "pod", "deaf", "--timeout=60s");
            pods.awaitReady("good");
            Await.until("no thread of it is left", Duration.ofSeconds(60), () -> threads(pods.gateway).stream().noneMatch("bad"::equals));
        });
    }

    @Test
    void oneThatLeaksIsEndedAsOutOfMemoryAndHeldBack() throws Exception {
        beside("leaks", (pods, image) -> {
            pods.apply(bad(pods, image, "leak", "resources: {requests: {memory: 1Mi}, limits: {memory: 8Mi}}\n"));
            JsonObject pod = pods.await("leak", "was ended for its memory", Duration.ofSeconds(120),
                    p -> (Pods.container(p, "bad").toString()).contains("OOMKilled"));
            Await.until("an Event names it", Pods.SOON, () -> pods.events("leak").stream().anyMatch(e -> e.startsWith("Warning OOMKilled")));
            assertTrue(Pods.restarts(pod, "bad") >= 0, pod.toString());
            pods.kubectl("delete", "pod", "leak", "--timeout=60s");
        });
    }

    @Test
    void aGatewayWhoseProcessDiesIsBackWithItsPodsInSeconds() throws Exception {
        beside("dies", (pods, image) -> {
            JsonObject before = pods.get("good").orElseThrow();
            long pid = pods.gateway.pid();
            pods.gateway.crash();
            Await.until("the supervisor has started another", Duration.ofSeconds(20), () -> pods.gateway.pid() != pid);
            JsonObject after = pods.await("good", "is restarted and ready", p -> Pods.restarts(p, "web") == Pods.restarts(before, "web") + 1 && Pods.isReady(p));
            assertEquals(Pods.uid(before), Pods.uid(after));
        });
    }

    /** Names of the threads of the gateway's process. */
    private static List<String> threads(GatewayProcess gateway) {
        try (var tasks = java.nio.file.Files.list(java.nio.file.Path.of("/proc/" + gateway.pid() + "/task"))) {
            List<String> names = new java.util.ArrayList<>();
            for (var task : tasks.toList()) {
                names.add(java.nio.file.Files.readString(task.resolve("comm")).strip());
            }
            return names;
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
