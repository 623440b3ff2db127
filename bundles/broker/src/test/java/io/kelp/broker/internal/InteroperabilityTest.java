package io.kelp.broker.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.broker.internal.packet.Packet;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The behaviours that the public interoperability suite for MQTT 3.1.1 asks of a server, and the rules next to them. */
class InteroperabilityTest {

    private final BrokerUnderTest broker = new BrokerUnderTest();

    @AfterEach
    void stop() {
        broker.close();
    }

    // Basic

    @Test
    void carriesMessagesOfEveryQosToASubscriberAndBack() throws IOException {
        try (RawClient client = broker.connected("myclientid").subscribe("TopicA", 2)) {
            client.send(publish("TopicA", "qos 0", 0, 0));
            assertEquals("qos 0", client.text());
            client.send(publish("TopicA", "qos 1", 1, 1));
            Set<String> seen = new HashSet<>();
            for (int i = 0; i < 2; i++) {
                Packet packet = client.next(10_000);
                seen.add(packet.getClass().getSimpleName());
                if (packet instanceof Packet.Publish message) {
                    assertEquals("qos 1", RawClient.text(message));
                    client.send(new Packet.PubAck(message.packetId()));
                }
            }
            assertEquals(Set.of("Publish", "PubAck"), seen);
            client.disconnect();
        }
        try (RawClient sender = broker.connected("sender"); RawClient receiver = broker.connected("receiver").subscribe("TopicA", 2)) {
            sender.send(publish("TopicA", "qos 2", 2, 5));
            assertEquals(5, sender.expect(Packet.PubRec.class).packetId());
            sender.send(new Packet.PubRel(5));
            assertEquals(5, sender.expect(Packet.PubComp.class).packetId());
            Packet.Publish message = receiver.message();
            assertEquals("qos 2", RawClient.text(message));
            assertEquals(2, message.qos());
        }
    }

    @Test
    void closesTheConnectionAtASecondConnect() throws IOException {
        try (RawClient client = broker.connected("twice")) {
            client.send(new Packet.Connect(4, "twice", true, 0, null, null, null));
            client.expectClosed();
        }
    }

    @Test
    void refusesAnUnknownProtocolLevelWithCodeOne() throws IOException {
        try (RawClient client = broker.client()) {
            client.send(new byte[] {0x10, 12, 0, 4, 'M', 'Q', 'T', 'T', 5, 2, 0, 0, 0, 0});
            assertEquals(1, client.expect(Packet.ConnAck.class).code());
            client.expectClosed();
        }
    }

    @Test
    void closesTheConnectionAtAnotherProtocolName() throws IOException {
        try (RawClient client = broker.client()) {
            client.send(new byte[] {0x10, 10, 0, 2, 'h', 'j', 4, 2, 0, 0, 0, 0});
            client.expectClosed();
        }
    }

    @Test
    void servesMqtt31AsWell() throws IOException {
        try (RawClient client = broker.client()) {
            assertFalse(client.connect(new Packet.Connect(3, "old", true, 0, null, null, null), 0));
            client.subscribe("t", 1).publish("t", "x", 0, false);
            assertEquals("x", client.text());
        }
    }

    @ParameterizedTest
    @CsvSource({"0,0,0", "0,1,0", "0,2,0", "1,0,0", "1,1,1", "1,2,1", "2,0,0", "2,1,1", "2,2,2"})
    void deliversWithTheLowerQosOfPublisherAndSubscriber(int published, int granted, int expected) throws IOException {
        try (RawClient receiver = broker.connected("r").subscribe("q", granted); RawClient sender = broker.connected("s")) {
            sender.send(publish("q", "x", published, published == 0 ? 0 : 3));
            Packet.Publish message = receiver.message();
            assertEquals(expected, message.qos());
            assertFalse(message.retain());
            assertFalse(message.duplicate());
        }
    }

    @Test
    void deliversAMessageOfQos2OnceThoughItIsSentTwice() throws IOException {
        try (RawClient receiver = broker.connected("r").subscribe("q", 2); RawClient sender = broker.connected("s")) {
            sender.send(publish("q", "x", 2, 3));
            sender.expect(Packet.PubRec.class);
            sender.send(new Packet.Publish("q", "x".getBytes(StandardCharsets.UTF_8), 2, false, true, 3));
            sender.expect(Packet.PubRec.class);
            assertEquals("x", receiver.text());
            receiver.expectNothing();
            sender.send(new Packet.PubRel(3));
            sender.expect(Packet.PubComp.class);
            sender.send(publish("q", "y", 2, 3));
            assertEquals("y", receiver.text());
        }
    }

