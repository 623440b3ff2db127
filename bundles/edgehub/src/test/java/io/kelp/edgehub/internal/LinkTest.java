package io.kelp.edgehub.internal;

import static io.kelp.edgehub.internal.HubFixture.SOON;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.kelp.edgehub.CloudLink.Peer;
import io.kelp.edgehub.CloudLink.State;
import io.kelp.edgehub.CloudMessageHandler.StoredObject;
import io.kelp.edgehub.LinkException;
import io.kelp.edgehub.internal.HubFixture.Recorder;
import io.kelp.edgehub.internal.link.LinkSettings;
import io.kelp.message.Message;
import io.kelp.message.MessageCodec;
import io.kelp.testkit.cloud.FakeCloud;
import io.kelp.testkit.cloud.FakeConnection;
import io.kelp.testkit.cloud.TestAuthority;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The link against a cloud that speaks real TLS and WebSocket on loopback. */
class LinkTest {

    @TempDir Path data;
    private final TestAuthority authority = HubFixture.authority();
    private FakeCloud cloud;
    private EdgeHub hub;

    @BeforeEach
    void open() throws Exception {
        cloud = new FakeCloud(authority);
        hub = HubFixture.joined(authority, "edge-a", cloud.hubPort(), cloud.joinPort(), data, HubFixture.quick(), InstantSource.system());
    }

    @AfterEach
    void close() throws Exception {
        hub.close();
        cloud.close();
    }

    private static boolean is(JsonObject message, String operation) {
        JsonObject route = message.getAsJsonObject("route");
        return route.has("operation") && route.get("operation").getAsString().equals(operation);
    }

    private static Message pod(String name) {
        JsonObject metadata = new JsonObject();
        metadata.addProperty("name", name);
        metadata.addProperty("uid", "u-" + name);
        JsonObject pod = new JsonObject();
        pod.add("metadata", metadata);
        return Message.ofObject("edgecontroller", "resource", "insert", "default/pod/" + name, "7", pod);
    }

    @Test
    void encryptsWithWhatIsCheapWithoutAnOptimisingCompiler() throws Exception {
        hub.start();
        assertTrue(cloud.connection(SOON).cipherSuite().contains("CHACHA20"));
    }

    @Test
    void connectsAsAStockEdgeDoes() throws Exception {
        hub.start();
        FakeConnection gateway = cloud.connection(SOON);
        assertEquals("GET /e632aba927ea4ac2b575ec1603d56f10/edge-a/events HTTP/1.1", gateway.requestLine());
        assertEquals("edge-a", gateway.header("node_id"));
        assertEquals("e632aba927ea4ac2b575ec1603d56f10", gateway.header("project_id"));
        assertEquals("msg", gateway.header("connectionuse"));
        assertEquals("1; window=32", gateway.header("kelp-protocol"));
        assertNull(gateway.header("origin"));
        assertNull(gateway.header("sec-websocket-extensions"));
        assertNull(gateway.header("sec-websocket-protocol"));
        assertEquals(1, gateway.chain().length);
        String first = gateway.poll(SOON);
        Message keepAlive = MessageCodec.decode(first);
        assertTrue(first.endsWith("\n"));
        assertEquals("websocket resource keepalive node", keepAlive.source() + " " + keepAlive.group() + " "
                + keepAlive.operation() + " " + keepAlive.resource());
        assertEquals(new JsonPrimitive("ping"), keepAlive.content());
        gateway.next(m -> is(m, "keepalive"), Duration.ofSeconds(4));
        HubFixture.awaitState(hub, State.CONNECTED, SOON);
        assertEquals(Peer.KUBEEDGE, hub.status().peer());
    }

    @Test
    void aKelpCloudIsKnownByItsHelloAndGetsTheInventory() throws Exception {
        cloud.kelp = true;
        Recorder pods = new Recorder(m -> m.resource().contains("/pod/"));
        pods.stored = List.of(new StoredObject("v1", "pod", "default", "web", "u1", "5"));
        hub.add(pods, 0);
        hub.start();
        FakeConnection gateway = cloud.connection(SOON);
        JsonObject inventory = gateway.next(m -> is(m, "inventory"), SOON).getAsJsonObject("content");
        assertTrue(inventory.get("complete").getAsBoolean());
        assertEquals("u1", inventory.getAsJsonArray("items").get(0).getAsJsonObject().get("uid").getAsString());
        assertEquals("connected KELP", pods.events.poll(5, TimeUnit.SECONDS));

        hub.add(new Recorder(m -> false), 0);
        gateway.next(m -> is(m, "inventory"), SOON); // a handler came, so what nobody took is asked for again
    }

