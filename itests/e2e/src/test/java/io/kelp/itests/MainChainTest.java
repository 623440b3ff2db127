package io.kelp.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.testkit.Await;
import io.kelp.testkit.ControlPlane;
import io.kelp.testkit.GatewayProcess;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The main job: a counter on a gateway, switched from a real Kubernetes API. */
@Tag("chain")
@ExtendWith(Installation.class)
class MainChainTest {

    private static final Duration SOON = Duration.ofSeconds(20);

    private final ControlPlane plane;
    private final Installation.Gateways gateways;

    MainChainTest(ControlPlane plane, Installation.Gateways gateways) {
        this.plane = plane;
        this.gateways = gateways;
    }

    @Test
    void patchSwitchesTheCounterAndItsCountAppearsInTheApi() {
        try (GatewayProcess gateway = gateways.joined("main")) {
            gateway.start();
            Await.until("the Node is Ready", SOON, () -> plane.readiness(gateway.node()).equals("True"));
            gateway.installMapper("counter");
            String device = gateway.node() + "-counter";
            plane.apply(Devices.counterModel(device));
            plane.apply(Devices.counter(device, device, gateway.node()));
            Await.until("OFF is reported", SOON, () -> Devices.reported(plane, device, "status").equals("OFF"));

            plane.patch("default", "device", device, Devices.desired("ON"));

            Await.until("ON is reported", SOON, () -> Devices.reported(plane, device, "status").equals("ON"));
            Await.until("it counts", SOON, () -> Integer.parseInt(Devices.reported(plane, device, "count")) >= 2);
            String before = Devices.reported(plane, device, "count");
            Await.until("it counts on", SOON, () -> !Devices.reported(plane, device, "count").equals(before));

            plane.patch("default", "device", device, Devices.desired("OFF"));
            Await.until("OFF is reported again", SOON, () -> Devices.reported(plane, device, "status").equals("OFF"));
        }
    }

    @Test
    void desiredValueAndMapperSurviveKillAndRestart() {
        try (GatewayProcess gateway = gateways.joined("restart")) {
            gateway.start().installMapper("counter");
            String device = gateway.node() + "-counter";
            plane.apply(Devices.counterModel(device));
            plane.apply(Devices.counter(device, device, gateway.node()));
            plane.patch("default", "device", device, Devices.desired("ON"));
            Await.until("it counts", SOON, () -> Integer.parseInt(Devices.reported(plane, device, "count")) >= 1);

            gateway.kill();
            gateway.start();

            assertTrue(gateway.kelp("mapper", "list").orFail().contains("counter"));
            String before = Devices.reported(plane, device, "count");
            Await.until("it counts again", SOON, () -> !Devices.reported(plane, device, "count").equals(before));
            assertTrue(gateway.kelp("device", "get", device).orFail().contains("ON"));
        }
    }

    @Test
    void aClassicForeignMapperSeesDesiredValuesAndItsReportsReachTheApi() throws Exception {
        try (GatewayProcess gateway = gateways.joined("classic")) {
            gateway.start();
            String device = gateway.node() + "-pi";
            try (ForeignCounter mapper = new ForeignCounter(gateway.mqttPort(), device)) {
                plane.apply(Devices.classicModel(device));
                plane.apply(Devices.classic(device, device, gateway.node()));
                Await.until("the mapper is told OFF", SOON, () -> mapper.desired().equals("OFF"));

                plane.patch("default", "devices.v1alpha2.devices.kubeedge.io", device, """
                        {"status":{"twins":[{"propertyName":"status","desired":{"value":"ON","metadata":{"timestamp":"1700","type":"string"}},
                        "reported":{"value":"1","metadata":{"timestamp":"1700","type":"string"}}}]}}""");

                Await.until("the mapper is told ON", SOON, () -> mapper.desired().equals("ON"));
                Await.until("its count is in the API", SOON, () -> Integer.parseInt(Devices.reported(plane, device, "status")) > 1);
                String json = plane.get("default", "devices.v1alpha2.devices.kubeedge.io", device).orElseThrow().toString();
                assertTrue(json.contains("\"desired\":{\"metadata\":{\"timestamp\":\"1700\",\"type\":\"string\"},\"value\":\"ON\"}")
                        || json.contains("\"value\":\"ON\""), json);
            }
        }
    }

    @Test
    void desiredValuesOfModernDevicesReachMqttToo() throws Exception {
        try (GatewayProcess gateway = gateways.joined("modern-mqtt")) {
            gateway.start();
            String device = gateway.node() + "-m";
            try (ForeignCounter mapper = new ForeignCounter(gateway.mqttPort(), "default/" + device)) {
                plane.apply(Devices.counterModel(device));
                plane.apply(Devices.counter(device, device, gateway.node()));
                Await.until("the mapper is told OFF", SOON, () -> mapper.desired().equals("OFF"));
                plane.patch("default", "device", device, Devices.desired("ON"));
                Await.until("the mapper is told ON", SOON, () -> mapper.desired().equals("ON"));
            }
        }
    }

    @Test
    void aDeletedAndRecreatedDeviceStartsAfresh() {
        try (GatewayProcess gateway = gateways.joined("recreate")) {
            gateway.start().installMapper("counter");
            String device = gateway.node() + "-c";
            plane.apply(Devices.counterModel(device));
            plane.apply(Devices.counter(device, device, gateway.node()));
            Await.until("it is there", SOON, () -> gateway.kelp("device", "list").orFail().contains(device));

            plane.kubectl("", "-n", "default", "delete", "device", device).orFail();
            Await.until("it is gone", SOON, () -> !gateway.kelp("device", "list").orFail().contains(device));

            plane.apply(Devices.counter(device, device, gateway.node()));
            plane.patch("default", "device", device, Devices.desired("ON"));
            Await.until("ON is reported", SOON, () -> Devices.reported(plane, device, "status").equals("ON"));
        }
    }

    @Test
    void localCommandsAnswerAndRefuseClearly() {
        try (GatewayProcess gateway = gateways.joined("local")) {
            gateway.start();
            assertEquals(gateway.node(), gateway.status().get("node").getAsString());
            assertEquals(gateway.mqttPort(), gateway.status().get("mqttPort").getAsInt());
            Await.until("the link is up", SOON, () -> gateway.linkState().equals("CONNECTED"));
            var missing = gateway.kelp("device", "get", "no-such-device");
            assertNotEquals(0, missing.exitCode());
            assertTrue((missing.err() + missing.out()).contains("no-such-device"), missing.toString());
        }
    }
}