    @Test
    void keepsTheOrderOfOnePublisherPerTopic() throws IOException {
        try (RawClient receiver = broker.connected("r").subscribe("o", 1); RawClient sender = broker.connected("s")) {
            for (int i = 0; i < 500; i++) {
                sender.send(publish("o", "" + i, 1, 1 + i));
            }
            for (int i = 0; i < 500; i++) {
                assertEquals("" + i, receiver.text());
            }
        }
    }

    // Retained messages

    @Test
    void deliversRetainedMessagesOfEveryQosToNewSubscribers() throws IOException {
        try (RawClient client = broker.connected("c")) {
            client.publish("TopicA/B", "qos 0", 0, true).publish("Topic/C", "qos 1", 1, true);
            client.send(new Packet.Publish("TopicA/C", "qos 2".getBytes(StandardCharsets.UTF_8), 2, true, false, 8));
            client.expect(Packet.PubRec.class);
            client.send(new Packet.PubRel(8));
            client.expect(Packet.PubComp.class);
            client.subscribe("+/+", 2);
            Set<String> got = new HashSet<>();
            for (int i = 0; i < 3; i++) {
                Packet.Publish message = client.message();
                assertTrue(message.retain());
                got.add(RawClient.text(message) + " " + message.qos());
            }
            assertEquals(Set.of("qos 0 0", "qos 1 1", "qos 2 2"), got);
        }
    }

    @Test
    void forgetsARetainedMessageWhenAnEmptyOneFollows() throws IOException {
        try (RawClient client = broker.connected("c")) {
            client.publish("TopicA", "x", 1, true).publish("TopicA", "", 1, true).subscribe("TopicA", 2);
            client.expectNothing();
        }
    }

    @Test
    void sendsRetainedMessagesAgainWhenTheSameFilterIsSubscribedAgain() throws IOException {
        try (RawClient client = broker.connected("c")) {
            client.publish("a", "x", 1, true).subscribe("a", 1);
            assertEquals("x", client.text());
            client.subscribe("a", 1);
            assertEquals("x", client.text());
        }
    }

    @Test
    void clearsTheRetainFlagForThoseWhoHaveSubscribedBefore() throws IOException {
        try (RawClient client = broker.connected("c").subscribe("a", 0)) {
            client.publish("a", "x", 0, true);
            assertFalse(client.message().retain());
        }
    }

    @Test
    void deliversMoreRetainedMessagesThanFitIntoASocketAtOnce() throws IOException {
        String big = "x".repeat(1_000);
        try (RawClient client = broker.connected("c")) {
            for (int i = 0; i < 3_000; i++) {
                client.publish("big/" + i, big, 0, true);
            }
            client.send(new Packet.PingReq());
            client.expect(Packet.PingResp.class);
            client.send(new Packet.Subscribe(1, List.of(new Packet.Request("big/#", 1))));
            client.expect(Packet.SubAck.class);
            Set<String> topics = new HashSet<>();
            for (int i = 0; i < 3_000; i++) {
                topics.add(client.message().topic());
            }
            assertEquals(3_000, topics.size());
        }
    }

    // Offline message queueing

    @Test
    void queuesQos1And2ForAClientThatIsAway() throws IOException {
        RawClient away = broker.client().connect("myclientid2", false).subscribe("+/+", 2);
        away.disconnect();
        try (RawClient sender = broker.connected("s")) {
            sender.publish("Topic/C", "qos 1", 1, false);
            sender.publish("Topic/C", "qos 0", 0, false);
            sender.send(publish("TopicA/C", "qos 2", 2, 4));
            sender.expect(Packet.PubRec.class);
        }
        try (RawClient back = broker.client()) {
            assertTrue(back.connect(new Packet.Connect(4, "myclientid2", false, 0, null, null, null), 0));
            assertEquals(List.of("qos 1", "qos 2"), back.texts(2));
            back.expectNothing();
        }
    }

    @Test
    void forgetsAPersistentSessionWhenItsClientComesBackClean() throws IOException {
        broker.client().connect("p", false).subscribe("a", 1).disconnect();
        try (RawClient sender = broker.connected("s")) {
            sender.publish("a", "x", 1, false);
        }
        try (RawClient clean = broker.client()) {
            assertFalse(clean.connect(new Packet.Connect(4, "p", true, 0, null, null, null), 0));
            clean.expectNothing();
            clean.disconnect();
        }
        try (RawClient again = broker.client()) {
            assertFalse(again.connect(new Packet.Connect(4, "p", false, 0, null, null, null), 0));
        }
    }

    // Will message

