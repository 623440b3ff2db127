package io.kelp.edged.internal.pod;

import static io.kelp.edged.internal.pod.PodNode.deleted;
import static io.kelp.edged.internal.pod.PodNode.simple;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The ordinary life of a pod, from its arrival to its end. */
class PodLifeTest {

    @TempDir Path folder;
    private final Pod web = simple("web", "u1");

    @Test
    void aPodIsPulledStartedAndReported() {
        PodNode node = new PodNode(folder).start().apply(web);
        assertEquals("Pending", node.phase(web));
        assertEquals("waiting ContainerCreating", node.state(web, "app"));
        node.pass(2);
        assertEquals("Running", node.phase(web));
        assertEquals("running", node.state(web, "app"));
        assertEquals("True", node.condition(web, "Ready"));
        assertEquals("True", node.condition(web, "ContainersReady"));
        assertEquals("True", node.condition(web, "PodReadyToStartContainers"));
        assertEquals("192.0.2.10", Pod.text(node.status(web), "podIP"));
        assertEquals(List.of(
                "web app Normal Pulling: Pulling image \"reg/app:1\"",
                "web app Normal Pulled: Successfully pulled image \"reg/app:1\" in 1s (1s including waiting). Image size: 1000 bytes.",
                "web app Normal Created: Created container: app",
                "web app Normal Started: Started container app"), node.events());
        assertEquals(node.runtime.images().stream().map(i -> i.id()).toList(), List.copyOf(node.runtime.kept));
    }

    @Test
    void nothingIsReportedWhenNothingHasChanged() {
        PodNode node = new PodNode(folder).start().apply(web).pass(2);
        int reports = node.statuses.reports;
        node.apply(PodNode.with(web, json -> json.getAsJsonObject("metadata").addProperty("resourceVersion", "99"))).pass(3600);
        assertEquals(reports, node.statuses.reports);
        assertEquals(0, node.loop.timers(), "an idle pod needs no timer");
    }

    @Test
    void aDeletedPodEndsWithinItsGraceAndIsConfirmed() {
        PodNode node = new PodNode(folder).start().apply(web).pass(2);
        assertTrue(Files.exists(folder.resolve("data/pods/u1")));
        node.runtime.stopTime = Duration.ofSeconds(3);
        node.events();
        node.apply(deleted(web, 10)).pass(2);
        assertEquals(List.of(), node.statuses.ended);
        assertEquals(List.of(Duration.ofSeconds(10)), node.runtime.container("default/web/app").stops);
        node.pass(2);
        assertEquals(List.of("u1"), node.statuses.ended);
        assertEquals("Succeeded", node.phase(web));
        assertEquals("terminated Completed 0", node.state(web, "app"));
        assertEquals("False PodCompleted", node.condition(web, "Ready"));
        assertEquals("True PodCompleted", node.condition(web, "Initialized"));
        assertEquals(List.of("web app Normal Killing: Stopping container app"), node.events());
        assertFalse(Files.exists(folder.resolve("data/pods/u1")));
        assertTrue(Files.exists(folder.resolve("log/pods/default_web_u1")));
        assertEquals(List.of(), node.runtime.forgotten);
        node.remove(web);
        assertEquals(List.of("u1"), node.runtime.forgotten);
        assertFalse(Files.exists(folder.resolve("log/pods/default_web_u1")));
        assertEquals(List.of(), node.agent.pods());
        assertEquals(0, node.loop.timers());
    }

    @Test
    void aPodThatIsGoneAtItsSourceIsStoppedWithoutAWord() {
        PodNode node = new PodNode(folder).start().apply(web).pass(2);
        node.runtime.stopTime = Duration.ofSeconds(3);
        node.remove(web);
        node.pass(5);
        assertEquals(List.of(), node.statuses.ended);
        assertEquals(List.of("u1"), node.statuses.forgotten);
        assertTrue(node.runtime.alive.isEmpty());
        assertEquals(List.of(), node.agent.pods());
    }

    @Test
    void anotherPodOfTheSameNameStartsWhenTheOldOneHasEnded() {
        PodNode node = new PodNode(folder).start().apply(web).pass(2);
        node.runtime.stopTime = Duration.ofSeconds(5);
        Pod next = simple("web", "u2");
        node.remove(web);
        node.apply(next);
        assertEquals("waiting ContainerCreating", node.state(next, "app"));
        assertEquals(1, node.runtime.starts.size());
        node.pass(4);
        assertEquals(1, node.runtime.starts.size());
        node.pass(3);
        assertEquals("running", node.state(next, "app"));
        assertEquals(2, node.runtime.starts.size());
    }

    @Test
    void anotherImageRestartsTheContainerWithoutBackOff() {
        PodNode node = new PodNode(folder).start().apply(web).pass(2);
        node.events();
        node.apply(PodNode.image(web, "reg/app:2")).pass(2);
        assertEquals("running", node.state(web, "app"));
        assertEquals("reg/app:2", Pod.text(node.container(web, "app"), "image"));
        assertEquals("1", Pod.text(node.container(web, "app"), "restartCount"));
        assertEquals("web app Normal Killing: Container app definition changed, will be restarted", node.events().get(0));
        assertEquals(1, node.runtime.starts.get(1).attempt());
    }

    @Test
    void podsOfOtherNodesAndMirrorPodsAreNotRun() {
        PodNode node = new PodNode(folder).start();
        node.apply(PodNode.pod("other", "u2", "{'nodeName':'somewhere','containers':[{'name':'app','image':'a:1'}]}"));
        node.apply(PodNode.with(simple("mirror", "u3"), json -> json.getAsJsonObject("metadata").add("annotations",
                com.google.gson.JsonParser.parseString("{'kubernetes.io/config.mirror':'h'}"))));
        node.pass(5);
        assertEquals(List.of(), node.runtime.starts);
        assertEquals(0, node.statuses.reports);
    }

    @Test
    void aPodWithANameThatIsAPathIsIgnored() {
        PodNode node = new PodNode(folder).start();
        node.apply(simple("web", "../../etc"));
        node.apply(PodNode.pod("web", "u9", "{'containers':[{'name':'../x','image':'a:1'}]}"));
        node.pass(5);
        assertEquals(List.of(), node.runtime.starts);
    }

    @Test
    void aPodThatComesBackUnderItsUidBeginsAnew() {
        PodNode node = new PodNode(folder).start().apply(web).pass(2);
        node.runtime.stopTime = Duration.ofSeconds(5);
        node.remove(web);
        node.statuses.forgotten.clear();
        node.apply(web).pass(1);
        assertEquals(1, node.runtime.starts.size());
        node.pass(10);
        assertEquals("running", node.state(web, "app"));
        assertEquals("0", Pod.text(node.container(web, "app"), "restartCount"));
    }
}
