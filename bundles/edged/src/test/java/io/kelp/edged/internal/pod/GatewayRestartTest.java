package io.kelp.edged.internal.pod;

import static io.kelp.edged.internal.pod.PodNode.deleted;
import static io.kelp.edged.internal.pod.PodNode.pod;
import static io.kelp.edged.internal.pod.PodNode.reborn;
import static io.kelp.edged.internal.pod.PodNode.simple;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import io.kelp.edged.WorkloadContainer.Exit;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The gateway's process, or a runtime in it, ends and comes back. */
class GatewayRestartTest {

    @TempDir Path folder;
    private final Pod web = simple("web", "u1");

    @Test
    void podsComeBackAndCountOneRestart() {
        PodNode before = new PodNode(folder).start().apply(web).pass(2);
        String start = Pod.text(before.status(web), "startTime");
        PodNode after = reborn(before).start();
        assertEquals("running", after.state(web, "app"));
        assertEquals("1", Pod.text(after.container(web, "app"), "restartCount"));
        assertEquals("terminated Error 137", PodNode.brief(Pod.object(after.container(web, "app"), "lastState")));
        assertEquals(start, Pod.text(after.status(web), "startTime"));
        assertEquals(Set.of("u1"), after.runtime.retained);
        assertEquals(List.of(), after.runtime.pulls, "the image is here");
    }

    @Test
    void aFinishedPodIsNotStartedAgain() {
        Pod job = pod("job", "u1", "{'restartPolicy':'OnFailure','containers':[{'name':'app','image':'a:1'}]}");
        PodNode before = new PodNode(folder).start().apply(job).pass(2);
        before.runtime.container("default/job/app").exit(0, "Completed");
        before.pass(1);
        assertEquals("Succeeded", before.phase(job));
        PodNode after = reborn(before).start();
        after.pass(600);
        assertEquals(List.of(), after.runtime.starts);
        assertEquals("Succeeded", after.phase(job));
        after.apply(deleted(job, 30));
        assertEquals(List.of("u1"), after.statuses.ended);
    }

    @Test
    void aPodOfPolicyNeverFailsWhenTheProcessDiedUnderIt() {
        Pod job = pod("job", "u1", "{'restartPolicy':'Never','containers':[{'name':'app','image':'a:1'}]}");
        PodNode after = reborn(new PodNode(folder).start().apply(job).pass(2)).start();
        assertEquals("Failed", after.phase(job));
        assertEquals("terminated Error 137", after.state(job, "app"));
    }

    @Test
    void theCulpritIsHeldBackAndTheOthersAreNot() {
        Pod bad = simple("bad", "u2");
        PodNode after = reborn(new PodNode(folder).start().apply(web).apply(bad).pass(2));
        after.runtime.lastEnds.put("u2/app", new Exit(137, "OOMKilled", "took all of the heap", after.loop.now()));
        after.start();
        assertEquals("running", after.state(web, "app"));
        assertEquals("waiting CrashLoopBackOff", after.state(bad, "app"));
        assertEquals("terminated OOMKilled 137", PodNode.brief(Pod.object(after.container(bad, "app"), "lastState")));
        assertTrue(after.events().contains("bad app Warning OOMKilled: Container app brought the gateway's process down and is held back: took all of the heap"));
        after.pass(59);
        assertEquals("waiting CrashLoopBackOff", after.state(bad, "app"));
        after.pass(2);
        assertEquals("running", after.state(bad, "app"));
    }

    @Test
    void aCulpritThatWasSeenToEndBeforeTheGatewayDidIsHeldBackAllTheSame() {
        PodNode before = new PodNode(folder).start().apply(web).pass(2);
        before.runtime.container("default/web/app").exit(0, "Completed");
        PodNode after = reborn(before);
        after.runtime.lastEnds.put("u1/app", new Exit(137, "OOMKilled", "took all of the heap", after.loop.now()));
        after.start();
        assertEquals("waiting CrashLoopBackOff", after.state(web, "app"));
        assertEquals("terminated OOMKilled 137", PodNode.brief(Pod.object(after.container(web, "app"), "lastState")));
        assertTrue(after.events.stream().anyMatch(e -> e.contains("OOMKilled") && e.contains("held back")), after.events.toString());
        after.pass(59);
        assertEquals("waiting CrashLoopBackOff", after.state(web, "app"));
        after.pass(2);
        assertEquals("running", after.state(web, "app"));
    }

