package io.kelp.cloud.standalone;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.cloud.kube.Await;
import io.kelp.cloud.kube.KubeApi.PatchType;
import io.kelp.cloud.kube.KubeClient;
import io.kelp.cloud.kube.KubeException;
import io.kelp.cloud.kube.RealApiServer;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The controllers on a real API server that has no others. */
@Tag("slow")
class ControllersRealServerTest {

    private static final Duration GRACE = Duration.ofSeconds(2);

    private static RealApiServer server;
    private KubeClient client;
    private Controllers controllers;

    @BeforeAll
    static void startServer() throws Exception {
        server = RealApiServer.start();
    }

    @AfterAll
    static void stopServer() throws Exception {
        if (server != null) {
            server.close();
        }
    }

    @BeforeEach
    void start() throws Exception {
        client = server.client();
        controllers = new Controllers(client, GRACE);
    }

    @AfterEach
    void stop() throws Exception {
        controllers.close();
        client.delete("/api/v1/namespaces/default/pods?gracePeriodSeconds=0", null).get(5, TimeUnit.SECONDS);
        client.delete("/api/v1/nodes", null).get(5, TimeUnit.SECONDS);
        client.close();
    }

    @Test
    void aPodIsPlacedOnTheReadyNodeAndToldWhyWhenThereIsNone() throws Exception {
        pod("early", "");
        Await.until("its condition says so", () -> condition(get("/api/v1/namespaces/default/pods/early"), "PodScheduled", "message")
                .equals("no nodes available to schedule pods"));
        node("alive");
        heartbeat("alive");
        Await.until("it is placed", () -> text(get("/api/v1/namespaces/default/pods/early"), "spec", "nodeName").equals("alive"));
        Await.until("its condition follows", () -> condition(get("/api/v1/namespaces/default/pods/early"), "PodScheduled", "status").equals("True"));
        pod("picky", "\"nodeSelector\": {\"no\": \"such\"},");
        Await.until("it is refused", () -> condition(get("/api/v1/namespaces/default/pods/picky"), "PodScheduled", "message").equals(
                "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. no new claims to deallocate, preemption: "
                + "0/1 nodes are available: 1 Preemption is not helpful for scheduling."));
        Await.until("events tell it", () -> events().contains("Successfully assigned default/early to alive")
                && events().contains("FailedScheduling"));
    }

    /** Both are on their way at once: that there was no place may arrive after the pod was placed. */
    @Test
    void aPodThatIsPlacedByNowIsNotMarkedAsUnschedulable() throws Exception {
        pod("early", "");
        Await.until("its condition says so", () -> !condition(get("/api/v1/namespaces/default/pods/early"), "PodScheduled", "message").isEmpty());
        String before = text(get("/api/v1/namespaces/default/pods/early"), "metadata", "resourceVersion");
        node("alive");
        heartbeat("alive");
        Await.until("it is placed", () -> condition(get("/api/v1/namespaces/default/pods/early"), "PodScheduled", "status").equals("True"));
        ExecutionException refused = assertThrows(ExecutionException.class, () -> new Actions(client).patchCondition("/api/v1/namespaces/default/pods/early",
                before, Actions.condition("PodScheduled", "False", "Unschedulable", "nothing is here", "")).get(10, TimeUnit.SECONDS));
        assertEquals(409, ((KubeException) refused.getCause()).code());
    }

    @Test
    void aSilentNodeIsUnknownAndTaintedAndComesBack() throws Exception {
        node("silent");
        node("alive");
        heartbeat("silent");
        Await.until("both are without taints", () -> beating("alive")
                && taints("silent").isEmpty() && taints("alive").isEmpty());
        Await.until("it is unknown", () -> beating("alive")
                && condition(get("/api/v1/nodes/silent"), "Ready", "reason").equals("NodeStatusUnknown"));
        assertEquals("Kubelet stopped posting node status.", condition(get("/api/v1/nodes/silent"), "Ready", "message"));
        assertEquals("NodeStatusNeverUpdated", condition(get("/api/v1/nodes/silent"), "PIDPressure", "reason"));
        Await.until("both taints are there", () -> beating("alive")
                && taints("silent").equals("unreachable:NoSchedule unreachable:NoExecute "));
        assertEquals("", taints("alive"));
        heartbeat("silent");
        Await.until("the taints are gone", () -> beating("alive") && beating("silent") && taints("silent").isEmpty());
    }

