package io.kelp.edged.internal.pod;

import static io.kelp.edged.internal.pod.PodNode.pod;
import static io.kelp.edged.internal.pod.PodNode.simple;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes wrong with containers, and what the pod says and does then. */
class ContainerFailureTest {

    @TempDir Path folder;
    private final Pod web = simple("web", "u1");

    @Test
    void anImageThatCannotBePulledIsTriedAgainWithBackOff() {
        PodNode node = new PodNode(folder).start();
        node.runtime.pull = image -> FakeRuntime.failure("ErrImagePull", "registry says no");
        node.apply(web);
        assertEquals("waiting ErrImagePull", node.state(web, "app"));
        assertEquals(List.of("web app Normal Pulling: Pulling image \"reg/app:1\"",
                "web app Warning Failed: Failed to pull image \"reg/app:1\": registry says no",
                "web app Warning Failed: Error: ErrImagePull"), node.events());
        node.pass(6);
        assertEquals("waiting ImagePullBackOff", node.state(web, "app"));
        assertEquals("Back-off pulling image \"reg/app:1\": ErrImagePull: registry says no",
                Pod.text(Pod.object(Pod.object(node.container(web, "app"), "state"), "waiting"), "message"));
        assertEquals("Pending", node.phase(web));
        List<Integer> pulls = new ArrayList<>();
        for (long at : new long[] {9, 11, 29, 31, 69, 71, 149, 151, 309, 311, 609, 611, 909, 911}) {
            node.pass(at - (node.loop.nanos() / 1_000_000_000L - 1));
            pulls.add(node.runtime.pulls.size());
        }
        assertEquals(List.of(1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8), pulls);
        node.runtime.pull = image -> CompletableFuture.completedFuture(null);
        node.pass(310);
        assertEquals("running", node.state(web, "app"));
    }

    @Test
    void policyNeverNeedsTheImageHere() {
        Pod never = pod("web", "u1", "{'containers':[{'name':'app','image':'reg/app:1','imagePullPolicy':'Never'}]}");
        PodNode node = new PodNode(folder).start().apply(never);
        assertEquals("waiting ErrImageNeverPull", node.state(never, "app"));
        node.runtime.images.add("reg/app:1");
        node.pass(11);
        assertEquals("running", node.state(never, "app"));
        assertEquals(List.of(), node.runtime.pulls);
    }

    @Test
    void policyIfNotPresentUsesTheImageThatIsHereAndAlwaysAsks() {
        PodNode node = new PodNode(folder).start();
        node.runtime.images.add("reg/app:1");
        node.apply(web);
        assertEquals("running", node.state(web, "app"));
        assertTrue(node.events().contains("web app Normal Pulled: Container image \"reg/app:1\" already present on machine"));
        Pod always = pod("b", "u2", "{'containers':[{'name':'app','image':'reg/app:1','imagePullPolicy':'Always'}]}");
        node.apply(always);
        assertEquals(List.of("reg/app:1"), node.runtime.pulls);
    }

    @Test
    void offlineTheImageThatIsHereServesAlsoForPolicyAlways() {
        Pod always = pod("web", "u1", "{'containers':[{'name':'app','image':'reg/app:1','imagePullPolicy':'Always'}]}");
        PodNode node = new PodNode(folder).start();
        node.runtime.images.add("reg/app:1");
        node.runtime.pull = image -> FakeRuntime.failure("RegistryUnavailable", "reg: connection refused");
        node.apply(always);
        assertEquals("running", node.state(always, "app"));
        assertTrue(node.events().stream().anyMatch(e -> e.startsWith("web app Warning RegistryUnavailable")));
    }

    @Test
    void aCrashingContainerIsRestartedAtOnceThenWithBackOff() {
        PodNode node = new PodNode(folder).start();
        node.runtime.images.add("reg/app:1");
        node.runtime.behaviour = c -> node.loop.schedule(() -> c.exit(1, "Error"), Duration.ofSeconds(1));
        node.apply(web);
        assertEquals("running", node.state(web, "app"));
        node.pass(1);
        assertEquals(2, node.runtime.starts.size(), "the first restart is at once");
        assertEquals("terminated Error 1", PodNode.brief(Pod.object(node.container(web, "app"), "lastState")));
        node.pass(1);
        assertEquals("waiting CrashLoopBackOff", node.state(web, "app"));
        assertEquals("Running", node.phase(web));
        assertEquals("False ContainersNotReady", node.condition(web, "Ready"));
        assertEquals("back-off 10s restarting failed container=app pod=web_default(u1)",
                Pod.text(Pod.object(Pod.object(node.container(web, "app"), "state"), "waiting"), "message"));
        node.pass(9);
        assertEquals(2, node.runtime.starts.size());
        node.pass(2);
        assertEquals(3, node.runtime.starts.size());
        assertEquals(List.of(0, 1, 2), node.runtime.starts.stream().map(s -> s.attempt()).toList());
        node.pass(21);
        assertEquals(4, node.runtime.starts.size());
        node.runtime.behaviour = c -> {};
        node.pass(400);
        assertEquals("running", node.state(web, "app"));
        assertEquals("4", Pod.text(node.container(web, "app"), "restartCount"));
    }

