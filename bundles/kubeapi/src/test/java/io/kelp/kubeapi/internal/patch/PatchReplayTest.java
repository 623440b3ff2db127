package io.kelp.kubeapi.internal.patch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.internal.resource.ResourceType;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Does what a real kube-apiserver did with the same writes ({@link PatchRecorder}). */
class PatchReplayTest {

    private static final Set<String> SERVER_SET = Set.of("uid", "resourceVersion", "creationTimestamp", "generation", "managedFields", "namespace",
            "terminationMessagePath", "terminationMessagePolicy", "imagePullPolicy", "resources", "restartPolicy", "dnsPolicy", "schedulerName",
            "terminationGracePeriodSeconds", "securityContext", "protocol", "requests", "status", "bank", "type", "deletionTimestamp",
            "deletionGracePeriodSeconds", "metadata", "taints", "allocatable", "lastHeartbeatTime", "lastTransitionTime", "apiVersion");

    private final FieldManagement fields = new FieldManager();
    private final Patches patches = new PatchEngine();

    @Test
    void answersAsTheRealServerDid() throws IOException {
        Map<String, ResourceType> types = new HashMap<>();
        List<String> differences = new ArrayList<>();
        JsonObject live = null;
        int number = 0;
        for (String text : lines("recorded.jsonl")) {
            JsonObject line = StrictJson.parse(text).getAsJsonObject();
            ResourceType type = types.computeIfAbsent(line.get("kind").getAsString(), RecordedKinds::type);
            number++;
            if (line.get("first").getAsBoolean()) {
                live = null;
            }
            try {
                replay(line, live, type);
            } catch (ApiException e) {
                differences.add("line " + number + ": " + e.code() + " " + e.getMessage() + " instead of " + line.get("answer"));
            } catch (AssertionError e) {
                differences.add("line " + number + " (" + line.get("kind") + " " + line.get("operation") + " " + line.get("subresource") + "): "
                        + e.getMessage() + "\n  live " + live + "\n  sent " + line.get("sent"));
            }
            if (line.get("code").getAsInt() / 100 == 2) {
                live = line.getAsJsonObject("answer");
            }
        }
        assertTrue(number > 300, "recorded writes: " + number);
        assertTrue(differences.isEmpty(), differences.size() + " of " + number + " differ:\n" + String.join("\n", differences));
    }

