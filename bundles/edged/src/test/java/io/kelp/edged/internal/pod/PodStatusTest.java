package io.kelp.edged.internal.pod;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.edged.internal.pod.ContainerState.Running;
import io.kelp.edged.internal.pod.ContainerState.Terminated;
import io.kelp.edged.internal.pod.ContainerState.Waiting;
import io.kelp.edged.internal.pod.ContainerView.Kind;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Statuses, against what a stock edge wrote and against kubelet's rules. */
class PodStatusTest {

    private static final Instant T = Instant.parse("2026-11-21T11:21:52Z");

    @ParameterizedTest(name = "{0} with {1} is Ready {2}, Initialized {3}")
    @CsvSource({
        "Always,    w,   False ContainersNotReady, True",
        "Always,    r,   True,                     True",
        "Always,    rc,  False ContainersNotReady, True",
        "Never,     s,   False PodCompleted,       True PodCompleted",
        "Never,     f,   False PodFailed,          True",
        "Always,    r:w, False ContainersNotReady, False ContainersNotInitialized",
        "Always,    s:w, False ContainersNotReady, True",
        "Always,    s:r, True,                     True",
        "Never,     f:w, False PodFailed,          False ContainersNotInitialized",
        "Always,    R+w, False ContainersNotReady, False ContainersNotInitialized",
        "Always,    r+r, True,                     True",
    })
    void conditionsFollowFromContainers(String policy, String containers, String ready, String initialized) {
        JsonObject status = PodStatus.of(PodPhaseTest.view(policy, containers, false, false), new JsonObject(), T);
        assertEquals(ready, condition(status, "Ready"));
        assertEquals(ready, condition(status, "ContainersReady"));
        assertEquals(initialized, condition(status, "Initialized"));
    }

    private static String condition(JsonObject status, String type) {
        JsonObject found = PodStatus.conditionOf(status, type);
        return Pod.text(found, "status") + (found.has("reason") ? " " + Pod.text(found, "reason") : "");
    }

    @Test
    void transitionTimesStayUntilTheConditionChanges() {
        JsonObject first = PodStatus.of(PodPhaseTest.view("Always", "w", false, false), new JsonObject(), T);
        JsonObject second = PodStatus.of(PodPhaseTest.view("Always", "r", false, false), first, T.plusSeconds(60));
        assertEquals("2026-11-21T11:21:52Z", Pod.text(PodStatus.conditionOf(second, "Initialized"), "lastTransitionTime"));
        assertEquals("2026-11-21T11:22:52Z", Pod.text(PodStatus.conditionOf(second, "Ready"), "lastTransitionTime"));
    }

    @Test
    void aReadinessGateKeepsThePodUnready() {
        PodView ready = PodPhaseTest.view("Always", "r", false, false);
        for (String[] each : new String[][] {
            {"[]", "False ReadinessGatesNotReady", "corresponding condition of pod readiness gate \"x/y\" does not exist."},
            {"[{'type':'x/y','status':'False'}]", "False ReadinessGatesNotReady", "the status of pod readiness gate \"x/y\" is not \"True\", but False"},
            {"[{'type':'x/y','status':'True'}]", "True", ""}}) {
            Pod pod = PodNode.with(ready.pod(), json -> {
                json.getAsJsonObject("spec").add("readinessGates", PodNode.array("[{'conditionType':'x/y'}]"));
                json.getAsJsonObject("status").add("conditions", PodNode.array(each[0]));
            });
            JsonObject status = PodStatus.of(new PodView(pod, ready.containers(), "", T, true, true, false, null, false, false, ""), new JsonObject(), T);
            assertEquals(each[1], condition(status, "Ready"));
            assertEquals(each[2], Pod.text(PodStatus.conditionOf(status, "Ready"), "message"));
            assertEquals("True", condition(status, "ContainersReady"));
        }
    }