    @Test
    void logsOfStartsLongGoneAreRemoved() throws Exception {
        PodNode node = new PodNode(folder).start();
        node.runtime.behaviour = c -> {
            try {
                Files.writeString(c.spec.log(), "x");
            } catch (java.io.IOException e) {
                throw new AssertionError(e);
            }
            node.loop.schedule(() -> c.exit(1, "Error"), Duration.ofSeconds(1));
        };
        node.apply(web).pass(100);
        int last = node.runtime.starts.size() - 1;
        assertTrue(last >= 3);
        try (var files = Files.list(folder.resolve("log/pods/default_web_u1/app"))) {
            assertEquals(List.of((last - 1) + ".log", last + ".log"), files.map(f -> f.getFileName().toString()).sorted().toList());
        }
    }

    @Test
    void restartPoliciesDecideWhatHappensAfterAnEnd() {
        for (Object[] each : new Object[][] {
            {"Never", 0, "Succeeded", 1}, {"Never", 3, "Failed", 1}, {"OnFailure", 0, "Succeeded", 1},
            {"OnFailure", 3, "Running", 2}, {"Always", 0, "Running", 2}}) {
            PodNode node = new PodNode(folder.resolve("" + each[0] + each[1])).start();
            Pod job = pod("job", "u1", "{'restartPolicy':'" + each[0] + "','containers':[{'name':'app','image':'a:1'}]}");
            node.apply(job).pass(2);
            node.runtime.container("default/job/app").exit((int) each[1], "Error");
            node.pass(1);
            assertEquals(each[2], node.phase(job), each[0] + " " + each[1]);
            assertEquals(each[3], node.runtime.starts.size(), each[0] + " " + each[1]);
            node.pass(3600);
            assertEquals(each[3], node.runtime.starts.size());
        }
    }

    @Test
    void aFinishedPodIsConfirmedWhenItIsDeleted() {
        PodNode node = new PodNode(folder).start();
        Pod job = pod("job", "u1", "{'restartPolicy':'Never','containers':[{'name':'app','image':'a:1'}]}");
        node.apply(job).pass(2);
        node.runtime.container("default/job/app").exit(0, "Completed");
        node.pass(1);
        assertEquals(List.of(), node.statuses.ended);
        node.apply(PodNode.deleted(job, 30));
        assertEquals(List.of("u1"), node.statuses.ended);
        assertEquals("Succeeded", node.phase(job));
    }

    @Test
    void anEnvironmentThatCannotBeMadeIsTriedAgainAndAtOnceWhenAReferenceComes() {
        PodNode node = new PodNode(folder).start();
        node.environment = () -> FakeRuntime.failure("CreateContainerConfigError", "configmap \"c\" not found");
        node.apply(web).pass(2);
        assertEquals("waiting CreateContainerConfigError", node.state(web, "app"));
        assertTrue(node.events().contains("web app Warning Failed: Error: configmap \"c\" not found"));
        node.pass(120);
        assertEquals(List.of(), node.events().stream().filter(e -> e.contains("Failed")).toList(), "the same failure is told once");
        node.environment = () -> CompletableFuture.completedFuture(new ContainerEnvironment.Resolved(Map.of("A", "b"), List.of(), List.of("x")));
        node.reference("elsewhere");
        assertEquals("waiting CreateContainerConfigError", node.state(web, "app"));
        node.reference("default");
        assertEquals("running", node.state(web, "app"));
        assertEquals(Map.of("A", "b"), node.runtime.starts.get(0).env());
    }

    @Test
    void volumesThatCannotBeMadeAreTriedAgain() {
        PodNode node = new PodNode(folder).start();
        node.volumes.mount = () -> FakeRuntime.failure("FailedMount", "secret \"s\" not found");
        node.apply(web).pass(2);
        assertEquals("waiting ContainerCreating", node.state(web, "app"));
        assertEquals("False", node.condition(web, "PodReadyToStartContainers"));
        assertEquals("web  Warning FailedMount: secret \"s\" not found", node.events().get(0));
        node.volumes.mount = () -> CompletableFuture.completedFuture(null);
        node.reference("default");
        node.pass(2);
        assertEquals("running", node.state(web, "app"));
    }

