package io.kelp.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.testkit.Await;
import io.kelp.testkit.ControlPlane;
import io.kelp.testkit.GatewayProcess;
import io.kelp.testkit.Shell;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a plant sees of its devices with kubectl: values, faults, refusals, calls. The devices are those of the simulator mapper. */
@ExtendWith(Installation.class)
class DevicesTest {

    private static final Duration SOON = Duration.ofSeconds(20);

    private final ControlPlane plane;
    private final Installation.Gateways gateways;

    DevicesTest(ControlPlane plane, Installation.Gateways gateways) {
        this.plane = plane;
        this.gateways = gateways;
    }

    @Test
    void theSampleOfTheSimulatorTellsItsStory() throws Exception {
        try (GatewayProcess gateway = gateways.joined("sample")) {
            String device = sample(gateway);
            Await.until("it reports", SOON, () -> !Devices.reported(plane, device, "pressure").isEmpty());
            Await.until("what is desired is reported", SOON, () -> Devices.reported(plane, device, "setpoint").equals("6.0")
                    && Devices.reported(plane, device, "running").equals("true"));
            Await.until("kubectl get devices says that it is online", SOON, () -> row(device).contains("online"));
            assertTrue(row(device).contains(gateway.node()) && row(device).contains("simulator") && row(device).contains(device), row(device));

            gateway.kelp("device", "call", device, "fail", "fault=offline 5s").orFail();
            Await.until("it is offline", SOON, () -> row(device).contains("offline"));
            Await.until("it is back", SOON, () -> row(device).contains("online"));
            Await.until("the Events say that it was away", SOON, () -> event(device, "DeviceUnreachable").isPresent() && event(device, "DeviceReachable").isPresent());
            assertTrue(event(device, "DeviceReachable").orElseThrow().matches(".*[0-9]+ s.*"), "the Event names the duration: " + event(device, "DeviceReachable"));
        }
    }

    @Test
    void aRefusedValueIsAnEventAndAnErrorOnTheTwin() throws Exception {
        try (GatewayProcess gateway = gateways.joined("refused")) {
            String device = sample(gateway);
            Await.until("what is desired is reported", SOON, () -> Devices.reported(plane, device, "setpoint").equals("6.0"));
            desire(device, "11");
            Await.until("an Event says why", SOON, () -> event(device, "DesiredValueRefused").filter(e -> e.contains("11") && e.contains("1 to 10 bar")).isPresent());
            Await.until("so does the twin", SOON, () -> metadata(device, "setpoint", "error").contains("1 to 10 bar"));
            assertEquals("6.0", Devices.reported(plane, device, "setpoint"));
            Shell.Output set = gateway.kelp("device", "set", device, "setpoint", "12");
            assertNotEquals(0, set.exitCode());
            assertTrue((set.out() + set.err()).contains("maximum 10"), set.toString());

            desire(device, "7");
            Await.until("a good value is taken", SOON, () -> Devices.reported(plane, device, "setpoint").equals("7.0"));
            Await.until("and the error is gone", SOON, () -> metadata(device, "setpoint", "error").isEmpty());
        }
    }

    @Test
    void methodsAreCalledByObjectsAndByHand() throws Exception {
        try (GatewayProcess gateway = gateways.joined("methods")) {
            String device = sample(gateway);
            Await.until("what is desired is reported", SOON, () -> Devices.reported(plane, device, "setpoint").equals("6.0"));
            plane.apply(Devices.call("start-" + device, device, "start", "setpoint: '8', running: 'true'", 60));
            plane.kubectl("", "-n", "default", "wait", "--for=jsonpath={.status.phase}=Succeeded", "--timeout=20s", "devicemethodcall/start-" + device).orFail();
            JsonObject values = plane.get("default", "devicemethodcall", "start-" + device).orElseThrow().getAsJsonObject("status").getAsJsonObject("values");
            assertEquals("8.0", values.get("setpoint").getAsString());

            plane.apply(Devices.call("wrong-" + device, device, "start", "setpoint: '80'", 60));
            plane.kubectl("", "-n", "default", "wait", "--for=jsonpath={.status.phase}=Failed", "--timeout=20s", "devicemethodcall/wrong-" + device).orFail();
            String failed = plane.get("default", "devicemethodcall", "wrong-" + device).orElseThrow().getAsJsonObject("status").toString();
            assertTrue(failed.contains("ArgumentInvalid") && failed.contains("1 to 10 bar"), failed);

            Shell.Output reset = gateway.kelp("device", "call", device, "reset");
            reset.orFail();
            Shell.Output unknown = gateway.kelp("device", "call", device, "explode");
            assertNotEquals(0, unknown.exitCode());
            assertTrue((unknown.out() + unknown.err()).contains("reset"), "the error names the methods that there are: " + unknown);
        }
    }

