package io.kelp.devicetwin.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import io.kelp.devicetwin.DeviceTwins.DeviceId;
import io.kelp.edgehub.CloudLink.Peer;
import io.kelp.message.Message;
import io.kelp.testkit.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What goes to the cloud: the newest value of each property, once, and surely. */
class UpwardTest {

    private Gateway gateway = Gateway.start();

    @AfterEach
    void stop() {
        gateway.close();
    }

    @Test
    void towardsAStockCloudOneMessagePerDeviceIsUnderWayAndLaterValuesAreOneMessage() {
        gateway.connect(Peer.KUBEEDGE);
        gateway.push("insert", "default/device/counter", CloudObjectTest.classic("u1", "5", "ON", "0"));
        gateway.confirming = false;
        gateway.sent();
        for (int i = 1; i <= 100; i++) {
            Gateway.await(gateway.twins.report(Gateway.id("counter"), Map.of("status", Integer.toString(i))));
        }
        gateway.settle();
        List<Message> first = gateway.sent();
        assertEquals(1, first.size());
        assertEquals(Map.of("device/counter status", "1"), Gateway.values(first));
        gateway.confirm(first.get(0));
        gateway.settle();
        List<Message> second = gateway.sent();
        assertEquals(1, second.size());
        assertEquals(Map.of("device/counter status", "100"), Gateway.values(second));
        gateway.confirm(second.get(0));
        gateway.settle();
        assertEquals(List.of(), gateway.sent());
        assertEquals(0, gateway.twins.status().get("twinsNotConfirmed").getAsInt());
    }

    @Test
    void towardsAKelpCloudNewerValuesFollowBeforeTheFirstIsConfirmedButNotEachOne() {
        gateway.connect(Peer.KELP);
        gateway.push("insert", "default/device/counter", CloudObjectTest.classic("u1", "5", "ON", "0"));
        gateway.confirming = false;
        for (int i = 1; i <= 100; i++) {
            Gateway.await(gateway.twins.report(Gateway.id("counter"), Map.of("status", Integer.toString(i), "other", "same")));
        }
        List<Message> sent = new ArrayList<>();
        Await.until("the newest value is on its way", Duration.ofSeconds(3), () -> sent.addAll(gateway.sent())
                && "100".equals(Gateway.values(sent).get("device/counter status")));
        assertTrue(sent.size() <= 4, sent.size() + " messages");
        assertEquals(1, sent.stream().filter(m -> m.content().toString().contains("other")).count(), "what is under way is not told twice");
        gateway.confirm(sent.get(sent.size() - 1));
        gateway.settle();
        assertEquals(1, gateway.twins.status().get("twinsNotConfirmed").getAsInt(), "property other came in the first message");
        sent.forEach(gateway::confirm);
        gateway.settle();
        assertEquals(0, gateway.twins.status().get("twinsNotConfirmed").getAsInt());
    }

    @Test
    @Tag("slow")
    void whatTheCloudDidNotConfirmIsSentAgain() {
        gateway.close();
        gateway = new Gateway(new FakeStore(), "edge-a", Map.of("retrySeconds", 1));
        gateway.connect(Peer.KELP);
        gateway.push("insert", "default/device/counter", CloudObjectTest.classic("u1", "5", "ON", "0"));
        gateway.confirming = false;
        Gateway.await(gateway.twins.report(Gateway.id("counter"), Map.of("status", "1")));
        gateway.settle();
        assertEquals(1, gateway.sent().size());
        Await.until("sent again", Duration.ofSeconds(12), () -> Gateway.values(gateway.sent()).containsValue("1"));
    }

    @Test
    @Tag("slow")
    void anOldStockCloudThatConfirmsNoStatesIsNotAskedForEver() {
        gateway.close();
        gateway = new Gateway(new FakeStore(), "edge-a", Map.of("retrySeconds", 1));
        gateway.connect(Peer.KUBEEDGE);
        gateway.push("insert", "default/device/counter", CloudObjectTest.classic("u1", "5", "ON", "0"));
        gateway.sent();
        gateway.confirming = false;
        Gateway.await(gateway.twins.reportState(Gateway.id("counter"), "online"));
        int[] states = {0};
        Await.until("it is sent again, and then once for all", Duration.ofSeconds(12), () -> {
            states[0] += gateway.sent().size();
            return states[0] == 2;
        });
        Gateway.await(gateway.twins.reportState(Gateway.id("counter"), "offline"));
        gateway.settle();
        assertEquals(1, gateway.sent().size());
    }