    private static Message numbered(int n) {
        return Message.create("twin", "resource", "update", "n" + n, JsonNull.INSTANCE);
    }

    private void sendThreeTogether() {
        hub.together(() -> {
            for (int i = 0; i < 3; i++) {
                assertTrue(hub.send(numbered(i)));
            }
        });
    }

    @Test
    void whatIsSentTogetherLeavesInOneTextWhenTheCloudReadsThat() throws Exception {
        cloud.kelp = true;
        hub.start();
        FakeConnection gateway = cloud.connection(SOON);
        gateway.next(m -> is(m, "inventory"), SOON);
        gateway.send("{\"header\":{\"msg_id\":\"a\",\"timestamp\":0},\"route\":{\"group\":\"kelp\",\"operation\":\"hello\"},"
                + "\"content\":{\"lines\":true}}\n" + MessageCodec.encode(Message.create("kelp", "kelp", "other", "kelp", JsonNull.INSTANCE)));
        HubFixture.await(() -> hub.link().traffic().receivedMessages() >= 3, SOON, "both messages of one text");
        sendThreeTogether();
        String text = gateway.poll(SOON);
        while (text != null && !text.contains("n0")) {
            text = gateway.poll(SOON);
        }
        String[] lines = text.split("\n");
        assertEquals(3, lines.length, text);
        for (int i = 0; i < 3; i++) {
            assertEquals("n" + i, MessageCodec.decode(lines[i]).resource());
        }
    }

    @Test
    void aCloudThatDoesNotSaySoGetsOneMessageInATextAlthoughTheyAreSentTogether() throws Exception {
        cloud.kelp = true;
        hub.start();
        FakeConnection gateway = cloud.connection(SOON);
        gateway.next(m -> is(m, "inventory"), SOON);
        sendThreeTogether();
        for (int i = 0; i < 3; i++) {
            int n = i;
            gateway.next(m -> m.toString().contains("\"n" + n + "\""), SOON); // which refuses a second one in the text
        }
    }

    @Test
    void aStockCloudNeverSeesKelpMessages() throws Exception {
        hub.add(new Recorder(m -> true), 0);
        hub.start();
        FakeConnection gateway = cloud.connection(SOON);
        HubFixture.awaitState(hub, State.CONNECTED, SOON);
        assertThrows(AssertionError.class,
                () -> gateway.next(m -> m.toString().contains("\"kelp\""), Duration.ofMillis(600)));
    }

    @Test
    void aPushIsAcknowledgedWhenItIsStoredAndOnlyThen() throws Exception {
        CompletableFuture<Void> stored = new CompletableFuture<>();
        Recorder pods = new Recorder(m -> true);
        pods.work = m -> stored;
        hub.add(pods, 0);
        hub.start();
        FakeConnection gateway = cloud.connection(SOON);
        Message push = pod("web");
        gateway.send(MessageCodec.encode(push));
        assertEquals(push.id(), pods.messages.poll(5, TimeUnit.SECONDS).id());
        assertThrows(AssertionError.class, () -> gateway.next(m -> is(m, "response"), Duration.ofMillis(200)));
        gateway.send(MessageCodec.encode(push)); // stock clouds repeat; it must not be handled twice
        stored.complete(null);
        Message ack = MessageCodec.decode(gateway.next(m -> is(m, "response"), SOON).toString());
        assertEquals(push.id(), ack.parentId());
        assertEquals("edgecontroller resource default/pod/web", ack.source() + " " + ack.group() + " " + ack.resource());
        assertEquals(new JsonPrimitive("OK"), ack.content());
        gateway.send(MessageCodec.encode(push)); // its acknowledgement was lost
        gateway.next(m -> is(m, "response"), SOON);
        assertTrue(pods.messages.isEmpty());
    }

    @Test
    void aPushThatCannotBeStoredIsRefused() throws Exception {
        Recorder pods = new Recorder(m -> true);
        pods.work = m -> CompletableFuture.failedFuture(new IllegalStateException("disk full"));
        hub.add(pods, 0);
        hub.start();
        FakeConnection gateway = cloud.connection(SOON);
        gateway.send(MessageCodec.encode(pod("web")));
        JsonObject error = gateway.next(m -> is(m, "error"), SOON);
        assertEquals("disk full", error.get("content").getAsString());
        assertEquals("metamanager", error.getAsJsonObject("route").get("source").getAsString());
    }

    @Test
    void anUnclaimedPushStaysUnacknowledged() throws Exception {
        hub.start();
        FakeConnection gateway = cloud.connection(SOON);
        gateway.send(MessageCodec.encode(pod("web")));
        assertThrows(AssertionError.class, () -> gateway.next(m -> !is(m, "keepalive"), Duration.ofMillis(300)));
    }

