package io.kelp.devicetwin.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import io.kelp.control.ControlCommand.Result;
import io.kelp.edgehub.CloudLink.Peer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code kelp device}. */
class DeviceCommandTest {

    private final Gateway gateway = Gateway.start();
    private final DeviceCommand command = new DeviceCommand(gateway.twins);

    @BeforeEach
    void devices() {
        gateway.connect(Peer.KELP);
        gateway.push("insert", "default/devicemodel/pump-model", CloudObjectTest.model("INT"));
        gateway.push("insert", "default/device/pump", CloudObjectTest.modern("u1", "5", "20"));
        gateway.push("insert", "default/device/counter", CloudObjectTest.classic("u2", "5", "ON", "0"));
        Gateway.await(gateway.twins.report(Gateway.id("counter"), Map.of("status", "17")));
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    private Result run(String... words) {
        return command.run(List.of(words));
    }

    @Test
    void listShowsEachDevice() {
        Result result = run("list");
        assertEquals(0, result.exitCode());
        assertEquals(3, result.lines().size());
        assertTrue(result.lines().get(1).matches("default/counter +classic +- +status=17\\(ON\\)"), result.lines().toString());
    }

    @Test
    void getShowsDesiredAndReported() {
        Result result = run("get", "default/counter");
        assertEquals(0, result.exitCode());
        assertTrue(result.lines().stream().anyMatch(line -> line.matches("status +string +ON +17 +20.*Z")), result.lines().toString());
        assertEquals(result, run("get", "counter"));
    }

    @Test
    void setSetsTheDesiredValue() {
        assertEquals(Result.ok("default/counter: status shall be OFF"), run("set", "counter", "status", "OFF"));
        assertEquals("OFF", gateway.desired("counter", "status"));
    }

    @Test
    void errorsSayWhatIsWrongAndWhatThereIs() {
        assertEquals(Result.failed(3, "There is no device nope on this gateway; there are: default/counter, default/pump."), run("get", "nope"));
        assertEquals(Result.failed(1, "Device default/counter has no property nope; it has status"), run("set", "counter", "nope", "1"));
        assertEquals(Result.failed(1, "Device default/pump, property switch: \"warm\" is no value of type int"), run("set", "pump", "switch", "warm"));
        assertEquals(Result.failed(1, "Device default/pump, property switch: 101 is beyond the maximum 100 of the device model"), run("set", "pump", "switch", "101"));
        assertEquals(Result.failed(1, "Device default/pump, property switch: -1 is beyond the minimum 0 of the device model"), run("set", "pump", "switch", "-1"));
        assertEquals(0, run("set", "pump", "switch", "100").exitCode());
        assertEquals(Result.failed(1, "Device default/pump, property ratio: it is read-only according to the device model"), run("set", "pump", "ratio", "1"));
        assertEquals(2, run("set", "pump").exitCode());
        assertEquals(2, run().exitCode());
        assertEquals(2, run("list", "x").exitCode());
    }

    @Test
    void setIsRefusedByTheModelAlsoWhenTheTwinIsOlderThanIt() {
        gateway.push("insert", "default/device/late", Gateway.json(CloudObjectTest.modern("u4", "5", "1").toString().replace("pump-model", "late-model")
                .replace("\"name\":\"pump\"", "\"name\":\"late\"").replace('"', '\'').replace("'desired':{'value':'1'},", "")));
        Gateway.await(gateway.twins.report(Gateway.id("late"), Map.of("switch", "1")));
        gateway.push("insert", "default/devicemodel/late-model", Gateway.json(CloudObjectTest.model("INT").toString().replace("pump-model", "late-model")));
        assertEquals(1, run("set", "late", "switch", "warm").exitCode(), run("set", "late", "switch", "warm").lines().toString());
        assertEquals(1, run("set", "late", "switch", "101").exitCode());
    }

    @Test
    void furtherVerbsAreFoundAndNamed() {
        command.addVerb(new io.kelp.devicetwin.DeviceVerb() {
            @Override
            public String verb() {
                return "shake";
            }

            @Override
            public List<String> usage() {
                return List.of("device shake NAME [HARD]           shakes it");
            }

            @Override
            public Result run(io.kelp.devicetwin.DeviceTwins.Device device, List<String> arguments) {
                return Result.ok(device.id() + " " + arguments);
            }
        });
        assertEquals(Result.ok("default/pump [hard]"), run("shake", "pump", "hard"));
        assertEquals(3, run("shake", "nope").exitCode());
        assertEquals(2, run("shake").exitCode());
        Result unknown = run("stir", "pump");
        assertEquals(2, unknown.exitCode());
        assertEquals("There is no device stir; there are list, get, set, shake. Usage:", unknown.lines().get(0));
        assertTrue(unknown.lines().contains("  kelp device shake NAME [HARD]           shakes it"), unknown.lines().toString());
    }

    @Test
    void getSaysWhatIsWrongWithAValue() {
        Gateway.await(gateway.twins.reportError(Gateway.id("counter"), "status", "it is jammed"));
        Gateway.await(gateway.twins.reportReadings(Gateway.id("counter"), Map.of("status",
                new io.kelp.devicetwin.DeviceTwins.Reading("17", 5, io.kelp.devicetwin.DeviceTwins.Quality.UNCERTAIN, true))));
        List<String> lines = run("get", "counter").lines();
        assertEquals(List.of("status: the quality of the reported value is uncertain", "status: the desired value was not taken: it is jammed"),
                lines.subList(lines.size() - 2, lines.size()));
    }

    @Test
    void aNameInTwoNamespacesNeedsTheNamespace() {
        JsonObject plant = CloudObjectTest.modern("u3", "5", "7");
        DeviceObject.object(plant, "metadata").addProperty("namespace", "plant");
        gateway.push("insert", "plant/device/pump", plant);
        assertEquals(Result.failed(2, "The name pump means several devices: default/pump, plant/pump. Give the namespace, too."), run("get", "pump"));
        assertEquals(0, run("get", "plant/pump").exitCode());
    }

    @Test
    void classicModelsHaveTheirBoundsUnderTheType() {
        gateway.push("insert", "default/devicemodel/counter-model", Gateway.json("{'metadata':{'name':'counter-model','namespace':'default','uid':'m2',"
                + "'resourceVersion':'1'},'spec':{'properties':[{'name':'status','type':{'string':{'accessMode':'ReadOnly'}}}]}}"));
        assertEquals(Result.failed(1, "Device default/counter, property status: it is read-only according to the device model"), run("set", "counter", "status", "ON"));
    }
}
