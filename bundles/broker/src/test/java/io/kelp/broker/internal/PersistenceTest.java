package io.kelp.broker.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.broker.internal.packet.Packet;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PersistenceTest {

    private static final Map<String, Object> SETTINGS = Map.of("storeMillis", 20);
    private final MemoryStore store = new MemoryStore();

    private BrokerUnderTest start() {
        return new BrokerUnderTest(SETTINGS, store);
    }

    @Test
    void sessionsQueuesAndRetainedMessagesOutlastARestart() throws IOException {
        try (BrokerUnderTest broker = start(); RawClient sender = broker.connected("s")) {
            broker.client().connect("p", false).subscribe("a/#", 2).disconnect();
            sender.publish("a/1", "one", 1, true).publish("a/2", "two", 1, false);
        }
        try (BrokerUnderTest broker = start(); RawClient client = broker.client();
                RawClient late = broker.connected("late").subscribe("a/1", 0)) {
            assertTrue(client.connect(new Packet.Connect(4, "p", false, 0, null, null, null), 0));
            assertEquals(List.of("one", "two"), client.texts(2));
            assertEquals("one", late.text());
            try (RawClient sender = broker.connected("s")) {
                sender.publish("a/3", "three", 1, false);
            }
            assertEquals("three", client.text());
        }
    }

    @Test
    void whatWaitsForAnAbsentClientIsStoredBeforeAnythingElseHappens() throws IOException {
        BrokerUnderTest broker = new BrokerUnderTest(Map.of("storeMillis", 60_000), store);
        try (RawClient sender = broker.connected("s")) {
            RawClient client = broker.client().connect("p", false).subscribe("a", 1);
            client.disconnect();
            sender.publish("a", "x", 1, false);
            sender.send(new Packet.PingReq());
            sender.expect(Packet.PingResp.class);
            BrokerUnderTest.await("stored", () -> store.records("broker.message") == 1 && store.records("broker.session") == 1);
        }
        // No orderly end: another broker on the same records, as after kill -9.
        try (BrokerUnderTest again = start(); RawClient client = again.client().connect("p", false)) {
            assertEquals("x", client.text());
        }
        broker.close();
    }

    @Test
    void qos2StaysExactlyOnceOverARestart() throws IOException {
        int id;
        try (BrokerUnderTest broker = start(); RawClient client = broker.client().connect("p", false).subscribe("a", 2);
                RawClient sender = broker.client().connect("s", false)) {
            sender.send(new Packet.Publish("a", "x".getBytes(StandardCharsets.UTF_8), 2, false, false, 7));
            sender.expect(Packet.PubRec.class);
            Packet.Publish message = client.expect(Packet.Publish.class);
            id = message.packetId();
            client.send(new Packet.PubRec(id));
            client.expect(Packet.PubRel.class);
        }
        try (BrokerUnderTest broker = start(); RawClient client = broker.client().connect("p", false);
                RawClient sender = broker.client().connect("s", false)) {
            assertEquals(id, client.expect(Packet.PubRel.class).packetId());
            client.send(new Packet.PubComp(id));
            sender.send(new Packet.Publish("a", "x".getBytes(StandardCharsets.UTF_8), 2, false, true, 7));
            sender.expect(Packet.PubRec.class);
            client.expectNothing();
            sender.send(new Packet.PubRel(7));
            sender.expect(Packet.PubComp.class);
        }
        try (BrokerUnderTest broker = start()) {
            assertEquals(0, store.records("broker.message"));
            BrokerUnderTest.await("sessions", () -> broker.metric("kelp_broker_sessions") == 2);
        }
    }

    @Test
    void nothingIsWrittenWhenNothingChanges() throws IOException {
        try (BrokerUnderTest broker = start(); RawClient client = broker.client().connect("p", false).subscribe("a", 1);
                RawClient sender = broker.connected("s")) {
            sender.publish("r", "same", 1, true);
            BrokerUnderTest.await("stored", () -> store.records("broker.retained") == 1 && store.records("broker.session") == 1);
            int before = store.changes.get();
            for (int i = 0; i < 100; i++) {
                sender.publish("r", "same", 1, true);
                sender.publish("else", "where", 1, false);
                client.subscribe("a", 1);
            }
            sender.publish("marker", "x", 1, true);
            BrokerUnderTest.await("stored", () -> store.records("broker.retained") == 2);
            assertEquals(before + 1, store.changes.get());
        }
    }

    @Test
    void messagesThatAreAcknowledgedPromptlyAreNotWritten() throws IOException {
        try (BrokerUnderTest broker = new BrokerUnderTest(Map.of("storeMillis", 60_000), store);
                RawClient client = broker.client().connect("p", false).subscribe("a", 1); RawClient sender = broker.connected("s")) {
            for (int i = 0; i < 50; i++) {
                sender.publish("a", "" + i, 1, false);
                assertEquals("" + i, client.text());
            }
            client.disconnect();
        }
        assertEquals(0, store.records("broker.message"));
        assertTrue(store.changes.get() <= 2, "changes: " + store.changes.get());
    }

    @Test
    void aSessionThatEndsLeavesNothingInTheStore() throws IOException {
        try (BrokerUnderTest broker = start(); RawClient sender = broker.connected("s")) {
            broker.client().connect("p", false).subscribe("a", 1).disconnect();
            sender.publish("a", "x", 1, false);
            BrokerUnderTest.await("stored", () -> store.records("broker.message") == 1);
            broker.connected("p").disconnect();
            BrokerUnderTest.await("gone", () -> store.records("broker.message") == 0 && store.records("broker.session") == 0);
        }
    }

    @Test
    void aStoreThatGoesAndComesIsBroughtUpToDate() throws IOException {
        try (BrokerUnderTest broker = start(); RawClient sender = broker.connected("s")) {
            broker.client().connect("old", false).subscribe("a", 1).disconnect();
            BrokerUnderTest.await("stored", () -> store.records("broker.session") == 1);
            broker.component().unbindStore(store);
            broker.connected("old").disconnect();
            broker.client().connect("new", false).subscribe("a", 1).disconnect();
            sender.publish("a", "x", 1, false);
            broker.component().bindStore(store);
            BrokerUnderTest.await("up to date", () -> store.records("broker.message") == 1);
        }
        try (BrokerUnderTest broker = start(); RawClient old = broker.client(); RawClient young = broker.client()) {
            assertFalse(old.connect(new Packet.Connect(4, "old", false, 0, null, null, null), 0));
            assertTrue(young.connect(new Packet.Connect(4, "new", false, 0, null, null, null), 0));
            assertEquals("x", young.text());
        }
    }

    @Test
    void worksWithoutAStore() throws IOException {
        try (BrokerUnderTest broker = new BrokerUnderTest(); RawClient client = broker.client().connect("p", false).subscribe("a", 1)) {
            client.publish("a", "x", 0, false);
            assertEquals("x", client.text());
            assertFalse(broker.component().status().getAsJsonObject("broker").get("stored").getAsBoolean());
        }
    }
}
