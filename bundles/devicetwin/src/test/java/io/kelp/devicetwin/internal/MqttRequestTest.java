package io.kelp.devicetwin.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import io.kelp.edgehub.CloudLink.Peer;
import io.kelp.testkit.Await;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Requests of MQTT clients beyond the recordings, and how answers hang on the store. */
class MqttRequestTest {

    private Gateway gateway = Gateway.start();

    @AfterEach
    void stop() {
        gateway.close();
    }

    private void counter() {
        gateway.connect(Peer.KELP);
        gateway.push("insert", "default/device/counter", CloudObjectTest.classic("u1", "5", "ON", "0"));
        gateway.published();
        gateway.sent();
    }

    @Test
    void theResultComesWhenTheValueIsSafeAndTheOthersAfterIt() {
        counter();
        gateway.store.hold();
        gateway.mqtt("$hw/events/device/counter/twin/update", "{\"event_id\":\"e1\",\"twin\":{\"status\":{\"actual\":{\"value\":\"1\"}}}}");
        assertEquals(List.of(), gateway.published());
        gateway.store.release();
        Await.until("answered", Duration.ofSeconds(2), () -> gateway.published().size() == 3);
    }

    @Test
    void answersOfOneDeviceKeepTheirOrder() {
        counter();
        gateway.store.hold();
        gateway.mqtt("$hw/events/device/counter/twin/update", "{\"event_id\":\"e1\",\"twin\":{\"status\":{\"actual\":{\"value\":\"1\"}}}}");
        gateway.mqtt("$hw/events/device/counter/twin/get", "{\"event_id\":\"g1\"}");
        gateway.mqtt("$hw/events/device/counter/twin/update", "{\"event_id\":\"e2\",\"twin\":{\"status\":{\"actual\":{\"value\":\"2\"}}}}");
        assertEquals(List.of(), gateway.published());
        gateway.store.release();
        List<String> results = new ArrayList<>();
        Await.until("all answered", Duration.ofSeconds(2), () -> {
            gateway.published().stream().filter(p -> p.topic().endsWith("/result")).forEach(p -> results.add(p.payload().get("event_id").getAsString()));
            return results.size() == 3;
        });
        assertEquals(List.of("e1", "g1", "e2"), results);
    }

    @Test
    void aValueThatCannotBeStoredIsAnsweredWith500() {
        counter();
        gateway.store.broken = true;
        gateway.mqtt("$hw/events/device/counter/twin/update", "{\"event_id\":\"e1\",\"twin\":{\"status\":{\"actual\":{\"value\":\"1\"}}}}");
        List<Gateway.Published> published = gateway.published();
        assertEquals(1, published.size());
        assertEquals(500, published.get(0).payload().get("code").getAsInt());
        assertEquals("e1", published.get(0).payload().get("event_id").getAsString());
        gateway.store.broken = false;
        Gateway.await(gateway.twins.report(Gateway.id("counter"), Map.of("status", "1")));
        gateway = gateway.restart();
        assertEquals("1", gateway.reported("counter", "status"), "the driver's same value is written, since the first write failed");
    }

    @Test
    void bothFormsOfTheIdAreServedAndDocumentsGoToBothOnceBothAreUsed() { // trap 2
        gateway.connect(Peer.KELP);
        gateway.push("insert", "default/device/pump", CloudObjectTest.modern("u1", "5", "ON"));
        gateway.published();
        gateway.mqtt("$hw/events/device/pump/twin/update", "{\"event_id\":\"e9\",\"twin\":{\"switch\":{\"actual\":{\"value\":\"OFF\"}}}}");
        assertEquals(List.of("$hw/events/device/pump/twin/update/result", "$hw/events/device/default/pump/twin/update/document",
                "$hw/events/device/pump/twin/update/document", "$hw/events/device/default/pump/twin/update/delta",
                "$hw/events/device/pump/twin/update/delta"), gateway.topics());
        assertEquals("OFF", gateway.reported("pump", "switch"));
    }

    @Test
    void aClassicDeviceKeepsItsNameWhenAModernOneHasTheSame() {
        gateway.connect(Peer.KELP);
        gateway.push("insert", "default/device/pump", CloudObjectTest.modern("u1", "5", "ON"));
        JsonObject plant = CloudObjectTest.rename(CloudObjectTest.classic("u2", "5", "ON", "0"), "pump");
        DeviceObject.object(plant, "metadata").addProperty("namespace", "plant");
        gateway.push("insert", "plant/device/pump", plant);
        gateway.published();
        gateway.mqtt("$hw/events/device/pump/twin/get", "{}");
        assertTrue(gateway.published().get(0).payload().getAsJsonObject("twin").has("status"), "the short form is the classic device");
    }

