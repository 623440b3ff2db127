package io.kelp.cloud.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.cloud.hub.Delivery;
import io.kelp.cloud.kube.Await;
import io.kelp.cloud.kube.CustomResources;
import io.kelp.cloud.kube.KubeApi.PatchType;
import io.kelp.cloud.kube.KubeClient;
import io.kelp.cloud.kube.RealApiServer;
import io.kelp.message.Message;
import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("slow")
class DevicesRealServerTest {

    private static final String DEVICES = "/apis/devices.kubeedge.io/v1beta1/namespaces/default/devices";
    private static final String CLASSIC_DEVICES = "/apis/devices.kubeedge.io/v1alpha2/namespaces/default/devices";
    private static final String STATUSES = "/apis/devices.kubeedge.io/v1beta1/namespaces/default/devicestatuses";

    private static RealApiServer server;
    private static KubeClient client;
    private static KubeClient operator;

    @BeforeAll
    static void start() throws Exception {
        server = RealApiServer.start();
        client = server.client();
        operator = server.client();
        new CustomResources(client).install(Duration.ofSeconds(20)).get(30, TimeUnit.SECONDS);
        Await.until("served", 20, () -> client.get(STATUSES).handle((ok, problem) -> problem == null).join());
    }

    @AfterAll
    static void stop() throws Exception {
        if (server != null) {
            operator.close();
            client.close();
            server.close();
        }
    }

    private static JsonObject classic(String name, String node, String... properties) {
        JsonObject device = JsonParser.parseString("""
                {"apiVersion":"devices.kubeedge.io/v1alpha2","kind":"Device","metadata":{"name":"%s"},
                 "spec":{"deviceModelRef":{"name":"m"},"nodeSelector":{"nodeSelectorTerms":[{"matchExpressions":
                 [{"key":"","operator":"In","values":["%s"]}]}]}},"status":{"twins":[]}}""".formatted(name, node)).getAsJsonObject();
        JsonArray twins = device.getAsJsonObject("status").getAsJsonArray("twins");
        for (String property : properties) {
            twins.add(JsonParser.parseString("{'propertyName':'" + property + "','desired':{'value':'0','metadata':{'type':'int'}}}"));
        }
        return device;
    }

    private static JsonObject modern(String name, String node, String property) {
        return JsonParser.parseString("""
                {"apiVersion":"devices.kubeedge.io/v1beta1","kind":"Device","metadata":{"name":"%s"},
                 "spec":{"deviceModelRef":{"name":"m"},"nodeName":"%s","properties":[{"name":"%s","desired":{"value":"0"}}]}}"""
                .formatted(name, node, property)).getAsJsonObject();
    }

    private static Message report(String id, String property, String value, long timestamp) {
        return Message.create("twin", "resource", "update", "device/" + id + "/twin/edge_updated", JsonParser.parseString("""
                {"event_id":"","timestamp":%d,"twin":{"%s":{"actual":{"value":"%s","metadata":{"timestamp":%d}},
                 "optional":false,"metadata":{"type":"int"}}}}""".formatted(timestamp, property, value, timestamp)));
    }

    private static DeviceController controller(Delivery hub) throws Exception {
        DeviceController controller = new DeviceController(client, DeviceController.Settings.defaults());
        controller.start(hub).get(20, TimeUnit.SECONDS);
        return controller;
    }

    private static String reported(JsonObject status, String property, String side) {
        for (JsonElement element : Json.array(status, "twins")) {
            if (Json.text(element.getAsJsonObject(), "propertyName").equals(property)) {
                return Json.text(Json.object(element.getAsJsonObject(), side), "value");
            }
        }
        return "";
    }

