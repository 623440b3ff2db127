package io.kelp.cloud.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.cloud.cli.TestCloud.Identity;
import io.kelp.message.Message;
import io.kelp.message.MessageCodec;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/** The message port against the recorded probes of a stock cloud. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MessagePortReplayTest {

    /** Probes that we refuse, because the specification calls it a bug that a stock cloud does not. */
    private static final Map<String, String> REFUSED = Map.of(
            // trap 15: the header is not bound to the certificate
            "node_id of another node", "HTTP/1.1 403 Forbidden",
            "node_id of a node that does not exist in Kubernetes", "HTTP/1.1 403 Forbidden",
            // section 2.1: accepted, but never read from; we say so
            "no ConnectionUse header", "HTTP/1.1 400 Bad Request",
            "ConnectionUse xyz", "HTTP/1.1 400 Bad Request");

    /** Other tests have these: answers of the API server, and what lasts half a minute. */
    private static final Set<String> ELSEWHERE = Set.of("first session of a node", "second session of the same node 2 s later",
            "never a keepalive", "one keepalive only", "other messages but no keepalive");

    private TestCloud cloud;
    private TestCloud otherCloud;
    private Identity good;

    @BeforeAll
    void start() throws Exception {
        cloud = new TestCloud();
        otherCloud = new TestCloud();
        good = cloud.join("edge-raw");
    }

    @AfterAll
    void stop() {
        cloud.close();
        otherCloud.close();
    }

    @TestFactory
    Stream<DynamicTest> behavesLikeAStockCloud() throws Exception {
        List<DynamicTest> tests = new ArrayList<>();
        try (Reader reader = new InputStreamReader(
                getClass().getResourceAsStream("/vectors/01-join/websocket-answers.json"), StandardCharsets.UTF_8)) {
            for (JsonElement probe : JsonParser.parseReader(reader).getAsJsonArray()) {
                JsonObject recorded = probe.getAsJsonObject();
                String what = recorded.get("what").getAsString();
                boolean needsApi = recorded.getAsJsonArray("events").asList().stream().map(JsonElement::getAsJsonObject)
                        .anyMatch(e -> e.has("received") && e.get("data").toString().contains("edgecontroller"));
                if (!ELSEWHERE.contains(what) && !needsApi) {
                    tests.add(DynamicTest.dynamicTest(what, () -> replay(what, recorded)));
                }
            }
        }
        assertTrue(tests.size() >= 25, tests.size() + " probes");
        return tests.stream();
    }

    private void replay(String what, JsonObject recorded) throws Exception {
        List<String[]> headers = new ArrayList<>();
        recorded.getAsJsonArray("requestHeaders").forEach(h -> headers.add(new String[] {
            h.getAsJsonArray().get(0).getAsString(),
            h.getAsJsonArray().get(1).getAsString().replace("127.0.0.1:11000", "127.0.0.1:" + cloud.hubPort())}));
        JsonElement certificate = recorded.get("clientCertificate");
        Identity client = certificate.isJsonNull() ? null
                : certificate.getAsString().equals("good") ? good : otherCloud.join("edge-raw");
        if (recorded.has("error")) {
            assertFails(client, recorded, headers);
            return;
        }
        try (TestEdge edge = cloud.connect(client, recorded.get("path").getAsString(), headers)) {
            String expected = REFUSED.getOrDefault(what, recorded.getAsJsonArray("response").get(0).getAsString());
            assertEquals(expected, edge.status());
            if (edge.isOpen()) {
                assertEquals(null, edge.header("Sec-WebSocket-Extensions".toLowerCase(java.util.Locale.ROOT)));
                assertEquals(null, edge.header("sec-websocket-protocol"));
                assertEquals("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", edge.header("sec-websocket-accept"));
                for (JsonElement event : recorded.getAsJsonArray("events")) {
                    play(edge, event.getAsJsonObject());
                }
            }
        }
    }

    /** The handshake fails, at the latest when the answer to the upgrade is read. */
    private void assertFails(Identity client, JsonObject recorded, List<String[]> headers) throws Exception {
        boolean open;
        try (TestEdge edge = cloud.connect(client, recorded.get("path").getAsString(), headers)) {
            open = edge.isOpen();
        } catch (IOException e) {
            open = false;
        }
        assertFalse(open);
    }

    private static void play(TestEdge edge, JsonObject event) throws Exception {
        if (event.has("sent")) {
            send(edge, event.get("sent").getAsString(), event.get("data").getAsString());
        } else if (event.has("received")) {
            expect(edge, event);
        } else if (event.get("event").getAsString().startsWith("closed")) {
            edge.awaitClose(3000);
        } else {
            edge.frame(TestEdge.PING, true, new byte[] {7}); // still open: it answers
            TestEdge.Frame pong = edge.read();
            assertEquals(TestEdge.PONG, pong.opcode(), "still open");
        }
    }

    private static void send(TestEdge edge, String how, String data) throws IOException {
        byte[] bytes = data.getBytes(StandardCharsets.UTF_8);
        switch (how) {
            case "text" -> edge.frame(TestEdge.TEXT, true, bytes);
            case "binary" -> edge.frame(TestEdge.BINARY, true, bytes);
            case "text (not final)" -> edge.frame(TestEdge.TEXT, false, bytes);
            case "continuation (not final)" -> edge.frame(0, false, bytes);
            case "continuation" -> edge.frame(0, true, bytes);
            case "ping" -> edge.frame(TestEdge.PING, true, bytes);
            case "close" -> edge.frame(TestEdge.CLOSE, true, new byte[] {3, (byte) 0xe8});
            default -> throw new AssertionError("unknown " + how);
        }
    }

    /** Everything but the fresh id and the time is as recorded. */
    private static void expect(TestEdge edge, JsonObject event) throws Exception {
        TestEdge.Frame frame = edge.read();
        switch (event.get("received").getAsString()) {
            case "pong" -> {
                assertEquals(TestEdge.PONG, frame.opcode());
                assertEquals(event.get("data").getAsString(), frame.text());
            }
            case "close" -> assertEquals(event.getAsJsonObject("data").get("code").getAsInt(), frame.closeCode());
            default -> {
                assertEquals(TestEdge.TEXT, frame.opcode());
                assertTrue(frame.text().endsWith("\n"));
                Message ours = MessageCodec.decode(frame.text());
                Message theirs = MessageCodec.decode(event.get("data").getAsString());
                assertEquals(theirs.route(), ours.route());
                assertEquals(theirs.parentId(), ours.parentId());
                assertEquals(theirs.content(), ours.content());
                assertEquals(theirs.resourceVersion(), ours.resourceVersion());
                assertTrue(ours.id().matches("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"), ours.id());
            }
        }
    }
}