    @Test
    void foldersThatAPowerCutHasLeftBehindDoNotKeepAContainerFromStarting() throws Exception {
        PodNode node = new PodNode(folder);
        for (int i = 0; i < 4; i++) {
            node.start().apply(web).pass(700);
            assertEquals("running", node.state(web, "app"));
            Path left = folder.resolve("data/pods/u1/containers/app/" + i + "/root");
            Files.createDirectories(left);
            Files.writeString(left.resolve("file"), "left");
            node = reborn(node);
        }
        assertFalse(Files.exists(folder.resolve("data/pods/u1/containers/app/1")));
    }

    @Test
    void backOffGoesOnAfterTheRestart() {
        PodNode before = new PodNode(folder).start();
        before.runtime.behaviour = c -> c.exit(1, "Error");
        before.apply(web).pass(35);
        assertEquals("waiting CrashLoopBackOff", before.state(web, "app"));
        int restarts = Integer.parseInt(Pod.text(before.container(web, "app"), "restartCount"));
        PodNode after = reborn(before).start();
        after.pass(20);
        assertEquals("waiting CrashLoopBackOff", after.state(web, "app"));
        assertEquals(List.of(), after.runtime.starts);
        after.pass(30);
        assertEquals(restarts + 1, after.runtime.starts.get(0).attempt());
    }

    @Test
    void aDeletionThatWasUnderWayIsFinished() {
        PodNode before = new PodNode(folder).start().apply(web).pass(2);
        before.there.put("u1", deleted(web, 30));
        PodNode after = reborn(before).start();
        assertEquals(List.of("u1"), after.statuses.ended);
        assertEquals(List.of(), after.runtime.starts);
    }

    @Test
    void whatIsLeftOfPodsThatAreGoneIsRemoved() {
        PodNode before = new PodNode(folder).start().apply(web).apply(simple("gone", "u2")).pass(2);
        before.there.remove("u2");
        PodNode after = reborn(before).start();
        assertTrue(Files.exists(folder.resolve("data/pods/u1")));
        assertFalse(Files.exists(folder.resolve("data/pods/u2")));
        assertFalse(Files.exists(folder.resolve("log/pods/default_gone_u2")));
        assertEquals(Set.of("u1"), new PodRecords(after.store).all().keySet());
    }

    @Test
    void anEmptiedGatewayGoesOnFromWhatTheCloudKnows() {
        Pod known = PodNode.with(web, json -> json.add("status", JsonParser.parseString("{'phase':'Running','startTime':'2026-11-20T10:00:00Z',"
                + "'containerStatuses':[{'name':'app','image':'reg/app:1','containerID':'x://1','restartCount':4,'state':{'running':{'startedAt':'2026-11-20T10:00:00Z'}},'lastState':{}}]}")));
        PodNode node = new PodNode(folder).start().apply(known).pass(2);
        assertEquals("5", Pod.text(node.container(known, "app"), "restartCount"));
        assertEquals("2026-11-20T10:00:00Z", Pod.text(node.status(known), "startTime"));
    }

    @Test
    void aRuntimeThatIsExchangedTakesItsPodsAlongWithoutBackOff() {
        PodNode node = new PodNode(folder).start().apply(web).pass(2);
        for (int i = 1; i <= 4; i++) {
            node.agent.runtimeWent(node.runtime);
            node.runtime.die();
            node.pass(1);
            assertEquals("waiting RuntimeNotReady", node.state(web, "app"));
            assertEquals("Running", node.phase(web));
            node.agent.runtimeCame(node.runtime);
            node.pass(1);
            assertEquals("running", node.state(web, "app"));
            assertEquals("" + i, Pod.text(node.container(web, "app"), "restartCount"));
        }
    }