    @Test
    void noDesiredValueIsLostWhileReportsAreWritten() throws Exception {
        FakeHub hub = new FakeHub("race-node", true);
        String[] properties = {"a", "b", "c", "d", "e"};
        try (DeviceController controller = controller(hub)) {
            operator.create(CLASSIC_DEVICES, classic("race", "race-node", properties)).get(10, TimeUnit.SECONDS);
            Await.until("device known", () -> controller.values().device("default", "race").isPresent());
            ScheduledExecutorService edge = Executors.newSingleThreadScheduledExecutor();
            AtomicLong reports = new AtomicLong();
            edge.scheduleAtFixedRate(() -> {
                long n = reports.incrementAndGet();
                controller.handle(hub, report("race", properties[(int) (n % 5)], Long.toString(n), n));
            }, 0, 10, TimeUnit.MILLISECONDS);
            // Fifty at a time, each to a place of its own, as kubectl patch --type=json does.
            for (int round = 1; round <= 10; round++) {
                List<CompletableFuture<JsonObject>> patches = new ArrayList<>();
                for (int i = 0; i < 5; i++) {
                    String patch = "[{\"op\":\"replace\",\"path\":\"/status/twins/" + i + "/desired/value\",\"value\":\"" + round + "\"}]";
                    patches.add(operator.patch(CLASSIC_DEVICES + "/race", PatchType.JSON, patch));
                }
                CompletableFuture.allOf(patches.toArray(CompletableFuture[]::new)).get(20, TimeUnit.SECONDS);
            }
            edge.shutdown();
            assertTrue(edge.awaitTermination(5, TimeUnit.SECONDS));
            JsonObject status = Json.object(operator.get(DEVICES + "/race").get(10, TimeUnit.SECONDS), "status");
            for (String property : properties) {
                assertEquals("10", reported(status, property, "desired"));
            }
            Await.until("the last reports", () -> {
                JsonObject now = Json.object(operator.get(DEVICES + "/race").join(), "status");
                return Arrays.stream(properties).mapToLong(p -> Long.parseLong("0" + reported(now, p, "reported"))).max().orElse(0) == reports.get();
            });
            JsonObject last = Json.object(operator.get(DEVICES + "/race").get(10, TimeUnit.SECONDS), "status");
            for (String property : properties) {
                assertEquals("10", reported(last, property, "desired"));
            }
        }
    }

