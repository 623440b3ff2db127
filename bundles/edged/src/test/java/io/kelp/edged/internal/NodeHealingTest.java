package io.kelp.edged.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.edged.WorkloadRuntime;
import io.kelp.testkit.Await;
import io.kelp.testkit.cloud.FakeConnection;
import io.kelp.testkit.cloud.TestAuthority;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can happen to a Node and its Lease, and that the gateway puts it right, against a small model of an API server. */
class NodeHealingTest {

    private static final Duration SOON = Duration.ofSeconds(5);

    @TempDir Path data;
    private Gateway gateway;
    private volatile JsonObject node; // what the API server has, null when nothing
    private volatile JsonObject lease;
    private volatile int version = 100;
    private volatile boolean mute;
    private volatile int conflicts;
    private volatile int labelUpdates;

    @BeforeEach
    void open() throws Exception {
        gateway = new Gateway(data, "edge-h", Map.of("leaseSeconds", 1, "statusSeconds", 1, "answerSeconds", 1));
        gateway.cloud.onMessage = this::answer;
    }

    @AfterEach
    void close() throws Exception {
        gateway.close();
    }

    private synchronized void answer(FakeConnection connection, String text) {
        JsonObject message = JsonParser.parseString(text).getAsJsonObject();
        JsonObject route = message.getAsJsonObject("route");
        if (mute || !route.has("source") || !route.get("source").getAsString().equals("edged")) {
            return;
        }
        String operation = route.get("operation").getAsString();
        String resource = route.get("resource").getAsString();
        JsonObject content = message.get("content").isJsonObject() ? message.getAsJsonObject("content") : null;
        if (resource.contains("/lease/")) {
            boolean exists = lease != null;
            if (operation.equals("update") && conflicts > 0) {
                conflicts--;
                reply(connection, message, null, "Conflict");
            } else if (operation.equals("insert") == exists) {
                reply(connection, message, null, exists ? "AlreadyExists" : "NotFound");
            } else {
                if (content != null) {
                    lease = named(content, "lease-1");
                }
                reply(connection, message, lease, "");
            }
        } else if (operation.equals("update")) {
            labelUpdates++;
            JsonObject labelled = node.deepCopy(); // the test reads the tree that it has
            labelled.getAsJsonObject("metadata").add("labels", content.getAsJsonObject("metadata").get("labels"));
            node = labelled;
        } else if (operation.equals("insert") == (node != null)) {
            reply(connection, message, null, node != null ? "AlreadyExists" : "NotFound");
        } else {
            if (operation.equals("insert")) {
                node = named(content, UUID.randomUUID().toString());
            } else {
                JsonObject patch = JsonParser.parseString(message.get("content").getAsString()).getAsJsonObject();
                JsonObject patched = node.deepCopy();
                patch.getAsJsonObject("status").entrySet().forEach(m -> patched.getAsJsonObject("status").add(m.getKey(), m.getValue()));
                node = named(patched, patched.getAsJsonObject("metadata").get("uid").getAsString());
            }
            reply(connection, message, node, "");
        }
    }

    private JsonObject named(JsonObject content, String uid) {
        JsonObject object = content.deepCopy();
        object.getAsJsonObject("metadata").addProperty("uid", uid);
        object.getAsJsonObject("metadata").addProperty("resourceVersion", Integer.toString(++version));
        return object;
    }

    @Test
    void aRuntimeGivesTheNodeItsLabelAndRoomForPods() {
        gateway.hub.start();
        Await.until("registered", SOON, () -> node != null);
        assertEquals("0", allocatable("pods"));

        WorkloadRuntime runtime = (WorkloadRuntime) Proxy.newProxyInstance(getClass().getClassLoader(),
                new Class<?>[] {WorkloadRuntime.class}, (proxy, method, arguments) -> switch (method.getName()) {
                    case "handler" -> "osgi";
                    case "version" -> "kelp-osgi://1";
                    case "memoryBytes" -> 20L * 1024 * 1024;
                    default -> throw new UnsupportedOperationException(method.getName());
                });
        gateway.runtimes.add(runtime);
        gateway.agent.runtimesChanged();

        Await.until("the label is there", SOON, () -> node.getAsJsonObject("metadata").getAsJsonObject("labels").has("kelp.io/runtime-osgi"));
        Await.until("there is room", SOON, () -> allocatable("pods").equals("110"));
        assertEquals("20480Ki", allocatable("memory"));
    }

    private String allocatable(String resource) {
        return node.getAsJsonObject("status").getAsJsonObject("allocatable").get(resource).getAsString();
    }

