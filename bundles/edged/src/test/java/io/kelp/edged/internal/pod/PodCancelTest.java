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
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Deletion, removal, replacement and update, at each step of a pod's way. */
class PodCancelTest {

    @TempDir Path folder;
    private final Pod web = simple("web", "u1");
    private PodNode node;
    private final CompletableFuture<Void> gate = new CompletableFuture<>();

    /** Where the pod is when something happens to it: the step waits at the gate. */
    enum Step { MOUNTING, PULLING, RESOLVING, STARTING, RUNNING, ENDING, BACKING_OFF, RETRYING }

    @BeforeEach
    void node() {
        node = new PodNode(folder).start();
    }

    private void bringTo(Step step) {
        switch (step) {
            case MOUNTING -> node.volumes.mount = () -> gate;
            case PULLING -> node.runtime.pull = image -> gate;
            case RESOLVING -> node.environment = () -> gate.thenApply(done -> new ContainerEnvironment.Resolved(Map.of(), List.of(), List.of()));
            case STARTING -> node.runtime.start = spec -> gate;
            case ENDING -> node.runtime.stopTime = Duration.ofSeconds(20);
            case BACKING_OFF -> node.runtime.behaviour = c -> c.exit(1, "Error");
            case RETRYING -> node.environment = () -> FakeRuntime.failure("CreateContainerConfigError", "no");
            case RUNNING -> { }
        }
        node.apply(web).pass(3);
        if (step == Step.ENDING) {
            node.apply(PodNode.image(web, "reg/app:2")).pass(1);
        }
    }

    private void proceed() {
        node.pass(1);
        gate.complete(null);
        node.runtime.behaviour = c -> {};
        node.pass(60);
    }

    @ParameterizedTest
    @EnumSource(Step.class)
    void aDeletedPodEndsWhateverItDoes(Step step) {
        bringTo(step);
        node.apply(deleted(web, 30));
        proceed();
        assertEquals(List.of("u1"), node.statuses.ended);
        assertTrue(node.runtime.alive.isEmpty());
        assertFalse(Files.exists(folder.resolve("data/pods/u1")));
        assertEquals(0, node.loop.timers());
        node.remove(web);
        node.pass(1);
        assertEquals(List.of(), node.agent.pods());
        assertTrue(new PodRecords(node.store).all().isEmpty());
    }

    @ParameterizedTest
    @EnumSource(Step.class)
    void aPodThatIsGoneEndsWhateverItDoes(Step step) {
        bringTo(step);
        node.remove(web);
        proceed();
        assertTrue(node.runtime.alive.isEmpty());
        assertEquals(List.of(), node.agent.pods());
        assertTrue(new PodRecords(node.store).all().isEmpty());
        assertEquals(0, node.loop.timers());
        assertEquals("unmount u1", node.volumes.calls.get(node.volumes.calls.size() - 1));
    }

    @ParameterizedTest
    @EnumSource(Step.class)
    void itsSuccessorOfTheSameNameStartsAfterIt(Step step) {
        bringTo(step);
        Pod next = simple("web", "u2");
        node.remove(web);
        node.apply(next);
        proceed();
        if (step == Step.RETRYING) {
            node.environment = () -> CompletableFuture.completedFuture(new ContainerEnvironment.Resolved(Map.of(), List.of(), List.of()));
            node.pass(60);
        }
        assertEquals("running", node.state(next, "app"));
        assertEquals(List.of("default/web/app"), List.copyOf(node.runtime.alive.keySet()));
        assertEquals("u2", node.runtime.container("default/web/app").spec.pod().uid());
    }

