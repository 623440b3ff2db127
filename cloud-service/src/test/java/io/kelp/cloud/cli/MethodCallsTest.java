package io.kelp.cloud.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.cloud.cli.TestCloud.Identity;
import io.kelp.cloud.kube.Await;
import io.kelp.message.Message;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** DeviceMethodCalls on their way to gateways and back. */
class MethodCallsTest {

    private static final String DEVICES = "/apis/devices.kubeedge.io/v1beta1/namespaces/default/devices/";
    private static final String CALLS = "/apis/devices.kelp.io/v1alpha1/namespaces/default/devicemethodcalls/";
    private static final String RESOURCE = "default/device/d/method/move";

    private TestCloud cloud;
    private Identity identity;

    @BeforeEach
    void start() throws Exception {
        cloud = new TestCloud();
        cloud.kube().put("/api/v1/namespaces/default", json("{'metadata':{'name':'default'}}"));
        identity = cloud.join("edge-1");
        cloud.addNode("edge-1", "uid-node");
        cloud.kube().put(DEVICES + "d", json("{'metadata':{'name':'d','namespace':'default','uid':'u-d'},'spec':{'nodeName':'edge-1','properties':[{'name':'x'}],"
                + "'methods':[{'name':'move','description':'moves','propertyNames':['x','y']},{'name':'stop'}]}}"));
    }

    @AfterEach
    void stop() {
        cloud.close();
    }

    private static JsonObject json(String text) {
        return JsonParser.parseString(text).getAsJsonObject();
    }

    private void call(String name, String device, String method, String arguments, int deadline, int ttl) {
        cloud.kube().put(CALLS + name, json("{'metadata':{'name':'" + name + "','namespace':'default','uid':'u-" + name + "','creationTimestamp':'" + Instant.now()
                + "'},'spec':{'deviceName':'" + device + "','method':'" + method + "','arguments':{" + arguments + "},'deadlineSeconds':" + deadline
                + ",'ttlSecondsAfterFinished':" + ttl + "}}"));
    }

    private JsonObject status(String name) {
        return cloud.kube().find(CALLS + name).map(call -> call.has("status") ? call.getAsJsonObject("status") : new JsonObject()).orElseGet(JsonObject::new);
    }

    private String status(String name, String field) {
        return status(name).has(field) ? status(name).get(field).getAsString() : "";
    }

    /** As a Kelp gateway that has its device. */
    private TestEdge connect() throws Exception {
        return connect("edge-1", identity, true);
    }

    private TestEdge connect(String node, Identity who, boolean hasDevice) throws Exception {
        TestEdge edge = cloud.connectKelp(who, node);
        edge.keepalive();
        edge.send(Message.create("kelp", "kelp", "inventory", "kelp", json("{'items':[],'complete':true}")));
        if (hasDevice) {
            edge.acknowledge(edge.await(5000, m -> m.resource().equals("default/device/d") && m.group().equals("resource")));
        }
        return edge;
    }

    private static Message nextCall(TestEdge edge) throws Exception {
        return edge.await(5000, m -> m.source().equals("kelp") && m.group().equals("device") && m.operation().equals("call"));
    }

    private static void called(TestEdge edge, String uid, String phase, String more) throws Exception {
        edge.send(Message.create("kelp", "device", "called", RESOURCE, json("{'id':'" + uid + "','phase':'" + phase + "'" + more + "}")));
    }

    private static boolean isConfirmation(Message m) {
        return m.source().equals("kelp") && m.group().equals("device") && m.operation().equals("confirmed");
    }

