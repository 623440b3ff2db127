package io.kelp.cloud.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.cloud.kube.Await;
import io.kelp.cloud.kube.KubeApi.PatchType;
import io.kelp.message.Message;
import io.kelp.message.MessageCodec;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The recorded operators and edges against our controller, which has to say what the recorded cloud
 * said. Where it does not, the reason stands in {@link #DEVIATIONS}.
 */
class VectorReplayTest {

    /**
     * What differs on purpose. Text before the colon: file and the recorded or our message.
     */
    private static final Map<String, String> DEVIATIONS = Map.of(
            "07-delete recorded delete default/devicemodel/counter-model # late ",
            "the original deletes a model that another device of the node still uses (specification 2.2, bug)",
            "04-second-device-move-delete recorded edgecontroller delete default/device/nomodel",
            "without a model the original forgets the delete and its scan sends a stump; we send the delete itself",
            "04-second-device-move-delete ours devicecontroller delete default/device/nomodel",
            "see the line before",
            "04-second-device-move-delete status of devicecontroller delete default/device/pump#19.289",
            "the delete of a move has lost its status in the original; no edge reads it",
            "07-delete status of delete default/device/counter",
            "between the files the recorded operator wrote the status; and states are written there by us",
            "01-join ours response membership/detail",
            "the original never answers membership/detail (traps 11 and 47)",
            "02-counter-demo status of insert default/device/counter",
            "the original shows a report that came while the object waited, under the version before it");

    private static final double CONNECTED_AGAIN = 15;

    /** States of classic devices are confirmed and kept, as clouds from 1.18 on do; the recorded one of 1.14 ignored them. */
    private int statesConfirmedBesides;

    private final FakeKubeApi api = new FakeKubeApi();
    private DeviceController controller;
    private FakeHub hub;

    @AfterEach
    void close() {
        controller.close();
    }

    private void begin(String node) {
        hub = new FakeHub(node, false);
        controller = new DeviceController(api, new DeviceController.Settings(10_000, Duration.ZERO, 8));
        controller.start(hub).join();
        assertTrue(controller.isComplete());
    }

    private static List<JsonObject> events(String file) throws IOException {
        List<JsonObject> events = new ArrayList<>();
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(
                VectorReplayTest.class.getResourceAsStream("/vectors/" + file + ".jsonl"), StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                JsonObject event = JsonParser.parseString(line).getAsJsonObject();
                if (event.has("dir")) {
                    events.add(event);
                }
            }
        }
        return events;
    }

    /** Runs a file and compares group by group: what was recorded after a stimulus with what we say to it. */
    private List<VectorMessages.Group> replay(String file, Predicate<JsonObject> filter) throws Exception {
        String name = file.substring(file.indexOf('/') + 1);
        List<VectorMessages.Group> groups = new ArrayList<>();
        VectorMessages.Group group = new VectorMessages.Group("start", new ArrayList<>(), new ArrayList<>());
        List<JsonObject> events = events(file).stream().filter(filter).toList();
        for (JsonObject event : events) {
            String direction = event.get("dir").getAsString();
            if (direction.equals("cloud->edge") && event.get("msg") instanceof JsonObject message) {
                if (VectorMessages.isOurs(message)) {
                    group.recorded().add(message);
                }
            } else if (isReport(event)) {
                report(name, event.getAsJsonObject("msg"), group, events);
            } else if (isOperator(event)) {
                finish(name, group);
                groups.add(group);
                group = new VectorMessages.Group(event.get("note").getAsString() + " at " + event.get("t"), new ArrayList<>(), new ArrayList<>());
                operate(event);
            } else if (event.get("state") instanceof JsonObject state) {
                checkState(state);
            }
        }
        finish(name, group);
        groups.add(group);
        return groups;
    }

    private void finish(String name, VectorMessages.Group group) {
        take(group);
        VectorMessages.removeDeviations(name, group, DEVIATIONS.keySet());
        assertEquals(VectorMessages.lines(group.recorded()), VectorMessages.lines(group.ours()), name + " after " + group.stimulus());
    }

    private void take(VectorMessages.Group group) {
        hub.take().forEach(m -> group.ours().add(JsonParser.parseString(MessageCodec.encode(m)).getAsJsonObject()));
    }

    /** What the edge says; waits for the confirmation if one was recorded. */
    private void report(String name, JsonObject recorded, VectorMessages.Group group, List<JsonObject> events) throws Exception {
        Message message = MessageCodec.decode(recorded.toString());
        assertTrue(controller.claims(message));
        controller.handle(hub, message);
        boolean answered = events.stream()
                .anyMatch(event -> event.get("msg") instanceof JsonObject m && VectorMessages.answers(m, message.id()));
        boolean state = message.resource().endsWith("state/update");
        if (answered || state) {
            Await.until(name + ": confirmation of " + recorded, () -> {
                take(group);
                return group.ours().stream().anyMatch(m -> VectorMessages.answers(m, message.id()));
            });
        }
        if (!answered && state) {
            group.ours().removeIf(m -> VectorMessages.answers(m, message.id()));
            statesConfirmedBesides++;
        }
    }

    private static boolean isReport(JsonObject event) {
        return event.get("dir").getAsString().equals("edge->cloud") && event.get("msg") instanceof JsonObject message
                && message.getAsJsonObject("route").has("source")
                && message.getAsJsonObject("route").get("source").getAsString().equals("twin");
    }

    private static boolean isOperator(JsonObject event) {
        String note = event.has("note") && event.get("note").isJsonPrimitive() ? event.get("note").getAsString() : "";
        return note.equals("kubectl create") || note.startsWith("PATCH device") || note.startsWith("DELETE device");
    }

    private void operate(JsonObject event) {
        String note = event.get("note").getAsString();
        if (note.equals("kubectl create")) {
            JsonObject object = event.getAsJsonObject("object");
            api.create(path(object.get("kind").getAsString().toLowerCase(Locale.ROOT) + "s"), object).join();
            return;
        }
        String[] words = note.split(" ");
        String path = path(words[1].split("\\.")[0]) + "/" + words[2];
        if (words[0].equals("DELETE")) {
            api.delete(path, null).join();
        } else {
            api.patch(path, note.endsWith("(json)") ? PatchType.JSON : PatchType.MERGE,
                    event.get("patch").toString()).join();
        }
    }

    private static String path(String plural) {
        return "/apis/devices.kubeedge.io/v1beta1/namespaces/default/" + plural;
    }

    private void checkState(JsonObject state) {
        String kind = state.get("kind").getAsString();
        String name = kind.equals("List") ? "" : state.getAsJsonObject("metadata").get("name").getAsString();
        switch (kind) {
            case "ConfigMap" -> {
                String path = "/api/v1/namespaces/default/configmaps/" + name;
                String text = state.getAsJsonObject("data").get("deviceProfile.json").getAsString();
                long end = System.nanoTime() + 3_000_000_000L;
                String ours = "";
                while (!ours.equals(text) && System.nanoTime() < end) {
                    Thread.onSpinWait();
                    ours = api.get(path).handle((map, problem) ->
                            problem == null ? map.getAsJsonObject("data").get("deviceProfile.json").getAsString() : "").join();
                }
                assertEquals(text, ours);
            }
            case "Device" -> {
                JsonElement status = api.get(path("devices") + "/" + name).join().get("status");
                JsonObject ours = status == null ? new JsonObject() : status.getAsJsonObject().deepCopy();
                if (state.has("status") && state.get("apiVersion").getAsString().endsWith("v1alpha2")) {
                    ours.remove("state");
                }
                assertEquals(state.has("status") ? state.get("status") : new JsonObject(), ours);
            }
            case "DeviceStatus" -> {
                String path = path("devicestatuses") + "/" + name;
                Await.until("DeviceStatus " + name, 3, () -> api.get(path).handle((ours, problem) ->
                        problem == null && ours.get("status").equals(state.get("status"))).join());
                JsonObject ours = api.get(path).join();
                assertEquals(state.get("status"), ours.get("status"));
                assertEquals(state.get("spec"), ours.get("spec"));
                JsonObject owner = ours.getAsJsonObject("metadata").getAsJsonArray("ownerReferences").get(0).getAsJsonObject();
                JsonObject recorded = state.getAsJsonObject("metadata").getAsJsonArray("ownerReferences").get(0).getAsJsonObject();
                recorded.addProperty("uid", owner.get("uid").getAsString());
                assertEquals(recorded, owner);
            }
            default -> { }
        }
    }

    private static boolean all(JsonObject event) {
        return true;
    }

    @Test
    void classicFilesAreAnsweredAsRecorded() throws Exception {
        begin("edge-node");
        replay("05-classic-v1.14/01-join", VectorReplayTest::all);
        List<VectorMessages.Group> demo = replay("05-classic-v1.14/02-counter-demo", VectorReplayTest::all);
        assertTrue(demo.size() > 4);
        replay("05-classic-v1.14/03-counter-demo-second-round", VectorReplayTest::all);
        replay("05-classic-v1.14/04-mqtt-requests", VectorReplayTest::all);
        assertEquals(3, statesConfirmedBesides);
        List<VectorMessages.Group> changes = replay("05-classic-v1.14/05-device-changes", VectorReplayTest::all);
        assertEquals(List.of("update default/device/pump", "update default/device/pump", "update default/devicemodel/pump-model"),
                VectorMessages.scans(changes));
        api.create(path("devices"), JsonParser.parseString("""
                {"apiVersion":"devices.kubeedge.io/v1alpha2","kind":"Device","metadata":{"name":"late"},
                 "spec":{"deviceModelRef":{"name":"counter-model"},"nodeSelector":{"nodeSelectorTerms":[{"matchExpressions":
                 [{"key":"","operator":"In","values":["edge-node"]}]}]}},
                 "status":{"twins":[{"propertyName":"status","desired":{"metadata":{"type":"string"},"value":"OFF"}}]}}""").getAsJsonObject()).join();
        hub.take();
        replay("05-classic-v1.14/07-delete", VectorReplayTest::all);
        Await.until("ConfigMap removed", 3, () -> api.get("/api/v1/namespaces/default/configmaps/device-profile-config-edge-node")
                .handle((map, problem) -> problem != null).join());
    }

    @Test
    void changesAfterAnOutageAreAnsweredAsRecorded() throws Exception {
        List<JsonObject> recorded = events("05-classic-v1.14/02-counter-demo");
        begin("edge-node");
        for (JsonObject event : recorded) {
            if (event.has("object")) {
                operate(event);
            }
        }
        String file = "05-classic-v1.14/06-offline-and-reconnect";
        for (JsonObject event : events(file)) {
            if (isOperator(event) && event.get("t").getAsDouble() < CONNECTED_AGAIN) {
                operate(event);
            }
        }
        hub.take();
        replay(file, event -> event.get("t").getAsDouble() > CONNECTED_AGAIN);
    }

    @Test
    void modernFilesAreAnsweredAsRecorded() throws Exception {
        begin("edge-a");
        replay("04-devices-v1beta1/01-create", VectorReplayTest::all);
        List<VectorMessages.Group> updates = replay("04-devices-v1beta1/02-update", VectorReplayTest::all);
        assertEquals(List.of("update default/device/pump", "update default/device/pump", "update default/devicemodel/pump-model"),
                VectorMessages.scans(updates));
        replay("04-devices-v1beta1/03-mqtt-requests", VectorReplayTest::all);
        replay("04-devices-v1beta1/04-second-device-move-delete", VectorReplayTest::all);
    }

    @Test
    void changingAnyFieldOfOurAnswersIsNoticed() throws Exception {
        begin("edge-node");
        List<VectorMessages.Group> groups = new ArrayList<>(replay("05-classic-v1.14/02-counter-demo", VectorReplayTest::all));
        groups.addAll(replay("05-classic-v1.14/03-counter-demo-second-round", VectorReplayTest::all));
        groups.addAll(replay("05-classic-v1.14/05-device-changes", VectorReplayTest::all));
        int checked = 0;
        for (VectorMessages.Group group : groups) {
            for (JsonElement mutant : VectorMessages.mutants(group.ours())) {
                List<JsonObject> mutated = new ArrayList<>();
                mutant.getAsJsonArray().forEach(m -> mutated.add(m.getAsJsonObject()));
                checked++;
                assertFalse(VectorMessages.normal(group.recorded()).equals(VectorMessages.normal(mutated)),
                        "not noticed: " + mutant);
            }
        }
        assertTrue(checked > 300, checked + " mutants");
    }
}