    @Test
    void publishesTheWillOfAClientThatGoesWithoutAWord() throws IOException {
        try (RawClient watcher = broker.connected("w").subscribe("/TopicA", 2)) {
            try (RawClient client = broker.client()) {
                client.connect(withWill("/TopicA", "client not disconnected", 1, true, 0), 0);
            }
            assertEquals("client not disconnected", watcher.text());
        }
        try (RawClient late = broker.connected("late").subscribe("/TopicA", 1)) {
            assertTrue(late.message().retain());
        }
    }

    @Test
    void keepsTheWillOfAClientThatSaysGoodbye() throws IOException {
        try (RawClient watcher = broker.connected("w").subscribe("will", 2)) {
            RawClient client = broker.client();
            client.connect(withWill("will", "x", 1, false, 0), 0);
            client.disconnect();
            watcher.expectNothing();
        }
    }

    @Test
    void publishesTheWillWhenAClientBreaksTheProtocol() throws IOException {
        try (RawClient watcher = broker.connected("w").subscribe("will", 2); RawClient client = broker.client()) {
            client.connect(withWill("will", "broken", 0, false, 0), 0);
            client.send(new byte[] {(byte) 0xf0, 0});
            client.expectClosed();
            assertEquals("broken", watcher.text());
        }
    }

    @Test
    void publishesTheWillWhenTheSameClientIdTakesOver() throws IOException {
        try (RawClient watcher = broker.connected("w").subscribe("will", 2); RawClient old = broker.client()) {
            old.connect(withWill("will", "taken over", 0, false, 0), 0);
            try (RawClient young = broker.connected("dying")) {
                old.expectClosed();
                assertEquals("taken over", watcher.text());
                young.expectNothing();
            }
        }
    }

    // Overlapping subscriptions

    @Test
    void deliversOnceWithTheHighestQosWhenSubscriptionsOverlap() throws IOException {
        try (RawClient client = broker.connected("c"); RawClient sender = broker.connected("s")) {
            client.send(new Packet.Subscribe(3, List.of(new Packet.Request("TopicA/#", 2), new Packet.Request("TopicA/+", 1))));
            assertArrayEquals(new byte[] {2, 1}, client.expect(Packet.SubAck.class).codes());
            sender.send(publish("TopicA/C", "overlapping", 2, 6));
            Packet.Publish message = client.message();
            assertEquals(2, message.qos());
            client.expectNothing();
        }
    }

    // Keep-alive

    @Test
    @Tag("slow")
    void disconnectsAClientThatIsSilentForOneAndAHalfKeepAlives() throws IOException {
        try (RawClient watcher = broker.connected("w").subscribe("will", 2); RawClient client = broker.client()) {
            long start = System.nanoTime();
            client.connect(withWill("will", "keepalive expiry", 0, false, 1), 0);
            assertEquals("keepalive expiry", watcher.text());
            double seconds = (System.nanoTime() - start) / 1e9;
            assertTrue(seconds >= 1.5 && seconds < 2.5, "after " + seconds + " s");
            client.expectClosed();
        }
    }

    @Test
    @Tag("slow")
    void keepsAClientThatSendsPings() throws IOException, InterruptedException {
        try (RawClient client = broker.client()) {
            client.connect(new Packet.Connect(4, "pinger", true, 1, null, null, null), 0);
            for (int i = 0; i < 4; i++) {
                assertEquals(null, client.next(900));
                client.send(new Packet.PingReq());
                client.expect(Packet.PingResp.class);
            }
        }
    }

    // Redelivery on reconnect

    @Test
    void sendsAgainWhatWasNotAcknowledgedWhenTheClientComesBack() throws IOException {
        int first1;
        int first2;
        try (RawClient client = broker.client().connect("again", false).subscribe("r/#", 2);
                RawClient sender = broker.connected("s")) {
            sender.publish("r/1", "one", 1, false);
            sender.send(publish("r/2", "two", 2, 4));
            first1 = client.expect(Packet.Publish.class).packetId();
            first2 = client.expect(Packet.Publish.class).packetId();
        }
        try (RawClient client = broker.client().connect("again", false)) {
            Packet.Publish one = client.expect(Packet.Publish.class);
            assertTrue(one.duplicate());
            assertEquals(first1, one.packetId());
            assertEquals("one", RawClient.text(one));
            Packet.Publish two = client.expect(Packet.Publish.class);
            assertEquals(first2, two.packetId());
            client.send(new Packet.PubAck(one.packetId()));
            client.send(new Packet.PubRec(two.packetId()));
            client.expect(Packet.PubRel.class);
        }
        try (RawClient client = broker.client().connect("again", false)) {
            assertEquals(first2, client.expect(Packet.PubRel.class).packetId(), "received once, so only the release comes again");
            client.send(new Packet.PubComp(first2));
            client.expectNothing();
        }
    }

