package io.kelp.edged.internal.pod;

import static io.kelp.edged.internal.pod.PodNode.deleted;
import static io.kelp.edged.internal.pod.PodNode.pod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Init containers, sidecars and what ends a pod as a whole. */
class PodOrderTest {

    private static final String INIT = "{'initContainers':[{'name':'i1','image':'a:1'},{'name':'s','image':'a:1','restartPolicy':'Always'},"
            + "{'name':'i2','image':'a:1'}],'containers':[{'name':'m1','image':'a:1'},{'name':'m2','image':'a:1'}]%s}";

    @TempDir Path folder;

    private static List<String> started(PodNode node) {
        return node.runtime.starts.stream().map(s -> s.name()).toList();
    }

    @Test
    void initContainersRunOneAfterTheOtherAndSidecarsStay() {
        Pod web = pod("web", "u1", INIT.formatted(""));
        PodNode node = new PodNode(folder).start();
        node.runtime.images.add("a:1");
        node.apply(web);
        assertEquals(List.of("i1"), started(node));
        assertEquals("waiting PodInitializing", node.state(web, "m1"));
        assertEquals("False ContainersNotInitialized", node.condition(web, "Initialized"));
        node.runtime.container("default/web/i1").exit(0, "Completed");
        node.pass(1);
        assertEquals(List.of("i1", "s", "i2"), started(node));
        node.runtime.container("default/web/i2").exit(0, "Completed");
        node.pass(1);
        assertEquals(List.of("i1", "s", "i2", "m1", "m2"), started(node));
        assertEquals("True", node.condition(web, "Ready"));
        assertEquals("true", Pod.text(node.container(web, "i1"), "ready"));
        node.runtime.container("default/web/s").exit(0, "Completed");
        node.pass(1);
        assertEquals("running", node.state(web, "s"), "sidecars are always restarted");
        assertEquals("Running", node.phase(web));
    }

    @Test
    void aFailingInitContainerIsTriedAgainOrFailsThePod() {
        PodNode node = new PodNode(folder).start();
        node.runtime.images.add("a:1");
        Pod web = pod("web", "u1", "{'initContainers':[{'name':'i','image':'a:1'}],'containers':[{'name':'m','image':'a:1'}]}");
        node.apply(web);
        node.runtime.container("default/web/i").exit(1, "Error");
        node.pass(1);
        assertEquals(List.of("i", "i"), started(node));
        assertEquals("Pending", node.phase(web));
        Pod never = pod("never", "u2", "{'restartPolicy':'Never','initContainers':[{'name':'i','image':'a:1'}],'containers':[{'name':'m','image':'a:1'}]}");
        node.apply(never);
        node.runtime.container("default/never/i").exit(1, "Error");
        node.pass(1);
        assertEquals("Failed", node.phase(never));
        assertEquals(List.of("i", "i", "i"), started(node));
    }

    @Test
    void sidecarsEndAfterTheOthersInReverseOrder() {
        Pod web = pod("web", "u1", "{'initContainers':[{'name':'s1','image':'a:1','restartPolicy':'Always'},"
                + "{'name':'s2','image':'a:1','restartPolicy':'Always'}],'containers':[{'name':'m','image':'a:1'}]}");
        PodNode node = new PodNode(folder).start().apply(web).pass(9);
        assertEquals(List.of("s1", "s2", "m"), started(node));
        node.runtime.stopTime = Duration.ofSeconds(2);
        node.apply(deleted(web, 30)).pass(1);
        assertEquals(3, node.runtime.alive.size());
        node.pass(2);
        assertEquals(List.of("default/web/s1", "default/web/s2"), List.copyOf(node.runtime.alive.keySet()));
        node.pass(2);
        assertEquals(List.of("default/web/s1"), List.copyOf(node.runtime.alive.keySet()));
        node.pass(2);
        assertEquals(List.of("u1"), node.statuses.ended);
    }

    @Test
    void aJobWithASidecarSucceedsWhenItsContainerHas() {
        Pod job = pod("job", "u1", "{'restartPolicy':'OnFailure','initContainers':[{'name':'s','image':'a:1','restartPolicy':'Always'}],"
                + "'containers':[{'name':'m','image':'a:1'}]}");
        PodNode node = new PodNode(folder).start().apply(job).pass(9);
        node.runtime.container("default/job/m").exit(0, "Completed");
        node.pass(1);
        assertEquals("Succeeded", node.phase(job));
        assertTrue(node.runtime.alive.isEmpty());
        assertEquals(List.of("unmount u1"), node.volumes.calls.subList(1, 2));
    }

    @Test
    void theActiveDeadlineFailsThePod() {
        Pod job = pod("job", "u1", "{'activeDeadlineSeconds':60,'containers':[{'name':'m','image':'a:1'}]}");
        PodNode node = new PodNode(folder).start().apply(job).pass(59);
        assertEquals("Running", node.phase(job));
        node.pass(2);
        assertEquals("Failed", node.phase(job));
        assertEquals("DeadlineExceeded", Pod.text(node.status(job), "reason"));
        assertTrue(node.runtime.alive.isEmpty());
    }