    /** As when its bundle is stopped: what waited in it is dropped. */
    @ParameterizedTest
    @EnumSource(value = Step.class, names = {"PULLING", "STARTING"})
    void aRuntimeThatGoesWithoutAnAnswerIsNotWaitedFor(Step step) {
        bringTo(step);
        node.agent.runtimeWent(node.runtime);
        node.pass(40);
        FakeRuntime other = new FakeRuntime(node.loop);
        other.images.add("reg/app:1");
        node.agent.runtimeCame(other);
        node.pass(5);
        assertEquals("running", node.state(web, "app"));
        assertEquals(1, other.starts.size());

        gate.complete(null); // an answer comes after all: it is too late
        node.pass(5);
        assertTrue(node.runtime.alive.isEmpty());
        assertEquals("running", node.state(web, "app"));
        node.apply(deleted(web, 30)).pass(60);
        assertEquals(List.of("u1"), node.statuses.ended);
        assertTrue(other.alive.isEmpty());
    }

    @Test
    void aPodIsDeletedAlthoughItsRuntimeWentWithoutAnAnswer() {
        bringTo(Step.STARTING);
        node.agent.runtimeWent(node.runtime);
        node.apply(deleted(web, 30)).pass(60);
        assertEquals(List.of("u1"), node.statuses.ended);
    }

    @ParameterizedTest
    @EnumSource(Step.class)
    void anotherImageIsTakenWhateverItDoes(Step step) {
        bringTo(step);
        Pod changed = PodNode.image(web, "reg/app:3");
        node.apply(changed);
        proceed();
        if (step == Step.RETRYING) {
            node.environment = () -> CompletableFuture.completedFuture(new ContainerEnvironment.Resolved(Map.of(), List.of(), List.of()));
            node.pass(60);
        }
        assertEquals("running", node.state(changed, "app"));
        assertEquals("sha256:" + "reg/app:3".hashCode(), node.runtime.container("default/web/app").spec.image());
    }

    @ParameterizedTest
    @EnumSource(Step.class)
    void theRuntimeIsExchangedWhateverItDoes(Step step) {
        bringTo(step);
        node.agent.runtimeWent(node.runtime);
        node.runtime.die();
        proceed();
        node.runtime.die(); // what was being started when the service went
        node.pass(1);
        node.agent.runtimeCame(node.runtime);
        node.environment = () -> CompletableFuture.completedFuture(new ContainerEnvironment.Resolved(Map.of(), List.of(), List.of()));
        node.pass(60);
        assertEquals("running", node.state(web, "app"));
        assertEquals(1, node.runtime.alive.size());
    }

    @Test
    void aShorterGraceIsPassedOn() {
        node.apply(web).pass(2);
        node.runtime.stopTime = Duration.ofDays(1);
        node.apply(deleted(web, 300)).pass(10);
        node.apply(deleted(web, 0)).pass(1);
        assertEquals(List.of("u1"), node.statuses.ended);
    }

    @Test
    void aContainerThatDoesNotEndIsToldAndNoSecondOneIsStarted() {
        node.apply(web).pass(2);
        FakeRuntime.Started stuck = node.runtime.container("default/web/app");
        node.runtime.alive.remove("default/web/app"); // it never says that it has ended
        Pod next = simple("web", "u2");
        node.remove(web);
        node.apply(next).pass(100);
        assertEquals(1, node.runtime.starts.size());
        assertTrue(node.events().stream().anyMatch(e -> e.contains("FailedKillPod")), node.events.toString());
        node.runtime.alive.put("default/web/app", stuck);
        stuck.exit(137, "ContainerCannotStop");
        node.pass(5);
        assertEquals("running", node.state(next, "app"));
    }

    @Test
    void aStartThatIsUnderWayIsCancelled() {
        bringTo(Step.STARTING);
        node.apply(deleted(web, 30));
        assertEquals(List.of("u1/app"), node.runtime.cancelled);
        gate.completeExceptionally(new io.kelp.edged.WorkloadException("RunContainerError", "stopped before it was started"));
        node.pass(1);
        assertEquals(List.of("u1"), node.statuses.ended);
        assertEquals(List.of(), node.events().stream().filter(e -> e.contains("Failed")).toList());
    }
}