    @Test
    void anErrorOfTheCloudDoesNotCountAsConfirmation() {
        gateway.connect(Peer.KELP);
        gateway.push("insert", "default/device/counter", CloudObjectTest.classic("u1", "5", "ON", "0"));
        gateway.confirming = false;
        Gateway.await(gateway.twins.report(Gateway.id("counter"), Map.of("status", "1")));
        gateway.settle();
        Message sent = gateway.sent().get(0);
        gateway.answer(sent.withSourceAndGroup("devicecontroller", "twin").refuse("devicecontroller", "busy"));
        gateway.settle();
        assertEquals(1, gateway.twins.status().get("twinsNotConfirmed").getAsInt());
    }

    @Test
    void nothingIsLostWhenTheLinkTakesNothingForAWhile() {
        gateway.connect(Peer.KELP);
        gateway.push("insert", "default/device/counter", CloudObjectTest.classic("u1", "5", "ON", "0"));
        gateway.linkTakes = false;
        Gateway.await(gateway.twins.report(Gateway.id("counter"), Map.of("status", "7")));
        Gateway.await(gateway.twins.reportState(Gateway.id("counter"), "online"));
        gateway.linkTakes = true;
        List<Message> sent = new ArrayList<>();
        Await.until("both are sent", Duration.ofSeconds(3), () -> sent.addAll(gateway.sent()) && sent.size() >= 2);
        assertEquals("7", Gateway.values(sent).get("device/counter status"));
        assertTrue(sent.stream().anyMatch(m -> m.resource().equals("device/counter/state/update")));
    }

    @Test
    void whatWasUnderWayWhenTheLinkBrokeIsSentAgain() {
        gateway.connect(Peer.KELP);
        gateway.push("insert", "default/device/counter", CloudObjectTest.classic("u1", "5", "ON", "0"));
        gateway.confirming = false;
        Gateway.await(gateway.twins.report(Gateway.id("counter"), Map.of("status", "7")));
        Gateway.await(gateway.twins.reportState(Gateway.id("counter"), "online"));
        gateway.disconnect();
        gateway.sent();
        gateway.confirming = true;
        gateway.connect(Peer.KELP);
        List<Message> sent = gateway.sent();
        assertEquals("7", Gateway.values(sent).get("device/counter status"));
        assertEquals(2, sent.size());
        gateway.disconnect();
        gateway.connect(Peer.KELP);
        assertEquals(List.of(), gateway.sent(), "confirmed things are not told again");
    }

    @Test
    void fiftyDevicesReportFiveThousandValuesDuringAnOutageAndAKillAndAllNewestOnesArrive() {
        outage(true);
    }

    @Test
    void fiftyDevicesReportFiveThousandValuesDuringAnOutageAndAllNewestOnesArrive() {
        outage(false);
    }

    private void outage(boolean killed) {
        gateway.connect(Peer.KELP);
        for (int d = 0; d < 50; d++) {
            gateway.push("insert", "default/device/d" + d, CloudObjectTest.rename(CloudObjectTest.classic("u" + d, "5", "ON", "0"), "d" + d));
        }
        gateway.disconnect();
        gateway.sent();
        Map<String, String> newest = new HashMap<>();
        List<CompletionStage<Void>> safe = new ArrayList<>();
        for (int i = 0; i < 5000; i++) {
            String device = "d" + i % 50;
            String property = "p" + i / 50 % 4;
            String value = "v" + i;
            newest.put("device/" + device + " " + property, value);
            safe.add(gateway.twins.report(Gateway.id(device), Map.of(property, value)));
        }
        safe.forEach(Gateway::await);
        if (killed) {
            gateway = gateway.restart();
        }
        long start = System.nanoTime();
        gateway.connect(Peer.KELP);
        Map<String, String> arrived = new HashMap<>();
        Await.until("all newest values are at the cloud", Duration.ofSeconds(5), () -> {
            arrived.putAll(Gateway.values(gateway.sent()));
            return newest.equals(arrived);
        });
        assertTrue(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(5));
        Await.until("all are confirmed", Duration.ofSeconds(5), () -> gateway.twins.status().get("twinsNotConfirmed").getAsInt() == 0);
    }