    static List<String> lines(String file) throws IOException {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(
                PatchReplayTest.class.getResourceAsStream(file), StandardCharsets.UTF_8))) {
            return in.lines().toList();
        }
    }

    private void replay(JsonObject line, JsonObject live, ResourceType type) throws ApiException {
        JsonObject answer = line.getAsJsonObject("answer");
        if (line.get("operation").getAsString().equals("apply")) {
            replayApply(line, live, answer, type);
        } else if (line.get("code").getAsInt() / 100 == 2) {
            replayUpdate(line, live, answer, type);
        }
    }

    private void replayApply(JsonObject line, JsonObject live, JsonObject answer, ResourceType type) throws ApiException {
        int code = line.get("code").getAsInt();
        JsonObject sent = line.getAsJsonObject("sent");
        JsonObject merged;
        try {
            merged = fields.apply(live, sent, type, line.get("manager").getAsString(), line.get("force").getAsBoolean(),
                    line.get("subresource").getAsString(), newestTime(answer));
        } catch (ApiException e) {
            assertEquals(code, e.code(), e.getMessage() + " instead of " + answer.get("message"));
            if (code == 409) {
                assertEquals(causes(answer), causes(e.toStatus()));
            }
            if (causes(answer).size() < 2 || !answer.get("message").getAsString().contains("conflicts with ")) {
                assertEquals(answer.get("message").getAsString(), e.getMessage());
            }
            return;
        }
        if (code / 100 == 2) {
            if (!type.kind().equals("PodTemplate") || !managedFields(answer).toString().contains("before-first-apply")) {
                assertEquals(managedFields(answer), managedFields(merged)); // else see below
            }
            assertAlike(answer, merged, "", line.get("subresource").getAsString());
        } else {
            assertEquals(422, code, "applied, although the answer was " + answer.get("message"));
        }
    }

    private void replayUpdate(JsonObject line, JsonObject live, JsonObject answer, ResourceType type) throws ApiException {
        JsonElement sent = line.get("sent");
        JsonObject patched = switch (line.get("operation").getAsString()) {
            case "merge", "reset" -> patches.merge(live, sent);
            case "json" -> patches.json(live, sent);
            case "strategic" -> patches.strategic(live, sent, type.schema());
            default -> sent.getAsJsonObject();
        };
        assertAlike(answer, patched, "", line.get("subresource").getAsString());
        JsonObject after = answer.deepCopy();
        JsonObject metadata = after.getAsJsonObject("metadata");
        metadata.remove("managedFields");
        if (!line.get("subresource").getAsString().isEmpty()) {
            after.add("metadata", patched.getAsJsonObject("metadata").deepCopy()); // as sent: it is reset later
        } else if (patched.getAsJsonObject("metadata").has("managedFields")) {
            metadata.add("managedFields", patched.getAsJsonObject("metadata").get("managedFields"));
        }
        if (type.kind().equals("PodTemplate") && line.get("first").getAsBoolean()) {
            return; // what an empty one has is only known of kinds that are served
        }
        if (type.kind().equals("Node") && line.get("first").getAsBoolean()) {
            after.add("spec", patched.get("spec")); // admission adds a taint afterwards
        }
        fields.track(live, after, type, line.get("manager").getAsString(), line.get("subresource").getAsString(), newestTime(answer));
        assertEquals(managedFields(answer), managedFields(after));
    }

    /** What we have is what the server has, which may have added defaults. */
    static void assertAlike(JsonElement theirs, JsonElement ours, String path, String subresource) {
        if (ours instanceof JsonObject object && theirs instanceof JsonObject other) {
            for (String name : object.keySet()) {
                String inner = path + "." + name;
                JsonElement mine = object.get(name);
                boolean otherPart = path.isEmpty() && (subresource.isEmpty() == name.equals("status") || !subresource.isEmpty() && name.equals("metadata"));
                if (otherPart || inner.equals(".spec.taints") || SERVER_SET.contains(name) && path.endsWith(".metadata") || mine.isJsonNull() || isEmpty(mine) && !other.has(name)) {
                    continue;
                }
                if (!other.has(name)) {
                    fail(inner + " is not in " + other);
                }
                assertAlike(other.get(name), mine, inner, subresource);
            }
            for (String name : other.keySet()) {
                if (!object.has(name) && !SERVER_SET.contains(name) && !(path.isEmpty() && !subresource.isEmpty())) {
                    fail(path + "." + name + " is missing; the server has " + other.get(name));
                }
            }
        } else if (ours instanceof JsonArray list && theirs instanceof JsonArray other && list.size() == other.size()) {
            for (int i = 0; i < list.size(); i++) {
                assertAlike(other.get(i), list.get(i), path + "[" + i + "]", subresource);
            }
        } else if (!theirs.equals(ours) && !(path.contains(".limits") || path.contains(".capacity") || path.contains(".allocatable"))) {
            fail(path + " is " + ours + " instead of " + theirs);
        }
    }

    private static boolean isEmpty(JsonElement value) {
        return value instanceof JsonArray list && list.isEmpty()
                || value instanceof JsonObject object && object.entrySet().stream().allMatch(entry -> isEmpty(entry.getValue()));
    }

    private static Set<String> causes(JsonObject status) {
        Set<String> causes = new TreeSet<>();
        if (status.get("details") instanceof JsonObject details && details.has("causes")) {
            details.getAsJsonArray("causes").forEach(cause -> causes.add(cause.toString()));
        }
        return causes;
    }

    private static JsonElement managedFields(JsonObject object) {
        JsonElement managed = object.getAsJsonObject("metadata").get("managedFields");
        return managed == null ? new JsonArray() : managed;
    }

    private static String newestTime(JsonObject object) {
        String newest = "2026-01-01T00:00:00Z";
        if (object.has("metadata")) {
            for (JsonElement entry : managedFields(object).getAsJsonArray()) {
                JsonElement time = entry.getAsJsonObject().get("time");
                newest = time != null && time.getAsString().compareTo(newest) > 0 ? time.getAsString() : newest;
            }
        }
        return newest;
    }
}
