package io.kelp.cloud.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.kelp.cloud.cli.TestCloud.Identity;
import io.kelp.message.Message;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Objects on their way to gateways, of both kinds. */
class DeliveryTest {

    private static final String SYNCS = "/apis/reliablesyncs.kubeedge.io/v1alpha1/namespaces/default/objectsyncs/";

    private TestCloud cloud;
    private Identity identity;

    @BeforeEach
    void start() throws Exception {
        cloud = new TestCloud();
        cloud.kube().put("/api/v1/namespaces/default", object("default"));
        identity = cloud.join("edge-1");
        cloud.addNode("edge-1", "uid-node");
    }

    @AfterEach
    void stop() {
        cloud.close();
    }

    private static JsonObject object(String name) {
        JsonObject metadata = new JsonObject();
        metadata.addProperty("name", name);
        JsonObject object = new JsonObject();
        object.add("metadata", metadata);
        return object;
    }

    private static boolean isPush(Message m) {
        return !m.isAnswer() && m.group().equals("resource");
    }

    private static boolean isPod(Message m, String name) {
        return isPush(m) && m.resource().equals("default/pod/" + name);
    }

    private Message acknowledged(TestEdge edge, String resource) throws Exception {
        Message message = edge.await(4000, m -> isPush(m) && m.resource().equals(resource));
        edge.acknowledge(message);
        return message;
    }

    private String syncVersion(String uid) throws Exception {
        return await("sync object of " + uid, () -> cloud.kube().find(SYNCS + "edge-1." + uid)
                .filter(o -> o.has("status")).map(o -> o.getAsJsonObject("status").get("objectResourceVersion").getAsString())
                .filter(v -> !v.equals("0")).orElse(null));
    }

    private interface Probe<T> {
        T get() throws Exception;
    }

    private static <T> T await(String what, Probe<T> probe) throws Exception {
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (System.nanoTime() < deadline) {
            T value = probe.get();
            if (value != null) {
                return value;
            }
            Thread.sleep(20);
        }
        throw new AssertionError("not within 10 s: " + what);
    }

    @Test
    void aStockEdgeGetsItsObjectsOneByOneAndTheirSyncObjects() throws Exception {
        JsonObject first = cloud.addPod("a", "uid-a", "edge-1");
        cloud.addPod("b", "uid-b", "edge-1");
        cloud.addPod("elsewhere", "uid-c", "edge-2");
        try (TestEdge edge = cloud.connect(identity, "edge-1")) {
            edge.keepalive();
            Map<String, Message> got = new HashMap<>();
            for (int i = 0; i < 3; i++) {
                Message push = edge.await(3000, DeliveryTest::isPush);
                edge.expectNone(150, DeliveryTest::isPush); // one in flight
                got.put(push.resource(), push);
                edge.acknowledge(push);
            }
            assertEquals(Set.of("null/node/edge-1", "default/pod/a", "default/pod/b"), got.keySet());
            Message pod = got.get("default/pod/a");
            assertEquals("insert", pod.operation());
            assertEquals("edgecontroller", pod.source());
            assertEquals("", pod.parentId());
            assertEquals("Pod", pod.content().getAsJsonObject().get("kind").getAsString());
            String version = first.getAsJsonObject("metadata").get("resourceVersion").getAsString();
            assertEquals(version, pod.resourceVersion());
            assertEquals("update", got.get("null/node/edge-1").operation());
            assertEquals(version, syncVersion("uid-a"));
            JsonObject spec = cloud.kube().find(SYNCS + "edge-1.uid-a").orElseThrow().getAsJsonObject("spec");
            assertEquals("{\"objectAPIVersion\":\"v1\",\"objectKind\":\"Pod\",\"objectName\":\"a\"}", spec.toString());
        }
    }

