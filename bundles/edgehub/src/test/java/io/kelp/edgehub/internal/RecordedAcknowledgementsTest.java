package io.kelp.edgehub.internal;

import static io.kelp.edgehub.internal.HubFixture.SOON;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import io.kelp.edgehub.CloudLink.State;
import io.kelp.edgehub.internal.HubFixture.Recorder;
import io.kelp.edgehub.internal.link.LinkSettings;
import io.kelp.testkit.cloud.FakeCloud;
import io.kelp.testkit.cloud.FakeConnection;
import io.kelp.testkit.cloud.TestAuthority;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Sends the gateway everything that stock clouds were recorded to send, over a real connection, and
 * compares its acknowledgements with the recorded ones: none missing, none too many, each field but
 * the fresh id and the time. There is no deviation.
 */
class RecordedAcknowledgementsTest {

    @TempDir Path data;

    @ParameterizedTest
    @ValueSource(strings = {"01-join/first-join-and-connect", "01-join/reconnect-restart", "01-join/reconnect-cloud-restart",
        "02-node/registration-and-status", "02-node/second-start-already-registered", "02-node/empty-database-existing-node",
        "03-pod/create", "03-pod/update", "03-pod/delete", "03-pod/delete-2", "03-pod/missing-configmap", "03-pod/outage-and-resync",
        "04-devices-v1beta1/01-create", "04-devices-v1beta1/02-update", "04-devices-v1beta1/03-mqtt-requests",
        "04-devices-v1beta1/04-second-device-move-delete", "04-devices-v1beta1/05-dmi",
        "05-classic-v1.14/01-join", "05-classic-v1.14/02-counter-demo", "05-classic-v1.14/03-counter-demo-second-round",
        "05-classic-v1.14/04-mqtt-requests", "05-classic-v1.14/05-device-changes", "05-classic-v1.14/06-offline-and-reconnect",
        "05-classic-v1.14/07-delete"})
    void acknowledgesWhatAStockEdgeAcknowledges(String file) throws Exception {
        Map<String, JsonObject> sent = new LinkedHashMap<>();
        Map<String, JsonObject> recorded = new LinkedHashMap<>();
        read(file, sent, recorded);
        recorded.keySet().retainAll(sent.keySet()); // answers to what was said before the recording began
        LinkSettings quick = HubFixture.quick();
        LinkSettings unpaced = new LinkSettings(quick.keepAlive(), quick.ping(), quick.pongDeadline(), quick.writeDeadline(),
                quick.dialDeadline(), quick.helloWait(), quick.drainTime(), quick.firstRedial(), quick.redialCap(),
                quick.outboxMessages(), quick.outboxCharacters(), 10_000, 10_000, 10_000, 10_000);
        TestAuthority authority = HubFixture.authority();
        try (FakeCloud cloud = new FakeCloud(authority);
                EdgeHub hub = HubFixture.joined(authority, "edge-p", cloud.hubPort(), cloud.joinPort(), data, unpaced, InstantSource.system())) {
            hub.add(new Recorder(m -> true), 0);
            hub.start();
            FakeConnection gateway = cloud.connection(SOON);
            HubFixture.awaitState(hub, State.CONNECTED, SOON);
            for (JsonObject message : sent.values()) {
                gateway.send(message + "\n");
            }
            Map<String, JsonObject> ours = new LinkedHashMap<>();
            while (ours.size() < recorded.size()) {
                JsonObject ack = gateway.next(RecordedAcknowledgementsTest::isAnswer, SOON);
                ours.put(parent(ack), ack);
            }
            String extra = gateway.poll(Duration.ofMillis(150));
            assertTrue(extra == null || extra.contains("keepalive"), "one too many: " + extra);
            assertEquals(recorded.keySet(), ours.keySet());
            for (String id : recorded.keySet()) {
                assertEquals(normal(recorded.get(id)), normal(ours.get(id)));
            }
        }
    }

    /** The comparison itself: a change of any field must be seen. */
    @Test
    void noChangeOfAnyFieldEscapesTheComparison() throws Exception {
        Map<String, JsonObject> recorded = new LinkedHashMap<>();
        read("04-devices-v1beta1/01-create", new LinkedHashMap<>(), recorded);
        JsonObject ack = recorded.values().iterator().next();
        int mutations = 0;
        for (String part : new String[] {"header", "route"}) {
            for (String member : ack.getAsJsonObject(part).keySet()) {
                if (member.equals("msg_id") || member.equals("timestamp")) {
                    continue; // fresh in each message
                }
                JsonObject changed = ack.deepCopy();
                changed.getAsJsonObject(part).addProperty(member, ack.getAsJsonObject(part).get(member).getAsString() + "x");
                assertFalse(normal(ack).equals(normal(changed)), member);
                changed.getAsJsonObject(part).remove(member);
                assertFalse(normal(ack).equals(normal(changed)), member);
                mutations += 2;
            }
        }
        JsonObject changed = ack.deepCopy();
        changed.addProperty("content", "ok");
        assertFalse(normal(ack).equals(normal(changed)));
        assertEquals(10, mutations);
    }

    private static boolean isAnswer(JsonObject message) {
        return !parent(message).isEmpty();
    }

    private static String parent(JsonObject message) {
        JsonElement parent = message.getAsJsonObject("header").get("parent_msg_id");
        return parent == null ? "" : parent.getAsString();
    }

    private static JsonObject normal(JsonObject message) {
        JsonObject copy = message.deepCopy();
        JsonObject header = copy.getAsJsonObject("header");
        if (!header.get("msg_id").getAsString().matches("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")) {
            header.addProperty("msg_id", "no lower-case UUID of version 4: " + header.get("msg_id"));
        } else {
            header.add("msg_id", new JsonPrimitive("uuid"));
        }
        header.addProperty("timestamp", header.get("timestamp").getAsLong() > 1_600_000_000_000L ? "milliseconds" : "bad");
        return copy;
    }

    private static void read(String file, Map<String, JsonObject> sent, Map<String, JsonObject> recorded) throws IOException {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                RecordedAcknowledgementsTest.class.getResourceAsStream("/vectors/" + file + ".jsonl"), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonObject event = JsonParser.parseString(line).getAsJsonObject();
                if (!event.has("msg") || !event.get("msg").isJsonObject() || !event.getAsJsonObject("msg").has("route")) {
                    continue;
                }
                JsonObject message = event.getAsJsonObject("msg");
                JsonObject route = message.getAsJsonObject("route");
                if (event.get("dir").getAsString().equals("cloud->edge")) {
                    sent.put(message.getAsJsonObject("header").get("msg_id").getAsString(), message);
                } else if (event.get("dir").getAsString().equals("edge->cloud") && route.has("operation")
                        && route.get("operation").getAsString().equals("response") && isAnswer(message)) {
                    recorded.put(parent(message), message);
                }
            }
        }
    }
}