    @Test
    void concurrentDesiredPatchesAndReportsOfManyDevicesAreBothKept() throws Exception {
        FakeHub hub = new FakeHub("many-node", true);
        try (DeviceController controller = controller(hub)) {
            CompletableFuture.allOf(IntStream.range(0, 50)
                    .mapToObj(i -> operator.create(CLASSIC_DEVICES, classic("many-" + i, "many-node", "p")))
                    .toArray(CompletableFuture[]::new)).get(30, TimeUnit.SECONDS);
            Await.until("devices known", () -> controller.values().devices().stream()
                    .filter(device -> device.node().equals("many-node")).count() == 50);
            List<CompletableFuture<JsonObject>> patches = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                controller.handle(hub, report("many-" + i, "p", "r" + i, i));
                patches.add(operator.patch(CLASSIC_DEVICES + "/many-" + i, PatchType.JSON,
                        "[{\"op\":\"replace\",\"path\":\"/status/twins/0/desired/value\",\"value\":\"d" + i + "\"}]"));
            }
            CompletableFuture.allOf(patches.toArray(CompletableFuture[]::new)).get(30, TimeUnit.SECONDS);
            for (int i = 0; i < 50; i++) {
                String path = DEVICES + "/many-" + i;
                String expected = "r" + i;
                Await.until("report of " + path, () -> reported(Json.object(operator.get(path).join(), "status"), "p", "reported").equals(expected));
                assertEquals("d" + i, reported(Json.object(operator.get(path).join(), "status"), "p", "desired"));
            }
        }
    }

    @SuppressWarnings("try") // it works by being there
    @Test
    void aPatchedDesiredValueIsWithTheHubWithinMilliseconds() throws Exception {
        FakeHub hub = new FakeHub("fast-node", true);
        try (DeviceController controller = controller(hub)) {
            operator.create(DEVICES, modern("fast", "fast-node", "p")).get(10, TimeUnit.SECONDS);
            Await.until("device delivered", () -> hub.has(m -> m.resource().equals("default/device/fast")));
            long[] micros = new long[100];
            for (int i = 0; i < micros.length; i++) {
                hub.take();
                long start = System.nanoTime();
                operator.patch(DEVICES + "/fast", PatchType.JSON,
                        "[{\"op\":\"replace\",\"path\":\"/spec/properties/0/desired/value\",\"value\":\"v" + i + "\"}]");
                while (!hub.has(m -> m.resource().equals("default/device/fast"))) {
                    assertTrue(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(5), "not delivered");
                    Thread.onSpinWait();
                }
                micros[i] = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - start);
            }
            Arrays.sort(micros);
            System.out.printf("patch at the API server -> handed to the hub: p50 %.1f ms, p99 %.1f ms%n", micros[50] / 1000.0, micros[99] / 1000.0);
            assertTrue(micros[50] < 100_000, "p50 " + micros[50] + " us");
        }
    }

    /** 100 devices on 100 nodes, 10 reports per second each: half of each generation. */
    @Test
    void underLoadTheApiServerIsNeverMoreThanTwoSecondsBehind() throws Exception {
        int devices = 100;
        FakeHub anyNode = new FakeHub("none", true);
        try (DeviceController controller = controller(anyNode)) {
            List<FakeHub> hubs = new ArrayList<>();
            List<CompletableFuture<JsonObject>> created = new ArrayList<>();
            for (int i = 0; i < devices; i++) {
                hubs.add(new FakeHub("load-node-" + i, true));
                created.add(i % 2 == 0
                        ? operator.create(DEVICES, modern("load-" + i, "load-node-" + i, "p"))
                        : operator.create(CLASSIC_DEVICES, classic("load-" + i, "load-node-" + i, "p")));
            }
            CompletableFuture.allOf(created.toArray(CompletableFuture[]::new)).get(30, TimeUnit.SECONDS);
            Await.until("devices known", () -> controller.values().devices().stream().filter(d -> d.name().startsWith("load-")).count() == devices);
            Map<String, Long> seen = new ConcurrentHashMap<>();
            operator.follow("/apis/devices.kubeedge.io/v1beta1/devicestatuses", Map.of(), object -> note(object, seen), null);
            operator.follow("/apis/devices.kubeedge.io/v1beta1/devices", Map.of(), object -> note(object, seen), null);
            long writesBefore = controller.writes();
            long start = System.currentTimeMillis();
            long oldest = 0;
            int seconds = Integer.getInteger("kelp.loadSeconds", 12);
            for (int round = 0; round < seconds * 10; round++) {
                long due = start + round * 100L;
                while (System.currentTimeMillis() < due) {
                    Thread.sleep(1);
                }
                long now = System.currentTimeMillis();
                for (int i = 0; i < devices; i++) {
                    controller.handle(hubs.get(i), report(i % 2 == 0 ? "default/load-" + i : "load-" + i, "p", Integer.toString(round), now));
                }
                if (round > 30) {
                    for (int i = 0; i < devices; i++) {
                        oldest = Math.max(oldest, System.currentTimeMillis() - seen.getOrDefault("load-" + i, start));
                    }
                }
            }
            double seconds1 = (System.currentTimeMillis() - start) / 1000.0;
            System.out.printf("%d devices x 10 reports/s for %.0f s: value at the API at most %d ms old, %.0f writes/s, %d failed%n",
                    devices, seconds1, oldest, (controller.writes() - writesBefore) / seconds1, controller.failedWrites());
            assertTrue(oldest < bound(2000), oldest + " ms");
            Await.until("all confirmed", 10, () -> hubs.stream().allMatch(hub -> hub.count() == seconds * 10));
        }
    }

    /** The bar of the idle machine; on one that is busy with other things the benchmark measures it, not this test. */
    private static long bound(long millis) {
        OperatingSystemMXBean system = ManagementFactory.getOperatingSystemMXBean();
        return system.getSystemLoadAverage() > 1.5 * system.getAvailableProcessors() ? 10 * millis : millis;
    }

    /** Remembers when the value was reported that a watcher of the API has just got. */
    private static String note(JsonObject object, Map<String, Long> seen) {
        String name = Json.text(Json.object(object, "metadata"), "name");
        for (JsonElement twin : Json.array(Json.object(object, "status"), "twins")) {
            String timestamp = Json.text(Json.object(Json.object(twin.getAsJsonObject(), "reported"), "metadata"), "timestamp");
            if (!timestamp.isEmpty()) {
                seen.merge(name, Long.parseLong(timestamp), Math::max);
            }
        }
        return name;
    }

    @Test
    void theFirstReportReachesTheStatusObjectWhichBelongsToTheDevice() throws Exception {
        FakeHub hub = new FakeHub("first-node", false);
        try (DeviceController controller = controller(hub)) {
            JsonObject device = operator.create(DEVICES, modern("first", "first-node", "p")).get(10, TimeUnit.SECONDS);
            Await.until("device known", () -> controller.values().device("default", "first").isPresent());
            controller.handle(hub, report("default/first", "p", "7", 1));
            Await.until("report written", () -> operator.get(STATUSES + "/first")
                    .handle((status, problem) -> problem == null && reported(Json.object(status, "status"), "p", "reported").equals("7")).join());
            JsonObject status = operator.get(STATUSES + "/first").get(10, TimeUnit.SECONDS);
            assertEquals(Json.text(Json.object(device, "metadata"), "uid"), DeviceStatus.of(status).ownerUid());
            assertEquals("7", controller.values().device("default", "first").orElseThrow().reported().get("p").value());
        }
    }
}
