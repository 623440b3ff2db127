package io.kelp.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import io.kelp.testkit.Await;
import io.kelp.testkit.CloudProcess;
import io.kelp.testkit.ControlPlane;
import io.kelp.testkit.GatewayProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Calls of methods that come at a bad moment: none runs twice, and each ends with the truth. */
@Tag("slow")
@ExtendWith(Installation.class)
class MethodCallTest {

    private static final Duration SOON = Duration.ofSeconds(40);
    private static final String SLOW = "latency: 3000";
    private static final Pattern READS = Pattern.compile("reads +\\S+ +\\S+ +([0-9]+) ");
    private static final int COUNT = 100_000;

    private final ControlPlane plane;
    private CloudProcess cloud;

    MethodCallTest(ControlPlane plane) {
        this.plane = plane;
    }

    @BeforeEach
    void start() {
        cloud = new CloudProcess(Installation.work().resolve("calls-" + System.nanoTime()), plane.kubeconfig()).start();
    }

    @AfterEach
    void stop() {
        cloud.close();
    }

    @Test
    void aCallThatComesWithItsDeviceWaitsForIt() {
        try (GatewayProcess gateway = gateway("early")) {
            gateway.start();
            String before = gateway.node() + "-a";
            plane.apply(device(before, gateway.node(), "latency: 500") + Devices.call(before, before, "count", "reads: '7'", 60));
            Await.until("the gateway has the call", SOON, () -> phase(before).equals("Running"));
            gateway.installMapper("simulator"); // only now can anybody speak with the device
            awaitPhase(before, "Succeeded");

            String together = gateway.node() + "-b";
            plane.apply(device(together, gateway.node(), "latency: 500") + Devices.call(together, together, "count", "reads: '7'", 60));
            awaitPhase(together, "Succeeded");
        }
    }

    @Test
    void aCallOutlivesTheCloudServiceAndRunsOnce() {
        try (GatewayProcess gateway = gateway("outlives")) {
            String device = driven(gateway, SLOW);
            plane.apply(Devices.call(device, device, "count", "reads: '" + COUNT + "'", 60));
            Await.until("the gateway has the call", SOON, () -> phase(device).equals("Running"));
            cloud.kill();
            Await.until("the device has done it and counts on", SOON, () -> here(gateway, device) > COUNT + 1);
            List<Long> counts = new ArrayList<>(List.of(here(gateway, device)));
            cloud.start();
            awaitPhase(device, "Succeeded");
            assertTrue(number(status(device).getAsJsonObject("values").get("reads").getAsString()) >= COUNT, status(device).toString());
            Await.until("it counts on", SOON, () -> {
                counts.add(here(gateway, device));
                return counts.get(counts.size() - 1) > counts.get(0) + 3;
            });
            assertEquals(counts.stream().sorted().toList(), counts, "had it run twice, the counter would have begun anew");
        }
    }

    @Test
    void aCallInWhichTheGatewayDiesIsNotRunAgain() {
        try (GatewayProcess gateway = gateway("dies")) {
            String device = driven(gateway, SLOW);
            plane.apply(Devices.call(device, device, "count", "reads: '" + COUNT + "'", 60));
            Await.until("the gateway has the call", SOON, () -> phase(device).equals("Running"));
            gateway.crash();
            awaitPhase(device, "Failed");
            assertEquals("Interrupted", status(device).get("reason").getAsString());
            // The simulated device has forgotten all: a counter beyond the number of its reads would be a second run.
            Await.until("the device counts again", SOON, () -> number(Devices.reported(plane, device, "reads")) > 4);
            assertTrue(number(Devices.reported(plane, device, "reads")) < COUNT, Devices.reported(plane, device, "reads"));
            assertEquals("Failed", phase(device));
        }
    }

    @Test
    void aCallOfAGatewayThatIsAwayWaitsUntilItsDeadline() {
        try (GatewayProcess gateway = gateway("away")) {
            String device = driven(gateway, "latency: 0");
            gateway.kelp("stop").orFail();
            plane.apply(Devices.call(device, device, "count", "reads: '" + COUNT + "'", 10));
            Await.until("it says what it waits for", SOON, () -> phase(device).equals("Pending")
                    && status(device).get("message").getAsString().contains(gateway.node()));
            awaitPhase(device, "Failed");
            assertEquals("DeadlineExceeded", status(device).get("reason").getAsString());
            gateway.start();
            long before = number(Devices.reported(plane, device, "reads"));
            Await.until("it reports again", SOON, () -> number(Devices.reported(plane, device, "reads")) != before);
            assertTrue(number(Devices.reported(plane, device, "reads")) < COUNT, "what came too late is not done");

            String soon = device + "-soon";
            gateway.kelp("stop").orFail();
            plane.apply(Devices.call(soon, device, "count", "reads: '" + COUNT + "'", 60));
            Await.until("it waits", SOON, () -> phase(soon).equals("Pending"));
            gateway.start();
            awaitPhase(soon, "Succeeded");
        }
    }

    private GatewayProcess gateway(String name) {
        return new Installation.Gateways(cloud).joined(name);
    }

    /** A device that is driven and reports. */
    private String driven(GatewayProcess gateway, String settings) {
        gateway.start().installMapper("simulator");
        String device = gateway.node() + "-d";
        plane.apply(device(device, gateway.node(), settings));
        Await.until("it reports", SOON, () -> number(Devices.reported(plane, device, "reads")) >= 0);
        return device;
    }

    /** What the gateway has read itself. */
    private static long here(GatewayProcess gateway, String device) {
        Matcher count = READS.matcher(gateway.kelp("device", "get", device).orFail());
        return count.find() ? number(count.group(1)) : -1;
    }

    private static String device(String name, String node, String settings) {
        return """
                apiVersion: devices.kubeedge.io/v1beta1
                kind: DeviceModel
                metadata: {name: %1$s, namespace: default}
                spec: {protocol: simulator, properties: [{name: reads, type: INT, accessMode: ReadWrite}]}
                ---
                apiVersion: devices.kubeedge.io/v1beta1
                kind: Device
                metadata: {name: %1$s, namespace: default}
                spec:
                  deviceModelRef: {name: %1$s}
                  nodeName: %2$s
                  protocol: {protocolName: simulator, configData: {%3$s}}
                  properties:
                  - {name: reads, reportToCloud: true, collectCycle: 500, visitors: {protocolName: simulator, configData: {simulate: counter}}}
                  methods:
                  - {name: count, propertyNames: [reads]}
                """.formatted(name, node, settings);
    }

    private void awaitPhase(String call, String phase) {
        try {
            Await.until("call " + call + " is " + phase, SOON, () -> phase(call).equals(phase));
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + ", but " + status(call), e);
        }
    }

    private String phase(String call) {
        return status(call).has("phase") ? status(call).get("phase").getAsString() : "";
    }

    private JsonObject status(String call) {
        JsonObject object = plane.get("default", "devicemethodcall", call).orElseThrow();
        return object.has("status") ? object.getAsJsonObject("status") : new JsonObject();
    }

    private static long number(String text) {
        return text.matches("[0-9]+") ? Long.parseLong(text) : -1;
    }
}
