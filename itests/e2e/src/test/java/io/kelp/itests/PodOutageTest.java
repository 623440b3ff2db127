package io.kelp.itests;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import io.kelp.testkit.Await;
import io.kelp.testkit.Cable;
import io.kelp.testkit.CloudProcess;
import io.kelp.testkit.ControlPlane;
import io.kelp.testkit.GatewayProcess;
import io.kelp.testkit.registry.DockerRegistry;
import io.kelp.workloads.SampleImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What holds for pods in four states when one of six things happens, while it lasts and afterwards. Each disturbance is one
 * gateway with a pod in each state.
 *
 * <table>
 * <caption>What must hold (the gateway itself goes on in every cell)</caption>
 * <tr><th></th><th>pod running</th><th>pod crashing</th><th>update arrived half</th><th>delete pending</th></tr>
 * <tr><td>link cut</td><td>serves on, same start</td><td>is tried on, count goes up</td><td>old one serves; new one is got and ready without the link; old one goes when the link is back</td><td>ordered meanwhile: serves on, goes when the link is back</td></tr>
 * <tr><td>cloud killed</td><td>the same</td><td>the same</td><td>the same</td><td>the same</td></tr>
 * <tr><td>gateway killed</td><td>serves again soon after the start, one restart counted</td><td>count is not lost</td><td>old one serves again at once; the download goes on when the registry does</td><td>is not started again, gone at the API</td></tr>
 * <tr><td>rebooted offline</td><td>serves again without the cloud</td><td>count of all but the last minute is not lost</td><td>old one serves again without the cloud</td><td>is not started again; gone at the API when the cloud is back</td></tr>
 * <tr><td>registry gone</td><td>serves on</td><td>is tried on without the registry</td><td>old one serves; new one says what it waits for</td><td>goes</td></tr>
 * <tr><td>clock back</td><td colspan="4">as gateway killed: nothing expires, nothing waits for years</td></tr>
 * </table>
 */
@Tag("slow")
@ExtendWith(Installation.class)
class PodOutageTest {

    private static final Pattern LISTENS = Pattern.compile("listens on [^ ]* ([0-9]+)");
    private static final int PADDING = 2 << 20;

    private final ControlPlane plane;

    private GatewayProcess gateway;
    private CloudProcess cloud;
    private Cable link;
    private Cable registryCable;
    private Pods pods;
    private Path run;

    PodOutageTest(ControlPlane plane) {
        this.plane = plane;
    }

    enum Disturbance {
        LINK_CUT, CLOUD_KILLED, GATEWAY_KILLED, REBOOTED_OFFLINE, REGISTRY_GONE, CLOCK_FIVE_YEARS_BACK;

        boolean restartsGateway() {
            return this == GATEWAY_KILLED || this == REBOOTED_OFFLINE || this == CLOCK_FIVE_YEARS_BACK;
        }

        boolean isOffline() {
            return this == LINK_CUT || this == CLOUD_KILLED || this == REBOOTED_OFFLINE;
        }
    }

    /** The state before the disturbance. */
    private record Before(JsonObject runs, int crashes, JsonObject updates, JsonObject goes) {}

    /** One of each kind: without cloud, without power, without registry. */
    @ParameterizedTest
    @EnumSource(names = {"LINK_CUT", "REBOOTED_OFFLINE", "REGISTRY_GONE"})
    void podsOutlive(Disturbance disturbance) throws Exception {
        outlive(disturbance);
    }

