package io.kelp.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.testkit.Await;
import io.kelp.testkit.ControlPlane;
import io.kelp.testkit.GatewayProcess;
import io.kelp.testkit.registry.DockerRegistry;
import io.kelp.workloads.SampleImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** {@code kill -9} of the gateway at random moments while pods are created, updated and deleted. */
@Tag("slow")
@ExtendWith(Installation.class)
class PodKillTest {

    private static final Duration LONG = Duration.ofSeconds(120);
    private static final int NAMES = 6;
    private static final int REPLICAS = 2;
    private static final int PADDING = 1 << 20;
    private static final String APP = "rolls";

    private final ControlPlane plane;
    private final Installation.Gateways gateways;
    private final Map<String, String> wanted = new TreeMap<>(); // words of the pod by its name
    private Pods pods;
    private String rolls = "alder 1.0.0";

    PodKillTest(ControlPlane plane, Installation.Gateways gateways) {
        this.plane = plane;
        this.gateways = gateways;
    }

    @Test
    void fiveKillsLeaveExactlyWhatIsWanted() throws Exception {
        kills("pod-kills", 5);
    }

    @Test
    @Tag("long")
    void fiftyKillsLeaveExactlyWhatIsWanted() throws Exception {
        kills("pod-kills-long", 50);
    }

    private void kills(String name, int times) throws Exception {
        Random random = new Random(4711);
        try (DockerRegistry registry = DockerRegistry.start(Installation.work().resolve(name + "-registry")); GatewayProcess gateway = gateways.joined(name)) {
            Registries.allowPlainHttp(gateway, registry.host());
            Map<String, String> images = new TreeMap<>(); // by what they say
            for (String each : List.of("alder 1.0.0", "alder 2.0.0", "birch 1.0.0")) {
                String[] words = each.split(" ");
                images.put(each, new SampleImage(PADDING, Images.JARS.web(words[0], words[1])).push(registry.host(), words[0], words[1]));
            }
            gateway.start();
            pods = new Pods(plane, gateway);
            Await.until("the Node is Ready", Pods.SOON, () -> plane.readiness(gateway.node()).equals("True"));
            pods.apply(Pods.controller("Deployment", APP, "replicas: " + REPLICAS + "\n", pods.web(images.get(rolls), "")));
            for (int kill = 0; kill < times; kill++) {
                for (int changes = random.nextInt(3) + 1; changes > 0; changes--) {
                    change(random, images);
                }
                Thread.sleep(random.nextInt(1500)); // the random moment
                gateway.kill();
                gateway.start();
            }
            exactlyWhatIsWanted(gateway);
            usedImagesOnly(gateway, images);
        }
    }

    private void change(Random random, Map<String, String> images) {
        String words = List.copyOf(images.keySet()).get(random.nextInt(images.size()));
        String name = "bare-" + random.nextInt(NAMES);
        if (random.nextInt(3) == 0) {
            pods.kubectl("set", "image", "deployment/" + APP, "web=" + images.get(words));
            rolls = words;
        } else if (wanted.remove(name) != null) {
            pods.kubectl("delete", "pod", name, "--wait=false");
        } else if (pods.get(name).isEmpty()) { // else it is still going
            pods.apply(Pods.pod(name, pods.web(images.get(words), "")));
            wanted.put(name, words);
        }
    }

    private void exactlyWhatIsWanted(GatewayProcess gateway) throws IOException {
        Await.until("the Node is Ready", LONG, () -> gateway.linkState().equals("CONNECTED") && plane.readiness(gateway.node()).equals("True"));
        List<String> expected = new ArrayList<>(wanted.values());
        expected.addAll(Collections.nCopies(REPLICAS, rolls));
        Collections.sort(expected);
        Await.until("the API has the wanted pods, and they serve: " + expected, LONG, () -> served().equals(expected));

        Set<String> uids = all().stream().map(Pods::uid).collect(Collectors.toCollection(TreeSet::new));
        assertEquals(expected.size(), uids.size());
        Await.until("the gateway has these pods", Pods.SOON, () -> gateway.kelp("pod", "list").orFail().lines().count() == 1 + uids.size());
        Await.until("the gateway's threads are of these pods", Pods.SOON, () -> threads(gateway).equals(
                expected.stream().map(w -> w.split(" ")[0]).toList()));
        Await.until("folders are of these pods", Pods.SOON, () -> names(gateway.home().resolve("data/pods")).equals(uids));
        Await.until("logs are of these pods", Pods.SOON, () -> names(gateway.home().resolve("log/pods")).equals(uids));
        Path run = Path.of(Files.readString(gateway.home().resolve("data/run")).strip());
        Await.until("volumes in memory are of these pods", Pods.SOON, () -> uids.containsAll(names(run.resolve("pods"))));
    }

    private static void usedImagesOnly(GatewayProcess gateway, Map<String, String> images) throws IOException {
        Path store = gateway.home().resolve("data/images");
        assertEquals(Set.of(), names(store.resolve("new")), "nothing half made");
        assertEquals(Set.of(), names(store.resolve("partial")), "nothing half loaded");
        List<String> listed = gateway.kelp("image", "list").orFail().lines().map(l -> l.split(" ")[0]).sorted().toList();
        assertEquals(listed.stream().distinct().toList(), listed);
        assertEquals(List.of(), listed.stream().filter(image -> !images.containsValue(image)).toList());
        assertEquals(listed.size(), names(store.resolve("jars")).size(), "a jar for each image of " + listed);
    }

    private List<JsonObject> all() {
        List<JsonObject> found = new ArrayList<>();
        for (JsonElement each : JsonParser.parseString(pods.kubectl("get", "pods", "-o", "json")).getAsJsonObject().getAsJsonArray("items")) {
            found.add(each.getAsJsonObject());
        }
        return found;
    }

    /** What all pods say, those that are going included; sorted. */
    private List<String> served() {
        List<String> words = new ArrayList<>();
        for (JsonObject pod : all()) {
            String app = pod.getAsJsonObject("metadata").getAsJsonObject("labels").get("app").getAsString();
            String said = Pods.isReady(pod) ? pods.ask(pod, "/") : "not ready";
            words.add(app.equals(APP) || said.equals(wanted.get(app)) ? said : Pods.name(pod) + " says " + said);
        }
        Collections.sort(words);
        return words;
    }

    /** Each sample has one thread, which bears its name. */
    private static List<String> threads(GatewayProcess gateway) {
        try (Stream<Path> tasks = Files.list(Path.of("/proc/" + gateway.pid() + "/task"))) {
            List<String> names = new ArrayList<>();
            for (Path task : tasks.toList()) {
                names.add(Files.readString(task.resolve("comm")).strip());
            }
            return names.stream().filter(n -> n.equals("alder") || n.equals("birch")).sorted().toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Names in a folder, of those in kubelet's form the last part; none when there is no folder. */
    private static Set<String> names(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return Set.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(f -> f.getFileName().toString()).map(n -> n.substring(n.lastIndexOf('_') + 1)).collect(Collectors.toCollection(TreeSet::new));
        }
    }
}
