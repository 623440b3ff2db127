package io.kelp.cloud.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.cloud.edge.EdgeObjects;
import io.kelp.cloud.hub.Delivery;
import io.kelp.cloud.hub.GatewayObject;
import io.kelp.cloud.hub.NodeSession;
import io.kelp.cloud.kube.Await;
import io.kelp.cloud.kube.KubeApi.PatchType;
import io.kelp.cloud.kube.KubeClient;
import io.kelp.cloud.kube.KubeException;
import io.kelp.cloud.kube.RealApiServer;
import io.kelp.message.Message;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Pods on gateways beside a real API server and a real kube-controller-manager that evicts after two seconds. */
@Tag("slow")
class AutonomyRealServerTest {

    private static final Workloads.Settings QUICK = new Workloads.Settings(Autonomy.FOREVER, Duration.ofSeconds(1), Duration.ofMillis(100),
            Duration.ofMillis(300));

    private static RealApiServer server;
    private static KubeClient client;
    private static ScheduledExecutorService beats;
    private static final Set<String> BEATING = ConcurrentHashMap.newKeySet();

    @BeforeAll
    static void start() throws Exception {
        server = RealApiServer.start("--default-not-ready-toleration-seconds=2", "--default-unreachable-toleration-seconds=2");
        client = server.client();
        server.startControllers("node-lifecycle-controller,taint-eviction-controller,daemonset-controller", "--node-monitor-grace-period=3s",
                "--node-monitor-period=500ms");
        create("/api/v1/namespaces", "{\"apiVersion\": \"v1\", \"kind\": \"Namespace\", \"metadata\": {\"name\": \"kubeedge\"}}");
        beats = Executors.newSingleThreadScheduledExecutor();
        beats.scheduleWithFixedDelay(() -> BEATING.forEach(AutonomyRealServerTest::beat), 0, 500, TimeUnit.MILLISECONDS);
    }

    @AfterAll
    static void stop() throws Exception {
        if (beats != null) {
            beats.shutdownNow();
            beats.awaitTermination(5, TimeUnit.SECONDS);
        }
        if (client != null) {
            client.close();
        }
        if (server != null) {
            server.close();
        }
    }

    @Test
    void podsStayOnAKelpGatewayWhoseLinkIsCutAndLeaveAnother() throws Exception {
        Set<String> connected = ConcurrentHashMap.newKeySet();
        node("alive", "containerd://1");
        node("ours", "kelp-osgi://0.1.0");
        node("stock", "containerd://1");
        connected.addAll(List.of("ours", "stock"));
        Cloud cloud = new Cloud(connected, "one");
        Cloud another = new Cloud(ConcurrentHashMap.newKeySet(), "two");
        try (cloud; another) {
            pod("stays", "ours", "");
            pod("goes", "stock", "");
            pod("named", "stock", "\"labels\": {\"app-offline.kubeedge.io\": \"autonomy\"}");
            Await.until("the tolerations have no end", () -> tolerations("stays").equals("[,]") && tolerations("named").equals("[,]"));
            assertEquals("[2,2]", tolerations("goes"));
            assertEquals("{\"node.kubernetes.io/not-ready\":2,\"node.kubernetes.io/unreachable\":2}",
                    Objects.text(podObject("stays"), "metadata", "annotations", Tolerations.ORIGINAL));
            Await.until("the link is told", () -> link("ours").contains("GatewayConnected"));

            BEATING.removeAll(List.of("ours", "stock"));
            connected.clear();
            Await.until("the pod of the other is evicted", 30, () -> deleted("goes"));
            Await.until("the gateway is tainted", 20, () -> get("/api/v1/nodes/ours").toString().contains("\"NoExecute\""));
            Await.until("its Node says why", () -> link("ours").contains("machine last seen healthy"));
            Await.until("an Event says what that means", () -> events("ours").contains("LinkDown") && events("ours").contains("pods stay on it for ever"));
            Instant tainted = Instant.now();
            Await.until("three times the usual toleration is over", () -> Instant.now().isAfter(tainted.plusSeconds(6)));
            assertFalse(deleted("stays"));
            assertFalse(deleted("named"));

            patch("/api/v1/nodes/ours", "{\"metadata\": {\"annotations\": {\"kelp.io/autonomy-duration\": \"off\"}}}");
            Await.until("the original is back and the pod goes", 20, () -> deleted("stays"));
            assertEquals("[2,2]", tolerations("stays"));
            assertFalse(podObject("stays").toString().contains(Tolerations.ORIGINAL));
        }
    }

