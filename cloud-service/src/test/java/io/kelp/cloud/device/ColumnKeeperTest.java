package io.kelp.cloud.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import io.kelp.cloud.kube.Await;
import io.kelp.message.Message;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ColumnKeeperTest {

    private static final String DEVICES = "/apis/devices.kubeedge.io/v1beta1/namespaces/default/devices";
    private static final String MODELS = "/apis/devices.kubeedge.io/v1beta1/namespaces/default/devicemodels";
    private static final String CLASSIC = "'nodeSelector':{'nodeSelectorTerms':[{'matchExpressions':[{'values':['here']}]}]}";

    private final FakeKubeApi api = new FakeKubeApi();
    private final FakeHub hub = new FakeHub("here", true);
    private final Set<String> away = ConcurrentHashMap.newKeySet();
    private DeviceController controller;

    @BeforeEach
    void start() {
        controller = controller();
    }

    @AfterEach
    void stop() {
        controller.close();
    }

    private DeviceController controller() {
        DeviceController made = new DeviceController(api, new DeviceController.Settings(1000, Duration.ofMillis(20), 4));
        made.start(hub).join();
        made.keepColumns(away::contains);
        return made;
    }

    private static JsonObject json(String text) {
        return JsonParser.parseString(text).getAsJsonObject();
    }

    private void create(String name, String spec, String status) {
        api.create(DEVICES, json("{'kind':'Device','metadata':{'name':'" + name + "'},'spec':{" + spec + "},'status':{" + status + "}}")).join();
    }

    private StatusColumns columns(String name) {
        return StatusColumns.of(api.get(DEVICES + "/" + name).join());
    }

    private void state(String device, String state) {
        String content = "{\"device\":{\"name\":\"d\",\"state\":\"" + state + "\",\"lastOnlineTime\":\"2026-01-01T00:00:00Z\"}}";
        controller.handle(hub, Message.create("twin", "resource", "update", "device/" + device + "/state/update", new JsonPrimitive(content)));
    }

    @Test
    void nodeAndProtocolAreKeptOnlyWhereTheSpecHasThemElsewhere() {
        api.create(MODELS, json("{'metadata':{'name':'m'},'spec':{'protocol':'coap'}}")).join();
        create("classic", CLASSIC + ",'protocol':{'modbus':{'slaveID':1},'common':{}}", "");
        create("modern", "'nodeName':'here','protocol':{'protocolName':'mqtt'}", "");
        create("bymodel", "'nodeName':'here','deviceModelRef':{'name':'m'}", "");
        Await.until("columns", () -> columns("classic").nodeName().equals("here") && columns("bymodel").protocol().equals("coap"));
        assertEquals(new StatusColumns("", "", "here", "modbus"), columns("classic"));
        assertEquals(new StatusColumns("", "", "", ""), columns("modern"));
        assertEquals(new StatusColumns("", "", "", "coap"), columns("bymodel"));
    }

    @Test
    void aStateThatIsReportedIsOnTheDeviceOfEitherGenerationBesideItsTwins() {
        create("classic", CLASSIC, "'twins':[{'propertyName':'p','desired':{'value':'ON'}}]");
        create("modern", "'nodeName':'here','properties':[{'name':'p'}]", "");
        state("classic", "online");
        state("default/modern", "offline");
        Await.until("states", () -> columns("classic").state().equals("online") && columns("modern").state().equals("offline"));
        Await.until("last online time of the classic one", () -> api.get(DEVICES + "/classic").join().toString().contains("2026-01-01T00:00:00Z"));
        assertEquals("ON", json(api.get(DEVICES + "/classic").join().toString()).getAsJsonObject("status").getAsJsonArray("twins").get(0)
                .getAsJsonObject().getAsJsonObject("desired").get("value").getAsString());
    }

    @Test
    void theStateOfADeviceDoesNotSendItsGatewayTheDeviceAgain() {
        create("modern", "'nodeName':'here','properties':[{'name':'p'}]", "");
        hub.take();
        state("default/modern", "online");
        Await.until("state", () -> columns("modern").state().equals("online"));
        assertFalse(hub.has(m -> m.resource().equals("default/device/modern")));
    }

    @Test
    void whileTheGatewayIsAwayTheStateIsUnknownAndTheLastOneComesBackWithIt() {
        create("d", "'nodeName':'there','properties':[{'name':'p'}]", "'state':'online'");
        create("silent", "'nodeName':'there','properties':[{'name':'p'}]", "");
        away.add("there");
        Await.until("unknown", 10, () -> columns("d").state().equals("unknown"));
        assertEquals("online", columns("d").lastState());
        assertEquals("", columns("silent").state(), "nobody ever told its state");
        away.clear();
        controller.close(); // another replica, which knows nothing but the API server, gets the gateway
        FakeHub there = new FakeHub("there", true);
        controller = controller();
        controller.onConnect(there);
        Await.until("back", () -> columns("d").state().equals("online"));
        assertEquals("", columns("d").lastState());
    }
}
