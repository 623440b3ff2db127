package io.kelp.edged.internal.pod;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Anything in any order, from a seed. {@link FakeRuntime} fails when one container is started twice at a time,
 * {@link PodNode.Statuses} when a dead pod is reported with a running container or a forgotten one at all; in
 * the end what runs must be what is wanted.
 */
class PodChaosTest {

    private static final int STEPS = 250;

    @TempDir Path folder;
    private PodNode node;

    static Stream<Long> seeds() {
        return Stream.iterate(1L, s -> s + 1).limit(30);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    @Tag("slow")
    void whatRunsInTheEndIsWhatIsWanted(long seed) throws Exception {
        Random random = new Random(seed);
        node = new PodNode(folder.resolve("" + seed)).start();
        rough(node, random);
        Map<String, Pod> wanted = new HashMap<>(); // by name
        int uids = 0;
        boolean there = true;
        for (int i = 0; i < STEPS; i++) {
            String name = "p" + random.nextInt(4);
            Pod pod = wanted.get(name);
            switch (random.nextInt(13)) {
                case 0, 1, 2 -> {
                    if (pod == null) {
                        Pod fresh = pod(random, name, "u" + ++uids);
                        wanted.put(name, fresh);
                        node.apply(fresh);
                    }
                }
                case 3 -> {
                    if (pod != null && !pod.isDeleted()) {
                        Pod dying = PodNode.deleted(pod, random.nextInt(20));
                        wanted.put(name, dying);
                        node.apply(dying);
                    }
                }
                case 4 -> {
                    if (pod != null) {
                        wanted.remove(name);
                        node.remove(pod);
                        if (random.nextBoolean()) { // a controller with the same name at once
                            Pod fresh = pod(random, name, "u" + ++uids);
                            wanted.put(name, fresh);
                            node.apply(fresh);
                        }
                    }
                }
                case 5 -> {
                    if (pod != null && !pod.isDeleted()) {
                        Pod other = PodNode.image(pod, "reg/x:" + random.nextInt(3));
                        wanted.put(name, other);
                        node.apply(other);
                    }
                }
                case 6 -> {
                    List<FakeRuntime.Started> all = new ArrayList<>(node.runtime.alive.values());
                    if (!all.isEmpty()) {
                        all.get(random.nextInt(all.size())).exit(random.nextInt(2), "Error");
                    }
                }
                case 7 -> {
                    if (there) {
                        node.agent.runtimeWent(node.runtime);
                        node.runtime.die();
                    } else {
                        node.agent.runtimeCame(node.runtime);
                    }
                    there = !there;
                }
                case 10 -> {
                    boolean killed = random.nextBoolean();
                    PodNode before = node;
                    node = killed ? PodNode.reborn(before) : new PodNode(before);
                    node.statuses.ended.addAll(before.statuses.ended);
                    rough(node, random);
                    node.startWithoutRuntime();
                    if (there || killed) {
                        node.agent.runtimeCame(node.runtime);
                        there = true;
                    }
                }
                case 8 -> node.reference("default");
                case 9 -> new ArrayList<>(node.probed.values()).stream().findFirst().ifPresent(p -> p.failed("liveness", "no"));
                default -> node.pass(random.nextInt(random.nextInt(10) == 0 ? 700 : 15));
            }
            List.copyOf(node.statuses.ended).forEach(uid -> wanted.values().stream().filter(p -> p.uid().equals(uid)).findFirst().ifPresent(p -> {
                wanted.remove(p.name()); // the API server removes what has ended
                node.remove(p);
            }));
        }
        if (!there) {
            node.agent.runtimeCame(node.runtime);
        }
        smooth(node);
        node.pass(3600);
        List.copyOf(wanted.values()).stream().filter(Pod::isDeleted).forEach(p -> {
            assertTrue(node.statuses.ended.contains(p.uid()), p + " has not ended");
            wanted.remove(p.name());
            node.remove(p);
        });
        node.pass(60);
        for (Pod pod : wanted.values()) {
            List<String> shown = new ArrayList<>();
            for (JsonObject each : containers(node, pod)) {
                String state = PodNode.brief(Pod.object(each, "state"));
                if (state.equals("running")) {
                    shown.add(pod + "/" + Pod.text(each, "name"));
                } else {
                    assertTrue(isRight(node, pod, state), pod + " is " + node.phase(pod) + ": " + node.status(pod));
                }
            }
            assertEquals(shown.stream().sorted().toList(),
                    node.runtime.alive.keySet().stream().filter(k -> k.startsWith(pod + "/")).sorted().toList());
        }
        assertTrue(wanted.values().stream().map(Pod::uid).toList().containsAll(
                node.runtime.alive.values().stream().map(c -> c.spec.pod().uid()).toList()));
        assertEquals(wanted.size(), node.agent.pods().size());
        assertEquals(wanted.size(), new PodRecords(node.store).all().size());
        List.copyOf(wanted.values()).forEach(node::remove);
        node.pass(600);
        assertTrue(node.runtime.alive.isEmpty());
        assertEquals(0, node.loop.timers());
        try (Stream<Path> left = Files.list(folder.resolve(seed + "/data/pods"))) {
            assertEquals(List.of(), left.toList());
        }
    }

    private static List<JsonObject> containers(PodNode node, Pod pod) {
        List<JsonObject> all = new ArrayList<>(Pod.objects(node.status(pod), "containerStatuses"));
        all.addAll(Pod.objects(node.status(pod), "initContainerStatuses"));
        return all;
    }

    /** A container that does not run when all is well: it has ended as its policy allows, or another pod has its port. */
    private static boolean isRight(PodNode node, Pod pod, String state) {
        String policy = Pod.text(pod.spec(), "restartPolicy");
        if (state.startsWith("terminated")) {
            return node.phase(pod).equals("Failed") || policy.equals("Never") || policy.equals("OnFailure") && state.endsWith(" 0");
        }
        return state.equals("waiting CreateContainerError") && node.runtime.alive.values().stream()
                .anyMatch(other -> !other.spec.pod().uid().equals(pod.uid()) && other.spec.ports().stream().anyMatch(port -> port.fixed()));
    }

    private static Pod pod(Random random, String name, String uid) {
        String policy = List.of("Always", "Always", "OnFailure", "Never").get(random.nextInt(4));
        String port = random.nextInt(4) == 0 ? ",'ports':[{'containerPort':80,'hostPort':80}]" : "";
        String init = random.nextInt(3) == 0 ? "'initContainers':[{'name':'s','image':'reg/s:1','restartPolicy':'Always'}]," : "";
        String side = init.isEmpty() ? ",{'name':'b','image':'reg/b:1'}" : "";
        return PodNode.pod(name, uid, "{'restartPolicy':'" + policy + "'," + init + "'containers':[{'name':'a','image':'reg/x:0'" + port + "}" + side + "]}");
    }

    /** Everything takes its time and fails now and then. */
    private static void rough(PodNode node, Random random) {
        node.runtime.pull = image -> random.nextInt(5) == 0 ? FakeRuntime.failure("ErrImagePull", "no")
                : node.runtime.after(Duration.ofMillis(random.nextInt(20_000)));
        node.runtime.start = spec -> switch (random.nextInt(8)) {
            case 0 -> FakeRuntime.failure("RunContainerError", "no");
            case 1 -> FakeRuntime.failure("CreateContainerError", "no");
            case 2 -> CompletableFuture.completedFuture(null);
            default -> node.runtime.after(Duration.ofMillis(random.nextInt(5_000)));
        };
        node.volumes.mount = () -> random.nextInt(6) == 0 ? FakeRuntime.failure("FailedMount", "no")
                : node.runtime.after(Duration.ofMillis(random.nextInt(3_000)));
        node.environment = () -> random.nextInt(6) == 0 ? FakeRuntime.failure("CreateContainerConfigError", "no")
                : node.runtime.after(Duration.ofMillis(random.nextInt(3_000))).thenApply(done ->
                        new ContainerEnvironment.Resolved(Map.of(), List.of(), List.of()));
        node.runtime.behaviour = c -> {
            node.runtime.stopTime = Duration.ofMillis(random.nextInt(15_000));
            if (random.nextInt(4) == 0) {
                node.loop.schedule(() -> c.exit(random.nextInt(3), "Error"), Duration.ofMillis(random.nextInt(30_000)));
            }
        };
    }

    private static void smooth(PodNode node) {
        node.runtime.pull = image -> CompletableFuture.completedFuture(null);
        node.runtime.start = spec -> CompletableFuture.completedFuture(null);
        node.volumes.mount = () -> CompletableFuture.completedFuture(null);
        node.environment = () -> CompletableFuture.completedFuture(new ContainerEnvironment.Resolved(Map.of(), List.of(), List.of()));
        node.runtime.behaviour = c -> {};
    }

    @Test
    void aHundredPodsComeAndGo() {
        PodNode node = new PodNode(folder).start();
        List<Pod> pods = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            pods.add(PodNode.simple("p" + i, "u" + i));
        }
        pods.forEach(node::apply);
        node.pass(2);
        assertEquals(100, node.runtime.alive.size());
        pods.forEach(p -> assertEquals("Running", node.phase(p)));
        assertTrue(node.statuses.reports <= 400, node.statuses.reports + " reports");
        pods.forEach(p -> node.apply(PodNode.deleted(p, 1)));
        node.pass(2);
        assertEquals(100, node.statuses.ended.size());
        pods.forEach(node::remove);
        assertEquals(List.of(), node.agent.pods());
        assertEquals(0, node.loop.timers());
    }
}