    @Test
    void afterAReconnectAStockEdgeGetsOnlyWhatChanged() throws Exception {
        cloud.addPod("same", "uid-same", "edge-1");
        cloud.addPod("changed", "uid-changed", "edge-1");
        cloud.addPod("gone", "uid-gone", "edge-1");
        cloud.addPod("again", "uid-old", "edge-1");
        try (TestEdge edge = cloud.connect(identity, "edge-1")) {
            java.util.Set<String> pods = new java.util.HashSet<>();
            while (pods.size() < 4) {
                Message push = edge.await(3000, DeliveryTest::isPush);
                edge.acknowledge(push);
                if (push.resource().startsWith("default/pod/")) {
                    pods.add(push.resource());
                }
            }
            for (String uid : List.of("uid-same", "uid-changed", "uid-gone", "uid-old")) {
                syncVersion(uid);
            }
        }
        String changed = cloud.addPod("changed", "uid-changed", "edge-1").getAsJsonObject("metadata").get("resourceVersion").getAsString();
        cloud.kube().delete("/api/v1/namespaces/default/pods/gone", null);
        cloud.kube().delete("/api/v1/namespaces/default/pods/again", null);
        cloud.addPod("again", "uid-new", "edge-1");
        try (TestEdge edge = cloud.connect(identity, "edge-1")) {
            List<String> got = new ArrayList<>();
            Map<String, String> store = new HashMap<>(Map.of("default/pod/again", "uid-old"));
            for (int i = 0; i < 4 && !(got.size() >= 3 && got.contains("delete default/pod/gone")); i++) {
                Message push = edge.await(4000, m -> isPush(m) && !m.resource().startsWith("null/"));
                got.add(push.operation() + " " + push.resource());
                String uid = push.content().getAsJsonObject().getAsJsonObject("metadata").get("uid").getAsString();
                if (push.operation().equals("delete")) {
                    store.remove(push.resource()); // by name, as stock edges do
                } else {
                    store.put(push.resource(), uid);
                }
                edge.acknowledge(push);
                if (push.resource().endsWith("changed")) {
                    assertEquals(changed, push.resourceVersion());
                }
            }
            edge.expectNone(1500, m -> isPush(m) && m.resource().equals("default/pod/same"));
            assertTrue(got.contains("update default/pod/changed"), got.toString());
            assertTrue(got.contains("delete default/pod/gone"), got.toString());
            assertEquals("uid-new", store.get("default/pod/again"), got.toString());
            await("the sync object of the old uid is gone", () -> cloud.kube().find(SYNCS + "edge-1.uid-old").isEmpty() ? true : null);
        }
    }

    @Test
    @Tag("slow")
    void whatIsNotAcknowledgedIsSentAgainUnderTheSameId() throws Exception {
        cloud.addPod("a", "uid-a", "edge-1");
        try (TestEdge edge = cloud.connect(identity, "edge-1")) {
            edge.keepalive();
            Message first = edge.await(3000, m -> isPush(m) && !m.resource().startsWith("null/"));
            long at = System.nanoTime();
            Message second = edge.await(7000, DeliveryTest::isPush);
            assertEquals(first, second);
            long millis = (System.nanoTime() - at) / 1_000_000;
            assertTrue(millis >= 4700 && millis <= 6000, millis + " ms");
        }
    }

    @Test
    void aChangeWhileConnectedArrivesAtOnceAndOnlyItsNewestVersion() throws Exception {
        try (TestEdge edge = cloud.connect(identity, "edge-1")) {
            acknowledged(edge, "null/node/edge-1");
            cloud.addPod("p", "uid-p", "edge-1");
            Message first = edge.await(1000, m -> isPod(m, "p"));
            cloud.addPod("p", "uid-p", "edge-1");
            String newest = cloud.addPod("p", "uid-p", "edge-1").getAsJsonObject("metadata").get("resourceVersion").getAsString();
            edge.acknowledge(first);
            Message second = edge.await(1000, m -> isPod(m, "p"));
            assertEquals(newest, second.resourceVersion());
            assertEquals("update", second.operation());
            edge.acknowledge(second);
            await("the newest version is recorded", () -> syncVersion("uid-p").equals(newest) ? true : null);
        }
    }

    @Test
    void versionsThatAreNoNumbersAreDeliveredAndHarmNobody() throws Exception {
        try (TestEdge edge = cloud.connect(identity, "edge-1")) {
            acknowledged(edge, "null/node/edge-1");
            JsonObject sync = object("edge-1.uid-p");
            sync.getAsJsonObject("metadata").addProperty("namespace", "default");
            sync.add("spec", TestEdge.json("{\"objectAPIVersion\":\"v1\",\"objectKind\":\"Pod\",\"objectName\":\"p\"}"));
            sync.add("status", TestEdge.json("{\"objectResourceVersion\":\"not a number\"}"));
            cloud.kube().put(SYNCS + "edge-1.uid-p", sync);
        }
        cloud.addPod("p", "uid-p", "edge-1");
        try (TestEdge edge = cloud.connect(identity, "edge-1")) {
            assertEquals("update", acknowledged(edge, "default/pod/p").operation());
        }
    }

