package io.kelp.devicetwin.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.kelp.devicetwin.DeviceTwins.Device;
import io.kelp.devicetwin.DeviceTwins.DeviceId;
import io.kelp.devicetwin.DeviceTwins.DeviceListener;
import io.kelp.devicetwin.DeviceTwins.Generation;
import io.kelp.edgehub.CloudLink.Peer;
import io.kelp.edgehub.CloudMessageHandler.StoredObject;
import io.kelp.message.Message;
import io.kelp.store.Durability;
import io.kelp.testkit.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Device and DeviceModel objects: what they do to twins, drivers and MQTT, with both kinds of cloud. */
class CloudObjectTest {

    private Gateway gateway = Gateway.start();

    @AfterEach
    void stop() {
        gateway.close();
    }

    @Test
    void desiredOfAModernDeviceReachesDriverAndMqttBeforeItIsStored() {
        gateway.connect(Peer.KELP);
        List<String> told = watch();
        gateway.store.hold();
        CompletionStage<Void> acknowledged = gateway.twins.handle(push("insert", "pump", modern("u1", "5", "ON")));
        Await.until("the driver is told", Duration.ofSeconds(2), () -> told.contains("pump switch=ON"));
        assertFalse(acknowledged.toCompletableFuture().isDone(), "acknowledged before it is stored");
        Await.until("the write is made", Duration.ofSeconds(2), () -> gateway.store.heldWrites() == 1);
        gateway.store.release();
        Gateway.await(acknowledged);
        assertTrue(gateway.topics().contains("$hw/events/device/default/pump/twin/update/document"));
    }

    @Test
    void theSameObjectAgainIsAcknowledgedAndChangesNothing() {
        gateway.connect(Peer.KELP);
        gateway.push("insert", "default/device/pump", modern("u1", "5", "ON"));
        List<String> told = watch();
        gateway.published();
        told.clear();
        long before = gateway.store.bytesWritten.get();
        gateway.push("update", "default/device/pump", modern("u1", "5", "ON"));
        assertEquals(before, gateway.store.bytesWritten.get());
        assertEquals(List.of(), told);
        assertEquals(List.of(), gateway.published());
    }

    @Test
    void theSameObjectAgainWaitsForTheFirstOneToBeStored() {
        gateway.connect(Peer.KELP);
        gateway.store.hold();
        CompletionStage<Void> first = gateway.twins.handle(push("insert", "pump", modern("u1", "5", "ON")));
        CompletionStage<Void> second = gateway.twins.handle(push("insert", "pump", modern("u1", "5", "ON")));
        gateway.settle();
        assertFalse(second.toCompletableFuture().isDone());
        gateway.store.release();
        Gateway.await(first);
        Gateway.await(second);
    }

    @Test
    void anObjectThatCouldNotBeStoredIsRefusedAndStoredWhenItComesAgain() {
        gateway.connect(Peer.KELP);
        gateway.store.broken = true;
        CompletionStage<Void> refused = gateway.twins.handle(push("insert", "pump", modern("u1", "5", "ON")));
        assertThrows(ExecutionException.class, () -> refused.toCompletableFuture().get(2, TimeUnit.SECONDS));
        gateway.store.broken = false;
        gateway.push("insert", "default/device/pump", modern("u1", "5", "ON"));
        gateway = gateway.restart();
        assertEquals("ON", gateway.desired("pump", "switch"));
    }

    @Test
    void whatCouldNotBeStoredIsNotInTheInventory() {
        gateway.connect(Peer.KELP);
        gateway.store.broken = true;
        CompletionStage<Void> device = gateway.twins.handle(push("insert", "pump", modern("u1", "5", "ON")));
        CompletionStage<Void> model = gateway.twins.handle(Message.ofObject("devicecontroller", "resource", "insert", "default/devicemodel/pump-model", "3", model("INT")));
        assertThrows(ExecutionException.class, () -> device.toCompletableFuture().get(2, TimeUnit.SECONDS));
        assertThrows(ExecutionException.class, () -> model.toCompletableFuture().get(2, TimeUnit.SECONDS));
        assertEquals(List.of(), gateway.twins.inventory());
    }