    @Tag("long")
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = {"LINK_CUT", "REBOOTED_OFFLINE", "REGISTRY_GONE"})
    void podsOutliveTheRest(Disturbance disturbance) throws Exception {
        outlive(disturbance);
    }

    private void outlive(Disturbance disturbance) throws Exception {
        String name = "outage-" + disturbance.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        Path work = Files.createDirectories(Installation.work().resolve(name));
        try (DockerRegistry registry = DockerRegistry.start(work.resolve("registry"));
                Cable toRegistry = new Cable(registry.port());
                CloudProcess ownCloud = new CloudProcess(work.resolve("cloud"), plane.kubeconfig()).start();
                Cable toCloud = new Cable(ownCloud.hubPort());
                GatewayProcess ownGateway = new GatewayProcess(work.resolve("gateway"), name)) {
            cloud = ownCloud;
            link = toCloud;
            registryCable = toRegistry;
            gateway = ownGateway;
            run = Files.createDirectories(work.resolve("run"));
            gateway.environment(environment());
            Before before = begin("127.0.0.1:" + toRegistry.port(), "127.0.0.1:" + registry.port());

            disturb(disturbance, before);
            assertAll(disturbance + ", while it lasts", meanwhile(disturbance, before));
            heal(disturbance);
            assertAll(disturbance + ", afterwards", afterwards(disturbance, before));
        }
    }

    private Map<String, String> environment() {
        return Map.of("RUNTIME_DIRECTORY", run.toString());
    }

    /** Brings four pods into their states. */
    private Before begin(String registry, String direct) throws Exception {
        Registries.allowPlainHttp(gateway, registry);
        String willow = Images.web(gateway, "willow", "1.0.0");
        String old = Images.web(gateway, "olive", "1.0.0");
        String bad = Images.bad(gateway);
        SampleImage update = new SampleImage(PADDING, Images.JARS.web("olive", "2.0.0"));
        String fresh = update.push(direct, "olive", "2.0.0").replace(direct, registry);
        gateway.kelp("join", "--cloud", "127.0.0.1", "--hub-port", "" + link.port(), "--join-port", "" + cloud.joinPort(),
                "--token", cloud.token(), "--node", gateway.node()).orFail();
        gateway.start();
        pods = new Pods(plane, gateway);
        Await.until("the Node is Ready", Pods.SOON, () -> plane.readiness(gateway.node()).equals("True"));
        pods.apply(Pods.pod("runs", pods.web(willow, "")));
        pods.apply(Pods.pod("crashes", pods.spec("containers:\n" + Pods.container("bad", bad, "env: [{name: MODE, value: exit-later}]\n"))));
        pods.apply(Pods.controller("Deployment", "updates", "replicas: 1\n", pods.web(old, "")));
        pods.apply(Pods.pod("goes", pods.web(willow, "env: [{name: STOP_MILLIS, value: '3000'}]").replace("GracePeriodSeconds: 5", "GracePeriodSeconds: 60")));
        JsonObject runs = pods.awaitReady("runs");
        JsonObject goes = pods.awaitReady("goes");
        JsonObject updates = pods.awaitReady("updates", 1).get(0);
        JsonObject crashes = pods.await("crashes", "waits in its back-off", p -> Pods.restarts(p, "bad") >= 1
                && Pods.text(Pods.container(p, "bad"), "state", "waiting", "reason").equals("CrashLoopBackOff"));

        registryCable.cutAfter(PADDING / 2);
        pods.kubectl("set", "image", "deployment/updates", "web=" + fresh);
        Await.until("half of the update has arrived", Pods.SOON, registryCable::isCut);
        return new Before(runs, Pods.restarts(crashes, "bad"), updates, goes);
    }

    private void disturb(Disturbance disturbance, Before before) throws Exception {
        if (!disturbance.isOffline() || disturbance == Disturbance.REBOOTED_OFFLINE) {
            pods.kubectl("delete", "pod", "goes", "--wait=false");
            Await.until("the gateway knows that the pod shall go", Pods.SOON, () -> pods.hasEvent("goes", "Killing"));
        }
        switch (disturbance) {
            case LINK_CUT -> link.cut();
            case CLOUD_KILLED -> cloud.kill();
            case REGISTRY_GONE -> registryCable.close();
            case GATEWAY_KILLED -> {
                gateway.kill();
                gateway.start();
            }
            case REBOOTED_OFFLINE -> {
                cloud.kill();
                gateway.kill();
                empty(run);
                gateway.start();
            }
            case CLOCK_FIVE_YEARS_BACK -> {
                gateway.kill();
                Map<String, String> shifted = new java.util.HashMap<>(environment());
                shifted.putAll(ClockTest.clock(Instant.now().minus(Duration.ofDays(5 * 365))));
                gateway.environment(shifted).start();
            }
        }
        if (disturbance == Disturbance.LINK_CUT || disturbance == Disturbance.CLOUD_KILLED) {
            pods.kubectl("delete", "pod", "goes", "--wait=false");
        }
    }

    private List<Executable> meanwhile(Disturbance disturbance, Before before) {
        List<Executable> cells = new ArrayList<>();
        cells.add(() -> serves("pod running", "runs", before.runs(), "willow 1.0.0"));
        cells.add(() -> Await.until("pod crashing: is tried again", Duration.ofSeconds(60), () -> attempts("crashes", "bad") > before.crashes()));
        cells.add(() -> serves("update arrived half: the old one", Pods.name(before.updates()), before.updates(), "olive 1.0.0"));
        switch (disturbance) {
            case LINK_CUT, CLOUD_KILLED -> cells.add(() -> serves("delete pending", "goes", before.goes(), "willow 1.0.0"));
            case REBOOTED_OFFLINE -> cells.add(() -> staysAway("goes", before.goes()));
            default -> cells.add(() -> pods.awaitGone("goes"));
        }
        if (disturbance == Disturbance.LINK_CUT || disturbance == Disturbance.CLOUD_KILLED) {
            cells.add(() -> {
                registryCable.repair();
                Await.until("update arrived half: the new one serves without the cloud", Duration.ofSeconds(60), () -> newest("updates", before).equals("olive 2.0.0"));
                serves("update arrived half: and the old one as well", Pods.name(before.updates()), before.updates(), "olive 1.0.0");
            });
        }
        if (disturbance == Disturbance.REGISTRY_GONE) {
            cells.add(() -> Await.until("update arrived half: the new one says what it waits for", Duration.ofSeconds(60), () -> pods.of("updates").stream()
                    .anyMatch(p -> Pods.text(Pods.container(p, "web"), "state", "waiting", "reason").matches("ErrImagePull|ImagePullBackOff|RegistryUnavailable"))));
        }
        return cells;
    }

    private void heal(Disturbance disturbance) throws IOException {
        switch (disturbance) {
            case LINK_CUT -> link.repair();
            case CLOUD_KILLED, REBOOTED_OFFLINE -> cloud.start();
            case REGISTRY_GONE, GATEWAY_KILLED, CLOCK_FIVE_YEARS_BACK -> { }
        }
        if (disturbance != Disturbance.REGISTRY_GONE) {
            registryCable.repair();
        }
    }

    private List<Executable> afterwards(Disturbance disturbance, Before before) {
        Duration limit = Duration.ofSeconds(90);
        List<Executable> cells = new ArrayList<>();
        cells.add(() -> {
            JsonObject pod = pods.await("runs", "is ready and the same", limit, p -> Pods.isReady(p) && Pods.uid(p).equals(Pods.uid(before.runs())));
            if (disturbance != Disturbance.REBOOTED_OFFLINE) { // counts of the last minute lie in memory, to spare the flash
                assertEquals(disturbance.restartsGateway() ? 1 : 0, Pods.restarts(pod, "web"), "restarts of the running pod");
            }
            assertEquals("willow 1.0.0", pods.ask(pod, "/"));
        });
        cells.add(() -> pods.await("crashes", "has counted on", limit, p -> Pods.restarts(p, "bad") > before.crashes()));
        cells.add(() -> pods.awaitGone("goes"));
        if (disturbance == Disturbance.REGISTRY_GONE) {
            cells.add(() -> serves("update arrived half: the old one", Pods.name(before.updates()), before.updates(), "olive 1.0.0"));
        } else {
            cells.add(() -> {
                Await.until("update arrived half: is complete", limit, () -> pods.of("updates").size() == 1
                        && pods.ask(pods.of("updates").get(0), "/").equals("olive 2.0.0"));
                assertTrue(Pods.isReady(pods.awaitReady("updates", 1).get(0)));
            });
        }
        cells.add(() -> Await.until("the Node is Ready", limit, () -> plane.readiness(gateway.node()).equals("True")));
        return cells;
    }

    private void serves(String what, String pod, JsonObject before, String words) {
        Await.until(what + ": serves", Pods.SOON, () -> pods.ask(Pods.text(before, "status", "hostIP"), port(pod, Pods.uid(before)), "/").equals(words));
    }

    /** What the newest pod of a Deployment answers, found without the cloud. */
    private String newest(String app, Before before) throws IOException {
        try (Stream<Path> all = Files.list(gateway.home().resolve("log/pods"))) {
            String[] words = all.map(f -> f.getFileName().toString()).filter(f -> f.startsWith(pods.namespace + "_" + app + "-"))
                    .filter(f -> !f.endsWith(Pods.uid(before.updates()))).findFirst().orElseThrow().split("_");
            return pods.ask(Pods.text(before.updates(), "status", "hostIP"), port(words[1], words[2]), "/");
        }
    }

    /** The port on which container {@code web} of a pod listens by its own words: the cloud may not know it yet. */
    private int port(String pod, String uid) throws IOException {
        Matcher found = LISTENS.matcher(Files.readString(log(pod, uid, "web")));
        int port = -1;
        while (found.find()) {
            port = Integer.parseInt(found.group(1));
        }
        return port;
    }

    private Path log(String pod, String uid, String container) throws IOException {
        try (Stream<Path> attempts = Files.list(gateway.home().resolve("log/pods/" + pods.namespace + "_" + pod + "_" + uid + "/" + container))) {
            return attempts.max(Comparator.comparingInt(PodOutageTest::attempt)).orElseThrow();
        }
    }

    private static int attempt(Path log) {
        return Integer.parseInt(log.getFileName().toString().replaceAll("\\..*", ""));
    }

    /** How often a container was started again, from the names of its logs. */
    private int attempts(String pod, String container) throws IOException {
        return attempt(log(pod, Pods.uid(pods.get(pod).orElseThrow()), container));
    }

    /** Everything else serves again, and this one does not. */
    private void staysAway(String pod, JsonObject before) {
        String answer = pods.ask(Pods.text(before, "status", "hostIP"), Pods.port(before, "web", 8080), "/");
        assertTrue(answer.startsWith("no answer"), "delete pending: is not started again, but says " + answer);
        String list = gateway.kelp("pod", "list").orFail();
        assertTrue(list.lines().noneMatch(l -> l.matches(pods.namespace + " +" + pod + " .*Running.*")), list);
    }

    private static void empty(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).filter(f -> !f.equals(folder)).toList()) {
                Files.delete(each);
            }
        }
    }
}
