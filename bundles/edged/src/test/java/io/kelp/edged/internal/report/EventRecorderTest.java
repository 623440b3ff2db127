package io.kelp.edged.internal.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import io.kelp.edged.ObjectEvents.ObjectReference;
import io.kelp.edged.ObjectEvents.Type;
import io.kelp.edged.internal.fake.FakeLink;
import io.kelp.edged.internal.fake.FakeStore;
import io.kelp.edged.internal.fake.ManualTime;
import io.kelp.edged.internal.fake.Pods;
import io.kelp.edgehub.CloudLink;
import io.kelp.edgehub.LinkException;
import io.kelp.message.Message;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EventRecorderTest {

    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");

    private final ManualTime time = new ManualTime();
    private final long begin = time.nanos();
    private Instant epoch = NOON;
    private final FakeLink link = new FakeLink();
    private final FakeStore store = new FakeStore();
    private EventRecorder events;

    @BeforeEach
    void stock() {
        link.peer = CloudLink.Peer.KUBEEDGE;
        start();
    }

    private void start() {
        events = new EventRecorder(link, () -> epoch.plusNanos(time.nanos() - begin), store, time, Runnable::run, "edge-t", time::nanos);
    }

    private void connect() {
        link.up();
        events.connected();
        time.settle();
    }

    private void confirm() {
        link.accept(new JsonObject());
        time.settle();
    }

    /** The events sent since the last call, without the questions; a batch is confirmed. */
    private List<Message> delivered() {
        List<Message> all = new ArrayList<>();
        time.pass(Duration.ofSeconds(1));
        while (!link.open.isEmpty()) {
            all.addAll(link.taken());
            confirm();
            time.pass(Duration.ofSeconds(1));
        }
        all.addAll(link.taken());
        all.removeIf(m -> !m.resource().contains("/event/"));
        return all;
    }

    private void pulled(String message) {
        events.pod(Pods.pod("web", "u1"), "spec.containers{app}", "Normal", "Pulled", message);
    }

    @Test
    void otherBundlesTellOfTheirObjects() {
        connect();
        events.record(new ObjectReference("devices.kubeedge.io/v1beta1", "Device", "plant", "pump", "u7"), Type.WARNING, "DeviceUnreachable",
                "Device does not answer: " + "x".repeat(2000));
        events.record(new ObjectReference("devices.kubeedge.io/v1beta1", "Device", "plant", "valve", ""), Type.NORMAL, "DeviceReachable", "Device answers again");
        List<Message> told = delivered();
        JsonObject event = told.get(0).content().getAsJsonObject();
        assertEquals("{\"kind\":\"Device\",\"namespace\":\"plant\",\"name\":\"pump\",\"uid\":\"u7\",\"apiVersion\":\"devices.kubeedge.io/v1beta1\"}",
                event.get("involvedObject").toString());
        assertEquals("Warning", event.get("type").getAsString());
        assertEquals("plant", event.getAsJsonObject("metadata").get("namespace").getAsString());
        assertEquals(1024, event.get("message").getAsString().length());
        assertFalse(told.get(1).content().getAsJsonObject().getAsJsonObject("involvedObject").has("uid"));
    }

    @Test
    void anEventLooksLikeKubelets() {
        connect();
        pulled("Container image \"x:1\" already present on machine");
        Message message = delivered().get(0);
        JsonObject event = message.content().getAsJsonObject();
        String name = event.getAsJsonObject("metadata").get("name").getAsString();
        assertTrue(name.matches("web\\.[0-9a-f]{16}"), name);
        assertEquals("edged meta insert default/event/" + name,
                message.source() + " " + message.group() + " " + message.operation() + " " + message.resource());
        assertEquals("{\"metadata\":{\"name\":\"" + name + "\",\"namespace\":\"default\",\"creationTimestamp\":null},\"involvedObject\":{\"kind\":\"Pod\","
                + "\"namespace\":\"default\",\"name\":\"web\",\"uid\":\"u1\",\"apiVersion\":\"v1\",\"resourceVersion\":\"1\",\"fieldPath\":\"spec.containers{app}\"},"
                + "\"reason\":\"Pulled\",\"message\":\"Container image \\\"x:1\\\" already present on machine\",\"source\":{\"component\":\"kelp\",\"host\":\"edge-t\"},"
                + "\"firstTimestamp\":\"2026-11-21T12:00:00Z\",\"lastTimestamp\":\"2026-11-21T12:00:00Z\",\"count\":1,\"type\":\"Normal\",\"eventTime\":null,"
                + "\"reportingComponent\":\"kelp\",\"reportingInstance\":\"edge-t\"}", event.toString());
    }

    @Test
    void theSameAgainIsAPatchOfTheCount() {
        connect();
        pulled("again");
        String first = delivered().get(0).resource();
        time.pass(Duration.ofSeconds(58));
        pulled("again");
        Message second = delivered().get(0);
        assertEquals("patch " + first, second.operation() + " " + second.resource());
        assertEquals("{\"count\":2,\"lastTimestamp\":\"2026-11-21T12:01:00Z\",\"message\":\"again\"}",
                second.content().getAsJsonObject().get("patchData").getAsString());
        JsonObject event = second.content().getAsJsonObject().getAsJsonObject("event");
        assertEquals("2026-11-21T12:00:00Z", event.get("firstTimestamp").getAsString());
    }

    @Test
    void whatTheApiServerMayHaveForgottenIsInsertedUnderANewName() {
        connect();
        pulled("again");
        String first = delivered().get(0).resource();
        time.pass(Duration.ofMinutes(50));
        pulled("again");
        Message second = delivered().get(0);
        assertEquals("insert", second.operation());
        assertFalse(first.equals(second.resource()));
        assertEquals(2, second.content().getAsJsonObject().get("count").getAsInt());
    }

    @Test
    void tenDifferentMessagesOfOneReasonBecomeOneEvent() {
        connect();
        for (int i = 0; i < 12; i++) {
            pulled("message " + i);
        }
        List<Message> all = delivered();
        Set<String> names = new HashSet<>();
        all.forEach(m -> names.add(m.resource()));
        assertEquals(10, names.size());
        JsonObject last = all.get(all.size() - 1).content().getAsJsonObject();
        assertEquals("(combined from similar events): message 11", last.get("message").getAsString());
        assertEquals(3, last.get("count").getAsInt());
    }

    @Test
    void oneObjectMayNotFloodTheCloud() {
        connect();
        for (int i = 0; i < 100; i++) {
            events.pod(Pods.pod("web", "u1"), "", "Warning", "Reason" + i, "text");
        }
        events.pod(Pods.pod("other", "u2"), "", "Normal", "Started", "text");
        List<Message> all = delivered();
        assertEquals(26, all.size());
        assertEquals(75, events.suppressed());
        time.pass(Duration.ofMinutes(5));
        events.pod(Pods.pod("web", "u1"), "", "Warning", "Later", "text");
        assertEquals(1, delivered().size());
    }

    @Test
    void eventsOfAnOutageArriveInTheirOrderAndOncePerName() {
        for (int pod = 0; pod < 10; pod++) {
            for (int i = 0; i < 20; i++) {
                events.pod(Pods.pod("p" + pod, "u" + pod), "", "Normal", "Reason" + i, "text");
            }
        }
        events.pod(Pods.pod("p9", "u9"), "", "Normal", "Reason19", "text");
        events.pod(Pods.pod("p9", "u9"), "", "Normal", "Reason19", "text");
        time.settle();
        connect();
        List<Message> all = delivered();
        assertEquals(201, all.size()); // in batches of 50: the last one tells of two more at once
        assertEquals("patch", all.get(200).operation());
        assertEquals("{\"count\":3", all.remove(200).content().getAsJsonObject().get("patchData").getAsString().split(",")[0]);
        for (int i = 0; i < 200; i++) {
            JsonObject event = all.get(i).content().getAsJsonObject();
            assertEquals("Reason" + i % 20, event.get("reason").getAsString());
        }
        assertEquals("insert", all.get(199).operation());
    }

    @Test
    void atMostFiftyASecondAreSentAfterTheFirstHundred() {
        for (int pod = 0; pod < 40; pod++) {
            for (int i = 0; i < 20; i++) {
                events.pod(Pods.pod("p" + pod, "u" + pod), "", "Normal", "Reason" + i, "text");
            }
        }
        time.settle();
        connect();
        int sent = 0;
        long from = time.nanos();
        while (sent < 800) {
            assertTrue(time.nanos() - from < Duration.ofMinutes(5).toNanos(), "sent only " + sent);
            if (!link.open.isEmpty()) {
                confirm();
            }
            time.pass(Duration.ofMillis(10));
            sent += (int) link.taken().stream().filter(m -> m.resource().contains("/event/")).count();
            long seconds = (time.nanos() - from) / 1_000_000_000L + 1;
            assertTrue(sent <= 100 + 50 * seconds, sent + " in " + seconds + " s");
        }
    }

    @Test
    void aBatchThatMayNotHaveArrivedIsSentAgain() {
        connect();
        pulled("one");
        time.pass(Duration.ofSeconds(1));
        assertEquals(1, link.taken().stream().filter(m -> m.resource().contains("/event/")).count());
        events.disconnected();
        link.down();
        time.settle();
        connect();
        Message again = delivered().get(0);
        assertEquals("update", again.operation());
        pulled("one");
        assertEquals("patch", delivered().get(0).operation());
    }

    @Test
    void whatWaitedSurvivesARestart() {
        pulled("one");
        time.settle();
        events.close();
        start();
        connect();
        assertEquals(1, delivered().size());
        events.close();
        start();
        connect();
        assertEquals(0, delivered().size());
    }

    @Test
    void aFullRingLosesTheOldestAndCountsThem() {
        for (int pod = 0; pod < 60; pod++) {
            for (int i = 0; i < 20; i++) {
                events.pod(Pods.pod("p" + pod, "u" + pod), "", "Normal", "Reason" + i, "text");
            }
        }
        time.settle();
        assertEquals(200, events.dropped());
    }

    @Test
    void stampsMadeBeforeTheClockWasSetArePutRight() {
        epoch = Instant.parse("2026-11-01T00:00:00Z"); // what a gateway without battery believes
        pulled("early");
        time.pass(Duration.ofSeconds(100));
        epoch = NOON;
        connect();
        JsonObject event = delivered().get(0).content().getAsJsonObject();
        assertEquals("2026-11-21T12:00:00Z", event.get("lastTimestamp").getAsString());
        assertEquals("2026-11-21T12:00:00Z", event.get("firstTimestamp").getAsString());
    }

    @Test
    void stampsMadeWithATrueClockStayAfterASuspension() {
        connect();
        delivered();
        events.disconnected();
        link.down();
        pulled("offline");
        time.settle();
        epoch = epoch.plus(Duration.ofHours(8)); // the monotonic clock stood still meanwhile
        connect();
        assertEquals("2026-11-21T12:00:01Z", delivered().get(0).content().getAsJsonObject().get("lastTimestamp").getAsString());
    }

    @Test
    void anEventOfTheNodeGoesToTheDefaultNamespace() {
        connect();
        events.node("Normal", "Starting", "Starting Kelp.");
        JsonObject event = delivered().get(0).content().getAsJsonObject();
        assertEquals("default", event.getAsJsonObject("metadata").get("namespace").getAsString());
        assertEquals("{\"kind\":\"Node\",\"name\":\"edge-t\",\"uid\":\"edge-t\",\"apiVersion\":\"v1\"}", event.get("involvedObject").toString());
    }

    @Test
    void aKelpCloudIsNotAskedButAnswersEachEvent() {
        link.peer = CloudLink.Peer.KELP;
        connect();
        pulled("one");
        pulled("two");
        time.pass(Duration.ofSeconds(1));
        assertEquals(2, link.taken().size());
        link.say("OK");
        time.pass(Duration.ofSeconds(10));
        events.disconnected();
        link.down();
        time.settle();
        connect();
        time.settle();
        List<Message> again = link.taken();
        assertEquals(2, again.size(), "the ring forgets a batch as a whole");
        assertEquals(List.of("patch", "update"), again.stream().map(Message::operation).toList(), "the first has arrived for certain");
        link.say("OK");
        link.say("OK");
        time.pass(Duration.ofMinutes(5));
        assertEquals(List.of(), link.taken());
    }

    @Test
    void aKelpCloudThatAnswersNoEventIsAskedLikeAStockOne() {
        link.peer = CloudLink.Peer.KELP;
        connect();
        pulled("one");
        time.pass(Duration.ofSeconds(1));
        Message first = link.taken().get(0);
        link.open.remove(first).completeExceptionally(new LinkException("the cloud did not answer within 90 s"));
        assertEquals(first.resource(), delivered().get(0).resource());
        assertEquals(0, delivered().size());
    }

    @Test
    void nothingIsAskedWhileNothingHappens() {
        connect();
        pulled("one");
        delivered();
        time.pass(Duration.ofHours(1));
        assertEquals(List.of(), link.taken());
        assertEquals(0, time.planned());
    }
}