    @Test
    void onlyReportedValuesInTheObjectAreNoChange() {
        gateway.connect(Peer.KELP);
        gateway.push("insert", "default/device/counter", classic("u1", "5", "ON", "0"));
        List<String> told = watch();
        told.clear();
        gateway.published();
        long before = gateway.store.bytesWritten.get();
        gateway.push("update", "default/device/counter", classic("u1", "6", "ON", "17"));
        assertEquals(before, gateway.store.bytesWritten.get());
        assertEquals(List.of(), told);
        assertEquals(List.of(), gateway.published());
        assertEquals("6", gateway.twins.inventory().get(0).resourceVersion());
    }

    @Test
    void anOlderResourceVersionOfTheSameDeviceIsAcceptedBecauseTheCloudIsTheAuthority() {
        gateway.connect(Peer.KELP);
        gateway.push("insert", "default/device/counter", classic("u1", "900", "ON", "0"));
        gateway.push("update", "default/device/counter", classic("u1", "7", "OFF", "0"));
        assertEquals("OFF", gateway.desired("counter", "status"));
    }

    @Test
    void cloudDesiredWinsOverADesiredSetAtTheEdgeButOnlyWhenTheCloudChangesIt() {
        gateway.connect(Peer.KELP);
        gateway.push("insert", "default/device/counter", classic("u1", "5", "OFF", "0"));
        Gateway.await(gateway.twins.setDesired(Gateway.id("counter"), "status", "ON"));
        JsonObject labelled = classic("u1", "6", "OFF", "0");
        DeviceObject.object(labelled, "metadata").add("labels", Gateway.json("{'description':'renamed'}"));
        gateway.push("update", "default/device/counter", labelled);
        assertEquals("ON", gateway.desired("counter", "status"), "the cloud only changed a label");
        gateway.push("update", "default/device/counter", classic("u1", "7", "PAUSE", "0"));
        assertEquals("PAUSE", gateway.desired("counter", "status"));
    }

    @Test
    void cloudUpdatedWinsAfterAnEdgeSideWriteOfExpected() { // trap 13
        gateway.connect(Peer.KUBEEDGE);
        gateway.twinMessage("membership", member("counter", "OFF", 10));
        gateway.mqtt("$hw/events/device/counter/twin/update", "{\"twin\":{\"status\":{\"expected\":{\"value\":\"ON\"}}}}");
        assertEquals("ON", gateway.desired("counter", "status"));
        gateway.twinMessage("device/counter/twin/cloud_updated", "{'event_id':'x','twin':" + twin("PAUSE", 11) + "}");
        assertEquals("PAUSE", gateway.desired("counter", "status"));
    }

    @Test
    void membershipSentAgainAtReconnectDoesNotUndoALocalOverride() {
        gateway.connect(Peer.KUBEEDGE);
        gateway.twinMessage("membership", member("counter", "OFF", 10));
        gateway.mqtt("$hw/events/device/counter/twin/update", "{\"twin\":{\"status\":{\"expected\":{\"value\":\"ON\"}}}}");
        gateway.twinMessage("membership", member("counter", "OFF", 10));
        assertEquals("ON", gateway.desired("counter", "status"));
    }

    @Test
    void aLostCloudUpdatedIsMadeUpForFromTheObject() {
        gateway.connect(Peer.KUBEEDGE);
        gateway.twinMessage("membership", member("counter", "OFF", 10));
        gateway.push("insert", "default/device/counter", classic("u1", "10", "OFF", "0"));
        gateway.published();
        gateway.push("update", "default/device/counter", classic("u1", "12", "ON", "0"));
        Await.until("the twin follows the object", Duration.ofSeconds(3), () -> "ON".equals(gateway.desired("counter", "status")));
        gateway.settle();
        assertEquals(List.of("$hw/events/device/counter/twin/update/document", "$hw/events/device/counter/twin/update/delta"), gateway.topics());
    }

    @Test
    void objectAndCloudUpdatedTogetherGiveOneDocument() {
        gateway.connect(Peer.KUBEEDGE);
        gateway.twinMessage("membership", member("counter", "OFF", 10));
        gateway.push("insert", "default/device/counter", classic("u1", "10", "OFF", "0"));
        Await.until("compared", Duration.ofSeconds(3), () -> gateway.store.text("devicetwin.device", "default/counter") != null);
        gateway.published();
        gateway.push("update", "default/device/counter", classic("u1", "12", "ON", "0"));
        gateway.twinMessage("device/counter/twin/cloud_updated", "{'event_id':'x','twin':" + twin("ON", 12) + "}");
        Gateway marker = gateway;
        long start = System.nanoTime();
        Await.until("the comparison is over", Duration.ofSeconds(3), () -> System.nanoTime() - start > 400_000_000L);
        marker.settle();
        assertEquals(List.of("$hw/events/device/counter/twin/update/document", "$hw/events/device/counter/twin/update/delta"), gateway.topics());
    }