    @Test
    void aRuntimeThatGoesDuringAPullOrStartIsWaitedFor() {
        PodNode node = new PodNode(folder).start().apply(web);
        node.agent.runtimeWent(node.runtime);
        node.pass(5);
        assertEquals(List.of(), node.runtime.starts);
        assertEquals("waiting RuntimeNotReady", node.state(web, "app"));
        node.agent.runtimeCame(node.runtime);
        node.pass(5);
        assertEquals("running", node.state(web, "app"));
    }

    @Test
    void deletionWorksWithoutARuntime() {
        PodNode node = new PodNode(folder).start().apply(web).pass(2);
        node.agent.runtimeWent(node.runtime);
        node.runtime.die();
        node.pass(1);
        node.apply(deleted(web, 30));
        assertEquals(List.of("u1"), node.statuses.ended);
    }

    @Test
    void whatRunsGoesOnWhenEdgedAloneIsExchanged() {
        Pod init = pod("init", "u2", "{'initContainers':[{'name':'i','image':'reg/app:1'},{'name':'s','image':'reg/app:1','restartPolicy':'Always'}],"
                + "'containers':[{'name':'m','image':'reg/app:1'}]}");
        PodNode before = new PodNode(folder).start().apply(web).apply(init).pass(2);
        before.runtime.container("default/init/i").exit(0, "Completed");
        before.pass(1);
        assertEquals(4, before.runtime.starts.size());
        PodNode after = new PodNode(before).start();
        after.pass(60);
        assertEquals(4, after.runtime.starts.size());
        assertEquals("running", after.state(web, "app"));
        assertEquals("0", Pod.text(after.container(web, "app"), "restartCount"));
        assertEquals("True", after.condition(init, "Ready"));
        assertEquals("terminated Completed 0", after.state(init, "i"));
        after.apply(deleted(web, 5)).pass(6);
        assertEquals(List.of("u1"), after.statuses.ended);
        after.runtime.container("default/init/m").exit(1, "Error");
        after.pass(1);
        assertEquals("running", after.state(init, "m"));
    }

    @Test
    void initContainersRunAgainInANewProcess() {
        Pod init = pod("init", "u2", "{'initContainers':[{'name':'i','image':'reg/app:1'}],'containers':[{'name':'m','image':'reg/app:1'}]}");
        PodNode before = new PodNode(folder).start().apply(init).pass(2);
        before.runtime.container("default/init/i").exit(0, "Completed");
        before.pass(1);
        PodNode after = reborn(before).start();
        assertEquals(List.of("i"), after.runtime.starts.stream().map(s -> s.name()).toList());
        after.runtime.container("default/init/i").exit(0, "Completed");
        after.pass(1);
        assertEquals("running", after.state(init, "m"));
        assertEquals("1", Pod.text(after.container(init, "m"), "restartCount"));
    }

    @Test
    void aJobWhoseRuntimeWasExchangedHasNotSucceeded() {
        Pod job = pod("job", "u1", "{'restartPolicy':'OnFailure','containers':[{'name':'app','image':'a:1'}]}");
        PodNode node = new PodNode(folder).start().apply(job).pass(2);
        node.agent.runtimeWent(node.runtime);
        node.runtime.container("default/job/app").exit(0, "Completed");
        node.pass(1);
        node.agent.runtimeCame(node.runtime);
        node.pass(1);
        assertEquals("running", node.state(job, "app"));
    }

    @Test
    void afterARestartNothingIsSaidUntilTheRuntimeIsThere() {
        PodNode before = new PodNode(folder).start().apply(web).pass(2);
        PodNode after = reborn(before).startWithoutRuntime();
        after.pass(29);
        assertEquals(0, after.statuses.reports);
        after.pass(2);
        assertEquals("waiting RuntimeNotReady", after.state(web, "app"));
        after.agent.runtimeCame(after.runtime);
        after.pass(1);
        assertEquals("running", after.state(web, "app"));
    }
}