    @Test
    void aSlowHandlerDelaysNobodyElse() throws Exception {
        Recorder slow = new Recorder(m -> m.resource().contains("slow"));
        slow.work = m -> new CompletableFuture<>();
        Recorder quick = new Recorder(m -> !m.resource().contains("slow"));
        hub.add(slow, 0);
        hub.add(quick, 0);
        hub.start();
        FakeConnection gateway = cloud.connection(SOON);
        for (int i = 0; i < 600; i++) { // more than the slow one's queue holds
            gateway.send(MessageCodec.encode(pod("slow" + i)));
        }
        gateway.send(MessageCodec.encode(pod("quick")));
        assertEquals("default/pod/quick", quick.messages.poll(5, TimeUnit.SECONDS).resource());
        gateway.next(m -> is(m, "response"), SOON);
        assertEquals(600 - 512, hub.link().traffic().overflowedMessages());
    }

    @Test
    void longMessagesCannotFillTheMemoryThroughASlowHandler() throws Exception {
        Recorder slow = new Recorder(m -> true);
        slow.work = m -> new CompletableFuture<>();
        hub.add(slow, 0);
        hub.start();
        FakeConnection gateway = cloud.connection(SOON);
        String bulk = "x".repeat(1_000_000);
        for (int i = 0; i < 20; i++) {
            gateway.send(MessageCodec.encode(Message.ofObject("edgecontroller", "resource", "update", "default/configmap/c" + i, "1",
                    new JsonPrimitive(bulk))));
        }
        HubFixture.await(() -> hub.link().traffic().receivedMessages() == 20, Duration.ofSeconds(10), "all messages");
        HubFixture.await(() -> hub.link().traffic().overflowedMessages() == 13, SOON, "7 of 8 million characters kept");
    }

    @Test
    void anAnswerGoesToTheRequestAndIsAcknowledged() throws Exception {
        hub.start();
        FakeConnection gateway = cloud.connection(SOON);
        HubFixture.awaitState(hub, State.CONNECTED, SOON);
        Message request = Message.create("edged", "meta", "query", "default/configmap/app", JsonNull.INSTANCE);
        CompletableFuture<Message> answer = hub.request(request, SOON).toCompletableFuture();
        Message asked = MessageCodec.decode(gateway.next(m -> is(m, "query"), SOON).toString());
        Message given = asked.withSourceAndGroup("edgecontroller", "resource").respond(new JsonObject());
        gateway.send(MessageCodec.encode(given));
        assertEquals(given.id(), answer.get(5, TimeUnit.SECONDS).id());
        assertEquals(given.id(), gateway.next(m -> is(m, "response"), SOON).getAsJsonObject("header").get("parent_msg_id").getAsString());
    }

    @Test
    void aRequestFailsWhenTheLinkBreaks() throws Exception {
        hub.start();
        FakeConnection gateway = cloud.connection(SOON);
        HubFixture.awaitState(hub, State.CONNECTED, SOON);
        CompletableFuture<Message> answer = hub.request(
                Message.create("edged", "meta", "query", "default/pod/x", JsonNull.INSTANCE), Duration.ofSeconds(30)).toCompletableFuture();
        gateway.next(m -> is(m, "query"), SOON);
        gateway.reset();
        ExecutionException e = assertThrows(ExecutionException.class, () -> answer.get(5, TimeUnit.SECONDS));
        assertInstanceOf(LinkException.class, e.getCause());
    }

    @Test
    void redialsWithinASecondAfterALoss() throws Exception {
        Recorder recorder = new Recorder(m -> true);
        hub.add(recorder, 0);
        hub.start();
        cloud.connection(SOON).reset();
        cloud.connection(Duration.ofSeconds(2));
        HubFixture.awaitState(hub, State.CONNECTED, SOON);
    }

    @Test
    @Tag("slow")
    void aFrozenPeerIsLeftWithinItsDeadlines() throws Exception {
        hub.start();
        FakeConnection gateway = cloud.connection(SOON);
        HubFixture.awaitState(hub, State.CONNECTED, SOON);
        gateway.freeze();
        cloud.connection(Duration.ofSeconds(6)); // ping 1 s, pong deadline 1 s, tick 1 s, redial 0.2 s
        assertTrue(hub.status().lastError().contains("ping"), hub.status().lastError());
    }

