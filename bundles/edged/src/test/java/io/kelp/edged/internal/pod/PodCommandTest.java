package io.kelp.edged.internal.pod;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.control.ControlCommand.Result;
import io.kelp.control.Problem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What operators see of pods. */
class PodCommandTest {

    @TempDir Path folder;
    private PodNode node;
    private PodCommand command;
    private PodReport report;
    private final Pod web = PodNode.simple("web", "u1");

    @BeforeEach
    void start() {
        node = new PodNode(folder).start();
        command = new PodCommand(node.agent, new PodFolders(folder.resolve("data"), folder.resolve("log"), Runnable::run), node.loop::now);
        report = new PodReport(node.agent, node.loop::now, Duration.ofMinutes(5));
    }

    private Result run(String... words) {
        return command.run(Arrays.asList(words));
    }

    @Test
    void listShowsPodsAsKubectlDoes() {
        assertEquals(List.of("There are no pods on this gateway."), run("list").lines());
        node.runtime.behaviour = c -> c.exit(1, "Error");
        node.apply(web).pass(12);
        assertEquals(List.of("NAMESPACE   NAME   READY   STATUS             RESTARTS   AGE",
                "default     web    0/1     CrashLoopBackOff   2          12s"), run("list").lines());
        node.apply(PodNode.deleted(web, 30));
        assertTrue(run("list").lines().get(1).contains("Terminating"));
    }

    @Test
    void describeSaysWhyAPodDoesNotRun() {
        node.runtime.pull = image -> FakeRuntime.failure("ErrImagePull", "registry says no");
        node.apply(web).pass(1);
        List<String> lines = run("describe", "web").lines();
        assertTrue(lines.contains("Status:      Pending, ErrImagePull"), lines.toString());
        assertTrue(lines.contains("  State:     waiting, ErrImagePull: registry says no"), lines.toString());
        assertEquals(lines, run("describe", "default/web").lines());
        node.runtime.pull = image -> node.runtime.after(Duration.ZERO);
        node.pass(30);
        assertTrue(run("describe", "web").lines().stream().anyMatch(l -> l.startsWith("  State:     running since")));
    }

    @Test
    void wrongWordsAndUnknownPodsAreToldApart() {
        assertEquals(2, run().exitCode());
        assertEquals(2, run("remove", "web").exitCode());
        assertEquals(2, run("describe").exitCode());
        assertEquals(3, run("describe", "web").exitCode());
        node.apply(web).pass(2);
        assertEquals(2, run("logs", "web", "app", "--what").exitCode());
        assertEquals(3, run("logs", "web", "other").exitCode());
        assertEquals(3, run("logs", "web", "--previous").exitCode());
        assertEquals(1, run("release", "web").exitCode());
    }

    @Test
    void logsShowTheLastLinesOfTheRightStart() throws Exception {
        node.apply(web).pass(2);
        List<String> written = new ArrayList<>();
        for (int i = 1; i <= 150; i++) {
            written.add("2026-11-21T19:20:11.1Z stdout " + (i == 150 ? "P half\n2026-11-21T19:20:11.1Z stdout F of it" : "F line " + i));
        }
        Files.write(node.runtime.starts.get(0).log(), written);
        List<String> lines = run("logs", "web").lines();
        assertEquals(100, lines.size());
        assertEquals("halfof it", lines.get(99));
        assertEquals(List.of("line 149", "halfof it"), run("logs", "default/web", "app", "--tail", "2").lines());
        node.runtime.container("default/web/app").exit(1, "Error");
        node.pass(1);
        assertEquals(List.of(), run("logs", "web").lines());
        assertEquals(1, run("logs", "web", "--previous", "--tail", "1").lines().size());
    }

    @Test
    void aPodThatFailsForLongIsAProblem() {
        node.runtime.pull = image -> FakeRuntime.failure("ErrImagePull", "registry says no");
        node.apply(web).pass(200);
        assertEquals(List.of(), report.problems());
        node.pass(200);
        Problem problem = report.problems().get(0);
        assertEquals("POD-FAILS", problem.code());
        assertEquals("default/web", problem.where());
        assertTrue(problem.sentence().contains("ImagePullBackOff") && problem.sentence().contains("registry says no"), problem.sentence());
        node.runtime.pull = image -> node.runtime.after(Duration.ZERO);
        node.pass(400);
        assertEquals(List.of(), report.problems());
    }

    @Test
    void statusCountsPodsByPhase() {
        node.apply(web).pass(2);
        var pods = report.status().getAsJsonObject("pods");
        assertEquals(1, pods.get("running").getAsInt());
        assertEquals(0, pods.get("failed").getAsInt());
        assertEquals("Running", pods.getAsJsonArray("list").get(0).getAsJsonObject().get("state").getAsString());
    }
}