    @Test
    void theDocumentForTheCounterAlwaysHasItsExpectedValue() { // trap 4
        counter();
        gateway.mqtt("$hw/events/device/counter/twin/update",
                "{\"event_id\":\"\",\"timestamp\":0,\"twin\":{\"status\":{\"actual\":{\"value\":\"1\"},\"metadata\":{\"type\":\"Updated\"}}}}");
        JsonObject document = gateway.published().stream().filter(p -> p.topic().endsWith("/document")).findFirst().orElseThrow().payload();
        assertEquals("ON", document.getAsJsonObject("twin").getAsJsonObject("status").getAsJsonObject("current").getAsJsonObject("expected")
                .get("value").getAsString());
    }

    @Test
    void aDesiredValueSetByAClientReachesTheDriverAndSurvivesAKill() {
        counter();
        gateway.mqtt("$hw/events/device/counter/twin/update", "{\"twin\":{\"status\":{\"expected\":{\"value\":\"PAUSE\"}}}}");
        gateway = gateway.restart();
        assertEquals("PAUSE", gateway.desired("counter", "status"));
    }

    @Test
    void clientMadeTwinsSurviveAKillWithTypeAndDeletion() {
        counter();
        gateway.mqtt("$hw/events/device/counter/twin/update", "{\"twin\":{\"t\":{\"actual\":{\"value\":\"12\"},\"metadata\":{\"type\":\"int\"}}}}");
        gateway = gateway.restart();
        assertEquals("12", gateway.reported("counter", "t"));
        assertEquals("int", gateway.twins.device(Gateway.id("counter")).orElseThrow().twins().get("t").type());
        gateway.mqtt("$hw/events/device/counter/twin/update", "{\"twin\":{\"t\":null}}");
        gateway = gateway.restart();
        assertFalse(gateway.twins.device(Gateway.id("counter")).orElseThrow().twins().containsKey("t"));
        gateway.mqtt("$hw/events/device/counter/twin/update", "{\"twin\":{\"t\":{\"actual\":{\"value\":\"x\"}}}}");
        assertEquals("x", gateway.reported("counter", "t"), "the type of a deleted twin is free again");
    }

    @Test
    void namesThatArePartsOfTopicsWork() { // trap 22
        gateway.connect(Peer.KELP);
        for (String name : List.of("device", "event", "hw", "node", "e", "twin")) {
            gateway.push("insert", "default/device/" + name, CloudObjectTest.rename(CloudObjectTest.classic("u-" + name, "5", "ON", "0"), name));
            gateway.published();
            gateway.mqtt("$hw/events/device/" + name + "/twin/get", "{\"event_id\":\"g\"}");
            assertEquals(List.of("$hw/events/device/" + name + "/twin/get/result"), gateway.topics());
        }
    }

    @Test
    void strangeTopicsAndBodiesHaveNoEffect() {
        counter();
        for (String topic : List.of("$hw/events/device/counter/twin/unknown", "$hw/events/device//twin/get", "$hw/events/device/a/b/c/twin/get",
                "$hw/events/device/twin/get", "$hw/events/device/counter/state/get", "$hw/events/node//membership/other", "$hw/events/device/+/twin/x")) {
            gateway.mqtt(topic, "{}");
        }
        List<String> topics = gateway.topics();
        assertTrue(topics.stream().noneMatch(topic -> topic.contains("counter")), topics.toString());
        Random random = new Random(3);
        for (int i = 0; i < 2000; i++) {
            byte[] junk = new byte[random.nextInt(60)];
            random.nextBytes(junk);
            gateway.twins.message("$hw/events/device/counter/" + List.of("twin/update", "twin/get", "state/update", "twin/cloud_updated").get(i % 4), junk);
        }
        gateway.settle();
        assertEquals("ON", gateway.desired("counter", "status"));
        assertNull(gateway.reported("counter", "status"));
    }