    @Test
    void whatMustNotLeaveTheGatewayStaysThere() throws Exception {
        try (GatewayProcess gateway = gateways.joined("private")) {
            gateway.start().installMapper("simulator");
            String device = gateway.node() + "-d";
            plane.apply("""
                    apiVersion: devices.kubeedge.io/v1beta1
                    kind: DeviceModel
                    metadata: {name: %1$s, namespace: default}
                    spec: {protocol: simulator, properties: [{name: secret, type: INT, accessMode: ReadOnly}, {name: open, type: INT, accessMode: ReadOnly}]}
                    ---
                    apiVersion: devices.kubeedge.io/v1beta1
                    kind: Device
                    metadata: {name: %1$s, namespace: default}
                    spec:
                      deviceModelRef: {name: %1$s}
                      nodeName: %2$s
                      protocol: {protocolName: simulator, configData: {}}
                      properties:
                      - {name: secret, reportToCloud: false, collectCycle: 100, visitors: {protocolName: simulator, configData: {simulate: counter}}}
                      - {name: open, reportToCloud: true, collectCycle: 100, visitors: {protocolName: simulator, configData: {simulate: counter}}}
                    """.formatted(device, gateway.node()));
            Await.until("the open one is in the cloud", SOON, () -> number(Devices.reported(plane, device, "open")) > 20);
            assertEquals("", Devices.reported(plane, device, "secret"));
            String here = gateway.kelp("device", "get", device).orFail();
            assertTrue(here.matches("(?s).*secret +\\S+ +\\S+ +[0-9]+ .*"), "on the gateway it is seen: " + here);
        }
    }

    /** Examples of KubeEdge's API are taken as they are, but for the address, which is on loopback here; nobody answers there. */
    @Test
    void publishedExamplesApplyUnchanged() throws Exception {
        try (GatewayProcess gateway = gateways.named("edge-1")) {
            gateway.start().installMapper("modbus");
            plane.apply("""
                    apiVersion: devices.kubeedge.io/v1beta1
                    kind: DeviceModel
                    metadata: {name: pump-model, namespace: default}
                    spec: {protocol: modbus, properties: [{name: switch, type: STRING, accessMode: ReadWrite}]}
                    ---
                    apiVersion: devices.kubeedge.io/v1beta1
                    kind: Device
                    metadata: {name: pump, namespace: default}
                    spec:
                      deviceModelRef: {name: pump-model}
                      nodeName: edge-1
                      protocol: {protocolName: modbus, configData: {ip: 127.0.0.5, port: "502", slaveID: "1", communicateMode: TCP}}
                      properties:
                      - name: switch
                        desired: {value: 'OFF'}
                        collectCycle: 1000
                        reportCycle: 1000
                        reportToCloud: true
                        visitors: {protocolName: modbus, configData: {register: CoilRegister, offset: 2, limit: 1, dataType: boolean}}
                    ---
                    apiVersion: devices.kubeedge.io/v1beta1
                    kind: DeviceModel
                    metadata: {name: sensor-tag-model, namespace: default}
                    spec: {protocol: modbus, properties: [{name: temperature, type: INT, accessMode: ReadWrite, maximum: "100", unit: degree celsius}]}
                    ---
                    apiVersion: devices.kubeedge.io/v1beta1
                    kind: Device
                    metadata: {name: sensor-tag-instance-02, namespace: default, labels: {model: sensor-tag-model}}
                    spec:
                      deviceModelRef: {name: sensor-tag-model}
                      nodeName: edge-1
                      protocol:
                        protocolName: modbus
                        configData: {SerialPort: '/dev/ttyS0', BaudRate: '9600', DataBits: '8', Parity: 'even', StopBits: '1', SlaveID: '1'}
                      properties:
                      - name: temperature
                        desired: {value: "20"}
                        reportCycle: 1000
                        collectCycle: 1000
                        reportToCloud: true
                        visitors:
                          protocolName: modbus
                          configData: {Register: CoilRegister, Offset: '2', Limit: '1', Scale: '1', IsSwap: 'true', IsRegisterSwap: 'true'}
                    """);
            Await.until("both are driven and found silent", Duration.ofSeconds(40), () -> row("pump").contains("offline") && row("sensor-tag-instance-02").contains("offline"));
            String status = gateway.kelp("status").out();
            assertTrue(status.contains("127.0.0.5"), status);
        }
    }