    @Test
    void aDeletedNodeEndsTheSessionAndItsSyncObjects() throws Exception {
        cloud.addPod("a", "uid-a", "edge-1");
        try (TestEdge edge = cloud.connect(identity, "edge-1")) {
            edge.acknowledge(edge.await(3000, DeliveryTest::isPush));
            edge.acknowledge(edge.await(3000, DeliveryTest::isPush));
            syncVersion("uid-a");
            cloud.kube().delete("/api/v1/nodes/edge-1", null);
            assertEquals(1008, edge.awaitClose(3000).closeCode());
            await("sync objects are gone", () -> cloud.kube().find(SYNCS + "edge-1.uid-a").isEmpty() ? true : null);
        }
    }

    @Test
    void aStockEdgeThatLostItsDatabaseGetsEverythingAgain() throws Exception {
        cloud.addPod("a", "uid-a", "edge-1");
        try (TestEdge edge = cloud.connect(identity, "edge-1")) {
            acknowledged(edge, "null/node/edge-1");
            acknowledged(edge, "default/pod/a");
            syncVersion("uid-a");
        }
        try (TestEdge edge = cloud.connect(identity, "edge-1")) {
            edge.expectNone(300, DeliveryTest::isPush);
            edge.send(Message.create("edged", "meta", "insert", "null/node/edge-1", TestEdge.json("{\"metadata\":{\"name\":\"edge-1\"}}")));
            assertEquals("update", acknowledged(edge, "null/node/edge-1").operation());
            assertEquals("insert", acknowledged(edge, "default/pod/a").operation());
        }
    }

    @Test
    void theNodeNamesTheCloudThatItIsConnectedTo() throws Exception {
        cloud.kube().patch("/api/v1/nodes/edge-1", io.kelp.cloud.kube.KubeApi.PatchType.MERGE, "{\"metadata\":{\"annotations\":null}}");
        try (TestEdge edge = cloud.connect(identity, "edge-1")) {
            edge.keepalive();
            assertEquals("127.0.0.1", await("annotation", () -> cloud.kube().find("/api/v1/nodes/edge-1").orElseThrow().getAsJsonObject("metadata")
                    .get("annotations") instanceof JsonObject all && all.has("cloudcore") ? all.get("cloudcore").getAsString() : null));
        }
    }

    // ---- between Kelp halves ----

    private static void inventory(TestEdge edge, boolean complete, JsonObject... items) throws Exception {
        JsonArray all = new JsonArray();
        List.of(items).forEach(all::add);
        JsonObject content = new JsonObject();
        content.add("items", all);
        content.add("complete", new JsonPrimitive(complete));
        edge.send(Message.create("kelp", "kelp", "inventory", "kelp", content));
    }

    private static JsonObject item(String type, String name, String uid, String version) {
        JsonObject item = new JsonObject();
        item.addProperty("apiVersion", "v1");
        item.addProperty("type", type);
        item.addProperty("namespace", type.equals("node") ? "null" : "default");
        item.addProperty("name", name);
        item.addProperty("uid", uid);
        item.addProperty("resourceVersion", version);
        return item;
    }