    @Test
    void whoComesBackIsToldOfAndAnotherReplicaCounts() throws Exception {
        Set<String> connected = ConcurrentHashMap.newKeySet();
        Set<String> elsewhere = ConcurrentHashMap.newKeySet();
        node("mover", "kelp://0.1");
        connected.add("mover");
        try (Cloud cloud = new Cloud(connected, "one"); Cloud another = new Cloud(elsewhere, "two")) {
            Await.until("the link is told", () -> link("mover").contains("GatewayConnected"));
            patch("/api/v1/nodes/mover", "{\"metadata\": {\"annotations\": {\"kelp.io/cloud-replica\": \"two\"}}}");
            Await.until("both have seen it", () -> cloud.seen.contains("mover two") && another.seen.contains("mover two"));
            connected.clear();
            elsewhere.add("mover");
            Instant moved = Instant.now();
            Await.until("nobody takes it for lost", () -> {
                assertFalse(link("mover").contains("LinkDown"));
                return Instant.now().isAfter(moved.plusSeconds(3));
            });
            elsewhere.clear();
            Await.until("the other says that it is lost", () -> link("mover").contains("LinkDown"));
            connected.add("mover");
            Await.until("the first says that it is back", () -> link("mover").contains("GatewayConnected") && events("mover").contains("LinkUp"));
        }
    }

    @Test
    void aDaemonSetThatLacksWhatTheRuntimeClassAddsIsToldSoOnce() throws Exception {
        OsgiRuntimeClass.install(client).get(10, TimeUnit.SECONDS);
        OsgiRuntimeClass.install(client).get(10, TimeUnit.SECONDS);
        node("gateway", "kelp://0.1");
        node("machine", "containerd://1");
        patch("/api/v1/nodes/gateway", "{\"metadata\": {\"labels\": {\"kelp.io/runtime-osgi\": \"true\"}},"
                + " \"spec\": {\"taints\": [{\"key\": \"kelp.io/no-container-engine\", \"effect\": \"NoSchedule\"}]}}");
        DaemonSetHints one = new DaemonSetHints(client);
        DaemonSetHints two = new DaemonSetHints(client);
        try (one; two) {
            create("/apis/apps/v1/namespaces/default/daemonsets", """
                    {"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": "all"}, "spec": {"selector": {"matchLabels": {"a": "b"}},
                     "template": {"metadata": {"labels": {"a": "b"}}, "spec": {"runtimeClassName": "osgi", "containers": [{"name": "c", "image": "x"}]}}}}""");
            Await.until("the other node gets a pod that cannot be placed there", 20, () -> podsOf("all").contains("machine"));
            assertFalse(podsOf("all").contains("gateway"));
            Await.until("an Event says so", () -> events("all").contains("RuntimeClassNotApplied"));
            assertTrue(events("all").contains("without which no gateway gets a pod"));
            patch("/apis/apps/v1/namespaces/default/daemonsets/all", "{\"spec\": {\"template\": {\"spec\": {\"nodeSelector\":"
                    + " {\"kelp.io/runtime-osgi\": \"true\"}}}}}");
            Await.until("a new generation is told of anew", () -> occurrences(get("/api/v1/namespaces/default/events").toString(), "RuntimeClassNotApplied") == 2);
            patch("/apis/apps/v1/namespaces/default/daemonsets/all", "{\"spec\": {\"template\": {\"spec\": {\"tolerations\":"
                    + " [{\"key\": \"kelp.io/no-container-engine\", \"operator\": \"Exists\", \"effect\": \"NoSchedule\"}]}}}}");
            Await.until("the gateway gets its pod", 20, () -> podsOf("all").contains("gateway"));
            assertEquals(2, occurrences(get("/api/v1/namespaces/default/events").toString(), "RuntimeClassNotApplied"));
        }
    }

    @Test
    void aRuntimeClassOfTheOperatorStaysAsItIs() throws Exception {
        OsgiRuntimeClass.install(client).get(10, TimeUnit.SECONDS);
        patch("/apis/node.k8s.io/v1/runtimeclasses/osgi", "{\"scheduling\": {\"nodeSelector\": {\"site\": \"here\", \"kelp.io/runtime-osgi\": null}}}");
        JsonObject changed = get("/apis/node.k8s.io/v1/runtimeclasses/osgi");
        JsonObject after = OsgiRuntimeClass.install(client).get(10, TimeUnit.SECONDS).orElseThrow();
        assertEquals(changed, after);
        assertTrue(OsgiRuntimeClass.remark(after).orElseThrow().contains("site"));
        client.delete("/apis/node.k8s.io/v1/runtimeclasses/osgi", null).get(5, TimeUnit.SECONDS);
        assertTrue(OsgiRuntimeClass.remark(OsgiRuntimeClass.install(client).get(10, TimeUnit.SECONDS).orElseThrow()).isEmpty());
    }

