package io.kelp.cloud.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.kelp.cloud.hub.Delivery;
import io.kelp.cloud.hub.GatewayObject;
import io.kelp.cloud.hub.NodeSession;
import io.kelp.message.MalformedMessageException;
import io.kelp.message.Message;
import io.kelp.message.MessageCodec;
import io.kelp.testkit.Recording;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The recorded stock edge asks, our cloud must answer as the recorded stock cloud did. The API
 * server behind it says what the recorded one must have said. Only message ids and time stamps of
 * the envelope are left out of the comparison; there are no deviations.
 */
class EdgeControllerReplayTest {

    static final List<String> RECORDINGS = Recording.ALL.stream().filter(r -> r.startsWith("02-node") || r.startsWith("03-pod")).toList();

    private final ScriptedApi api = new ScriptedApi();
    private final Sent sent = new Sent();
    private final EdgeObjects objects = new EdgeObjects(api, sent);
    private final Map<String, String> nodesOfDevices = new HashMap<>();
    private final EdgeController controller = new EdgeController(api, sent, objects,
            (namespace, name) -> Optional.ofNullable(nodesOfDevices.get(namespace + "/" + name)), "192.0.2.2");

    @ParameterizedTest
    @FieldSource("RECORDINGS")
    void answersEachRequestAsTheStockCloudDid(String recording) throws MalformedMessageException {
        List<Exchange> exchanges = exchanges(recording);
        assertTrue(exchanges.size() >= 2, "exchanges in " + recording);
        know(recording);
        for (Exchange exchange : exchanges) {
            assertEquals(normalised(exchange.answer), normalised(answerTo(exchange)), exchange.request.resource());
        }
    }

    @Test
    void anyChangedFieldOfAnAnswerIsNoticed() throws MalformedMessageException {
        know("02-node/registration-and-status");
        int mutations = 0;
        for (Exchange exchange : exchanges("02-node/registration-and-status").subList(0, 4)) {
            JsonObject answer = normalised(answerTo(exchange));
            for (JsonObject mutant : mutants(answer)) {
                assertNotEquals(normalised(exchange.answer), mutant);
                mutations++;
            }
        }
        assertTrue(mutations > 100, mutations + " mutations");
    }

    @ParameterizedTest
    @ValueSource(strings = {"query", "insert", "patch"})
    void aKelpGatewayNeedNotRepeatAnEventThatCanNeverBeWritten(String operation) {
        sent.kelp = true;
        Message event = Message.create("edged", "meta", operation, "default/event/web.1", new JsonPrimitive("no object"));
        controller.handle(sent, event);
        assertEquals(new JsonPrimitive("OK"), sent.only().content());
        assertEquals(event.id(), sent.only().parentId());
    }

    @Test
    void asksTheApiServerForWhatTheEdgeMeant() throws MalformedMessageException {
        know("03-pod/delete");
        Map<String, String> asked = new HashMap<>();
        for (String recording : RECORDINGS) {
            for (Exchange exchange : exchanges(recording)) {
                answerTo(exchange);
                asked.put(exchange.request.operation() + " " + exchange.request.resource(), api.calls().get(0).line());
            }
        }
        assertEquals("POST /api/v1/nodes", asked.get("insert null/node/edge-p"));
        assertEquals("PATCH STRATEGIC /api/v1/nodes/edge-p/status", asked.get("patch null/nodepatch/edge-p"));
        assertEquals("PUT /apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/edge-p", asked.get("update kube-node-lease/lease/edge-p"));
        assertEquals("PATCH STRATEGIC /api/v1/namespaces/default/pods/web/status", asked.get("patch default/podpatch/web"));
        assertEquals("DELETE /api/v1/namespaces/default/pods/web", asked.get("delete default/pod/web"));
    }

    @Test
    void aGatewayCannotReachWhatIsNotItsOwn() throws MalformedMessageException {
        know("03-pod/create");
        for (String resource : List.of("null/node/other", "null/nodepatch/other", "kube-node-lease/lease/other", "kube-system/lease/edge-p",
                "default/serviceaccounttoken/admin", "default/pod/../x", "default/secret/not-mine")) {
            for (String operation : List.of("insert", "update", "patch", "query", "delete")) {
                sent.clear();
                Message request = Message.create("edged", "meta", operation, resource,
                        operation.equals("patch") ? new JsonPrimitive("{}") : new JsonObject());
                controller.handle(sent, request);
                assertTrue(api.calls().isEmpty(), operation + " " + resource + " reached the API server");
                Message answer = sent.only();
                assertTrue(answer.operation().equals("error") || answer.content().toString().contains("Forbidden"), answer.toString());
            }
        }
    }