    private static void reply(FakeConnection connection, JsonObject request, JsonObject object, String reason) {
        JsonObject content = new JsonObject();
        content.add("Object", object == null ? JsonNull.INSTANCE : object);
        content.add("Err", reason.isEmpty() ? JsonNull.INSTANCE : JsonParser.parseString(
                "{\"ErrStatus\":{\"metadata\":{},\"status\":\"Failure\",\"message\":\"it is " + reason + "\",\"reason\":\"" + reason + "\",\"code\":409}}"));
        JsonObject answer = JsonParser.parseString("{\"header\":{\"msg_id\":\"" + UUID.randomUUID() + "\",\"parent_msg_id\":"
                + request.getAsJsonObject("header").get("msg_id") + ",\"timestamp\":" + System.currentTimeMillis()
                + "},\"route\":{\"source\":\"edgecontroller\",\"group\":\"resource\",\"operation\":\"response\",\"resource\":"
                + request.getAsJsonObject("route").get("resource") + "}}").getAsJsonObject();
        answer.add("content", content);
        try {
            connection.send(answer + "\n");
        } catch (IOException e) {
            // the test has cut this connection meanwhile
        }
    }

    private static void await(BooleanSupplier condition, Duration within) throws InterruptedException {
        long end = System.nanoTime() + within.toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() - end < 0, "not within " + within);
            Thread.sleep(5);
        }
    }

    private String ownerUid() {
        JsonObject now = lease;
        return now == null ? "" : now.getAsJsonObject("metadata").getAsJsonArray("ownerReferences").get(0).getAsJsonObject().get("uid").getAsString();
    }

    private String renewTime() {
        return lease.getAsJsonObject("spec").get("renewTime").getAsString();
    }

    private String nodeUid() {
        JsonObject now = node;
        return now == null ? "" : now.getAsJsonObject("metadata").get("uid").getAsString();
    }

    private boolean ready() {
        JsonObject now = node;
        return now != null && now.getAsJsonObject("status").toString().contains("EdgeReady");
    }

    @Test
    void aNewNodeIsReadyAndHasItsLeaseWithinASecond() throws Exception {
        long start = System.nanoTime();
        gateway.hub.start();
        await(() -> ready() && lease != null, SOON);
        long millis = (System.nanoTime() - start) / 1_000_000;
        assertTrue(millis < 3000, "took " + millis + " ms");
        assertEquals(nodeUid(), ownerUid());
        String first = renewTime();
        await(() -> renewTime().compareTo(first) > 0, SOON);
        await(() -> gateway.objects.get("node", "null", "edge-h").isPresent(), SOON);
    }

    @Test
    void aDeletedNodeIsRegisteredAgainAndTheLeaseFollows() throws Exception {
        gateway.hub.start();
        await(() -> ready() && lease != null, SOON);
        String before = nodeUid();
        node = null;
        lease = null; // the API server collects it with its owner
        gateway.cloud.connection(SOON).reset(); // what a cloud does when the Node goes
        await(() -> node != null && !nodeUid().equals(before) && ownerUid().equals(nodeUid()), SOON);
    }

    @Test
    void aNodeThatWasMadeAnewMeanwhileGetsALeaseOfItsOwn() throws Exception {
        gateway.hub.start();
        await(() -> ready() && lease != null, SOON);
        node = named(node, "another");
        gateway.cloud.connection(SOON).reset();
        await(() -> ownerUid().equals("another"), SOON);
    }

    @Test
    void anExistingNodeWithoutOurLabelsGetsThem() throws Exception {
        node = named(JsonParser.parseString("{\"metadata\":{\"name\":\"edge-h\"},\"spec\":{},\"status\":{}}").getAsJsonObject(), "premade");
        gateway.hub.start();
        await(() -> ready() && labelUpdates > 0, SOON);
        assertTrue(node.toString().contains("node-role.kubernetes.io/edge"));
        await(() -> ownerUid().equals("premade"), SOON);
    }

    @Test
    void aConflictOfTheLeaseIsResolved() throws Exception {
        gateway.hub.start();
        await(() -> ready() && lease != null, SOON);
        conflicts = 2;
        String before = renewTime();
        await(() -> conflicts == 0 && renewTime().compareTo(before) > 0, SOON);
    }

    @Test
    void aLeaseThatIsGoneIsMadeAgain() throws Exception {
        gateway.hub.start();
        await(() -> ready() && lease != null, SOON);
        lease = null;
        await(() -> lease != null, SOON);
    }

    @Test
    void aCloudThatAnswersNothingIsLeft() throws Exception {
        mute = true;
        gateway.hub.start();
        gateway.cloud.connection(SOON);
        gateway.cloud.connection(Duration.ofSeconds(8)); // two requests of 1 s without an answer, redial
        mute = false;
        await(() -> ready() && lease != null, SOON);
    }

    @Test
    void aClockOf1970NeitherStopsTheNodeNorItsLease() throws Exception {
        gateway.close();
        TestAuthority authority = new TestAuthority(Gateway.FROM, Gateway.TO);
        gateway = new Gateway(data.resolve("1970"), "edge-h", Map.of("leaseSeconds", 1), new Gateway.MemoryStore(), authority,
                InstantSource.fixed(Instant.EPOCH));
        gateway.cloud.onMessage = this::answer;
        gateway.hub.start();
        await(() -> ready() && lease != null, SOON);
        String first = renewTime();
        await(() -> renewTime().compareTo(first) > 0, SOON);
        assertFalse(first.startsWith("1970"), first);
    }
}