    @Test
    void aStartThatFailsCountsAsAnEndOfTheContainer() {
        PodNode node = new PodNode(folder).start();
        node.runtime.start = spec -> FakeRuntime.failure("RunContainerError", "no such main class");
        node.apply(web).pass(3);
        assertEquals("waiting CrashLoopBackOff", node.state(web, "app"));
        assertEquals("terminated StartError 128", PodNode.brief(Pod.object(node.container(web, "app"), "lastState")));
        Pod job = pod("job", "u2", "{'restartPolicy':'Never','containers':[{'name':'app','image':'reg/app:1'}]}");
        node.apply(job).pass(2);
        assertEquals("Failed", node.phase(job));
    }

    @Test
    void aFailedLivenessProbeRestartsTheContainer() {
        PodNode node = new PodNode(folder).start();
        node.apply(web).pass(2);
        node.events();
        node.runtime.stopTime = Duration.ofDays(1); // it hangs
        node.probed.get("default/web/app").failed("liveness", "timeout");
        node.pass(31);
        assertEquals("web app Normal Killing: Container app failed liveness probe, will be restarted", node.events().get(0));
        assertEquals("running", node.state(web, "app"));
        assertEquals("terminated Error 137", PodNode.brief(Pod.object(node.container(web, "app"), "lastState")));
    }

    @Test
    void readinessComesAndGoes() {
        PodNode node = new PodNode(folder).start();
        node.readyAtOnce = false;
        node.apply(web).pass(2);
        assertEquals("False ContainersNotReady", node.condition(web, "Ready"));
        assertEquals("Running", node.phase(web));
        ContainerProbes.Listener probe = node.probed.get("default/web/app");
        probe.started();
        probe.ready(true, "");
        node.pass(0);
        assertEquals("True", node.condition(web, "Ready"));
        probe.ready(false, "no");
        node.pass(0);
        assertEquals("False ContainersNotReady", node.condition(web, "Ready"));
        node.runtime.container("default/web/app").exit(1, "Error");
        probe.ready(true, "too late");
        node.pass(0);
        assertEquals("False ContainersNotReady", node.condition(web, "Ready").replace("True", "too late"));
    }

    @Test
    void theTerminationMessageExplainsTheEnd() throws Exception {
        Pod job = pod("job", "u1", "{'restartPolicy':'Never','containers':[{'name':'app','image':'a:1','terminationMessagePolicy':'FallbackToLogsOnError'}]}");
        PodNode node = new PodNode(folder.resolve("1")).start().apply(job).pass(2);
        Files.writeString(node.runtime.starts.get(0).terminationMessage(), "disk is full");
        node.runtime.container("default/job/app").exit(1, "Error");
        node.pass(1);
        assertEquals("disk is full", Pod.text(Pod.object(Pod.object(node.container(job, "app"), "state"), "terminated"), "message"));
        node = new PodNode(folder.resolve("2")).start().apply(job).pass(2);
        Files.writeString(node.runtime.starts.get(0).log(), "2026-11-21T19:20:11.1Z stdout F one\n2026-11-21T19:20:11.2Z stderr F two words\n");
        node.runtime.container("default/job/app").exit(1, "Error");
        node.pass(1);
        assertEquals("one\ntwo words", Pod.text(Pod.object(Pod.object(node.container(job, "app"), "state"), "terminated"), "message"));
    }

    @Test
    void twoPodsCannotHaveOneFixedPort() {
        String spec = "{'containers':[{'name':'app','image':'a:1','ports':[{'containerPort':8080,'hostPort':8080}]}]}";
        Pod one = pod("one", "u1", spec);
        Pod two = pod("two", "u2", spec);
        PodNode node = new PodNode(folder).start().apply(one).pass(2).apply(two).pass(2);
        assertEquals("waiting CreateContainerError", node.state(two, "app"));
        String event = node.events().stream().filter(e -> e.contains("HostPortConflict")).findFirst().orElseThrow();
        assertTrue(event.contains("default/one") && event.contains("default/two") && event.contains("maxSurge: 0") && event.contains("8080"), event);
        node.apply(PodNode.deleted(one, 1)).pass(1);
        assertEquals("running", node.state(two, "app"));
    }

    @Test
    void portsAreToldInAnAnnotation() {
        PodNode node = new PodNode(folder).start();
        node.runtime.behaviour = c -> c.ports = Map.of(8080, 40001);
        node.apply(web).pass(2);
        assertEquals(Map.of("kelp.io/ports", "{\"app\":{\"8080\":40001}}"), node.statuses.annotations.get("u1"));
    }
}
