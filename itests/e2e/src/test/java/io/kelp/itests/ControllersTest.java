package io.kelp.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import io.kelp.testkit.Await;
import io.kelp.testkit.ControlPlane;
import io.kelp.testkit.GatewayProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** The controllers of a real kube-controller-manager with pods of runtime class {@code osgi}. */
@Tag("slow")
@ExtendWith(Installation.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ControllersTest {

    private final GatewayProcess gateway;
    private final Pods pods;
    private final String v1;
    private final String v2;
    private final String job;

    ControllersTest(ControlPlane plane, Installation.Gateways gateways) {
        gateway = gateways.joined("controllers");
        v1 = Images.web(gateway, "birch", "1.0.0");
        v2 = Images.web(gateway, "birch", "2.0.0");
        job = Images.job(gateway);
        gateway.start();
        pods = new Pods(plane, gateway);
        Await.until("the Node is Ready", Pods.SOON, () -> plane.readiness(gateway.node()).equals("True"));
    }

    @AfterAll
    void stop() {
        gateway.close();
    }

    @Test
    void aDeploymentIsCreatedScaledRolledForwardAndBack() throws InterruptedException {
        String strategy = "replicas: 2\nstrategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}\n";
        pods.apply(Pods.controller("Deployment", "roll", strategy, pods.web(v1, "")));
        List<JsonObject> two = pods.awaitReady("roll", 2);
        assertEquals(2, Set.of(Pods.port(two.get(0), "web", 8080), Pods.port(two.get(1), "web", 8080)).size(), "each has a port of its own");
        two.forEach(p -> assertEquals("birch 1.0.0", pods.ask(p, "/")));

        pods.kubectl("scale", "deployment", "roll", "--replicas=3");
        pods.awaitReady("roll", 3);
        pods.kubectl("scale", "deployment", "roll", "--replicas=2");
        pods.awaitReady("roll", 2);

        List<String> gaps = new ArrayList<>();
        AtomicBoolean over = new AtomicBoolean();
        Thread watcher = new Thread(() -> {
            while (!over.get()) {
                List<JsonObject> serving = pods.of("roll").stream().filter(Pods::isReady).toList();
                if (serving.size() < 2) {
                    gaps.add(serving.size() + " ready");
                }
            }
        }, "watcher");
        watcher.start();
        pods.kubectl("set", "image", "deployment/roll", "web=" + v2);
        pods.kubectl("rollout", "status", "deployment/roll", "--timeout=40s");
        over.set(true);
        watcher.join();
        assertEquals(List.of(), gaps, "the new one is ready before an old one goes");
        pods.awaitReady("roll", 2).forEach(p -> assertEquals("birch 2.0.0", pods.ask(p, "/")));

        pods.kubectl("rollout", "undo", "deployment/roll");
        pods.kubectl("rollout", "status", "deployment/roll", "--timeout=40s");
        pods.awaitReady("roll", 2).forEach(p -> assertEquals("birch 1.0.0", pods.ask(p, "/")));
        pods.kubectl("delete", "deployment", "roll", "--timeout=20s");
        Await.until("its pods are gone", Pods.SOON, () -> pods.of("roll").isEmpty());
    }

    @Test
    void aBrokenUpdateLeavesTheOldOnesServing() {
        pods.apply(Pods.controller("Deployment", "broken", "replicas: 1\n", pods.web(v1, "")));
        JsonObject old = pods.awaitReady("broken", 1).get(0);
        pods.kubectl("set", "image", "deployment/broken", "web=example.com/absent:1");
        Await.until("the new pod cannot get its image", Pods.SOON, () -> pods.of("broken").stream()
                .anyMatch(p -> Pods.text(Pods.container(p, "web"), "state", "waiting", "reason").matches("ErrImagePull|ImagePullBackOff|RegistryUnavailable")));
        assertEquals("birch 1.0.0", pods.ask(old, "/"));
        assertTrue(Pods.isReady(pods.get(Pods.name(old)).orElseThrow()));
        pods.kubectl("rollout", "undo", "deployment/broken");
        assertEquals(Pods.uid(old), Pods.uid(pods.awaitReady("broken", 1).get(0)));
        pods.kubectl("delete", "deployment", "broken", "--timeout=20s");
    }

    @Test
    void aStatefulSetKeepsNamesAndOrder() {
        pods.apply(Pods.controller("StatefulSet", "state", "replicas: 2\nserviceName: state\n", pods.web(v1, "")));
        List<JsonObject> two = pods.awaitReady("state", 2);
        assertEquals(Set.of("state-0", "state-1"), new HashSet<>(two.stream().map(Pods::name).toList()));
        String first = Pods.text(pods.get("state-0").orElseThrow(), "status", "startTime");
        String second = Pods.text(pods.get("state-1").orElseThrow(), "status", "startTime");
        assertTrue(first.compareTo(second) <= 0, first + ", " + second);

        String uid = Pods.uid(pods.get("state-0").orElseThrow());
        pods.kubectl("delete", "pod", "state-0", "--timeout=20s");
        JsonObject again = pods.await("state-0", "is back", p -> !Pods.uid(p).equals(uid) && Pods.isReady(p));
        assertEquals("birch 1.0.0", pods.ask(again, "/"));
        pods.kubectl("delete", "statefulset", "state", "--timeout=20s");
    }

    @Test
    void aJobCompletesAndAnotherFailsAtItsBackoffLimit() {
        pods.apply(job("fine", "completions: 3\nparallelism: 2\n", "'0'"));
        pods.kubectl("wait", "--for=condition=Complete", "job/fine", "--timeout=40s");
        assertEquals("3", pods.kubectl("get", "job", "fine", "-o", "jsonpath={.status.succeeded}"));

        pods.apply(job("poor", "backoffLimit: 1\n", "'4'"));
        pods.kubectl("wait", "--for=condition=Failed", "job/poor", "--timeout=50s");
        assertTrue(pods.kubectl("get", "job", "poor", "-o", "jsonpath={.status.conditions}").contains("BackoffLimitExceeded"));
        pods.kubectl("delete", "job", "fine", "poor", "--timeout=20s");
    }

    private String job(String name, String more, String code) {
        return "apiVersion: batch/v1\nkind: Job\nmetadata: {name: %s}\nspec:\n".formatted(name) + more.indent(2) + "  template:\n    spec:\n"
                + pods.spec("restartPolicy: Never\ncontainers:\n" + Pods.container("job", job, "env: [{name: CODE, value: " + code + "}]\n")).indent(6);
    }

    @Test
    void aDaemonSetRunsWithTheSnippetAndIsToldOfItWithout() {
        String snippet = "tolerations: [{key: kelp.io/no-container-engine, operator: Exists, effect: NoSchedule}]\n";
        String spec = pods.web(v1, "");
        pods.apply(Pods.controller("DaemonSet", "each", "", spec.replace("nodeSelector: {", "nodeSelector: {kelp.io/runtime-osgi: 'true', ") + snippet));
        pods.awaitReady("each", 1);
        assertTrue(pods.events("each").stream().noneMatch(e -> e.contains("kelp.io/no-container-engine")), pods.events("each").toString());

        pods.apply(Pods.controller("DaemonSet", "lacks", "", spec));
        Await.until("an Event says what it lacks", Duration.ofSeconds(40), () -> pods.events("lacks").stream()
                .anyMatch(e -> e.startsWith("Warning ") && e.contains("kelp.io/no-container-engine")));
        pods.kubectl("delete", "daemonset", "each", "lacks", "--timeout=20s");
    }

    @Test
    void aHeldUpgradeWaitsForItsRelease() {
        String hold = "metadata: {name: held, labels: {app: held}, annotations: {edge.kubeedge.io/hold-upgrade: 'true'}}";
        pods.apply(Pods.pod("held", pods.web(v1, "")).replaceFirst("metadata: \\{.*\\}\\}", hold));
        Await.until("it is there and held", Pods.SOON, () -> pods.get("held").map(p -> Pods.text(p, "spec", "nodeName").equals(gateway.node())).orElse(false)
                && gateway.kelp("pod", "list").orFail().contains("held"));
        Await.until("its condition says so", Pods.SOON, () -> Pods.condition(pods.get("held").orElseThrow(), "HeldUpgrade").equals("True"));
        gateway.kelp("pod", "release", pods.namespace + "/held").orFail();
        assertEquals("birch 1.0.0", pods.ask(pods.awaitReady("held"), "/"));
    }
}