    @Test
    void aCallGoesToTheGatewayThatHasItsDeviceAndWhatItAnswersIsInTheStatus() throws Exception {
        try (TestEdge edge = connect("edge-1", identity, false)) {
            call("c", "d", "move", "'x':'7'", 60, 3600);
            Message device = edge.await(5000, m -> m.resource().equals("default/device/d"));
            edge.expectNone(1500, m -> m.operation().equals("call")); // it does not know the device yet
            edge.acknowledge(device);
            Message call = nextCall(edge);
            assertEquals(RESOURCE, call.resource());
            JsonObject content = call.content().getAsJsonObject();
            assertEquals("u-c", content.get("id").getAsString());
            assertEquals("{\"x\":\"7\"}", content.get("arguments").toString());
            assertTrue(Math.abs(content.get("deadline").getAsLong() - System.currentTimeMillis() - content.get("timeoutMillis").getAsLong()) < 2000);
            assertEquals("edge-1", status("c", "nodeName"), "noted before it was sent");
            called(edge, "u-c", "Running", ",'startedAt':" + System.currentTimeMillis());
            Await.until("running", () -> status("c", "phase").equals("Running"));
            called(edge, "u-c", "Succeeded", ",'values':{'x':'7'},'message':'moved'");
            Message confirmed = edge.await(5000, MethodCallsTest::isConfirmation);
            assertEquals("u-c", confirmed.content().getAsJsonObject().get("id").getAsString());
            assertEquals("Succeeded", status("c", "phase"));
            assertEquals("moved", status("c", "message"));
            assertEquals("{\"x\":\"7\"}", status("c").get("values").toString());
            assertFalse(status("c", "completedAt").isEmpty());
        }
    }

    @Test
    void aResultThatIsRepeatedIsConfirmedAgainAndWrittenOnce() throws Exception {
        try (TestEdge edge = connect()) {
            call("c", "d", "stop", "", 60, 3600);
            nextCall(edge);
            called(edge, "u-c", "Failed", ",'reason':'Refused','message':'too hot'");
            edge.await(5000, MethodCallsTest::isConfirmation);
            List<String> before = cloud.kube().writes().stream().filter(w -> w.contains("devicemethodcalls")).toList();
            called(edge, "u-c", "Succeeded", "");
            edge.await(5000, MethodCallsTest::isConfirmation);
            assertEquals("Refused", status("c", "reason"), "the first result stands");
            assertEquals(before, cloud.kube().writes().stream().filter(w -> w.contains("devicemethodcalls")).toList());
        }
    }

    @Test
    void aCloudServiceThatStartsAnewInTheMiddleSendsTheSameCallAgainAndTakesTheResult() throws Exception {
        try (TestEdge edge = connect()) {
            call("c", "d", "move", "", 60, 3600);
            nextCall(edge);
        }
        FakeKube kube = cloud.kube();
        cloud.close();
        cloud = new TestCloud(kube, false);
        try (TestEdge edge = connect()) {
            assertEquals("u-c", nextCall(edge).content().getAsJsonObject().get("id").getAsString());
            called(edge, "u-c", "Succeeded", "");
            edge.await(5000, MethodCallsTest::isConfirmation);
            assertEquals("Succeeded", status("c", "phase"));
        }
    }

    @Test
    void aGatewayThatConnectsAnewGetsTheCallAgainAtOnce() throws Exception {
        call("c", "d", "move", "", 60, 3600);
        Await.until("said that it waits", () -> status("c", "message").contains("gateway edge-1, which is not connected"));
        for (int i = 0; i < 3; i++) {
            try (TestEdge edge = connect()) {
                nextCall(edge); // and lost
            }
        }
        try (TestEdge edge = connect()) {
            nextCall(edge);
            called(edge, "u-c", "Succeeded", "");
            edge.await(5000, MethodCallsTest::isConfirmation);
        }
    }

    @Test
    void anotherGatewayCannotSpeakForTheOneThatGotTheCall() throws Exception {
        Identity other = cloud.join("edge-2");
        cloud.addNode("edge-2", "uid-node2");
        try (TestEdge edge = connect(); TestEdge forger = connect("edge-2", other, false)) {
            call("c", "d", "move", "", 60, 3600);
            nextCall(edge);
            called(forger, "u-c", "Succeeded", ",'values':{'x':'evil'}");
            forger.expectNone(500, MethodCallsTest::isConfirmation);
            assertFalse(status("c").toString().contains("evil"));
        }
    }

