package io.kelp.broker.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.broker.EmbeddedBroker.Listener;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EmbeddedBrokerTest {

    private final BrokerUnderTest broker = new BrokerUnderTest(Map.of("secondPort", 0));
    private final BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    private final Listener listener = (topic, payload, retained) -> seen.add(topic + "=" + text(payload) + (retained ? " retained" : ""));

    @AfterEach
    void stop() {
        broker.close();
    }

    @Test
    void listenersSeeWhatClientsPublishAndOnceOnlyWithSeveralFilters() throws Exception {
        broker.component().subscribe("a/#", listener);
        broker.component().subscribe("a/+", listener);
        try (RawClient client = broker.connected("c")) {
            client.publish("a/b", "1", 1, false).publish("a/b", "2", 1, false);
        }
        assertEquals("a/b=1", take());
        assertEquals("a/b=2", take());
        assertTrue(seen.isEmpty());
    }

    @Test
    void listenersDoNotSeeWhatIsPublishedInsideButClientsDo() throws Exception {
        broker.component().subscribe("#", listener);
        try (RawClient client = broker.connected("c").subscribe("x", 1)) {
            assertTrue(broker.component().publish("x", "inside".getBytes(StandardCharsets.UTF_8), 1, false));
            assertEquals("inside", client.text());
            client.publish("y", "outside", 1, false);
        }
        assertEquals("y=outside", take());
    }

    @Test
    void aTopicOfTheSystemIsWantedAsLongAsAClientHasSubscribed() throws Exception {
        String topic = "$hw/events/device/a/twin/update/document";
        assertTrue(broker.component().isWanted(topic), "without store it is not known who will come back");
        MemoryStore store = new MemoryStore();
        try (BrokerUnderTest stored = new BrokerUnderTest(Map.of("secondPort", 0), store)) {
            BrokerUnderTest.await("nobody", () -> !stored.component().isWanted(topic));
            assertTrue(stored.component().isWanted("x"));
            stored.component().subscribe("$hw/#", listener); // which does not see what is published inside
            try (RawClient client = stored.connected("c").subscribe("#", 1).subscribe("$hw/#", 1)) {
                assertTrue(stored.component().isWanted(topic));
                client.subscribe("$hw/+/a", 1);
            }
            BrokerUnderTest.await("gone", () -> !stored.component().isWanted(topic));
            RawClient absent = stored.client().connect("p", false).subscribe("$hw/events/#", 1);
            absent.disconnect();
            assertTrue(stored.component().isWanted(topic), "its session waits");
        }
        try (BrokerUnderTest again = new BrokerUnderTest(Map.of("secondPort", 0), store)) {
            again.connected("other").close();
            assertTrue(again.component().isWanted(topic), "its session has been read");
            again.client().connect("p", true).close();
            BrokerUnderTest.await("forgotten", () -> !again.component().isWanted(topic));
        }
    }

    @Test
    void aNewListenerGetsRetainedMessagesFirst() throws Exception {
        broker.component().publish("r", "kept".getBytes(StandardCharsets.UTF_8), 0, true);
        broker.component().subscribe("r", listener);
        assertEquals("r=kept retained", take());
    }

    @Test
    void aClosedListenerHearsNothingMore() throws Exception {
        AutoCloseable subscription = broker.component().subscribe("x", listener);
        broker.component().subscribe("end", listener);
        subscription.close();
        subscription.close();
        try (RawClient client = broker.connected("c")) {
            client.publish("x", "no", 1, false).publish("end", "yes", 1, false);
        }
        assertEquals("end=yes", take());
    }

    @Test
    void aListenerThatFailsHarmsNobody() throws Exception {
        broker.component().subscribe("x", (topic, payload, retained) -> {
            throw new IllegalStateException("thrown by the test");
        });
        broker.component().subscribe("x", listener);
        try (RawClient client = broker.connected("c").subscribe("x", 0)) {
            client.publish("x", "1", 0, false);
            assertEquals("1", client.text());
        }
        assertEquals("x=1", take());
    }

    @Test
    void bothPortsShareOneTopicSpace() throws IOException {
        int second = broker.component().status().getAsJsonObject("broker").getAsJsonArray("ports").get(1).getAsInt();
        assertTrue(second > 0 && second != broker.port());
        try (RawClient first = broker.connected("first").subscribe("x", 0); RawClient other = new RawClient(second).connect("other", true)) {
            other.publish("x", "across", 0, false);
            assertEquals("across", first.text());
        }
    }

    @Test
    void refusesTopicsThatCannotBe() {
        assertThrows(IllegalArgumentException.class, () -> broker.component().publish("a/+", new byte[0], 0, false));
        assertThrows(IllegalArgumentException.class, () -> broker.component().publish("a", new byte[0], 3, false));
        assertThrows(IllegalArgumentException.class, () -> broker.component().subscribe("a/#/b", listener));
    }

    @Test
    void publishTellsWhenNothingMoreFitsIn() throws Exception {
        CountDownLatch held = new CountDownLatch(1);
        broker.component().subscribe("hold", (topic, payload, retained) -> {
            try {
                held.await(20, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        try (RawClient client = broker.connected("c")) {
            client.publish("hold", "", 0, false);
            boolean refused = false;
            for (int i = 0; i < 100_000 && !refused; i++) {
                refused = !broker.component().publish("x", new byte[100], 0, false);
            }
            assertTrue(refused);
            held.countDown();
            BrokerUnderTest.await("room again", () -> broker.component().publish("x", new byte[100], 0, false));
            assertTrue(broker.metric("kelp_broker_messages_dropped_total", "broker busy or stopped") > 0);
        }
    }

    @Test
    void nothingIsAcceptedAfterTheEnd() {
        broker.close();
        assertFalse(broker.component().publish("x", new byte[0], 0, false));
        assertEquals(-1, broker.port());
    }

    private String take() throws InterruptedException {
        return seen.poll(10, TimeUnit.SECONDS);
    }

    private static String text(byte[] payload) {
        return new String(payload, StandardCharsets.UTF_8);
    }
}