    @Test
    void aForeignMapperOfTheClassicKindWorksBesideOurs() throws Exception {
        try (GatewayProcess gateway = gateways.joined("beside")) {
            String device = sample(gateway);
            String foreign = gateway.node() + "-pi";
            try (ForeignCounter mapper = new ForeignCounter(gateway.mqttPort(), foreign)) {
                plane.apply(Devices.classicModel(foreign));
                plane.apply(Devices.classic(foreign, foreign, gateway.node()));
                Await.until("the foreign mapper is told OFF", SOON, () -> mapper.desired().equals("OFF"));
                plane.patch("default", "devices.v1alpha2.devices.kubeedge.io", foreign, """
                        {"status":{"twins":[{"propertyName":"status","desired":{"value":"ON","metadata":{"timestamp":"1700","type":"string"}},
                        "reported":{"value":"1","metadata":{"timestamp":"1700","type":"string"}}}]}}""");
                Await.until("its count is in the API", SOON, () -> number(Devices.reported(plane, foreign, "status")) > 1);
                Await.until("so are the values of our mapper", SOON, () -> !Devices.reported(plane, device, "pressure").isEmpty());
                gateway.kelp("mapper", "remove", "simulator").orFail();
                String before = Devices.reported(plane, foreign, "status");
                Await.until("the foreign one counts on when ours is removed", SOON, () -> !Devices.reported(plane, foreign, "status").equals(before));
            }
        }
    }

    private String sample(GatewayProcess gateway) throws IOException {
        gateway.start().installMapper("simulator");
        String device = gateway.node() + "-pump";
        plane.apply(Devices.pumpStation(gateway, device));
        return device;
    }

    private void desire(String device, String setpoint) {
        JsonObject object = plane.get("default", "device", device).orElseThrow();
        JsonArray properties = object.getAsJsonObject("spec").getAsJsonArray("properties");
        for (JsonElement each : properties) {
            if (each.getAsJsonObject().get("name").getAsString().equals("setpoint")) {
                each.getAsJsonObject().getAsJsonObject("desired").addProperty("value", setpoint);
            }
        }
        plane.patch("default", "device", device, "{\"spec\":{\"properties\":" + properties + "}}");
    }

    private String row(String device) {
        return plane.kubectl("", "-n", "default", "get", "devices.v1beta1.devices.kubeedge.io", device, "--no-headers", "--ignore-not-found").orFail();
    }

    private Optional<String> event(String device, String reason) {
        String messages = plane.kubectl("", "-n", "default", "get", "events", "--field-selector",
                "involvedObject.kind=Device,involvedObject.name=" + device + ",reason=" + reason, "-o", "jsonpath={.items[*].message}").orFail();
        return Optional.of(messages).filter(m -> !m.isBlank());
    }

    private String metadata(String device, String property, String key) {
        JsonObject status = plane.get("default", "devicestatuses.devices.kubeedge.io", device).orElseThrow().getAsJsonObject("status");
        for (JsonElement twin : status.getAsJsonArray("twins")) {
            JsonObject each = twin.getAsJsonObject();
            if (each.get("propertyName").getAsString().equals(property) && each.get("reported") instanceof JsonObject reported
                    && reported.get("metadata") instanceof JsonObject metadata && metadata.has(key)) {
                return metadata.get(key).getAsString();
            }
        }
        return "";
    }

    private static long number(String text) {
        return text.matches("[0-9]+") ? Long.parseLong(text) : -1;
    }
}