    @Test
    void anEdgeOfKubeEdgeIsSaidToSupportNoMethods() throws Exception {
        try (TestEdge edge = cloud.connect(identity, "edge-1")) {
            edge.keepalive();
            call("c", "d", "move", "", 60, 3600);
            Await.until("refused", () -> status("c", "reason").equals("NotSupported"));
            assertTrue(status("c", "message").contains("KubeEdge"));
        }
    }

    @ParameterizedTest
    @CsvSource({"nobody, move, '', DeviceUnknown, no device nobody", "d, jump, '', MethodUnknown, 'it has move, stop'", "d, move, \"'z':'1'\", ArgumentInvalid, 'it takes x, y'",
            "d, stop, \"'x':'1'\", ArgumentInvalid, it takes none", "away, move, '', Unreachable, no Node"})
    void whatCanNeverBeCalledFailsAtOnceInASentence(String device, String method, String arguments, String reason, String words) {
        cloud.kube().put(DEVICES + "away", json("{'metadata':{'name':'away','namespace':'default','uid':'u-a'},'spec':{'nodeName':'gone','methods':[{'name':'move'}]}}"));
        call("c", device, method, arguments.replace("\"", ""), 60, 3600);
        Await.until("failed", () -> status("c", "phase").equals("Failed"));
        assertEquals(reason, status("c", "reason"));
        assertTrue(status("c", "message").contains(words), status("c", "message"));
    }

    @Test
    void aDeadlineWithoutTheGatewaySaysThatNothingWasSent() {
        call("c", "d", "move", "", 2, 3600);
        Await.until("failed", () -> status("c", "reason").equals("DeadlineExceeded"));
        assertTrue(status("c", "message").contains("not sent"), status("c", "message"));
    }

    @Test
    void anAnswerAfterTheDeadlineIsToldWithoutChangingWhatWasFinal() throws Exception {
        try (TestEdge edge = connect()) {
            call("c", "d", "move", "", 2, 3600);
            nextCall(edge);
            Await.until("failed", 15, () -> status("c", "reason").equals("DeadlineExceeded"));
            assertTrue(status("c", "message").contains("not known"), status("c", "message"));
            called(edge, "u-c", "Succeeded", ",'values':{'x':'7'}");
            edge.await(5000, MethodCallsTest::isConfirmation);
            assertEquals("Failed", status("c", "phase"));
            assertTrue(status("c", "message").contains("answered after the deadline: Succeeded"), status("c", "message"));
            assertEquals("{\"x\":\"7\"}", status("c").get("values").toString());
        }
    }

    @Test
    void aFinishedCallIsRemovedAfterItsTimeToLive() throws Exception {
        try (TestEdge edge = connect()) {
            call("c", "d", "move", "", 60, 0);
            nextCall(edge);
            called(edge, "u-c", "Succeeded", "");
            edge.await(5000, MethodCallsTest::isConfirmation);
            Await.until("removed", () -> cloud.kube().find(CALLS + "c").isEmpty());
            called(edge, "u-c", "Succeeded", "");
            edge.await(5000, MethodCallsTest::isConfirmation); // so that it stops repeating
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"{}", "{'id':'u-c'}", "{'id':'u-c','phase':'Done'}", "{'id':'u-c','phase':'Failed','reason':'no word'}", "{'id':[],'phase':{}}"})
    void aResultThatMakesNoSenseIsDropped(String content) throws Exception {
        try (TestEdge edge = connect()) {
            call("c", "d", "move", "", 60, 3600);
            nextCall(edge);
            edge.send(Message.create("kelp", "device", "called", RESOURCE, JsonParser.parseString(content)));
            edge.send(Message.create("kelp", "device", "called", RESOURCE, JsonParser.parseString("'text'")));
            edge.expectNone(200, MethodCallsTest::isConfirmation);
            called(edge, "u-c", "Succeeded", "");
            edge.await(5000, MethodCallsTest::isConfirmation);
        }
    }
}