    @Test
    void confirmedValuesAreNotToldAgainAfterAnOrderlyStop() {
        gateway.connect(Peer.KELP);
        gateway.push("insert", "default/device/counter", CloudObjectTest.classic("u1", "5", "ON", "0"));
        Gateway.await(gateway.twins.report(Gateway.id("counter"), Map.of("status", "7")));
        Gateway.await(gateway.twins.reportState(Gateway.id("counter"), "online"));
        gateway.settle();
        gateway.close();
        Gateway next = new Gateway(gateway.store.copy(), "edge-a", Map.of());
        gateway = next;
        gateway.connect(Peer.KELP);
        assertEquals(List.of(), gateway.sent());
        assertEquals("7", gateway.reported("counter", "status"));
        assertEquals("online", gateway.twins.device(Gateway.id("counter")).orElseThrow().state());
    }

    @Test
    void theSameReadingAgainCostsNothing() {
        gateway.connect(Peer.KELP);
        gateway.push("insert", "default/device/counter", CloudObjectTest.classic("u1", "5", "ON", "0"));
        Gateway.await(gateway.twins.report(Gateway.id("counter"), Map.of("status", "7")));
        Gateway.await(gateway.twins.reportState(Gateway.id("counter"), "online"));
        gateway.settle();
        long before = gateway.store.bytesWritten.get();
        gateway.sent();
        gateway.published();
        Gateway.await(gateway.twins.report(Gateway.id("counter"), Map.of("status", "7")));
        Gateway.await(gateway.twins.reportState(Gateway.id("counter"), "online"));
        gateway.settle();
        assertEquals(before, gateway.store.bytesWritten.get());
        assertEquals(List.of(), gateway.sent());
        assertEquals(List.of(), gateway.published());
    }

    @Test
    void theStateIsAStringThatHoldsJson() {
        gateway.connect(Peer.KELP);
        gateway.push("insert", "default/device/pump", CloudObjectTest.modern("u1", "5", "ON"));
        Gateway.await(gateway.twins.reportState(Gateway.id("pump"), "online"));
        gateway.settle();
        Message message = gateway.sent().get(0);
        assertEquals("device/default/pump/state/update", message.resource());
        assertTrue(message.content().isJsonPrimitive());
        JsonObject device = message.contentAsJson().getAsJsonObject().getAsJsonObject("device");
        assertEquals("online", device.get("state").getAsString());
        assertTrue(device.get("lastOnlineTime").getAsString().endsWith("Z"));
    }

    @Test
    void aKelpCloudIsToldTheNamespaceOfClassicDevicesOutsideDefault() {
        gateway.connect(Peer.KELP);
        JsonObject object = CloudObjectTest.classic("u1", "5", "ON", "0");
        DeviceObject.object(object, "metadata").addProperty("namespace", "plant");
        gateway.push("insert", "plant/device/counter", object);
        Gateway.await(gateway.twins.report(new DeviceId("plant", "counter"), Map.of("status", "1")));
        gateway.settle();
        assertEquals("device/plant/counter/twin/edge_updated", gateway.sent().get(0).resource());
    }

    @Test
    void reportsForUnknownDevicesAndStatesFailWithTheReason() {
        CompletionStage<Void> report = gateway.twins.report(Gateway.id("nobody"), Map.of("p", "1"));
        ExecutionException e = assertThrows(ExecutionException.class, () -> report.toCompletableFuture().get(2, TimeUnit.SECONDS));
        assertEquals("There is no device default/nobody on this gateway", e.getCause().getMessage());
        gateway.push("insert", "default/device/pump", CloudObjectTest.modern("u1", "5", "ON"));
        CompletionStage<Void> state = gateway.twins.reportState(Gateway.id("pump"), "sleeping");
        assertThrows(ExecutionException.class, () -> state.toCompletableFuture().get(2, TimeUnit.SECONDS));
    }

    @Test
    void nothingIsSentWithoutALink() {
        gateway.push("insert", "default/device/pump", CloudObjectTest.modern("u1", "5", "ON"));
        Gateway.await(gateway.twins.report(Gateway.id("pump"), Map.of("switch", "ON")));
        assertEquals(List.of(), gateway.sent());
        assertFalse(gateway.twins.status().get("twinsNotConfirmed").getAsInt() == 0);
    }
}