    @Test
    void aRejectedDesiredValueLeavesTheLastGoodOne() {
        gateway.connect(Peer.KELP);
        gateway.push("insert", "default/devicemodel/pump-model", model("INT"));
        gateway.push("insert", "default/device/pump", modern("u1", "5", "20"));
        gateway.push("update", "default/device/pump", modern("u1", "6", "warm"));
        assertEquals("20", gateway.desired("pump", "switch"));
        assertEquals("the desired value \"warm\" is no value of type int; the last good one stays", gateway.twins.problems().get(0).sentence());
        gateway.push("update", "default/device/pump", modern("u1", "7", "21"));
        assertEquals(List.of(), gateway.twins.problems());
        assertEquals("21", gateway.desired("pump", "switch"));
    }

    @Test
    void typesComeFromTheModelAlsoWhenItComesLater() {
        gateway.connect(Peer.KELP);
        gateway.push("insert", "default/device/pump", modern("u1", "5", "20"));
        assertNull(gateway.twins.device(Gateway.id("pump")).orElseThrow().model());
        assertEquals("string", gateway.twins.device(Gateway.id("pump")).orElseThrow().twins().get("switch").type());
        List<String> told = watch();
        told.clear();
        gateway.push("insert", "default/devicemodel/pump-model", model("INT"));
        assertEquals("int", gateway.twins.device(Gateway.id("pump")).orElseThrow().twins().get("switch").type());
        assertEquals(List.of("pump switch=20"), told);
        gateway.mqtt("$hw/events/device/default/pump/twin/update", "{\"event_id\":\"e\",\"twin\":{\"switch\":{\"actual\":{\"value\":\"x\"}}}}");
        assertTrue(gateway.published().stream().anyMatch(p -> p.payload().has("reason")
                && p.payload().get("reason").getAsString().equals("the value is not int or integer")));
    }

    @Test
    void aModelInUseOutlivesTheDeleteThatAStockCloudSendsWithAnotherDevice() {
        for (Peer peer : List.of(Peer.KUBEEDGE, Peer.KELP)) {
            gateway.connect(peer);
            gateway.push("insert", "default/devicemodel/pump-model", model("INT"));
            gateway.push("insert", "default/device/pump", modern("u1", "5", "20"));
            gateway.push("delete", "default/devicemodel/pump-model", model("INT"));
            assertEquals(peer == Peer.KUBEEDGE, gateway.twins.device(Gateway.id("pump")).orElseThrow().model() != null);
        }
    }

    @Test
    void aDeleteOfAnotherDeviceOfTheSameNameIsAcknowledgedAndIgnored() {
        gateway.connect(Peer.KELP);
        gateway.push("insert", "default/device/pump", modern("u2", "5", "ON"));
        gateway.push("delete", "default/device/pump", Gateway.json("{'metadata':{'name':'pump','namespace':'default','uid':'u1'}}"));
        assertEquals("ON", gateway.desired("pump", "switch"));
        gateway.push("delete", "default/device/pump", Gateway.json("{'metadata':{'name':'pump','namespace':'default','uid':'u2'}}"));
        assertTrue(gateway.twins.devices().isEmpty());
        assertNull(gateway.store.text("devicetwin.device", "default/pump"));
    }

    @Test
    void aDeviceMadeAnewUnderTheSameNameInheritsNothing() {
        gateway.connect(Peer.KELP);
        gateway.push("insert", "default/device/counter", classic("u1", "500", "ON", "0"));
        Gateway.await(gateway.twins.report(Gateway.id("counter"), Map.of("status", "17")));
        Gateway.await(gateway.twins.reportState(Gateway.id("counter"), "online"));
        List<String> told = watch();
        told.clear();
        gateway.push("insert", "default/device/counter", classic("u2", "3", "OFF", "0"));
        assertNull(gateway.reported("counter", "status"));
        assertEquals("OFF", gateway.desired("counter", "status"));
        assertEquals("", gateway.twins.device(Gateway.id("counter")).orElseThrow().state());
        assertEquals(List.of("counter gone", "counter status=OFF"), told);
        assertNull(gateway.store.text("devicetwin.reported", "default/counter|status"));
        gateway = gateway.restart();
        assertNull(gateway.reported("counter", "status"));
    }