    @Test
    @Tag("slow")
    void aPeerThatTakesNothingIsLeftByTheWriteDeadline() throws Exception {
        cloud.kelp = true; // no pacing
        hub.start();
        FakeConnection gateway = cloud.connection(SOON);
        HubFixture.awaitState(hub, State.CONNECTED, SOON);
        gateway.freeze();
        String bulk = "x".repeat(200_000);
        for (int i = 0; i < 30; i++) {
            hub.send(Message.create("twin", "resource", "update", "device/a/twin", new JsonPrimitive(bulk)));
        }
        cloud.connection(Duration.ofSeconds(7));
    }

    @Test
    void aCloudWithoutSessionIsLeftWhenItAnswersNothing() throws Exception {
        hub.start();
        cloud.connection(SOON);
        HubFixture.awaitState(hub, State.CONNECTED, SOON);
        for (int i = 0; i < 2; i++) {
            Message request = Message.create("edged", "meta", "query", "kube-node-lease/lease/edge-a", JsonNull.INSTANCE);
            assertThrows(ExecutionException.class, () -> hub.request(request, Duration.ofMillis(100)).toCompletableFuture().get());
        }
        cloud.connection(Duration.ofSeconds(2));
        assertTrue(hub.status().lastError().contains("no session"), hub.status().lastError());
    }

    @Test
    void aDeviceThatTheCloudDoesNotKnowLeavesTheLinkAlone() throws Exception {
        hub.start();
        cloud.connection(SOON);
        HubFixture.awaitState(hub, State.CONNECTED, SOON);
        for (int i = 0; i < 5; i++) { // a stock cloud answers none of them, and a quiet one says nothing else either
            Message request = Message.create("twin", "resource", "update", "device/unknown/twin/edge_updated", new JsonObject());
            assertThrows(ExecutionException.class, () -> hub.request(request, Duration.ofMillis(50)).toCompletableFuture().get());
        }
        assertThrows(AssertionError.class, () -> cloud.connection(Duration.ofMillis(700)));
        assertEquals(State.CONNECTED, hub.status().state());
    }

    @Test
    @Tag("slow")
    void theCloudsRetryAfterIsObeyed() throws Exception {
        cloud.refuseUpgrade = "503 Busy\r\nRetry-After: 2";
        hub.start();
        HubFixture.await(() -> hub.status().lastError().contains("503"), SOON, "the refusal");
        cloud.refuseUpgrade = null;
        assertThrows(AssertionError.class, () -> cloud.connection(Duration.ofMillis(1500)));
        cloud.connection(Duration.ofSeconds(3));
    }

    @Test
    void towardsAStockCloudThePaceIsThirtyPerSecondAfterABurst() throws Exception {
        hub.start();
        FakeConnection gateway = cloud.connection(SOON);
        HubFixture.awaitState(hub, State.CONNECTED, SOON);
        for (int i = 0; i < 200; i++) {
            assertTrue(hub.send(Message.create("twin", "resource", "update", "n" + i, JsonNull.INSTANCE)));
        }
        long end = System.nanoTime() + Duration.ofMillis(1000).toNanos();
        int count = 0;
        while (System.nanoTime() - end < 0) {
            String text = gateway.poll(Duration.ofMillis(20));
            count += text != null && text.contains("\"twin\"") ? 1 : 0;
        }
        assertTrue(count >= 60 && count <= 100, "in the first second: " + count);
    }

    @Test
    void hostileMessagesDoNotEndTheLinkNorTheProcess() throws Exception {
        Recorder pods = new Recorder(m -> true);
        hub.add(pods, 0);
        hub.start();
        FakeConnection gateway = cloud.connection(SOON);
        gateway.send("hello");
        gateway.send("{}");
        gateway.send("");
        gateway.send("[".repeat(100_000));
        gateway.send("{\"header\":{\"msg_id\":5},\"route\":[]}");
        gateway.send("{\"header\":{\"msg_id\":\"a\",\"timestamp\":0},\"route\":{\"group\":\"kelp\",\"operation\":\"hello\"},\"content\":{\"timeMillis\":\"x\"}}");
        gateway.send("{\"header\":{\"msg_id\":\"b\",\"timestamp\":0},\"route\":{\"group\":\"kelp\",\"operation\":\"reconnect\"},\"content\":{\"retryAfterMillis\":{}}}");
        byte[] huge = "y".repeat(5_000_000).getBytes(StandardCharsets.US_ASCII);
        gateway.frame(FakeConnection.TEXT, true, huge, 0, huge.length);
        byte[] binary = MessageCodec.encode(pod("binary")).getBytes(StandardCharsets.UTF_8);
        gateway.frame(FakeConnection.BINARY, true, binary, 0, binary.length);
        assertEquals("default/pod/binary", pods.messages.poll(5, TimeUnit.SECONDS).resource());
        assertFalse(gateway.isEnded());
        assertEquals(8, hub.link().traffic().malformedMessages());
    }