    @Test
    void anEventAboutADeviceIsTakenFromItsOwnGatewayAlone() throws MalformedMessageException {
        nodesOfDevices.put("default/own", sent.node());
        nodesOfDevices.put("default/foreign", "another");
        for (String device : List.of("foreign", "own")) {
            JsonObject event = com.google.gson.JsonParser.parseString("{'metadata':{'name':'e-" + device + "','namespace':'default'},'reason':'DeviceUnreachable',"
                    + "'involvedObject':{'apiVersion':'devices.kubeedge.io/v1beta1','kind':'Device','namespace':'default','name':'" + device + "'}}").getAsJsonObject();
            controller.handle(sent, Message.create("edged", "meta", "insert", "default/event/e-" + device, event));
        }
        assertEquals(List.of("POST /api/v1/namespaces/default/events"), api.calls().stream().map(ScriptedApi.Call::line).toList());
    }

    @Test
    void eventsOfAGatewayAreWrittenInOrderAndAnewWhenTheyHaveExpired() throws MalformedMessageException {
        know("03-pod/create");
        JsonObject event = com.google.gson.JsonParser.parseString("""
                {"metadata": {"name": "e", "namespace": "default", "resourceVersion": "5"}, "involvedObject": {"kind": "Pod", "name": "web"}}""").getAsJsonObject();
        controller.handle(sent, Message.create("edged", "meta", "insert", "default/event/e", event));
        JsonObject patch = new JsonObject();
        patch.add("event", event);
        patch.addProperty("patchData", "{\"count\":2}");
        controller.handle(sent, Message.create("edged", "meta", "patch", "default/event/e", patch));
        assertEquals(List.of("POST /api/v1/namespaces/default/events", "PATCH STRATEGIC /api/v1/namespaces/default/events/e"),
                api.calls().stream().map(ScriptedApi.Call::line).toList());
        api.willRefuse(com.google.gson.JsonParser.parseString("{\"code\": 404, \"reason\": \"NotFound\", \"message\": \"gone\"}").getAsJsonObject());
        controller.handle(sent, Message.create("edged", "meta", "patch", "default/event/e", patch));
        List<ScriptedApi.Call> calls = api.calls();
        assertEquals("POST /api/v1/namespaces/default/events", calls.get(1).line());
        assertTrue(!calls.get(1).body().toString().contains("resourceVersion"), calls.toString());
        assertTrue(sent.messages.isEmpty(), "events are never answered");
    }

    @Test
    void eventsAboutWhatBelongsToOthersAreRefused() throws MalformedMessageException {
        know("03-pod/create");
        for (String about : List.of("{\"kind\": \"Node\", \"name\": \"other\"}", "{\"kind\": \"Pod\", \"name\": \"theirs\"}")) {
            api.add(ApiPath.PODS, com.google.gson.JsonParser.parseString("""
                    {"metadata": {"name": "theirs", "namespace": "default", "uid": "t"}, "spec": {"nodeName": "other"}}""").getAsJsonObject());
            api.calls();
            JsonObject event = com.google.gson.JsonParser.parseString("{\"involvedObject\": " + about + "}").getAsJsonObject();
            controller.handle(sent, Message.create("edged", "meta", "insert", "default/event/e", event));
            assertTrue(api.calls().isEmpty(), about);
        }
    }

    /** Nodes and pods that the recorded cloud knew are known to ours. */
    private void know(String recording) {
        JsonObject node = new JsonObject();
        JsonObject metadata = new JsonObject();
        metadata.addProperty("name", "edge-p");
        node.add("metadata", metadata);
        api.add(ApiPath.NODES, node);
        for (String name : RECORDINGS) {
            Recording.events(name).stream().filter(Recording::isChannelMessage).map(e -> e.getAsJsonObject("msg"))
                    .filter(m -> m.get("content") instanceof JsonObject c && c.has("kind") && c.get("kind").getAsString().equals("Pod"))
                    .filter(m -> name.equals(recording) || recording.startsWith("03-pod"))
                    .forEach(m -> api.add(ApiPath.PODS, m.getAsJsonObject("content")));
        }
        api.calls();
        sent.clear();
    }

    private Message answerTo(Exchange exchange) {
        script(exchange.answer.content());
        sent.clear();
        bindPodOf(exchange.request);
        controller.handle(sent, exchange.request);
        return sent.only();
    }