    @Test
    void anEvictedPodFailsAndSaysWhy() {
        Pod web = pod("web", "u1", "{'containers':[{'name':'m','image':'a:1'}]}");
        PodNode node = new PodNode(folder).start().apply(web).pass(9);
        node.agent.evict("u1", "Evicted", "The node was low on resource: memory.");
        node.pass(1);
        assertEquals("Failed", node.phase(web));
        assertEquals("Evicted", Pod.text(node.status(web), "reason"));
        assertEquals("True TerminationByKubelet", node.condition(web, "DisruptionTarget"));
        assertTrue(node.runtime.alive.isEmpty());
        assertTrue(node.events().contains("web  Warning Evicted: The node was low on resource: memory."));
    }

    @Test
    void aPodForWhichThereIsNoMemoryFails() {
        PodNode node = new PodNode(folder).start();
        node.runtime.memory = 100 << 20;
        String spec = "{'containers':[{'name':'m','image':'a:1','resources':{'requests':{'memory':'60Mi'}}}]}";
        Pod one = pod("one", "u1", spec);
        Pod two = pod("two", "u2", spec);
        node.apply(one).apply(two).pass(2);
        assertEquals("Running", node.phase(one));
        assertEquals("Failed", node.phase(two));
        assertEquals("OutOfmemory", Pod.text(node.status(two), "reason"));
        assertEquals("Pod was rejected: Node didn't have enough resource: memory, requested: 62914560, used: 62914560, capacity: 104857600",
                Pod.text(node.status(two), "message"));
        node.apply(deleted(one, 0)).pass(1);
        Pod three = pod("three", "u3", spec);
        node.apply(three).pass(2);
        assertEquals("Running", node.phase(three));
    }

    @Test
    void thereIsALimitOfPods() {
        PodNode node = new PodNode(folder);
        node.maxPods = 1;
        node.start();
        Pod one = PodNode.simple("one", "u1");
        Pod two = PodNode.simple("two", "u2");
        node.apply(one).apply(two).pass(2);
        assertEquals("Running", node.phase(one));
        assertEquals("OutOfpods", Pod.text(node.status(two), "reason"));
    }

    @Test
    void aPodOfHundredsOfContainersIsRefusedAndCanBeDeleted() {
        PodNode node = new PodNode(folder).start();
        Pod many = PodNode.with(PodNode.simple("many", "u1"), json -> {
            JsonArray containers = json.getAsJsonObject("spec").getAsJsonArray("containers");
            for (int i = 0; i < 200; i++) {
                JsonObject another = containers.get(0).getAsJsonObject().deepCopy();
                another.addProperty("name", "c" + i);
                containers.add(another);
            }
        });
        node.apply(many).pass(2);
        assertEquals("Failed", node.phase(many));
        assertEquals("UnexpectedAdmissionError", Pod.text(node.status(many), "reason"));
        assertEquals("Pod was rejected: it has 201 containers, at most 64 are possible", Pod.text(node.status(many), "message"));
        assertEquals(List.of(), node.runtime.starts);
    }

    @Test
    void thePodWithTheLongestNameRunsAndItsLogsGoWithIt() throws Exception {
        PodNode node = new PodNode(folder).start();
        Pod web = PodNode.simple("n".repeat(253), "f8d5af42-6e9e-4a43-b9a1-2f1d8c3a7b10");
        node.apply(web).pass(2);
        assertEquals("running", node.state(web, "app"));
        node.apply(deleted(web, 0)).pass(5);
        node.remove(web);
        node.pass(10);
        try (Stream<Path> all = Files.walk(folder)) {
            assertEquals(List.of(), all.filter(f -> f.getFileName().toString().contains("nnnn")).toList());
        }
    }

    @Test
    void aHeldPodWaitsUntilItIsReleased() {
        Pod web = PodNode.with(PodNode.simple("web", "u1"), json -> json.getAsJsonObject("metadata").add("annotations",
                com.google.gson.JsonParser.parseString("{'edge.kubeedge.io/hold-upgrade':'true'}")));
        PodNode node = new PodNode(folder).start().apply(web).pass(60);
        assertEquals("Pending", node.phase(web));
        assertEquals("True HoldUpgradeEnabled", node.condition(web, "HeldUpgrade"));
        assertEquals(List.of(), node.runtime.starts);
        node.agent.release("default", "web");
        node.pass(2);
        assertEquals("Running", node.phase(web));
        assertEquals("False HoldUpgradeReleased", node.condition(web, "HeldUpgrade"));
    }

    @Test
    void aPodForAContainerEngineStaysPending() {
        PodNode node = new PodNode(folder).start();
        Pod proxy = pod("kube-proxy", "u1", "{'runtimeClassName':'','containers':[{'name':'m','image':'a:1'}]}");
        Pod kata = pod("kata", "u2", "{'runtimeClassName':'kata','containers':[{'name':'m','image':'a:1'}]}");
        node.apply(proxy).apply(kata).pass(1);
        assertEquals("waiting NoContainerEngine", node.state(proxy, "m"));
        assertEquals("waiting ContainerCreating", node.state(kata, "m"));
        node.pass(31);
        assertEquals("waiting NoContainerEngine", node.state(kata, "m"));
        assertEquals("Pending", node.phase(kata));
        node.pass(100_000);
        assertEquals(2, node.events().stream().filter(e -> e.contains("Warning NoContainerEngine")).count());
        node.apply(deleted(proxy, 30));
        assertEquals(List.of("u1"), node.statuses.ended);
    }
}