    @Test
    void aDeviceMovesAwayAndBack() {
        gateway.connect(Peer.KELP);
        gateway.push("insert", "default/device/pump", modern("u1", "5", "ON"));
        Gateway.await(gateway.twins.report(Gateway.id("pump"), Map.of("switch", "ON")));
        gateway.push("delete", "default/device/pump", modern("u1", "6", "ON"));
        assertTrue(gateway.twins.devices().isEmpty());
        gateway.push("insert", "default/device/pump", modern("u1", "9", "OFF"));
        assertEquals("OFF", gateway.desired("pump", "switch"));
        assertNull(gateway.reported("pump", "switch"));
    }

    @Test
    void aLateDeleteOfAStockCloudDoesNotHitTheDeviceThatMembershipHasMadeAgain() {
        gateway.connect(Peer.KUBEEDGE);
        gateway.twinMessage("membership", member("counter", "OFF", 10));
        gateway.push("insert", "default/device/counter", classic("u1", "10", "OFF", "0"));
        gateway.twinMessage("membership", "{'added_devices':null,'removed_devices':[{'id':'counter','name':'counter'}]}");
        gateway.twinMessage("membership", member("counter", "ON", 20));
        gateway.push("delete", "default/device/counter", classic("u1", "11", "OFF", "0"));
        gateway.push("insert", "default/device/counter", classic("u2", "20", "ON", "0"));
        assertEquals("ON", gateway.desired("counter", "status"));
    }

    @Test
    void aDeviceOfWhichOnlyTheDeleteOfTheObjectCameGoes() {
        gateway.connect(Peer.KUBEEDGE);
        gateway.twinMessage("membership", member("counter", "OFF", 10));
        gateway.push("insert", "default/device/counter", classic("u1", "10", "OFF", "0"));
        gateway.published();
        gateway.push("delete", "default/device/counter", classic("u1", "10", "OFF", "0"));
        Await.until("gone", Duration.ofSeconds(3), () -> gateway.twins.devices().isEmpty());
        gateway.settle();
        assertEquals(List.of("$hw/events/node/edge-a/membership/updated"), gateway.topics());
    }

    @Test
    void aDeviceOfWhichOnlyTheObjectCameIsAnnounced() {
        gateway.connect(Peer.KUBEEDGE);
        gateway.push("update", "default/device/late", rename(classic("u1", "10", "OFF", "0"), "late"));
        Await.until("announced", Duration.ofSeconds(3), () -> "OFF".equals(gateway.desired("late", "status")));
        gateway.settle();
        assertTrue(gateway.topics().contains("$hw/events/node/edge-a/membership/updated"));
    }

    @Test
    void membershipWithoutTwinsForAKnownDeviceIsNoError() {
        gateway.connect(Peer.KUBEEDGE);
        gateway.twinMessage("membership", "{'added_devices':[{'id':'default/pump','name':'pump'}],'removed_devices':null}");
        gateway.published();
        gateway.twinMessage("membership", "{'added_devices':[{'id':'default/pump','name':'pump','description':'d'}],'removed_devices':null}");
        assertEquals(List.of(), gateway.published());
    }

    @Test
    void membershipDetailAddsAndRemoves() {
        gateway.connect(Peer.KUBEEDGE);
        gateway.twinMessage("membership", member("old", "OFF", 10));
        gateway.twinMessage("membership/detail", "{'devices':[{'id':'new','name':'new','twin':" + twin("ON", 5) + "}]}");
        assertEquals(List.of("default/new"), gateway.twins.devices().stream().map(d -> d.id().toString()).toList());
        assertEquals("ON", gateway.desired("new", "status"));
    }

    @Test
    void aKelpCloudIsAskedForTheMembershipWhenADeviceHasNoObject() {
        gateway.connect(Peer.KELP);
        assertEquals(List.of(), gateway.sent());
        gateway.twinMessage("membership", member("counter", "OFF", 10));
        gateway.confirming = false;
        gateway.disconnect();
        gateway.connect(Peer.KELP);
        Message asked = gateway.sent().get(0);
        assertEquals("membership/detail", asked.resource());
        gateway.answer(asked.withSourceAndGroup("devicecontroller", "twin").respond(Gateway.json("{'devices':[]}")));
        gateway.settle();
        assertTrue(gateway.twins.devices().isEmpty());
    }