    /** A token request names the pod that runs just then; pods of the same name followed each other in the recordings. */
    private void bindPodOf(Message request) {
        if (request.resource().contains("serviceaccounttoken")) {
            JsonObject ref = request.content().getAsJsonObject().getAsJsonObject("spec").getAsJsonObject("boundObjectRef");
            JsonObject metadata = new JsonObject();
            metadata.addProperty("namespace", "default");
            metadata.add("name", ref.get("name"));
            metadata.add("uid", ref.get("uid"));
            JsonObject spec = new JsonObject();
            spec.addProperty("nodeName", "edge-p");
            JsonObject pod = new JsonObject();
            pod.add("metadata", metadata);
            pod.add("spec", spec);
            api.add(ApiPath.PODS, pod);
            api.calls();
            sent.clear();
        }
    }

    /** What the API server must have said for the cloud to answer so. */
    private void script(JsonElement content) {
        JsonObject status = null;
        JsonElement object = content;
        if (content instanceof JsonObject wrapper && wrapper.has("Err")) {
            status = wrapper.get("Err") instanceof JsonObject err ? err.getAsJsonObject("ErrStatus") : null;
            object = wrapper.get("Object");
        } else if (content instanceof JsonObject plain && plain.has("ErrStatus")) {
            status = plain.getAsJsonObject("ErrStatus");
        }
        if (status != null) {
            api.willRefuse(status);
        } else {
            api.willAnswer(object instanceof JsonObject o ? o : new JsonObject());
        }
    }

    private List<Exchange> exchanges(String recording) throws MalformedMessageException {
        Map<String, Message> requests = new HashMap<>();
        List<Exchange> found = new ArrayList<>();
        for (JsonObject event : Recording.events(recording)) {
            if (Recording.isChannelMessage(event)) {
                Message message = MessageCodec.decode(event.get("msg").toString());
                if (event.get("dir").getAsString().equals("edge->cloud")) {
                    if (controller.claims(message) && !message.isAnswer()) {
                        requests.put(message.id(), message);
                    }
                } else if (requests.containsKey(message.parentId())) {
                    found.add(new Exchange(requests.remove(message.parentId()), message));
                }
            }
        }
        return found;
    }

    private static JsonObject normalised(Message message) {
        JsonObject json = com.google.gson.JsonParser.parseString(MessageCodec.encode(message)).getAsJsonObject();
        JsonObject header = json.getAsJsonObject("header");
        header.remove("msg_id");
        header.remove("timestamp");
        return json;
    }

    /** Copies of the tree, each with one leaf changed. */
    private static List<JsonObject> mutants(JsonObject json) {
        List<JsonObject> all = new ArrayList<>();
        int leaves = leaves(json);
        for (int i = 0; i < leaves; i++) {
            JsonObject copy = json.deepCopy();
            mutate(copy, new int[] {i});
            all.add(copy);
        }
        return all;
    }

    private static int leaves(JsonElement at) {
        if (at instanceof JsonObject o) {
            return o.entrySet().stream().mapToInt(e -> leaves(e.getValue())).sum();
        }
        return at instanceof JsonArray a ? a.asList().stream().mapToInt(EdgeControllerReplayTest::leaves).sum() : 1;
    }

    private static JsonElement mutate(JsonElement at, int[] countdown) {
        if (at instanceof JsonObject o) {
            o.entrySet().forEach(e -> e.setValue(mutate(e.getValue(), countdown)));
            return o;
        }
        if (at instanceof JsonArray a) {
            for (int i = 0; i < a.size(); i++) {
                a.set(i, mutate(a.get(i), countdown));
            }
            return a;
        }
        return countdown[0]-- == 0 ? new JsonPrimitive(at instanceof JsonNull ? "mutant" : at.getAsString() + "-mutant") : at;
    }

    private record Exchange(Message request, Message answer) {}

    /** The session of the recorded edge and the hub's delivery, as far as this test needs them. */
    private static final class Sent implements NodeSession, Delivery {

        private final List<Message> messages = new ArrayList<>();
        private boolean kelp;

        void clear() {
            messages.clear();
        }

        Message only() {
            assertEquals(1, messages.size(), messages.toString());
            return messages.get(0);
        }

        @Override
        public String node() {
            return "edge-p";
        }

        @Override
        public boolean isKelp() {
            return kelp;
        }

        @Override
        public boolean send(Message message) {
            return messages.add(message);
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void complain(String text) {
            // what tests look at is what is sent
        }

        @Override
        public void deliver(String node, Change change, GatewayObject object) {
            // pushes are the hub's; its own replay covers them
        }

        @Override
        public void redeliver(String node, GatewayObject object) {
            // as above
        }

        @Override
        public boolean send(String node, Message message) {
            return messages.add(message);
        }

        @Override
        public void answerReliably(NodeSession session, Message answer, GatewayObject object) {
            messages.add(answer);
        }

        @Override
        public void nodeRemoved(String node) {
            // as above
        }

        @Override
        public boolean isConnected(String node) {
            return true;
        }
    }
}
