package io.kelp.broker.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.broker.internal.packet.Packet;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class SlowConsumersTest {

    @Test
    @Tag("slow")
    void aThousandClientsThatDoNotReadCostBoundedMemoryAndDelayNobody() throws IOException {
        long limit = 8_388_608;
        try (BrokerUnderTest broker = new BrokerUnderTest(Map.of("maxBufferedBytes", limit))) {
            List<RawClient> slow = new ArrayList<>();
            for (int i = 0; i < 1_000; i++) {
                slow.add(broker.client().connect("slow" + i, i % 2 == 0).subscribe("flood", i % 3));
            }
            try (RawClient quick = broker.connected("quick").subscribe("flood", 1).subscribe("echo", 1);
                    RawClient sender = broker.connected("sender")) {
                byte[] payload = new byte[10_000];
                long worst = 0;
                for (int i = 0; i < 300; i++) {
                    sender.send(new Packet.Publish("flood", payload, 1, false, false, 1));
                    sender.expect(Packet.PubAck.class);
                    assertEquals(payload.length, quick.message().payload().length);
                    long start = System.nanoTime();
                    sender.send(new Packet.Publish("echo", new byte[10], 0, false, false, 0));
                    assertEquals("echo", quick.message().topic());
                    worst = Math.max(worst, System.nanoTime() - start);
                }
                // Every client may have its reserve and one message beyond; the broker counts shared bytes once per client.
                double buffered = broker.metric("kelp_broker_buffered_bytes");
                assertTrue(buffered < limit + 1_000 * 3 * 20_000.0, "buffered " + buffered);
                assertTrue(worst < 500_000_000L, "slowest echo after " + worst / 1e6 + " ms");
                assertTrue(broker.metric("kelp_broker_messages_dropped_total") > 0);
                assertEquals(1_002, (int) broker.metric("kelp_broker_connections"));
            }
            for (RawClient client : slow) {
                client.close();
            }
            BrokerUnderTest.await("connections gone", () -> broker.metric("kelp_broker_connections") == 0);
        }
    }

    @Test
    void aSlowClientLosesTheOldestQueuedMessagesAndGetsTheNewest() throws IOException {
        try (BrokerUnderTest broker = new BrokerUnderTest(Map.of("maxQueuedMessages", 10));
                RawClient sender = broker.connected("s")) {
            broker.client().connect("p", false).subscribe("a", 1).disconnect();
            for (int i = 0; i < 25; i++) {
                sender.publish("a", "" + i, 1, false);
            }
            assertEquals(15, (int) broker.metric("kelp_broker_messages_dropped_total"));
            try (RawClient back = broker.client().connect("p", false)) {
                for (int i = 15; i < 25; i++) {
                    assertEquals("" + i, back.text());
                }
                back.expectNothing();
            }
        }
    }

    @Test
    void bytesQueuedForAnAbsentClientAreBounded() throws IOException {
        try (BrokerUnderTest broker = new BrokerUnderTest(Map.of("maxQueuedBytes", 50_000));
                RawClient sender = broker.connected("s")) {
            broker.client().connect("p", false).subscribe("a", 1).disconnect();
            for (int i = 0; i < 100; i++) {
                sender.publish("a", "x".repeat(5_000), 1, false);
            }
            assertTrue(broker.metric("kelp_broker_buffered_bytes") <= 50_000);
        }
    }

    @Test
    void noMoreMessagesAreInFlightThanTheWindowAllows() throws IOException {
        try (BrokerUnderTest broker = new BrokerUnderTest(Map.of("maxInflight", 3));
                RawClient client = broker.connected("c").subscribe("a", 1); RawClient sender = broker.connected("s")) {
            for (int i = 0; i < 6; i++) {
                sender.publish("a", "" + i, 1, false);
            }
            Packet.Publish first = client.expect(Packet.Publish.class);
            client.expect(Packet.Publish.class);
            client.expect(Packet.Publish.class);
            client.expectNothing();
            client.send(new Packet.PubAck(first.packetId()));
            assertEquals("3", new String(client.expect(Packet.Publish.class).payload(), StandardCharsets.UTF_8));
            client.expectNothing();
        }
    }

    @Test
    void anIdleSessionGivesWayToANewOneAndAConnectedOneDoesNot() throws IOException {
        try (BrokerUnderTest broker = new BrokerUnderTest(Map.of("maxSessions", 2)); RawClient busy = broker.connected("busy")) {
            broker.client().connect("idle", false).disconnect();
            try (RawClient other = broker.connected("other"); RawClient third = broker.client()) {
                third.connect(new Packet.Connect(4, "third", true, 0, null, null, null), 3);
                busy.expectNothing();
                other.expectNothing();
            }
            assertEquals(1, (int) broker.metric("kelp_broker_sessions_evicted_total"));
        }
    }

    @Test
    void moreConnectionsThanAllowedAreClosedAndTheOthersStay() throws IOException {
        try (BrokerUnderTest broker = new BrokerUnderTest(Map.of("maxConnections", 2)); RawClient a = broker.connected("a");
                RawClient b = broker.connected("b"); RawClient c = broker.client()) {
            c.expectClosed();
            a.expectNothing();
            b.disconnect();
            BrokerUnderTest.await("room", () -> broker.metric("kelp_broker_connections") == 1);
            broker.connected("d").disconnect();
        }
    }

    @Test
    void retainedMessagesAreBoundedInNumberAndBytes() throws IOException {
        try (BrokerUnderTest broker = new BrokerUnderTest(Map.of("maxRetained", 3, "maxRetainedBytes", 10_000));
                RawClient client = broker.connected("c")) {
            client.publish("big", "x".repeat(20_000), 1, true);
            for (int i = 0; i < 5; i++) {
                client.publish("r/" + i, "x", 1, true);
            }
            client.publish("r/0", "newer", 1, true);
            client.subscribe("r/#", 1);
            List<String> texts = client.texts(3);
            assertEquals(List.of("newer", "x", "x"), texts);
            client.expectNothing();
            assertEquals(3, (int) broker.metric("kelp_broker_messages_dropped_total", "not retained"));
        }
    }
}
