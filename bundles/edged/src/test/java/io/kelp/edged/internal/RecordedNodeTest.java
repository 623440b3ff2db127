package io.kelp.edged.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import io.kelp.testkit.cloud.FakeConnection;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The node recordings replayed: a cloud that answers as the recorded one did, and our gateway whose
 * requests are compared with the recorded edge's, field by field. Differences are listed here, and
 * the list is exact: one more or one less fails.
 */
class RecordedNodeTest {

    /** Where our Node differs from the recorded one on purpose, beside what describes the machine. */
    private static final Set<String> NODE_DEVIATIONS = Set.of(
            "/spec/taints",                                    // nothing runs containers here: keep such pods away
            "/status/capacity/hugepages-1Gi", "/status/capacity/hugepages-2Mi",       // not offered without pods
            "/status/allocatable/hugepages-1Gi", "/status/allocatable/hugepages-2Mi",
            "/status/capacity/pods", "/status/allocatable/pods",                      // 0 until something runs them
            "/status/conditions/3/status",                     // Ready at once: there is no CSI to wait for
            "/status/conditions/3/reason", "/status/conditions/3/message",
            "/status/daemonEndpoints/kubeletEndpoint/Port",    // no kubelet port
            "/status/nodeInfo/kubeProxyVersion",               // none, as the specification has it
            "/status/nodeInfo/containerRuntimeVersion", "/status/nodeInfo/kubeletVersion");

    /** What describes the machine and the moment. */
    private static final Set<String> MACHINE = Set.of("/status/capacity/cpu", "/status/capacity/ephemeral-storage",
            "/status/capacity/memory", "/status/allocatable/cpu", "/status/allocatable/ephemeral-storage",
            "/status/allocatable/memory", "/status/addresses/0/address", "/status/nodeInfo/machineID",
            "/status/nodeInfo/systemUUID", "/status/nodeInfo/bootID", "/status/nodeInfo/kernelVersion",
            "/status/nodeInfo/osImage", "/status/nodeInfo/architecture", "/metadata/labels/beta.kubernetes.io~1arch",
            "/metadata/labels/kubernetes.io~1arch");

    @TempDir Path data;

    /** The recorded cloud: what it sent after each request, until the next one. */
    private static final class Script {

        private final Map<String, ArrayDeque<List<JsonObject>>> reactions = new HashMap<>();
        private final Map<String, List<JsonObject>> requests = new HashMap<>();

        Script(String file) throws IOException {
            List<JsonObject> following = new ArrayList<>();
            for (JsonObject event : Gateway.recording(file)) {
                JsonObject message = event.getAsJsonObject("msg");
                if (event.get("dir").getAsString().equals("cloud->edge")) {
                    following.add(message);
                } else if (isRequest(message)) {
                    following = new ArrayList<>();
                    reactions.computeIfAbsent(key(message), k -> new ArrayDeque<>()).add(following);
                    requests.computeIfAbsent(key(message), k -> new ArrayList<>()).add(message);
                }
            }
        }