    // Zero-length client id

    @Test
    void namesCleanClientsThatHaveNoNameAndRefusesOthers() throws IOException {
        try (RawClient a = broker.connected("").subscribe("z", 0); RawClient b = broker.connected("").subscribe("z", 0)) {
            b.publish("z", "x", 0, false);
            assertEquals("x", a.text());
            assertEquals("x", b.text());
        }
        try (RawClient persistent = broker.client()) {
            persistent.connect(new Packet.Connect(4, "", false, 0, null, null, null), 2);
            persistent.expectClosed();
        }
    }

    // Dollar topics

    @Test
    void keepsTopicsWithADollarFromLeadingWildcards() throws IOException {
        try (RawClient wild = broker.connected("wild").subscribe("+/+", 2).subscribe("#", 2);
                RawClient exact = broker.connected("exact").subscribe("$TopicA/#", 2)) {
            wild.publish("$TopicA/B", "x", 1, true);
            assertEquals("x", exact.text());
            wild.expectNothing();
            wild.subscribe("#", 0);
            wild.expectNothing();
        }
    }

    // Unsubscribe

    @Test
    void deliversNothingForAFilterThatWasUnsubscribed() throws IOException {
        try (RawClient client = broker.connected("c").subscribe("TopicA", 2).subscribe("TopicA/B", 2).subscribe("Topic/C", 2);
                RawClient sender = broker.connected("s")) {
            client.send(new Packet.Unsubscribe(5, List.of("TopicA", "never subscribed")));
            assertEquals(5, client.expect(Packet.UnsubAck.class).packetId());
            sender.publish("TopicA", "no", 1, false).publish("TopicA/B", "yes 1", 1, false).publish("Topic/C", "yes 2", 1, false);
            assertEquals(List.of("yes 1", "yes 2"), client.texts(2));
            client.expectNothing();
        }
    }

    // Subscribe failure

    @Test
    void answersWithFailureWhereABoundStandsAgainstASubscription() throws IOException {
        try (BrokerUnderTest small = new BrokerUnderTest(Map.of("maxSubscriptionsPerClient", 2));
                RawClient client = small.connected("c")) {
            client.send(new Packet.Subscribe(4, List.of(new Packet.Request("a", 2), new Packet.Request("b", 0),
                    new Packet.Request("c", 1), new Packet.Request("a", 1))));
            assertArrayEquals(new byte[] {2, 0, (byte) 0x80, 1}, client.expect(Packet.SubAck.class).codes());
            client.send(new Packet.Subscribe(5, List.of(new Packet.Request("x/".repeat(64) + "x", 1))));
            assertArrayEquals(new byte[] {(byte) 0x80}, client.expect(Packet.SubAck.class).codes());
        }
    }

    // Take-over

    @Test
    void handsASessionOverWithoutLosingAMessage() throws IOException {
        try (RawClient old = broker.client().connect("same", false).subscribe("t", 1); RawClient sender = broker.connected("s")) {
            sender.publish("t", "1", 1, false);
            old.expect(Packet.Publish.class);
            try (RawClient young = broker.client().connect("same", false)) {
                old.expectClosed();
                sender.publish("t", "2", 1, false);
                assertEquals(List.of("1", "2"), young.texts(2));
            }
        }
    }

    @Test
    void tellsTheOperatorWhenTwoClientsFightForOneId() throws IOException {
        for (int i = 0; i < 6; i++) {
            broker.connected("eventbus");
        }
        BrokerUnderTest.await("problem", () -> broker.problems().stream().anyMatch(p -> p.sentence().contains("\"eventbus\"")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"SYS/dis/upload_records", "$hw/events/device/+/state/update", "$hw/events/device/+/twin/+",
        "$hw/events/node/+/membership/get", "$hw/events/upload/#"})
    void survivesTheLiteralTopicsOfTheEdgeIntegrationTests(String topic) throws IOException {
        try (RawClient bad = broker.connected("bad")) {
            bad.publish(topic, "\"a text, no object\"", 0, false);
        }
        try (RawClient good = broker.connected("good").subscribe("a", 1)) {
            good.publish("a", "still there", 0, false);
            assertEquals("still there", good.text());
        }
    }

    private static Packet.Connect withWill(String topic, String text, int qos, boolean retain, int keepAlive) {
        return new Packet.Connect(4, "dying", true, keepAlive,
                new Packet.Will(topic, text.getBytes(StandardCharsets.UTF_8), qos, retain), null, null);
    }

    private static Packet.Publish publish(String topic, String text, int qos, int packetId) {
        return new Packet.Publish(topic, text.getBytes(StandardCharsets.UTF_8), qos, false, false, packetId);
    }
}
