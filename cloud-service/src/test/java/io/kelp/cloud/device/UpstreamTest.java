package io.kelp.cloud.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import io.kelp.cloud.kube.Await;
import io.kelp.cloud.kube.KubeApi.PatchType;
import io.kelp.cloud.kube.KubeException;
import io.kelp.message.Message;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class UpstreamTest {

    private static final String DEVICES = "/apis/devices.kubeedge.io/v1beta1/namespaces/default/devices";
    private static final String STATUSES = "/apis/devices.kubeedge.io/v1beta1/namespaces/default/devicestatuses";

    private final FakeKubeApi api = new FakeKubeApi();
    private final FakeHub hub = new FakeHub("here", false);
    private DeviceController controller;

    @BeforeEach
    void start() {
        controller = new DeviceController(api, new DeviceController.Settings(1000, Duration.ofMillis(50), 4));
        controller.start(hub).join();
        create("classic", "'nodeSelector':{'nodeSelectorTerms':[{'matchExpressions':[{'values':['here']}]}]}",
                "'twins':[{'propertyName':'p','desired':{'value':'ON'}},{'propertyName':'q','desired':{'value':'1'}}]");
        create("modern", "'nodeName':'here','properties':[{'name':'p'},{'name':'q'}]", "");
        create("foreign", "'nodeName':'there','properties':[{'name':'p'}]", "");
        Await.until("status objects", () -> status("modern").has("status") && status("foreign").has("status"));
        hub.take();
    }

    @AfterEach
    void stop() {
        controller.close();
    }

    private void create(String name, String spec, String status) {
        api.create(DEVICES, JsonParser.parseString("{'kind':'Device','metadata':{'name':'" + name + "'},'spec':{" + spec
                + "},'status':{" + status + "}}").getAsJsonObject()).join();
    }

    private JsonObject device(String name) {
        return api.get(DEVICES + "/" + name).join();
    }

    private JsonObject status(String name) {
        return api.get(STATUSES + "/" + name).handle((object, problem) -> problem == null ? object : new JsonObject()).join();
    }

    private static Message message(String resource, String content) {
        return Message.create("twin", "resource", "update", resource, JsonParser.parseString(content));
    }

    private Message report(String id, String property, String twin) {
        Message message = message("device/" + id + "/twin/edge_updated", "{'twin':{'" + property + "':" + twin + "}}");
        controller.handle(hub, message);
        return message;
    }

    private boolean confirmed(Message message) {
        return hub.has(m -> m.parentId().equals(message.id()) && m.content().equals(new JsonPrimitive("OK"))
                && m.source().equals("devicecontroller") && m.group().equals("twin") && m.resource().equals("twin"));
    }

    private String reported(String name, String property) {
        return controller.values().device("default", name).map(d -> d.reported().get(property)).map(DeviceValues.Value::value).orElse("");
    }

    @Test
    void aReportAboutADeviceOfAnotherNodeIsRefusedByEitherName() {
        Message full = report("default/foreign", "p", "{'actual':{'value':'evil'}}");
        Message bare = report("foreign", "p", "{'actual':{'value':'evil'}}");
        Message fence = report("classic", "p", "{'actual':{'value':'fence'}}");
        Await.until("fence", () -> confirmed(fence));
        assertFalse(confirmed(full) || confirmed(bare));
        assertEquals("", reported("foreign", "p"));
        assertFalse(status("foreign").toString().contains("evil"));
    }

    @Test
    void aReportAboutADeviceThatIsGoneIsConfirmedSoThatTheEdgeStopsRepeatingIt() {
        assertTrue(confirmed(report("default/nobody", "p", "{'actual':{'value':'1'}}")));
        assertTrue(confirmed(report("nobody", "p", "{'actual':{'value':'1'}}")));
    }

    @Test
    void aPropertyThatTheObjectDoesNotListIsConfirmedAndNotWritten() {
        String before = device("classic").toString();
        Message classic = report("classic", "other", "{'actual':{'value':'1'}}");
        Message modern = report("default/modern", "other", "{'actual':{'value':'1'}}");
        Await.until("both", () -> confirmed(classic) && confirmed(modern));
        assertEquals(before, device("classic").toString());
        assertFalse(status("modern").toString().contains("other"));
    }

    @Test
    void aReportIsConfirmedOnlyWhenTheApiServerHasIt() {
        KubeException down = new KubeException(500, new JsonObject());
        api.refuse = path -> path.contains("/devices/classic") ? down : null;
        Message message = report("classic", "p", "{'actual':{'value':'7','metadata':{'timestamp':1}},'metadata':{'type':'int'}}");
        Await.until("a try", () -> controller.failedWrites() > 0);
        assertFalse(confirmed(message));
        assertEquals("7", reported("classic", "p"), "the current value is known at once");
        api.refuse = path -> null;
        Await.until("written later", () -> confirmed(message));
        assertTrue(device("classic").toString().contains("\"reported\":{\"metadata\":{\"timestamp\":\"1\",\"type\":\"int\"},\"value\":\"7\"}"));
    }

    @Test
    void qualityAndErrorAreInTheReportedMetadataUntilTheyAreOver() {
        for (String id : new String[] {"classic", "default/modern"}) {
            Message doubtful = report(id, "p", "{'actual':{'value':'7','metadata':{'timestamp':1,'quality':'uncertain','error':'too hot'}},'metadata':{'type':'int'}}");
            Await.until("written", () -> confirmed(doubtful));
        }
        String said = "{\"metadata\":{\"error\":\"too hot\",\"quality\":\"uncertain\",\"timestamp\":\"1\",\"type\":\"int\"},\"value\":\"7\"}";
        assertTrue(device("classic").toString().contains(said));
        assertTrue(status("modern").toString().contains(said));
        assertEquals("too hot", controller.values().device("default", "modern").orElseThrow().reported().get("p").error());
        Message well = report("default/modern", "p", "{'actual':{'value':'8','metadata':{'timestamp':2,'error':''}},'metadata':{'type':'int'}}");
        Await.until("written", () -> confirmed(well));
        assertFalse(status("modern").toString().contains("error") || status("modern").toString().contains("quality"));
    }

    @Test
    void aRemarkWithoutAValueKeepsTheValueThatStandsAndItsTime() {
        Message value = report("default/modern", "p", "{'actual':{'value':'7','metadata':{'timestamp':1}},'metadata':{'type':'int'}}");
        Await.until("written", () -> confirmed(value));
        controller.close(); // another replica, which has not heard the value itself
        controller = new DeviceController(api, new DeviceController.Settings(1000, Duration.ofMillis(50), 4));
        controller.start(hub).join();
        Message remark = report("default/modern", "p", "{'actual':{'metadata':{'timestamp':5,'error':'refused'}},'metadata':{'type':'int'}}");
        Message never = report("default/modern", "q", "{'actual':{'metadata':{'timestamp':5,'quality':'bad','error':'no answer'}},'metadata':{'type':'int'}}");
        Await.until("written", () -> confirmed(remark) && confirmed(never));
        assertTrue(status("modern").toString().contains("{\"metadata\":{\"error\":\"refused\",\"timestamp\":\"1\",\"type\":\"int\"},\"value\":\"7\"}"), status("modern").toString());
        assertTrue(status("modern").toString().contains("{\"metadata\":{\"error\":\"no answer\",\"quality\":\"bad\",\"timestamp\":\"5\",\"type\":\"int\"},\"value\":\"\"}"));
        DeviceValues.Value shown = controller.values().device("default", "modern").orElseThrow().reported().get("p");
        assertEquals(new DeviceValues.Value("7", "int", 1, "", "refused"), shown);
        assertEquals("no answer", controller.values().device("default", "modern").orElseThrow().reported().get("q").error());
    }

    @Test
    void aRepeatedOldReportDoesNotReplaceANewerValue() {
        report("classic", "p", "{'actual':{'value':'new','metadata':{'timestamp':20}},'actual_version':{'cloud':0,'edge':2}}");
        Message old = report("classic", "p", "{'actual':{'value':'old','metadata':{'timestamp':10}},'actual_version':{'cloud':0,'edge':1}}");
        Await.until("confirmed", () -> confirmed(old));
        assertEquals("new", reported("classic", "p"));
        report("classic", "p", "{'actual':{'value':'clock set back','metadata':{'timestamp':5}},'actual_version':{'cloud':0,'edge':3}}");
        assertEquals("clock set back", reported("classic", "p"));
        report("classic", "p", "{'actual':{'value':'device added anew','metadata':{'timestamp':30}},'actual_version':{'cloud':0,'edge':1}}");
        assertEquals("device added anew", reported("classic", "p"));
    }

    @Test
    void twinsOfPropertiesThatLeftTheSpecLeaveTheStatus() {
        Message both = message("device/default/modern/twin/edge_updated", "{'twin':{'p':{'actual':{'value':'1'}},'q':{'actual':{'value':'2'}}}}");
        controller.handle(hub, both);
        Await.until("both", () -> confirmed(both));
        api.patch(DEVICES + "/modern", PatchType.MERGE, "{\"spec\":{\"properties\":[{\"name\":\"q\"}]}}").join();
        Message next = report("default/modern", "q", "{'actual':{'value':'3'}}");
        Await.until("next", () -> confirmed(next));
        assertEquals(JsonParser.parseString("[{'observedDesired':{'value':''},'propertyName':'q','reported':{'value':'3'}}]"),
                status("modern").getAsJsonObject("status").get("twins"));
    }

    @Test
    void aStatusObjectOfAnEarlierDeviceOfTheSameNameIsReplaced() {
        JsonObject leftover = status("modern");
        api.delete(DEVICES + "/modern", null).join();
        create("modern", "'nodeName':'here','properties':[{'name':'p'}]", "");
        Message report = report("default/modern", "p", "{'actual':{'value':'1'}}");
        Await.until("confirmed", () -> confirmed(report));
        JsonObject now = status("modern");
        assertFalse(now.getAsJsonObject("metadata").get("uid").equals(leftover.getAsJsonObject("metadata").get("uid")));
        assertEquals(Json.text(Json.object(device("modern"), "metadata"), "uid"), DeviceStatus.of(now).ownerUid());
    }

    @Test
    void whatSomebodyElseWritesIntoAStatusMeanwhileIsKept() {
        api.patch(STATUSES + "/modern", PatchType.MERGE, "{\"status\":{\"extensions\":{\"a\":1}}}").join();
        Message report = report("default/modern", "p", "{'actual':{'value':'1'}}");
        Await.until("confirmed", () -> confirmed(report));
        assertTrue(status("modern").toString().contains("\"extensions\":{\"a\":1}"));
        assertTrue(status("modern").toString().contains("\"reported\":{\"value\":\"1\"}"));
    }

    @Test
    void membershipIsToldInFullToWhoAsks() {
        Message asked = Message.create("twin", "resource", "get", "membership/detail", new JsonPrimitive("{}"));
        controller.handle(hub, asked);
        Message answer = hub.take().get(0);
        assertEquals(asked.id(), answer.parentId());
        assertEquals("twin", answer.group());
        assertEquals("membership/detail", answer.resource());
        assertEquals(List.of("classic", "default/modern"), answer.content().getAsJsonObject().getAsJsonArray("devices").asList().stream()
                .map(d -> d.getAsJsonObject().get("id").getAsString()).toList());
    }

    @Test
    void aStockEdgeThatRefusesADesiredValueGetsTheDeviceAnew() {
        api.patch(DEVICES + "/classic", PatchType.JSON, "[{\"op\":\"replace\",\"path\":\"/status/twins/0/desired\",\"value\":{\"value\":\"OFF\"}}]").join();
        assertTrue(hub.take().stream().anyMatch(m -> m.resource().equals("device/classic/twin/cloud_updated")));
        controller.handle(hub, message("device/classic/twin/edge_updated",
                "{'timestamp':90000,'twin':{'p':{'expected':{'value':'ON','metadata':{'timestamp':1000}},'expected_version':{'cloud':0,'edge':3}}}}"));
        List<Message> said = hub.take().stream().filter(m -> m.resource().equals("membership")).toList();
        assertEquals(2, said.size());
        assertFalse(said.get(0).content().getAsJsonObject().get("removed_devices").isJsonNull());
        assertTrue(said.get(1).content().toString().contains("\"value\":\"OFF\""));
    }

    @Test
    void aDesiredValueThatAnEdgeHasWrittenItselfIsReplacedTogetherWithTheDeviceByTheNextOfTheCloud() {
        controller.handle(hub, message("device/classic/twin/edge_updated",
                "{'timestamp':1000,'twin':{'p':{'expected':{'value':'LOCAL','metadata':{'timestamp':1000}},'expected_version':{'cloud':0,'edge':1}}}}"));
        assertTrue(hub.take().stream().noneMatch(m -> m.resource().equals("membership")), "a local write stays until the cloud wants something");
        api.patch(DEVICES + "/classic", PatchType.JSON, "[{\"op\":\"replace\",\"path\":\"/status/twins/0/desired\",\"value\":{\"value\":\"OFF\"}}]").join();
        List<Message> said = hub.take();
        assertEquals(2, said.stream().filter(m -> m.resource().equals("membership")).count());
        assertTrue(said.stream().noneMatch(m -> m.resource().endsWith("cloud_updated")));
    }

    @Test
    void noContentWhateverBreaksTheHandler() {
        Random random = new Random(4711);
        String[] values = {"null", "1", "'x'", "[]", "{}", "true", "{'value':null}", "{'value':{}}", "{'value':'v','metadata':3}"};
        String[] keys = {"actual", "expected", "metadata", "actual_version", "expected_version", "twin", "device", "timestamp"};
        for (int i = 0; i < 5000; i++) {
            String twin = random.nextInt(8) == 0 ? values[random.nextInt(values.length)] : "{'" + keys[random.nextInt(keys.length)] + "':"
                    + values[random.nextInt(values.length)] + ",'" + keys[random.nextInt(keys.length)] + "':" + values[random.nextInt(values.length)] + "}";
            String content = random.nextInt(8) == 0 ? twin : "{'twin':{'p':" + twin + "},'device':" + twin + ",'timestamp':" + values[random.nextInt(values.length)] + "}";
            String resource = new String[] {"device/classic/twin/edge_updated", "device/default/modern/twin/edge_updated", "device//twin/edge_updated",
                "/twin/edge_updated", "device/default/modern/state/update", "device/../../x/state/update", "membership/detail"}[random.nextInt(7)];
            controller.handle(hub, message(resource, content));
        }
        controller.handle(hub, Message.create("twin", "resource", "update", "device/classic/state/update", new JsonPrimitive("{not json")));
        Message fence = report("classic", "p", "{'actual':{'value':'alive'},'actual_version':{'edge':999}}");
        Await.until("still working", () -> confirmed(fence));
    }
}