    @Test
    void membershipAtEachConnectDoesNotBotherDrivers() {
        gateway.connect(Peer.KELP);
        gateway.twinMessage("membership", member("counter", "OFF", 10));
        gateway.push("insert", "default/device/counter", classic("u1", "10", "OFF", "0"));
        List<String> told = watch();
        told.clear();
        gateway.published();
        gateway.twinMessage("membership", member("counter", "OFF", 10));
        gateway.twinMessage("membership", member("counter", "OFF", 15)); // the cloud has written reported values meanwhile
        assertEquals(List.of(), told);
        assertEquals(List.of(), gateway.topics());
    }

    @Test
    void bothGenerationsLiveSideBySideAndClassicDevicesOfOtherNamespacesFindTheirMembership() {
        gateway.connect(Peer.KUBEEDGE);
        gateway.twinMessage("membership", member("valve", "OFF", 10));
        JsonObject valve = rename(classic("u9", "10", "OFF", "0"), "valve");
        DeviceObject.object(valve, "metadata").addProperty("namespace", "plant");
        gateway.push("insert", "plant/device/valve", valve);
        gateway.push("insert", "default/device/pump", modern("u1", "5", "ON"));
        Await.until("both", Duration.ofSeconds(3), () -> gateway.twins.devices().size() == 2 && "ON".equals(gateway.desired("pump", "switch")));
        Device moved = gateway.twins.device(new DeviceId("plant", "valve")).orElseThrow();
        assertEquals(Generation.CLASSIC, moved.generation());
        assertEquals("OFF", moved.twins().get("status").desired().text());
        gateway.settle();
        gateway.published();
        gateway.mqtt("$hw/events/device/valve/twin/get", "{}");
        gateway.mqtt("$hw/events/device/default/pump/twin/get", "{}");
        assertEquals(List.of("$hw/events/device/valve/twin/get/result", "$hw/events/device/default/pump/twin/get/result"), gateway.topics());
        gateway = gateway.restart();
        assertEquals(List.of("default/pump", "plant/valve"), gateway.twins.devices().stream().map(d -> d.id().toString()).toList());
    }

    @Test
    void inventoryNamesEveryStoredObject() {
        gateway.connect(Peer.KELP);
        gateway.push("insert", "default/devicemodel/pump-model", model("STRING"));
        gateway.push("insert", "default/device/pump", modern("u1", "5", "ON"));
        List<StoredObject> expected = List.of(
                new StoredObject("devices.kubeedge.io/v1beta1", "devicemodel", "default", "pump-model", "m1", "3"),
                new StoredObject("devices.kubeedge.io/v1beta1", "device", "default", "pump", "u1", "5"));
        assertEquals(expected, gateway.twins.inventory());
        gateway = gateway.restart();
        assertEquals(expected, gateway.twins.inventory());
    }

    @Test
    void malformedMessagesAreRefusedAndTheNextOneIsServed() {
        gateway.connect(Peer.KELP);
        for (Message bad : List.of(
                Message.create("devicecontroller", "twin", "update", "membership", new JsonPrimitive("no json {")),
                Message.create("devicecontroller", "twin", "update", "membership", Gateway.json("{'added_devices':[{'id':'a/b/c'}]}")),
                Message.create("devicecontroller", "twin", "update", "membership", Gateway.json("{'added_devices':[{'id':'x','twin':{'p':7}}]}")),
                Message.create("devicecontroller", "resource", "update", "default/device/x", Gateway.json("{'spec':{}}")),
                Message.create("devicecontroller", "resource", "update", "default/device", Gateway.json("{'metadata':{'uid':'u'}}")))) {
            assertTrue(gateway.twins.claims(bad));
            assertThrows(ExecutionException.class, () -> gateway.twins.handle(bad).toCompletableFuture().get(2, TimeUnit.SECONDS), bad.toString());
        }
        gateway.push("insert", "default/device/pump", modern("u1", "5", "ON"));
        assertEquals("ON", gateway.desired("pump", "switch"));
    }