    @Test
    void aMessageInFragmentsIsPutTogether() throws Exception {
        Recorder pods = new Recorder(m -> true);
        hub.add(pods, 0);
        hub.start();
        FakeConnection gateway = cloud.connection(SOON);
        Message big = Message.ofObject("edgecontroller", "resource", "update", "default/configmap/big", "9",
                new JsonPrimitive("ä€😀".repeat(100_000)));
        gateway.send(MessageCodec.encode(big));
        assertEquals(big.content(), pods.messages.poll(10, TimeUnit.SECONDS).content());
    }

    @Test
    void theLibrarysOwnOperationsAreAnsweredAsTheStockLibraryDoes() throws Exception {
        hub.start();
        FakeConnection gateway = cloud.connection(SOON);
        Message ping = Message.create("x", "resource", "ping", "node", JsonNull.INSTANCE);
        gateway.send(MessageCodec.encode(ping));
        assertEquals("ack", gateway.next(m -> is(m, "response"), SOON).get("content").getAsString());
    }

    @Test
    void towardsAKelpCloudTheNewConnectionIsReadyBeforeTheOldOneEnds() throws Exception {
        cloud.kelp = true;
        hub.start();
        FakeConnection old = cloud.connection(SOON);
        HubFixture.awaitState(hub, State.CONNECTED, SOON);
        old.send("{\"header\":{\"msg_id\":\"r\",\"timestamp\":1},\"route\":{\"source\":\"kelp\",\"group\":\"kelp\","
                + "\"operation\":\"reconnect\",\"resource\":\"kelp\"},\"content\":{\"retryAfterMillis\":10}}");
        FakeConnection fresh = cloud.connection(SOON);
        assertFalse(old.isEnded());
        old.next(m -> is(m, "goodbye"), SOON);
        assertTrue(old.awaitEnd(SOON));
        assertEquals(State.CONNECTED, hub.status().state());
        assertTrue(hub.send(Message.create("twin", "resource", "update", "after", JsonNull.INSTANCE)));
        fresh.next(m -> m.toString().contains("after"), SOON);
    }

    @Test
    void manySendersAtOnceLoseNothing() throws Exception {
        cloud.kelp = true;
        hub.start();
        FakeConnection gateway = cloud.connection(SOON);
        HubFixture.awaitState(hub, State.CONNECTED, SOON);
        List<Thread> senders = new ArrayList<>();
        for (int t = 0; t < 8; t++) {
            int sender = t;
            senders.add(new Thread(() -> {
                for (int i = 0; i < 200; i++) {
                    hub.send(Message.create("twin", "resource", "update", "s" + sender + "-" + i, JsonNull.INSTANCE));
                }
            }));
        }
        senders.forEach(Thread::start);
        int last[] = {-1, -1, -1, -1, -1, -1, -1, -1};
        for (int i = 0; i < 1600; i++) {
            String resource = gateway.next(m -> is(m, "update"), SOON).getAsJsonObject("route").get("resource").getAsString();
            int sender = resource.charAt(1) - '0';
            int number = Integer.parseInt(resource.substring(3));
            assertEquals(last[sender] + 1, number, "order of sender " + sender);
            last[sender] = number;
        }
    }

    @Test
    void attemptsWhileTheCloudIsAwayPileUpNoThreads() throws Exception {
        cloud.close();
        long before = Thread.getAllStackTraces().keySet().stream()
                .filter(t -> t.getName().matches("HttpClient-.*SelectorManager")).count();
        LinkSettings s = HubFixture.quick();
        Duration brief = Duration.ofMillis(20);
        try (EdgeHub lost = HubFixture.existing("edge-a", cloud.hubPort(), cloud.joinPort(), data,
                new LinkSettings(s.keepAlive(), s.ping(), s.pongDeadline(), s.writeDeadline(), s.dialDeadline(),
                        s.helloWait(), s.drainTime(), brief, brief, s.outboxMessages(), s.outboxCharacters(), 30, 60, 2000, 4000),
                InstantSource.system())) {
            lost.start();
            long most = 0;
            for (long end = System.nanoTime() + Duration.ofSeconds(1).toNanos(); System.nanoTime() < end; Thread.sleep(20)) {
                most = Math.max(most, Thread.getAllStackTraces().keySet().stream()
                        .filter(t -> t.getName().matches("HttpClient-.*SelectorManager")).count() - before);
            }
            assertTrue(most <= 2, most + " selector threads");
        }
    }
}