    @Test
    void aKelpGatewayIsGreetedAndGetsExactlyTheDifference() throws Exception {
        String node = cloud.kube().find("/api/v1/nodes/edge-1").orElseThrow().getAsJsonObject("metadata").get("resourceVersion").getAsString();
        String same = cloud.addPod("same", "uid-same", "edge-1").getAsJsonObject("metadata").get("resourceVersion").getAsString();
        cloud.addPod("stale", "uid-stale", "edge-1");
        cloud.addPod("missing", "uid-missing", "edge-1");
        cloud.addPod("again", "uid-new", "edge-1");
        try (TestEdge edge = cloud.connectKelp(identity, "edge-1")) {
            assertTrue(edge.header("kelp-protocol").startsWith("1; window="));
            Message hello = edge.await(2000, m -> true);
            assertEquals("hello", hello.operation());
            assertEquals("kelp", hello.group());
            assertEquals(1, hello.content().getAsJsonObject().get("protocol").getAsInt());
            assertTrue(Math.abs(hello.content().getAsJsonObject().get("timeMillis").getAsLong() - System.currentTimeMillis()) < 5000);
            edge.expectNone(300, DeliveryTest::isPush); // nothing before the inventory
            inventory(edge, false, item("node", "edge-1", "uid-node", node), item("pod", "same", "uid-same", same));
            inventory(edge, true, item("pod", "stale", "uid-stale", "7"), item("pod", "gone", "uid-gone", "9"), item("pod", "again", "uid-old", "8"));
            Set<String> got = new HashSet<>();
            for (int i = 0; i < 5; i++) {
                Message push = edge.await(4000, m -> isPush(m) && !m.resource().equals("null/node/edge-1"));
                got.add(push.operation() + " " + push.resource() + " "
                        + push.content().getAsJsonObject().getAsJsonObject("metadata").get("uid").getAsString());
                edge.acknowledge(push);
            }
            assertEquals(Set.of("update default/pod/stale uid-stale", "insert default/pod/missing uid-missing",
                    "insert default/pod/again uid-new", "delete default/pod/gone uid-gone", "delete default/pod/again uid-old"), got);
            edge.expectNone(500, DeliveryTest::isPush);
            assertTrue(cloud.kube().writes().stream().noneMatch(w -> w.contains("objectsyncs")), "no sync objects for Kelp gateways");
        }
    }

    @Test
    void aWindowOfObjectsIsInFlightToAKelpGateway() throws Exception {
        for (int i = 0; i < 40; i++) {
            cloud.addPod("p" + i, "uid-" + i, "edge-1");
        }
        try (TestEdge edge = cloud.connectKelp(identity, "edge-1")) {
            inventory(edge, true);
            List<Message> flying = new ArrayList<>();
            for (int i = 0; i < 32; i++) {
                flying.add(edge.await(3000, DeliveryTest::isPush));
            }
            edge.expectNone(200, DeliveryTest::isPush);
            assertEquals(32, flying.stream().map(Message::resource).distinct().count());
            for (Message message : flying) {
                edge.acknowledge(message);
            }
            for (int i = 0; i < 9; i++) {
                edge.acknowledge(edge.await(3000, DeliveryTest::isPush));
            }
        }
    }

    @Test
    @Tag("slow")
    void anApiServerThatWentBackIsFollowed() throws Exception {
        cloud.kube().nextVersion(5000);
        String version = cloud.addPod("p", "uid-p", "edge-1").getAsJsonObject("metadata").get("resourceVersion").getAsString();
        assertEquals("5000", version);
        try (TestEdge edge = cloud.connectKelp(identity, "edge-1")) {
            edge.keepalive();
            inventory(edge, true, item("pod", "p", "uid-p", "9000"));
            acknowledged(edge, "null/node/edge-1");
            Message push = edge.await(12_000, m -> isPod(m, "p"));
            assertEquals("5000", push.resourceVersion());
            assertNotEquals("delete", push.operation());
        }
    }

    @Test
    void aGatewayThatSaysGoodbyeIsLetGoAndOneThatStaysIsToldToReconnect() throws Exception {
        try (TestEdge edge = cloud.connectKelp(identity, "edge-1")) {
            edge.send(Message.create("kelp", "kelp", "goodbye", "kelp", null));
            assertEquals(1000, edge.awaitClose(3000).closeCode());
        }
        try (TestEdge edge = cloud.connectKelp(identity, "edge-1")) {
            edge.await(2000, m -> m.operation().equals("hello"));
            cloud.close();
            Message told = edge.await(3000, m -> m.operation().equals("reconnect"));
            assertTrue(told.content().getAsJsonObject().get("retryAfterMillis").getAsLong() > 0);
            assertEquals(1001, edge.awaitClose(3000).closeCode());
        }
    }

    @Test
    void aStockEdgeCannotUseWhatItDidNotNegotiate() throws Exception {
        try (TestEdge edge = cloud.connect(identity, "edge-1")) {
            inventory(edge, true, item("pod", "x", "uid-x", "1"));
            edge.expectNone(400, m -> m.group().equals("kelp"));
            assertFalse(cloud.kube().writes().stream().anyMatch(w -> w.contains("uid-x")));
        }
    }
}