    @Test
    void removedPropertiesLoseTheirTwin() {
        gateway.connect(Peer.KELP);
        gateway.push("insert", "default/device/pump", modern("u1", "5", "ON"));
        Gateway.await(gateway.twins.report(Gateway.id("pump"), Map.of("switch", "ON")));
        JsonObject without = modern("u1", "6", "ON");
        DeviceObject.object(without, "spec").getAsJsonArray("properties").remove(0);
        gateway.published();
        gateway.push("update", "default/device/pump", without);
        assertFalse(gateway.twins.device(Gateway.id("pump")).orElseThrow().twins().containsKey("switch"));
        JsonObject document = gateway.published().get(0).payload();
        assertTrue(document.getAsJsonObject("twin").getAsJsonObject("switch").get("current").isJsonNull());
    }

    @Test
    void objectsArePowerSafeAndReportsAreNot() {
        gateway.connect(Peer.KELP);
        gateway.push("insert", "default/device/pump", modern("u1", "5", "ON"));
        int power = gateway.store.writes.get(Durability.POWER);
        Gateway.await(gateway.twins.report(Gateway.id("pump"), Map.of("switch", "ON")));
        assertEquals(power, gateway.store.writes.get(Durability.POWER));
        assertEquals(1, gateway.store.writes.get(Durability.PROCESS));
    }

    // ---- objects ----

    private List<String> watch() {
        List<String> told = new CopyOnWriteArrayList<>();
        gateway.twins.watch(new DeviceListener() {
            @Override
            public void changed(Device device) {
                List<String> desired = new ArrayList<>();
                device.twins().forEach((name, twin) -> {
                    if (twin.desired() != null) {
                        desired.add(name + "=" + twin.desired().text());
                    }
                });
                told.add(device.id().name() + " " + String.join(" ", desired));
            }

            @Override
            public void removed(DeviceId id) {
                told.add(id.name() + " gone");
            }
        });
        gateway.settle();
        return told;
    }

    private static Message push(String operation, String name, JsonObject object) {
        return Message.ofObject("devicecontroller", "resource", operation, "default/device/" + name, "1", object);
    }

    static JsonObject modern(String uid, String version, String value) {
        return Gateway.json("{'apiVersion':'devices.kubeedge.io/v1beta1','kind':'Device','metadata':{'name':'pump','namespace':'default','uid':'" + uid
                + "','resourceVersion':'" + version + "'},'spec':{'nodeName':'edge-a','deviceModelRef':{'name':'pump-model'},"
                + "'properties':[{'name':'switch','desired':{'value':'" + value + "'}},{'name':'ratio','desired':{'value':''}}]}}");
    }

    static JsonObject classic(String uid, String version, String desired, String reported) {
        return Gateway.json("{'apiVersion':'devices.kubeedge.io/v1alpha2','kind':'Device','metadata':{'name':'counter','namespace':'default','uid':'" + uid
                + "','resourceVersion':'" + version + "'},'spec':{'deviceModelRef':{'name':'counter-model'},'nodeSelector':{'nodeSelectorTerms':[]}},"
                + "'status':{'twins':[{'propertyName':'status','desired':{'value':'" + desired + "','metadata':{'type':'string'}},"
                + "'reported':{'value':'" + reported + "','metadata':{'type':'string'}}}]}}");
    }

    static JsonObject rename(JsonObject object, String name) {
        DeviceObject.object(object, "metadata").addProperty("name", name);
        return object;
    }

    static JsonObject model(String type) {
        return Gateway.json("{'apiVersion':'devices.kubeedge.io/v1beta1','kind':'DeviceModel','metadata':{'name':'pump-model','namespace':'default',"
                + "'uid':'m1','resourceVersion':'3'},'spec':{'properties':[{'name':'switch','type':'" + type
                + "','accessMode':'ReadWrite','minimum':'0','maximum':'100'},{'name':'ratio','type':'FLOAT','accessMode':'ReadOnly'}]}}");
    }

    private static String twin(String value, int version) {
        return "{'status':{'expected':{'value':'" + value + "'},'optional':false,'metadata':{'type':'string'},'expected_version':{'cloud':" + version + ",'edge':0}}}";
    }

    private static String member(String name, String value, int version) {
        return "{'added_devices':[{'id':'" + name + "','name':'" + name + "','twin':" + twin(value, version) + "}],'removed_devices':null}";
    }
}
