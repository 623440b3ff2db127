package io.kelp.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.testkit.Await;
import io.kelp.testkit.ControlPlane;
import io.kelp.testkit.GatewayProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** Pods that the API server takes and nobody could mean: the gateway says why not, stays Ready and goes on with the others. */
@Tag("slow")
@ExtendWith(Installation.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AbsurdPodsTest {

    private static final Duration LONG = Duration.ofSeconds(180);
    private static final int MOST_PODS = 110;

    private final ControlPlane plane;
    private final GatewayProcess gateway;
    private final Pods pods;
    private final String alder;
    private final long pid;

    AbsurdPodsTest(ControlPlane plane, Installation.Gateways gateways) {
        this.plane = plane;
        gateway = gateways.joined("absurd");
        alder = Images.web(gateway, "alder", "1.0.0");
        gateway.start();
        pid = gateway.pid();
        pods = new Pods(plane, gateway);
        Await.until("the Node is Ready", Pods.SOON, this::isReady);
    }

    private boolean isReady() {
        return plane.readiness(gateway.node()).equals("True");
    }

    /** The process is the same, the Node is Ready, and an honest pod runs; then nothing of all pods is left. */
    @AfterEach
    void goesOn() {
        assertTrue(isReady());
        pods.kubectl("delete", "pods,deployments", "--all", "--wait=false");
        Await.until("nothing is left at the API", LONG, () -> pods.kubectl("get", "pods", "-o", "name").isBlank());
        pods.apply(Pods.pod("honest", pods.web(alder, "")));
        assertEquals("alder 1.0.0", pods.ask(pods.awaitReady("honest"), "/"));
        pods.kubectl("delete", "pod", "honest", "--timeout=30s");
        Await.until("nothing is left at the gateway", LONG, () -> count("data/pods") == 0 && count("log/pods") == 0);
        assertEquals(pid, gateway.pid(), "it has not been restarted");
    }

    private int count(String folder) {
        String[] names = gateway.home().resolve(folder).toFile().list();
        return names == null ? 0 : names.length;
    }

    @AfterAll
    void stop() {
        gateway.close();
    }

    private String bound(String name, String containers) {
        return Pods.pod(name, "nodeName: " + gateway.node() + "\n" + pods.spec("containers:\n" + containers));
    }

    private static String env(int variables, String first, String next) {
        StringBuilder env = new StringBuilder("env:\n- {name: V0, value: '" + first + "'}\n");
        for (int i = 1; i < variables; i++) {
            env.append("- {name: V").append(i).append(", value: '").append(next.replace("?", "" + (i - 1))).append("'}\n");
        }
        return env.toString();
    }

    private void create(String manifest) {
        pods.plane.kubectl(manifest, "-n", pods.namespace, "create", "-f", "-").orFail();
    }

    private void waits(String name, String reason, String words) {
        pods.await(name, "waits: " + reason + ", " + words, p -> Pods.text(Pods.container(p, "web"), "state", "waiting", "reason").equals(reason)
                && Pods.text(Pods.container(p, "web"), "state", "waiting", "message").contains(words));
    }

    @Test
    void whatCannotBeIsNamed() {
        create(bound("multiplies", Pods.container("web", alder, env(40, "0123456789", "$(V?)$(V?)"))));
        create(bound("long-value", Pods.container("web", alder, env(1, "x".repeat(900_000), ""))));
        create(bound("crowd", IntStream.range(0, 200).mapToObj(i -> Pods.container("c" + i, alder, "")).collect(Collectors.joining())));
        create(bound("long-image", Pods.container("web", "a".repeat(2000), "")));
        create(bound("path-image", Pods.container("web", "../../etc/passwd", "")));
        create(bound("port-image", Pods.container("web", "127.0.0.1:99999/x:y", "")));
        create(bound("greedy", Pods.container("web", alder, "resources: {requests: {memory: 1Ei}}\n")));
        String longest = "n".repeat(63) + ".n".repeat(95);
        create(bound(longest, Pods.container("web", alder, "")).replace("app: " + longest, "app: longest"));
        create(bound("noted", Pods.container("web", alder, "")).replace("metadata: {", "metadata: {annotations: {a: '" + "y".repeat(250_000) + "'}, "));

        waits("multiplies", "CreateContainerConfigError", "argument list too long: variable V14");
        waits("long-value", "CreateContainerConfigError", "argument list too long: variable V0");
        waits("long-image", "InvalidImageName", "");
        waits("path-image", "InvalidImageName", "");
        pods.await("port-image", "says that there is no such registry", p -> Pods.text(Pods.container(p, "web"), "state", "waiting", "reason")
                .matches("ErrImagePull|ImagePullBackOff|RegistryUnavailable"));
        pods.await("crowd", "is refused", p -> Pods.text(p, "status", "reason").equals("UnexpectedAdmissionError"));
        pods.await("greedy", "is refused", p -> Pods.text(p, "status", "reason").equals("OutOfmemory"));
        pods.await(longest, "runs", p -> Pods.container(p, "web").toString().contains("running"));
        pods.await("noted", "runs", p -> Pods.container(p, "web").toString().contains("running"));
    }

    @Test
    @Tag("long")
    void aThousandPodsAtOnceAreAHundredAndTen() {
        for (int part = 0; part < 10; part++) {
            List<String> some = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                some.add(bound("many-" + part + "-" + i, Pods.container("web", alder, "")));
            }
            create(String.join("---\n", some));
        }
        Await.until("all are running or refused", LONG, () -> {
            int running = 0;
            int refused = 0;
            for (JsonElement each : JsonParser.parseString(pods.kubectl("get", "pods", "-o", "json")).getAsJsonObject().getAsJsonArray("items")) {
                JsonObject pod = each.getAsJsonObject();
                running += Pods.phase(pod).equals("Running") ? 1 : 0;
                refused += Pods.text(pod, "status", "reason").equals("OutOfpods") ? 1 : 0;
            }
            return running == MOST_PODS && refused == 1000 - MOST_PODS;
        });
    }

    @Test
    @Tag("long")
    void aDeploymentGoesUpAndDownAgainAndAgain() {
        pods.apply(Pods.controller("Deployment", "waves", "replicas: 0\n", pods.web(alder, "")));
        for (int wave = 0; wave < 5; wave++) {
            pods.kubectl("scale", "deployment/waves", "--replicas=50");
            if (wave % 2 == 0) { // else it is cut short
                Await.until("fifty are ready", LONG, () -> pods.of("waves").stream().filter(Pods::isReady).count() == 50);
            }
            pods.kubectl("scale", "deployment/waves", "--replicas=0");
            if (wave % 2 == 1) {
                Await.until("none is left", LONG, () -> pods.kubectl("get", "pods", "-o", "name").isBlank());
            }
        }
    }
}