    /** One replica of the cloud service, without gateways. */
    private static final class Cloud implements AutoCloseable {

        private final Set<String> seen = ConcurrentHashMap.newKeySet();
        private final KubeClient own = server.client();
        private final EdgeObjects objects = new EdgeObjects(own, new Nowhere());
        private final Workloads workloads;

        Cloud(Set<String> connected, String name) {
            workloads = new Workloads(own, objects, connected::contains, name, (node, replica) -> seen.add(node + " " + replica), QUICK);
        }

        @Override
        public void close() {
            workloads.close();
            objects.close();
            own.close();
        }
    }

    private static void node(String name, String runtime) {
        create("/api/v1/nodes", """
                {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "%s", "labels": {"node-role.kubernetes.io/edge": "", "kubernetes.io/hostname": "%s"}}}"""
                .formatted(name, name));
        patchStatus(name, "\"nodeInfo\": {\"containerRuntimeVersion\": \"%s\"}, \"capacity\": {\"pods\": \"110\", \"cpu\": \"1\", \"memory\": \"1Gi\"},"
                .formatted(runtime));
        BEATING.add(name);
    }

    private static void beat(String node) {
        try {
            patchStatus(node, "");
        } catch (AssertionError e) {
            return; // the server ends with the tests
        }
    }

    private static void patchStatus(String node, String more) {
        String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        send(() -> client.patch("/api/v1/nodes/" + node + "/status", PatchType.STRATEGIC, """
                {"status": {%s "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady", "message": "ok",
                "lastHeartbeatTime": "%s", "lastTransitionTime": "%s"}]}}""".formatted(more, now, now)).get(5, TimeUnit.SECONDS));
    }

    private static void pod(String name, String node, String metadata) {
        create("/api/v1/namespaces/default/pods", """
                {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "%s"%s},
                "spec": {"nodeName": "%s", "containers": [{"name": "c", "image": "x"}]}}""".formatted(name, metadata.isEmpty() ? "" : ", " + metadata, node));
    }

    private static JsonObject podObject(String name) {
        return get("/api/v1/namespaces/default/pods/" + name);
    }

    private static boolean deleted(String pod) {
        return !Objects.text(podObject(pod), "metadata", "deletionTimestamp").isEmpty();
    }

    private static String tolerations(String pod) {
        List<String> seconds = Objects.list(Objects.object(podObject(pod), "spec"), "tolerations").stream()
                .map(t -> Objects.text(t, "tolerationSeconds")).toList();
        return "[" + String.join(",", seconds) + "]";
    }

    private static String podsOf(String daemonSet) {
        return Objects.list(get("/api/v1/namespaces/default/pods"), "items").stream()
                .filter(p -> Objects.text(p, "metadata", "name").startsWith(daemonSet + "-"))
                .map(p -> Objects.object(p, "spec", "affinity").toString()).reduce("", String::concat);
    }

    private static String link(String node) {
        return Objects.list(Objects.object(get("/api/v1/nodes/" + node), "status"), "conditions").stream()
                .filter(c -> Objects.text(c, "type").equals(GatewayNode.LINK)).map(JsonObject::toString).findFirst().orElse("");
    }

    private static String events(String about) {
        return get("/api/v1/namespaces/default/events?fieldSelector=involvedObject.name%3D" + about).toString();
    }

    private static int occurrences(String text, String part) {
        return text.split("\"reason\":\"" + part, -1).length - 1;
    }

    private static void patch(String path, String merge) {
        send(() -> client.patch(path, PatchType.MERGE, merge).get(5, TimeUnit.SECONDS));
    }

    private static void create(String path, String object) {
        send(() -> client.create(path, JsonParser.parseString(object).getAsJsonObject()).get(5, TimeUnit.SECONDS));
    }

    private static JsonObject get(String path) {
        return send(() -> client.get(path).get(5, TimeUnit.SECONDS));
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

    /** No gateway is connected in this test. */
    private static final class Nowhere implements Delivery {

        @Override
        public void deliver(String node, Change change, GatewayObject object) {
            // nobody is there
        }

        @Override
        public void redeliver(String node, GatewayObject object) {
            // nobody is there
        }

        @Override
        public boolean send(String node, Message message) {
            return false;
        }

        @Override
        public void answerReliably(NodeSession session, Message answer, GatewayObject object) {
            // nobody is there
        }

        @Override
        public boolean isConnected(String node) {
            return false;
        }
    }
}