    /** The recorded pod {@code web}: created, running, deleted. */
    @Test
    void statusesAreThoseOfAStockEdge() throws IOException {
        Pod pod = null;
        List<JsonObject> patches = new ArrayList<>();
        for (String file : List.of("create", "delete")) {
            for (JsonObject message : recording(file)) {
                JsonObject route = message.getAsJsonObject("route");
                if (pod == null && "default/pod/web".equals(Pod.text(route, "resource")) && "insert".equals(Pod.text(route, "operation"))) {
                    JsonObject object = message.getAsJsonObject("content");
                    pod = new Pod("default", "web", "a9acef85-7365-4b56-94dd-bdecf48eed05", "1", object);
                }
                if ("default/podpatch/web".equals(Pod.text(route, "resource")) && "patch".equals(Pod.text(route, "operation"))) {
                    patches.add(JsonParser.parseString(message.get("content").getAsString()).getAsJsonObject().getAsJsonObject("status"));
                }
            }
        }
        assertNotNull(pod);
        JsonObject spec = pod.containers().get(0);
        String id = "containerd://eebfd1a6986fa798a3469ac3662d9dce29c7e35bfe402267eb17fc693526b1a2";
        String image = "sha256:300c5d7e8aa9d10c42042aa80e0b5f951b3edd859e54cc2c562925f2d883fac5";
        ContainerView creating = new ContainerView(spec, Kind.MAIN, "", "", new Waiting("ContainerCreating", ""), null, 0, false, false, Map.of());
        ContainerView running = new ContainerView(spec, Kind.MAIN, image, id, new Running(T), null, 0, true, true, Map.of());
        ContainerView ended = new ContainerView(spec, Kind.MAIN, image, id, new Terminated(0, "Completed", "", T,
                Instant.parse("2026-11-21T11:23:04Z"), id), null, 0, false, false, Map.of());

        JsonObject first = PodStatus.of(view(pod, creating, false, false), new JsonObject(), T);
        same(patches.get(0), first, List.of("conditions", "containerStatuses", "hostIP", "hostIPs", "podIP", "podIPs", "startTime"));
        assertEquals("Pending", Pod.text(first, "phase"));
        assertEquals("BestEffort", Pod.text(first, "qosClass"));

        JsonObject second = PodStatus.of(view(pod, running, true, false), first, T.plusSeconds(1));
        same(patches.get(1), second, List.of("containerStatuses", "phase"));
        changed(patches.get(1), second);

        JsonObject third = PodStatus.of(view(pod, ended, false, true), second, Instant.parse("2026-11-21T11:23:04Z"));
        same(patches.get(2), third, List.of("containerStatuses", "phase"));
        changed(patches.get(2), third);
    }

    private static PodView view(Pod pod, ContainerView container, boolean sandbox, boolean terminal) {
        return new PodView(pod, List.of(container), "192.0.2.10", T, sandbox, true, terminal, null, false, false, "");
    }

    private static void same(JsonObject patch, JsonObject status, List<String> members) {
        for (String member : members) {
            assertEquals(patch.get(member), status.get(member), member);
        }
    }

    /** Each change of a condition in the patch is in the status, and there in the order that the patch sets. */
    private static void changed(JsonObject patch, JsonObject status) {
        assertEquals(patch.get("$setElementOrder/conditions").getAsJsonArray().asList().stream().map(c -> Pod.text(c.getAsJsonObject(), "type")).toList(),
                Pod.objects(status, "conditions").stream().map(c -> Pod.text(c, "type")).toList());
        for (JsonObject change : Pod.objects(patch, "conditions")) {
            JsonObject now = PodStatus.conditionOf(status, Pod.text(change, "type"));
            change.entrySet().forEach(member -> {
                if (member.getValue().isJsonNull()) {
                    assertFalse(now.has(member.getKey()));
                } else {
                    assertEquals(member.getValue(), now.get(member.getKey()), Pod.text(change, "type"));
                }
            });
        }
    }

    private static List<JsonObject> recording(String file) throws IOException {
        List<JsonObject> messages = new ArrayList<>();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                PodStatusTest.class.getResourceAsStream("/vectors/03-pod/" + file + ".jsonl"), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (JsonParser.parseString(line).getAsJsonObject().get("msg") instanceof JsonObject message) {
                    messages.add(message);
                }
            }
        }
        return messages;
    }
}
