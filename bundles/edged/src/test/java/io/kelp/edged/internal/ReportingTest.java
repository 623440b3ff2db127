package io.kelp.edged.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import io.kelp.edged.internal.fake.FakeStore;
import io.kelp.edged.internal.fake.Pods;
import io.kelp.edged.internal.pod.Pod;
import io.kelp.edged.internal.report.CloudStatuses;
import io.kelp.edged.internal.report.EventRecorder;
import io.kelp.edgehub.CloudLink;
import io.kelp.edgehub.CloudMessageHandler;
import io.kelp.message.Message;
import io.kelp.testkit.cloud.FakeConnection;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Statuses and Events over real connections that break again and again. */
@Tag("slow")
class ReportingTest {

    private static final int PODS = 20;
    private static final int EVENTS_PER_POD = 15;

    @TempDir Path data;
    private final ScheduledExecutorService serial = Executors.newSingleThreadScheduledExecutor();
    private final ExecutorService io = Executors.newFixedThreadPool(1);
    private final Set<String> seen = Collections.synchronizedSet(new LinkedHashSet<>()); // reasons of Events, in the order of their first arrival
    private final Map<String, String> phases = new ConcurrentHashMap<>();
    private final AtomicInteger received = new AtomicInteger();
    private final AtomicInteger cuts = new AtomicInteger();
    private volatile int cutEvery;
    private Gateway gateway;
    private CloudStatuses statuses;
    private EventRecorder events;

    @BeforeEach
    void open() throws IOException {
        gateway = new Gateway(data, "edge-r", Map.of("answerSeconds", 1));
        gateway.cloud.onMessage = this::answer;
        FakeStore store = new FakeStore();
        statuses = new CloudStatuses(gateway.hub, gateway.objects, store, serial, (namespace, name, uid) -> { });
        events = new EventRecorder(gateway.hub, gateway.hub, store, serial, io, "edge-r");
        gateway.hub.add(new CloudMessageHandler() {
            @Override
            public boolean claims(Message message) {
                return false;
            }

            @Override
            public CompletionStage<Void> handle(Message message) {
                return CompletableFuture.completedFuture(null);
            }

            @Override
            public void connected(CloudLink.Peer peer) {
                statuses.connected();
                events.connected();
            }

            @Override
            public void disconnected() {
                statuses.disconnected();
                events.disconnected();
            }
        }, 0);
    }

    @AfterEach
    void close() throws IOException {
        statuses.close();
        events.close();
        gateway.close();
        serial.shutdownNow();
        io.shutdownNow();
    }

    private void answer(FakeConnection connection, String text) {
        JsonObject message = JsonParser.parseString(text).getAsJsonObject();
        JsonObject route = message.getAsJsonObject("route");
        String resource = route.get("resource").getAsString();
        if (route.get("operation").getAsString().equals("response")) {
            return; // an acknowledgement of an answer
        }
        if (resource.contains("/event/")) {
            if (received.incrementAndGet() % cutEvery == 0) {
                cuts.incrementAndGet();
                connection.reset(); // what was on its way is lost
                return;
            }
            JsonObject content = message.getAsJsonObject("content");
            seen.add((content.has("event") ? content.getAsJsonObject("event") : content).get("reason").getAsString());
            if (gateway.cloud.kelp) {
                reply(connection, message, new JsonPrimitive("OK"));
            }
        } else if (resource.contains("/podpatch/")) {
            if (received.incrementAndGet() % cutEvery == 0) {
                cuts.incrementAndGet();
                connection.reset();
                return;
            }
            JsonObject patch = JsonParser.parseString(message.get("content").getAsString()).getAsJsonObject();
            String name = resource.substring(resource.lastIndexOf('/') + 1);
            if (patch.has("status") && patch.getAsJsonObject("status").has("phase")) {
                phases.put(name, patch.getAsJsonObject("status").get("phase").getAsString());
            }
            reply(connection, message, wrapped(Pods.with(Pods.json(name, "u" + name, 1), statuses.last("u" + name).orElseThrow(), 2)));
        } else if (resource.contains("/lease/") || resource.contains("node")) {
            reply(connection, message, wrapped(JsonParser.parseString("{'metadata':{'name':'edge-r','uid':'n','resourceVersion':'1'},'spec':{}}").getAsJsonObject()));
        }
    }

    private static JsonObject wrapped(JsonObject object) {
        JsonObject content = new JsonObject();
        content.add("Object", object);
        content.add("Err", JsonNull.INSTANCE);
        return content;
    }

    private static void reply(FakeConnection connection, JsonObject request, JsonElement content) {
        JsonObject answer = JsonParser.parseString("{'header':{'msg_id':'" + UUID.randomUUID() + "','timestamp':" + System.currentTimeMillis()
                + "},'route':{'source':'edgecontroller','group':'resource','operation':'response'}}").getAsJsonObject();
        answer.getAsJsonObject("header").add("parent_msg_id", request.getAsJsonObject("header").get("msg_id"));
        answer.getAsJsonObject("route").add("resource", request.getAsJsonObject("route").get("resource"));
        answer.add("content", content);
        try {
            connection.send(answer + "\n");
        } catch (IOException e) {
            // the test has cut this connection meanwhile
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void nothingIsLostAndTheOrderIsKeptWhenTheLinkBreaksAgainAndAgain(boolean kelp) throws Exception {
        gateway.cloud.kelp = kelp;
        cutEvery = 150;
        List<String> made = new ArrayList<>();
        for (int pod = 0; pod < PODS; pod++) {
            Pod one = Pods.pod("p" + pod, "up" + pod);
            for (int i = 0; i < EVENTS_PER_POD; i++) {
                String reason = "R" + pod + "x" + i;
                made.add(reason);
                events.pod(one, "", "Normal", reason, "text");
            }
            statuses.report(one, Pods.status("Running", pod % 2 == 0, "2026-11-21T12:00:00Z"), Map.of());
        }
        gateway.hub.start();
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (seen.size() < made.size() || phases.size() < PODS) {
            assertTrue(System.nanoTime() - end < 0, seen.size() + " events, " + phases.size() + " statuses, " + cuts + " cuts");
            Thread.sleep(10);
        }
        assertTrue(cuts.get() >= 2, "cuts: " + cuts);
        synchronized (seen) {
            assertEquals(made, new ArrayList<>(seen));
        }
        assertEquals(Set.of("Running"), Set.copyOf(phases.values()));
    }
}