    @Test
    void tooLongRequestsAreDroppedAndCounted() {
        counter();
        gateway.twins.message("$hw/events/device/counter/twin/update", new byte[262_145]);
        List<String> metrics = new ArrayList<>();
        gateway.twins.collect(new io.kelp.control.MetricSource.Sink() {
            @Override
            public void counter(String name, String help, double value, String... labels) {
                metrics.add(name + " " + value);
            }

            @Override
            public void gauge(String name, String help, double value, String... labels) {
                metrics.add(name + " " + value);
            }
        });
        assertTrue(metrics.contains("kelp_twin_dropped_total 1.0"), metrics.toString());
        assertTrue(metrics.contains("kelp_twin_devices 1.0"), metrics.toString());
        assertTrue(metrics.stream().allMatch(m -> m.startsWith("kelp_")));
    }

    @Test
    void relaxedValuesArriveWhenConfigured() {
        gateway.close();
        gateway = new Gateway(new FakeStore(), "edge-a", Map.of("valueCharset", "RELAXED"));
        counter();
        gateway.mqtt("$hw/events/device/counter/twin/update", "{\"twin\":{\"status\":{\"actual\":{\"value\":\"23.5 °C\"}}}}");
        assertEquals("23.5 °C", gateway.reported("counter", "status"));
    }

    @Test
    void updatesOfManyDevicesFromManyThreadsAreAllTaken() throws Exception {
        gateway.connect(Peer.KELP);
        for (int d = 0; d < 8; d++) {
            gateway.push("insert", "default/device/d" + d, CloudObjectTest.rename(CloudObjectTest.classic("u" + d, "5", "ON", "0"), "d" + d));
        }
        List<Thread> threads = new ArrayList<>();
        for (int d = 0; d < 8; d++) {
            String name = "d" + d;
            threads.add(new Thread(() -> {
                for (int i = 0; i < 500; i++) {
                    Gateway.await(gateway.twins.report(Gateway.id(name), Map.of("p" + i % 5, name + "-" + i)));
                    if (i % 50 == 0) {
                        Gateway.await(gateway.twins.setDesired(Gateway.id(name), "status", "W" + i));
                    }
                }
            }, "reporter-" + d));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join(20_000);
            assertFalse(thread.isAlive());
        }
        for (int d = 0; d < 8; d++) {
            for (int p = 0; p < 5; p++) {
                assertEquals("d" + d + "-" + (495 + p), gateway.reported("d" + d, "p" + p));
            }
            assertEquals("W450", gateway.desired("d" + d, "status"));
        }
        Map<String, String> told = new java.util.HashMap<>();
        Await.until("the newest value is told", Duration.ofSeconds(5), () -> {
            told.putAll(Gateway.values(gateway.sent()));
            return "d3-499".equals(told.get("device/d3 p4"));
        });
    }

    /** The share of this bundle in the figures of the whole: bytes written and time per update, link up and confirming. */
    @Test
    @Tag("slow")
    void anUpdateIsCheap() {
        gateway.connect(Peer.KELP);
        for (int d = 0; d < 50; d++) {
            gateway.push("insert", "default/device/d" + d, CloudObjectTest.rename(CloudObjectTest.classic("u" + d, "5", "ON", "0"), "d" + d));
        }
        run(5_000);
        long bytes = gateway.store.bytesWritten.get();
        long start = cpuNanos();
        run(20_000);
        double millis = (cpuNanos() - start) / 1e6 / 20_000;
        double perUpdate = (gateway.store.bytesWritten.get() - bytes) / 20_000.0;
        System.out.printf("update: %.3f ms of CPU, %.0f bytes to the store%n", millis, perUpdate);
        assertTrue(perUpdate < 200, perUpdate + " bytes per update");
        assertTrue(millis < 0.1, millis + " ms of CPU per update");
    }

    /** CPU time of the engine's thread, which others on the machine do not touch. */
    private static long cpuNanos() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long nanos = 0;
        for (long id : threads.getAllThreadIds()) {
            ThreadInfo info = threads.getThreadInfo(id);
            nanos += info != null && info.getThreadName().equals("kelp-devicetwin") ? threads.getThreadCpuTime(id) : 0;
        }
        return nanos;
    }

    private void run(int updates) {
        for (int i = 0; i < updates; i++) {
            gateway.twins.message("$hw/events/device/d" + i % 50 + "/twin/update",
                    ("{\"event_id\":\"\",\"timestamp\":0,\"twin\":{\"status\":{\"actual\":{\"value\":\"" + i + "\"},\"metadata\":{\"type\":\"Updated\"}}}}")
                            .getBytes(StandardCharsets.UTF_8));
            if (i % 100 == 99) {
                gateway.settle(); // 100 outstanding
                gateway.published();
                gateway.sent();
            }
        }
    }
}
