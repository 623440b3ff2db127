package io.kelp.eventbus.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import io.kelp.edgehub.CloudLink;
import io.kelp.eventbus.TopicHandler;
import io.kelp.message.Message;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventBusTest {

    private static final Set<String> FIXED = Set.of("$hw/events/upload/#", "SYS/dis/upload_records", "+/user/#");

    private final Dispatcher dispatcher = new Dispatcher(100, 100_000);
    private final EventBus bus = new EventBus(dispatcher);
    private final CloudTopics cloud = new CloudTopics(bus, 5, 1_000, 3);
    private final FakeBroker broker = new FakeBroker();
    private final FakeLink link = new FakeLink();
    private final FakeTopics topics = new FakeTopics();

    private void start() {
        bus.use(new EmbeddedBackend(broker, dispatcher), broker::port);
        cloud.start();
        cloud.store(topics);
        cloud.link(link);
        await("fixed topics", () -> broker.filters().containsAll(FIXED));
        settle();
    }

    @AfterEach
    void stop() {
        bus.close();
        dispatcher.stop();
    }

    // Handlers

    @Test
    void aHandlerGetsTheTopicsItAsksForInOrderAndOnlyThose() throws InterruptedException {
        start();
        Recorder recorder = new Recorder("$hw/events/device/+/twin/+", "$hw/events/device/+/+/twin/+");
        bus.add(recorder);
        await("subscribed", () -> broker.filters().contains("$hw/events/device/+/+/twin/+"));
        broker.client("$hw/events/device/d/twin/update", "1");
        broker.client("$hw/events/device/d/twin/update/result", "no");
        broker.client("$hw/events/device/default/d/twin/get", "2");
        assertEquals("$hw/events/device/d/twin/update=1", recorder.take());
        assertEquals("$hw/events/device/default/d/twin/get=2", recorder.take());
        settle();
        assertTrue(recorder.seen.isEmpty());
        assertTrue(link.sent.isEmpty(), "device topics are not uploaded");
    }

    @Test
    void aHandlerWithOverlappingFiltersGetsAMessageOnce() throws InterruptedException {
        start();
        Recorder recorder = new Recorder("a/#", "a/+");
        bus.add(recorder);
        await("subscribed", () -> broker.filters().contains("a/+"));
        broker.client("a/b", "1");
        assertEquals("a/b=1", recorder.take());
        settle();
        assertTrue(recorder.seen.isEmpty());
    }

    @Test
    void aHandlerThatGoesIsUnsubscribedAndOthersStay() {
        start();
        Recorder one = new Recorder("a", "shared");
        Recorder two = new Recorder("b", "shared");
        bus.add(one);
        bus.add(two);
        await("subscribed", () -> broker.filters().containsAll(Set.of("a", "b", "shared")));
        bus.remove(one);
        await("unsubscribed", () -> !broker.filters().contains("a"));
        assertTrue(broker.filters().containsAll(Set.of("b", "shared")));
    }

    @Test
    void aHandlerThatFailsHarmsNoOther() throws InterruptedException {
        start();
        bus.add(new TopicHandler() {
            @Override
            public List<String> filters() {
                return List.of("a");
            }

            @Override
            public void message(String topic, byte[] payload) {
                throw new IllegalStateException("thrown by the test");
            }
        });
        Recorder recorder = new Recorder("a", "no/#/filter");
        bus.add(recorder);
        await("subscribed", () -> broker.filters().contains("a"));
        settle();
        assertFalse(broker.filters().contains("no/#/filter"));
        broker.client("a", "1");
        assertEquals("a=1", recorder.take());
    }

    @Test
    void anotherBrokerIsSubscribedAfresh() throws InterruptedException {
        start();
        Recorder recorder = new Recorder("a");
        bus.add(recorder);
        FakeBroker other = new FakeBroker();
        bus.use(new EmbeddedBackend(other, dispatcher), other::port);
        await("subscribed", () -> other.filters().contains("a") && other.filters().containsAll(FIXED));
        await("old one left", () -> broker.filters().isEmpty());
        other.client("a", "1");
        assertEquals("a=1", recorder.take());
        bus.use(null, () -> -1);
        assertFalse(bus.publish("a", new byte[0]));
        assertEquals(-1, bus.port());
    }

    @Test
    void messagesBeyondTheBoundAreDroppedAndCounted() throws InterruptedException {
        start();
        CountDownLatch held = new CountDownLatch(1);
        Recorder recorder = new Recorder("a");
        bus.add(recorder);
        await("subscribed", () -> broker.filters().contains("a"));
        dispatcher.execute(() -> awaitLatch(held));
        for (int i = 0; i < 150; i++) {
            broker.client("a", "" + i);
        }
        assertEquals(50, dispatcher.dropped());
        held.countDown();
        for (int i = 0; i < 100; i++) {
            assertEquals("a=" + i, recorder.take());
        }
        broker.client("a", "after");
        assertEquals("a=after", recorder.take());
    }

    @Test
    void publishingIsQos1AndNotRetained() throws InterruptedException {
        start();
        assertTrue(bus.publish("$hw/events/device/d/twin/update/delta", "x".getBytes(StandardCharsets.UTF_8)));
        assertEquals("$hw/events/device/d/twin/update/delta=x qos 1", broker.published.poll(5, TimeUnit.SECONDS));
        assertEquals(1883, bus.port());
        broker.full = true;
        assertFalse(bus.publish("a", new byte[0]));
        assertFalse(bus.publish("a/+", new byte[0]));
    }

    // To the cloud

    @ParameterizedTest
    @ValueSource(strings = {"$hw/events/upload/some", "SYS/dis/upload_records", "app/user/x/y"})
    void uploadTopicsGoToTheCloud(String topic) throws InterruptedException {
        start();
        broker.client(topic, "{\"r\":1}");
        Message message = link.sent.poll(5, TimeUnit.SECONDS);
        assertEquals("bus", message.source());
        assertEquals("user", message.group());
        assertEquals("upload", message.operation());
        assertEquals(topic, message.resource());
        assertEquals(new JsonPrimitive("{\"r\":1}"), message.content());
        assertFalse(message.isAnswer());
    }

    @Test
    void uploadsWaitForTheLinkAndTheNewestAreKept() throws InterruptedException {
        start();
        link.connected = false;
        for (int i = 0; i < 8; i++) {
            broker.client("SYS/dis/upload_records", "" + i);
        }
        await("dropped", () -> cloud.dropped() == 3);
        assertEquals(5, cloud.waiting());
        link.connected = true;
        cloud.connected(CloudLink.Peer.KELP);
        for (int i = 3; i < 8; i++) {
            assertEquals("" + i, link.sent.poll(5, TimeUnit.SECONDS).content().getAsString());
        }
        await("empty", () -> cloud.waiting() == 0);
    }

    @Test
    void uploadsAreTriedAgainWhenTheLinkHadNoRoom() throws InterruptedException {
        start();
        link.full = true;
        broker.client("SYS/dis/upload_records", "x");
        await("waiting", () -> cloud.waiting() == 1);
        link.full = false;
        assertEquals("x", link.sent.poll(5, TimeUnit.SECONDS).content().getAsString());
    }

    @Test
    void bytesThatWaitForTheLinkAreBounded() {
        start();
        cloud.link(null);
        broker.client("SYS/dis/upload_records", "x".repeat(900));
        broker.client("SYS/dis/upload_records", "y".repeat(900));
        await("dropped", () -> cloud.dropped() == 1 && cloud.waiting() == 1);
    }

    // From the cloud

    @Test
    void replaysTheRecordedRules() throws Exception {
        start();
        int down = 0;
        int up = 0;
        for (String file : List.of("rest-to-eventbus", "eventbus-to-rest", "other-topics")) {
            for (JsonElement event : Vectors.events("07-router/" + file)) {
                String dir = event.getAsJsonObject().get("dir").getAsString();
                if (dir.equals("cloud->edge")) {
                    Message message = Vectors.message(event);
                    if (!cloud.claims(message)) {
                        continue;
                    }
                    cloud.handle(message).toCompletableFuture().get(5, TimeUnit.SECONDS);
                    settle();
                    down++;
                    if (message.operation().equals("publish")) {
                        assertEquals(message.resource() + "=" + message.content().getAsString() + " qos 1", broker.published.poll(5, TimeUnit.SECONDS));
                    }
                } else if (dir.equals("edge->cloud") && Vectors.message(event).source().equals("bus")) {
                    Message expected = Vectors.message(event);
                    broker.client(expected.resource(), expected.content().getAsString());
                    Message sent = link.sent.poll(5, TimeUnit.SECONDS);
                    assertEquals(expected.route(), sent.route());
                    assertEquals(expected.content(), sent.content());
                    up++;
                }
            }
        }
        assertTrue(down >= 6 && up >= 3, "replayed " + down + " down and " + up + " up");
        assertTrue(topics.records.isEmpty(), "the rules are gone at the end of the recording");
        broker.client("default/up/t", "after the rule is gone");
        settle();
        assertTrue(link.sent.isEmpty());
    }

    @Test
    void aSubscribedTopicIsUploadedAndOutlastsARestart() throws Exception {
        start();
        handle("subscribe", "default/up/t", JsonNull.INSTANCE).toCompletableFuture().get(5, TimeUnit.SECONDS);
        assertEquals(Set.of("default/up/t"), new TreeSet<>(topics.records.keySet()));
        await("subscribed", () -> broker.filters().contains("default/up/t"));
        broker.client("default/up/t", "plain");
        assertEquals("default/up/t", link.sent.poll(5, TimeUnit.SECONDS).resource());
        EventBus second = new EventBus(dispatcher);
        FakeBroker afterRestart = new FakeBroker();
        second.use(new EmbeddedBackend(afterRestart, (topic, payload) -> { }), afterRestart::port);
        new CloudTopics(second, 5, 1_000, 3).store(topics);
        await("subscribed again", () -> afterRestart.filters().contains("default/up/t"));
    }

    @Test
    void aSubscriptionIsAcknowledgedOnlyWhenItIsStored() {
        start();
        topics.failure = new IllegalStateException("disk full");
        ExecutionException failed = assertThrows(ExecutionException.class,
                () -> handle("subscribe", "t", JsonNull.INSTANCE).toCompletableFuture().get(5, TimeUnit.SECONDS));
        assertTrue(failed.getMessage().contains("disk full"));
        cloud.store(null);
        ExecutionException absent = assertThrows(ExecutionException.class,
                () -> handle("subscribe", "t", JsonNull.INSTANCE).toCompletableFuture().get(5, TimeUnit.SECONDS));
        assertTrue(absent.getMessage().contains("store is absent"));
    }

    @Test
    void wrongRequestsAreRefusedWithTheReason() throws Exception {
        start();
        for (String topic : List.of("a", "b", "c")) {
            handle("subscribe", topic, JsonNull.INSTANCE).toCompletableFuture().get(5, TimeUnit.SECONDS);
        }
        assertRefused("maxCloudTopics", handle("subscribe", "d", JsonNull.INSTANCE));
        assertRefused("no topic filter", handle("subscribe", "a/#/b", JsonNull.INSTANCE));
        assertRefused("wildcards", handle("publish", "a/+", new JsonPrimitive("x")));
        assertRefused("operation \"start\"", handle("start", "a", JsonNull.INSTANCE));
        broker.full = true;
        assertRefused("no MQTT broker at present", handle("publish", "a", new JsonPrimitive("x")));
    }

    @Test
    void contentThatIsNoTextIsPublishedAsJson() throws Exception {
        start();
        handle("publish", "t", JsonParser.parseString("{\"a\":[1,2]}")).toCompletableFuture().get(5, TimeUnit.SECONDS);
        assertEquals("t={\"a\":[1,2]} qos 1", broker.published.poll(5, TimeUnit.SECONDS));
        handle("publish", "t", JsonNull.INSTANCE).toCompletableFuture().get(5, TimeUnit.SECONDS);
        assertEquals("t= qos 1", broker.published.poll(5, TimeUnit.SECONDS));
    }

    @Test
    void otherMessagesAreNotClaimed() {
        assertFalse(cloud.claims(Message.create("router_servicebus", "user", "POST", "8080:/x", null)));
        assertFalse(cloud.claims(Message.create("router_eventbus", "resource", "publish", "x", null)));
        assertTrue(cloud.claims(Message.create("router_eventbus", "user", "publish", "x", null)));
        assertFalse(bus.trouble().isEmpty(), "there is no broker");
    }

    private CompletionStage<Void> handle(String operation, String topic, JsonElement content) {
        return cloud.handle(Message.create("router_eventbus", "user", operation, topic, content));
    }

    private static void assertRefused(String reason, CompletionStage<Void> stage) {
        ExecutionException e = assertThrows(ExecutionException.class, () -> stage.toCompletableFuture().get(5, TimeUnit.SECONDS));
        assertTrue(e.getCause().getMessage().contains(reason), e.getCause().getMessage());
    }

    /** All that was handed to the bus's thread so far is done. */
    private void settle() {
        for (int i = 0; i < 3; i++) {
            CountDownLatch done = new CountDownLatch(1);
            dispatcher.execute(done::countDown);
            awaitLatch(done);
        }
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            assertTrue(latch.await(20, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "not within 20 s: " + what);
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** A handler that remembers. */
    static final class Recorder implements TopicHandler {

        final BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        private final List<String> filters;

        Recorder(String... filters) {
            this.filters = new ArrayList<>(List.of(filters));
        }

        @Override
        public List<String> filters() {
            return filters;
        }

        @Override
        public void message(String topic, byte[] payload) {
            seen.add(topic + "=" + new String(payload, StandardCharsets.UTF_8));
        }

        String take() throws InterruptedException {
            return seen.poll(10, TimeUnit.SECONDS);
        }
    }
}
