package io.kelp.devicetwin.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.kelp.devicetwin.DeviceTwins.DeviceId;
import io.kelp.devicetwin.DeviceTwins.Quality;
import io.kelp.devicetwin.DeviceTwins.Reading;
import io.kelp.devicetwin.DeviceTwins.Twin;
import io.kelp.devicetwin.DeviceTwins.Value;
import io.kelp.edgehub.CloudLink.Peer;
import io.kelp.message.Message;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What drivers know of a value besides the value: time, quality, errors; who hears of it and how. */
class ReadingTest {

    private static final long MEASURED = 1_700_000_000_000L;

    private Gateway gateway;

    @BeforeEach
    void start() {
        // Each value in a message of its own, as soon as the one before is confirmed.
        gateway = new Gateway(new FakeStore(), "edge-a", Map.of("spacingMillis", 20));
        gateway.connect(Peer.KUBEEDGE);
        gateway.push("insert", "default/devicemodel/pump-model", CloudObjectTest.model("INT"));
        gateway.push("insert", "default/device/counter", CloudObjectTest.classic("u2", "5", "ON", "0"));
        gateway.sent();
        gateway.published();
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    private void report(String text, long time, Quality quality, boolean toCloud) {
        Gateway.await(gateway.twins.reportReadings(Gateway.id("counter"), Map.of("status", new Reading(text, time, quality, toCloud))));
        gateway.settle();
    }

    private void error(String sentence) {
        Gateway.await(gateway.twins.reportError(Gateway.id("counter"), "status", sentence));
        gateway.settle();
    }

    /** {@code actual} of the newest message to the cloud; {@code null} when there was none. */
    private JsonObject upward() {
        List<Message> sent = gateway.sent().stream().filter(m -> m.resource().endsWith("edge_updated")).toList();
        return sent.isEmpty() ? null : DeviceObject.object(DeviceObject.object(DeviceObject.object(
                sent.get(sent.size() - 1).content().getAsJsonObject(), "twin"), "status"), "actual");
    }

    private String document() {
        List<Gateway.Published> documents = gateway.published().stream().filter(p -> p.topic().endsWith("/document")).toList();
        return documents.isEmpty() ? "" : DeviceObject.object(DeviceObject.object(DeviceObject.object(
                documents.get(documents.size() - 1).payload(), "twin"), "status"), "current").get("actual") + "";
    }

    private Twin twin() {
        return gateway.twins.device(Gateway.id("counter")).orElseThrow().twins().get("status");
    }

    @Test
    void theFirstReportOfADeviceWithAThousandPropertiesHoldsUpNobody() throws Exception {
        JsonObject device = Gateway.json("{'apiVersion':'devices.kubeedge.io/v1beta1','kind':'Device','metadata':{'name':'large','namespace':'default',"
                + "'uid':'u3','resourceVersion':'5'},'spec':{'deviceModelRef':{'name':'large-model'}}}");
        JsonObject model = CloudObjectTest.rename(CloudObjectTest.model("INT"), "large-model");
        JsonArray properties = new JsonArray();
        JsonArray ofModel = new JsonArray();
        Map<String, Reading> readings = new HashMap<>();
        for (int i = 0; i < 1_000; i++) {
            properties.add(Gateway.json("{'name':'p" + i + "'}"));
            ofModel.add(Gateway.json("{'name':'p" + i + "','type':'INT','accessMode':'ReadWrite'}"));
            readings.put("p" + i, new Reading("1", MEASURED, Quality.GOOD, true));
        }
        device.getAsJsonObject("spec").add("properties", properties);
        model.getAsJsonObject("spec").add("properties", ofModel);
        gateway.push("insert", "default/devicemodel/large-model", model);
        gateway.push("insert", "default/device/large", device);
        gateway.twins.reportReadings(Gateway.id("large"), readings).toCompletableFuture().get(4, TimeUnit.SECONDS);
        assertEquals("1", gateway.twins.device(Gateway.id("large")).orElseThrow().twins().get("p999").reported().text());
    }

    @Test
    void aGoodValueLooksAsItAlwaysDidWithTheTimeOfItsSource() {
        report("17", MEASURED, Quality.GOOD, true);
        assertEquals("{\"value\":\"17\",\"metadata\":{\"timestamp\":" + MEASURED + "}}", upward().toString());
        assertEquals("{\"value\":\"17\",\"metadata\":{\"timestamp\":" + MEASURED + "}}", document());
        assertEquals(new Value("17", MEASURED, Quality.GOOD), twin().reported());
    }

    @Test
    void aQualityThatIsNotGoodIsSaid() {
        report("17", MEASURED, Quality.UNCERTAIN, true);
        assertEquals("{\"value\":\"17\",\"metadata\":{\"timestamp\":" + MEASURED + ",\"quality\":\"uncertain\"}}", upward().toString());
        assertEquals("{\"value\":\"17\",\"metadata\":{\"timestamp\":" + MEASURED + ",\"quality\":\"uncertain\"}}", document());
        report(null, MEASURED + 1, Quality.BAD, true);
        assertEquals("{\"value\":\"17\",\"metadata\":{\"timestamp\":" + (MEASURED + 1) + ",\"quality\":\"bad\"}}", upward().toString());
        assertEquals(Quality.BAD, twin().reported().quality());
        report("17", MEASURED + 2, Quality.GOOD, true);
        assertFalse(upward().toString().contains("quality"));
    }

    @Test
    void aPropertyThatNeverHadAValueIsBadWithoutOne() {
        report(null, MEASURED, Quality.BAD, true);
        assertEquals("{\"metadata\":{\"timestamp\":" + MEASURED + ",\"quality\":\"bad\"}}", upward().toString());
        assertNull(twin().reported());
    }

    @Test
    void anUnchangedValueMeasuredAnewIsTakenAndTheVerySameOneIsNot() {
        report("17", MEASURED, Quality.GOOD, true);
        gateway.sent();
        report("17", MEASURED, Quality.GOOD, true);
        assertNull(upward());
        report("17", MEASURED + 1000, Quality.GOOD, true);
        assertEquals(MEASURED + 1000, upward().getAsJsonObject("metadata").get("timestamp").getAsLong());
        report("17", 0, Quality.GOOD, true);
        assertTrue(upward().getAsJsonObject("metadata").get("timestamp").getAsLong() > MEASURED + 1000);
    }

    @Test
    void whatIsNotForTheCloudStaysHereAlsoWhenThereIsAnError() {
        report("secret", MEASURED, Quality.GOOD, false);
        assertNull(upward());
        assertTrue(document().contains("secret"));
        error("it is locked");
        assertEquals("{\"metadata\":{\"timestamp\":" + MEASURED + ",\"error\":\"it is locked\"}}", upward().toString());
        gateway = gateway.restart();
        gateway.connect(Peer.KUBEEDGE);
        assertFalse(gateway.sent().toString().contains("secret"));
    }

    @Test
    void anErrorIsToldUntilItIsOverAndNeverTakesAValueAway() {
        error("property status cannot be set");
        JsonObject first = upward();
        assertFalse(first.has("value"));
        assertEquals("property status cannot be set", first.getAsJsonObject("metadata").get("error").getAsString());
        assertEquals("property status cannot be set", twin().error());
        report("17", MEASURED, Quality.GOOD, true);
        assertEquals("{\"value\":\"17\",\"metadata\":{\"timestamp\":" + MEASURED + ",\"error\":\"property status cannot be set\"}}", upward().toString());
        error("property status cannot be set");
        assertNull(upward(), "nothing new");
        error("");
        assertEquals("{\"value\":\"17\",\"metadata\":{\"timestamp\":" + MEASURED + ",\"error\":\"\"}}", upward().toString());
        assertEquals("{\"value\":\"17\",\"metadata\":{\"timestamp\":" + MEASURED + "}}", document());
        assertEquals("", twin().error());
    }

    @Test
    void errorsAreOneLineOfBoundedLength() {
        error("first\nsecond\t" + "x".repeat(2000));
        String told = twin().error();
        assertTrue(told.startsWith("first second x"), told);
        assertEquals(512, told.length());
    }

    @Test
    void qualityAndErrorSurviveARestart() {
        report("17", MEASURED, Quality.UNCERTAIN, true);
        error("jammed");
        gateway = gateway.restart();
        assertEquals(new Value("17", MEASURED, Quality.UNCERTAIN), twin().reported());
        assertEquals("jammed", twin().error());
    }

    @Test
    void aReportOfAnMqttClientIsGoodButDoesNotClearAnError() {
        report("17", MEASURED, Quality.UNCERTAIN, true);
        error("jammed");
        gateway.mqtt("$hw/events/device/counter/twin/update", "{\"event_id\":\"e\",\"twin\":{\"status\":{\"actual\":{\"value\":\"18\"}}}}");
        assertEquals(Quality.GOOD, twin().reported().quality());
        assertEquals("jammed", twin().error());
    }

    @Test
    void listenersHearEveryValueWhoeverReportedItAndNoneThatWasRefused() throws Exception {
        List<String> heard = Collections.synchronizedList(new ArrayList<>());
        AutoCloseable watch = gateway.twins.watchReports((DeviceId id, String property, Reading reading) -> {
            heard.add(id + " " + property + "=" + reading.text() + " " + reading.quality() + (reading.toCloud() ? "" : " local"));
            assertTrue(reading.timestampMillis() > 0);
            throw new IllegalStateException("a listener that fails hurts nobody");
        });
        report("17", MEASURED, Quality.GOOD, true);
        report("17", MEASURED, Quality.GOOD, true);
        report(null, 0, Quality.BAD, false);
        Gateway.await(gateway.twins.report(Gateway.id("counter"), Map.of("status", "18")));
        gateway.mqtt("$hw/events/device/counter/twin/update", "{\"event_id\":\"e\",\"twin\":{\"status\":{\"actual\":{\"value\":\"19\"}},\"other\":{\"expected\":{\"value\":\"1\"}}}}");
        gateway.mqtt("$hw/events/device/counter/twin/update", "{\"event_id\":\"e\",\"twin\":{\"status\":{\"actual\":{\"value\":\"no blank\"}}}}");
        assertThrows(ExecutionException.class, () -> gateway.twins.report(Gateway.id("counter"), Map.of("status", "a\nb")).toCompletableFuture().get(5, TimeUnit.SECONDS));
        watch.close();
        report("20", MEASURED, Quality.GOOD, true);
        assertEquals(List.of("default/counter status=17 GOOD", "default/counter status=17 GOOD", "default/counter status=null BAD local",
                "default/counter status=18 GOOD", "default/counter status=19 GOOD"), heard);
    }

    @Test
    void aReadingWithoutValueThatIsNotBadIsRefused() {
        ExecutionException e = assertThrows(ExecutionException.class, () -> gateway.twins.reportReadings(Gateway.id("counter"),
                Map.of("status", new Reading(null, 0, Quality.GOOD, true))).toCompletableFuture().get(5, TimeUnit.SECONDS));
        assertEquals("Device default/counter, property status: a reading without value has quality BAD", e.getCause().getMessage());
    }

    @Test
    void aDesiredValueOfTheCloudThatCannotBeTakenOverIsAnErrorUntilTheCloudChangesItsMind() {
        gateway.close();
        gateway = Gateway.start();
        gateway.connect(Peer.KELP);
        gateway.push("insert", "default/devicemodel/pump-model", CloudObjectTest.model("INT"));
        gateway.push("insert", "default/device/pump", CloudObjectTest.modern("u1", "5", "warm"));
        Twin refused = gateway.twins.device(Gateway.id("pump")).orElseThrow().twins().get("switch");
        assertEquals("property switch: the desired value \"warm\" is no value of type int; the last good one stays", refused.error());
        Gateway.await(gateway.twins.reportError(Gateway.id("pump"), "switch", ""));
        assertEquals(refused.error(), gateway.twins.device(Gateway.id("pump")).orElseThrow().twins().get("switch").error(),
                "what the driver took was the value before");
        gateway.push("update", "default/device/pump", CloudObjectTest.modern("u1", "6", "20"));
        assertEquals("", gateway.twins.device(Gateway.id("pump")).orElseThrow().twins().get("switch").error());
    }

    @Test
    void aReadingThatNoTwinCanHoldIsRefusedWithWhatIsWrong() {
        assertEquals("Device default/counter, property \"status\": its value has a control character, such as the end of a line; "
                + "a twin holds one line of text", refusal("status", "first\nsecond"));
        assertEquals("Device default/counter, property \"status\": its value has more than 4096 characters, which is the most that a twin holds",
                refusal("status", "x".repeat(4097)));
        assertEquals("Device default/counter: no property can be called \"a b\"; allowed are letters, digits and -_.,:/@#, at most 128 of them",
                refusal("a b", "1"));
    }

    private String refusal(String property, String text) {
        ExecutionException refused = assertThrows(ExecutionException.class, () -> gateway.twins.reportReadings(Gateway.id("counter"),
                Map.of(property, new Reading(text, MEASURED, Quality.GOOD, true))).toCompletableFuture().get(10, TimeUnit.SECONDS));
        return refused.getCause().getMessage();
    }
}