        synchronized void react(FakeConnection connection, JsonObject request) {
            ArrayDeque<List<JsonObject>> left = reactions.get(key(request));
            if (left == null) {
                return;
            }
            List<JsonObject> messages = left.size() > 1 ? left.remove() : left.peek();
            try {
                for (JsonObject each : messages) {
                    JsonObject message = each.deepCopy();
                    JsonObject header = message.getAsJsonObject("header");
                    header.addProperty("msg_id", java.util.UUID.randomUUID().toString());
                    if (header.has("parent_msg_id")) {
                        if (!key(message).endsWith(request.getAsJsonObject("route").get("resource").getAsString())) {
                            continue; // the answer to another request that was under way
                        }
                        header.add("parent_msg_id", request.getAsJsonObject("header").get("msg_id"));
                    }
                    connection.send(message + "\n");
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
    }

    private static boolean isRequest(JsonObject message) {
        JsonObject route = message.getAsJsonObject("route");
        return route.has("source") && route.get("source").getAsString().equals("edged")
                && !message.getAsJsonObject("header").has("parent_msg_id");
    }

    private static String key(JsonObject message) {
        JsonObject route = message.getAsJsonObject("route");
        return route.get("operation").getAsString() + " " + route.get("resource").getAsString();
    }

    private List<JsonObject> replay(String file, String until, int count) throws Exception {
        Script script = new Script(file);
        List<JsonObject> ours = new ArrayList<>();
        try (Gateway gateway = new Gateway(data, "edge-p", Map.of("leaseSeconds", 1, "statusSeconds", 1))) {
            gateway.cloud.onMessage = (connection, text) -> {
                JsonObject message = JsonParser.parseString(text).getAsJsonObject();
                if (isRequest(message)) {
                    script.react(connection, message);
                }
            };
            gateway.hub.start();
            FakeConnection connection = gateway.cloud.connection(Duration.ofSeconds(5));
            int seen = 0;
            while (seen < count) {
                JsonObject request = connection.next(RecordedNodeTest::isRequest, Duration.ofSeconds(10));
                ours.add(request);
                seen += key(request).equals(until) ? 1 : 0;
            }
        }
        for (JsonObject request : ours) {
            assertTrue(script.requests.containsKey(key(request)), "no stock edge asks " + key(request));
            assertEquals(new JsonPrimitive("meta"), request.getAsJsonObject("route").get("group"));
        }
        return ours;
    }

    private static JsonElement content(List<JsonObject> messages, String key, int number) {
        return messages.stream().filter(m -> key(m).equals(key)).skip(number).findFirst().orElseThrow().get("content");
    }

    @Test
    void registersAsRecorded() throws Exception {
        String lease = "kube-node-lease/lease/edge-p";
        List<JsonObject> ours = replay("02-node/registration-and-status", "update " + lease, 2);
        Script script = new Script("02-node/registration-and-status");

        Set<String> differences = new TreeSet<>();
        differ("", content(List.copyOf(script.requests.get("insert null/node/edge-p")), "insert null/node/edge-p", 0),
                content(ours, "insert null/node/edge-p", 0), differences);
        differences.removeAll(MACHINE);
        assertEquals(new TreeSet<>(NODE_DEVIATIONS), differences);

        assertEquals(JsonNull.INSTANCE, content(ours, "query " + lease, 0));
        for (String key : List.of("insert " + lease, "update " + lease)) {
            Set<String> none = new TreeSet<>();
            differ("", content(script.requests.get(key), key, 0), content(ours, key, 0), none);
            assertEquals(Set.of(), none, key);
        }
        JsonObject patch = JsonParser.parseString(content(ours, "patch null/nodepatch/edge-p", 0).getAsString()).getAsJsonObject();
        JsonObject recorded = JsonParser.parseString(
                content(script.requests.get("patch null/nodepatch/edge-p"), "patch null/nodepatch/edge-p", 1).getAsString()).getAsJsonObject();
        assertEquals(recorded.getAsJsonObject("status").get("$setElementOrder/conditions"),
                patch.getAsJsonObject("status").get("$setElementOrder/conditions"));
        JsonObject ready = recorded.getAsJsonObject("status").getAsJsonArray("conditions").get(3).getAsJsonObject();
        JsonObject oursReady = patch.getAsJsonObject("status").getAsJsonArray("conditions").get(3).getAsJsonObject();
        for (String member : List.of("type", "status", "reason", "message")) {
            assertEquals(ready.get(member), oursReady.get(member));
        }
    }

    @Test
    void startsAgainAsRecorded() throws Exception {
        List<JsonObject> ours = replay("02-node/second-start-already-registered", "update kube-node-lease/lease/edge-p", 2);
        assertTrue(ours.stream().anyMatch(m -> key(m).equals("patch null/nodepatch/edge-p")));
    }

    /** Trap 38: a stock edge in this place repeats its insert for ever; ours patches and lives. */
    @Test
    void livesThroughTheRecordedCloudThatBelievesItHasEverything() throws Exception {
        Script script = new Script("02-node/empty-database-existing-node");
        try (Gateway gateway = new Gateway(data, "edge-p", Map.of("leaseSeconds", 1))) {
            gateway.cloud.onMessage = (connection, text) -> {
                JsonObject message = JsonParser.parseString(text).getAsJsonObject();
                if (isRequest(message)) {
                    script.react(connection, message);
                }
            };
            gateway.hub.start();
            FakeConnection connection = gateway.cloud.connection(Duration.ofSeconds(5));
            JsonObject patch = connection.next(m -> isRequest(m) && key(m).startsWith("patch"), Duration.ofSeconds(5));
            assertTrue(patch.get("content").getAsString().contains("EdgeReady"));
        }
    }

    @Test
    void noChangeOfAnyFieldEscapesTheComparison() throws Exception {
        Script script = new Script("02-node/registration-and-status");
        JsonElement node = script.requests.get("insert null/node/edge-p").get(0).get("content");
        int mutations = 0;
        List<String> paths = new ArrayList<>();
        leaves("", node, paths);
        for (String path : paths) {
            if (path.endsWith("Time") || path.endsWith("creationTimestamp")) {
                continue;
            }
            JsonElement changed = node.deepCopy();
            mutate(changed, path);
            Set<String> differences = new TreeSet<>();
            differ("", node, changed, differences);
            assertFalse(differences.isEmpty(), path);
            mutations++;
        }
        assertTrue(mutations > 40, "mutations: " + mutations);
    }

    private static void leaves(String path, JsonElement json, List<String> paths) {
        if (json.isJsonObject()) {
            json.getAsJsonObject().entrySet().forEach(m -> leaves(path + "/" + m.getKey().replace("/", "~1"), m.getValue(), paths));
        } else if (json.isJsonArray()) {
            for (int i = 0; i < json.getAsJsonArray().size(); i++) {
                leaves(path + "/" + i, json.getAsJsonArray().get(i), paths);
            }
        } else {
            paths.add(path);
        }
    }

    private static void mutate(JsonElement root, String path) {
        String[] steps = path.substring(1).split("/");
        JsonElement at = root;
        for (int i = 0; i < steps.length - 1; i++) {
            at = at.isJsonArray() ? at.getAsJsonArray().get(Integer.parseInt(steps[i])) : at.getAsJsonObject().get(steps[i].replace("~1", "/"));
        }
        String last = steps[steps.length - 1].replace("~1", "/");
        at.getAsJsonObject().addProperty(last, at.getAsJsonObject().get(last).getAsString() + "x");
    }

    private static void differ(String path, JsonElement expected, JsonElement actual, Set<String> differences) {
        if (expected != null && actual != null && expected.isJsonObject() && actual.isJsonObject()) {
            Set<String> names = new TreeSet<>(expected.getAsJsonObject().keySet());
            names.addAll(actual.getAsJsonObject().keySet());
            for (String name : names) {
                differ(path + "/" + name.replace("/", "~1"), expected.getAsJsonObject().get(name), actual.getAsJsonObject().get(name), differences);
            }
        } else if (expected != null && actual != null && expected.isJsonArray() && actual.isJsonArray()) {
            JsonArray one = expected.getAsJsonArray();
            JsonArray other = actual.getAsJsonArray();
            for (int i = 0; i < Math.max(one.size(), other.size()); i++) {
                differ(path + "/" + i, i < one.size() ? one.get(i) : null, i < other.size() ? other.get(i) : null, differences);
            }
        } else if (path.endsWith("Time") && expected != null && actual != null && expected.getAsString().length() == actual.getAsString().length()) {
            return; // the same form of another moment
        } else if (!java.util.Objects.equals(expected, actual)) {
            differences.add(path);
        }
    }
}