    @Test
    void nobodyIsDrivenOutWhileNoNodeIsReady() throws Exception {
        node("only");
        heartbeat("only");
        Await.until("it is without taints", () -> beating("only") && taints("only").isEmpty());
        Await.until("it is unreachable", () -> taints("only").equals("unreachable:NoSchedule "));
        assertFalse(taints("only").contains("NoExecute"));
    }

    @Test
    void podsLeaveATaintedNodeWhenTheirTolerationEnds() throws Exception {
        node("one");
        Await.until("it is ready", () -> beating("one") && taints("one").isEmpty());
        pod("stays", "\"nodeName\": \"one\", \"tolerations\": [{\"operator\": \"Exists\"}],");
        pod("goes", "\"nodeName\": \"one\",");
        client.patch("/api/v1/nodes/one", PatchType.MERGE, """
                {"spec": {"taints": [{"key": "out", "effect": "NoExecute", "timeAdded": "2026-01-01T00:00:00Z"}]}}""").get(5, TimeUnit.SECONDS);
        Await.until("one goes", () -> beating("one") && gone("/api/v1/namespaces/default/pods/goes", "deletionTimestamp"));
        assertTrue(text(get("/api/v1/namespaces/default/pods/stays"), "metadata", "deletionTimestamp").isEmpty());
        assertEquals("DeletionByTaintManager", condition(get("/api/v1/namespaces/default/pods/goes"), "DisruptionTarget", "reason"));
    }

    private boolean gone(String path, String mark) {
        return !text(get(path), "metadata", mark).isEmpty();
    }

    private boolean beating(String node) {
        heartbeat(node);
        return true;
    }

    private String taints(String node) {
        StringBuilder taints = new StringBuilder();
        Taint.of(Tree.object(get("/api/v1/nodes/" + node), "spec")).forEach(taint ->
                taints.append(taint.key().replace("node.kubernetes.io/", "")).append(':').append(taint.effect()).append(' '));
        return taints.toString();
    }

    private void heartbeat(String node) {
        String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        send(() -> client.patch("/api/v1/nodes/" + node + "/status", PatchType.STRATEGIC, """
                {"status": {"conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady", "message": "ok",
                "lastHeartbeatTime": "%s"}]}}""".formatted(now)).get(5, TimeUnit.SECONDS));
    }

    private void node(String name) {
        send(() -> client.create("/api/v1/nodes", JsonParser.parseString(
                "{\"apiVersion\": \"v1\", \"kind\": \"Node\", \"metadata\": {\"name\": \"" + name + "\"}}").getAsJsonObject()).get(5, TimeUnit.SECONDS));
    }

    private void pod(String name, String spec) {
        send(() -> client.create("/api/v1/namespaces/default/pods", JsonParser.parseString("""
                {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "%s"},
                "spec": {%s "containers": [{"name": "c", "image": "x"}]}}""".formatted(name, spec)).getAsJsonObject()).get(5, TimeUnit.SECONDS));
    }

    private String events() {
        return get("/api/v1/namespaces/default/events").toString();
    }

    private JsonObject get(String path) {
        return send(() -> client.get(path).get(5, TimeUnit.SECONDS));
    }

    private static String text(JsonObject object, String part, String name) {
        return Tree.text(Tree.object(object, part), name);
    }

    private static String condition(JsonObject object, String type, String field) {
        return Tree.objects(Tree.object(object, "status"), "conditions").stream()
                .filter(c -> Tree.text(c, "type").equals(type)).map(c -> Tree.text(c, field)).findFirst().orElse("");
    }

    private interface Call {
        JsonObject run() throws Exception;
    }

    private static JsonObject send(Call call) {
        try {
            return call.run();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof KubeException refused && refused.code() == 404) {
                return new JsonObject();
            }
            throw new AssertionError(e.getCause());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
