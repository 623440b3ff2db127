package io.kelp.mapper.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.devicetwin.DeviceTwins.Device;
import io.kelp.devicetwin.DeviceTwins.DeviceId;
import io.kelp.devicetwin.DeviceTwins.Generation;
import io.kelp.devicetwin.DeviceTwins.Twin;
import io.kelp.devicetwin.DeviceTwins.Value;
import io.kelp.mapper.ConfigurationException;
import io.kelp.mapper.DeviceConfig;
import io.kelp.mapper.DeviceProperty.AccessMode;
import io.kelp.mapper.PropertyType;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeviceConfigReaderTest {

    private static final String[] OTHERS = {"null", "[]", "{}", "\"\"", "true", "-1", "1e999", "\"1e999999999\"", "99999999999999999999",
        "[[{}]]", "{\"a\":[null]}", "\"int\"", "{\"int\":3}", "[7]"};

    private final DeviceConfigReader reader = new DeviceConfigReader(Duration.ofMillis(50), new ReportRule.Defaults(Duration.ofSeconds(60), true));

    private DeviceConfig read(Generation generation, String device, String model, Map<String, Twin> twins) throws ConfigurationException {
        return reader.read(new Device(new DeviceId("default", "pump"), generation, FakeTwins.json(device),
                model == null ? null : FakeTwins.json(model), "", twins)).config();
    }

    /** The object of the given kind in the first recorded message that has one. */
    private static JsonObject recorded(String file, String kind) throws IOException {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                DeviceConfigReaderTest.class.getResourceAsStream(file), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonObject event = JsonParser.parseString(line).getAsJsonObject();
                if (event.has("msg") && event.get("msg").isJsonObject()) {
                    JsonObject message = event.getAsJsonObject("msg");
                    if (message.has("content") && message.get("content").isJsonObject()
                            && kind.equals(Json.text(message.getAsJsonObject("content"), "kind"))) {
                        return message.getAsJsonObject("content");
                    }
                }
            }
        }
        throw new IllegalStateException("no " + kind + " in " + file);
    }

    @Test
    void readsTheRecordedModernDevice() throws Exception {
        String file = "/vectors/04-devices-v1beta1/01-create.jsonl";
        DeviceConfig pump = reader.read(new Device(new DeviceId("default", "pump"), Generation.MODERN,
                recorded(file, "Device"), recorded(file, "DeviceModel"), "", Map.of())).config();

        assertEquals("modbus", pump.protocol());
        assertEquals("pump-model", pump.model());
        assertEquals(502, pump.settings().whole("port", 1, 65535));
        assertEquals(List.of("switch", "temp", "ratio"), pump.properties().stream().map(p -> p.name()).toList());
        var temp = pump.requiredProperty("temp");
        assertEquals(PropertyType.INT, temp.type());
        assertEquals(0.0, temp.minimum());
        assertEquals(100.0, temp.maximum());
        assertEquals("degree", temp.unit());
        assertEquals(Duration.ofSeconds(1), temp.collectCycle());
        var visitor = pump.requiredProperty("switch").visitor();
        assertEquals("CoilRegister", visitor.oneOf("Register", "CoilRegister", "HoldingRegister"));
        assertEquals(2, visitor.whole("offset", 0, 65535));
        assertEquals(1.5, visitor.real("scale", -10, 10));
        assertEquals(List.of("1", "2.5", "x", "true"), visitor.section("nested").texts("a"));
        assertEquals(AccessMode.READ_ONLY, pump.requiredProperty("ratio").access());
    }

    @Test
    void readsTheRecordedCounterOfTheClassicDemo() throws Exception {
        String file = "/vectors/05-classic-v1.14/02-counter-demo.jsonl";
        DeviceConfig counter = reader.read(new Device(new DeviceId("default", "counter"), Generation.CLASSIC,
                recorded(file, "Device"), recorded(file, "DeviceModel"), "",
                Map.of("status", new Twin("string", new Value("OFF", 1), new Value("0", 1))))).config();

        assertEquals("", counter.protocol());
        assertEquals("counter-model", counter.model());
        assertEquals(1, counter.properties().size());
        assertEquals(PropertyType.STRING, counter.requiredProperty("status").type());
        assertTrue(counter.requiredProperty("status").writable());
        assertEquals(DeviceConfigReader.DEFAULT_CYCLE, counter.requiredProperty("status").collectCycle());
    }

    @Test
    void flattensTheSectionsOfAClassicDevice() throws Exception {
        DeviceConfig device = read(Generation.CLASSIC, """
                {"spec":{"protocol":{"modbus":{"slaveID":3},"common":{"com":{"serialPort":"/dev/ttyS1","baudRate":9600,"parity":"even"},
                 "collectTimeout":7,"customizedValues":{"serialType":"RS485"}}},
                 "propertyVisitors":[{"propertyName":"t","collectCycle":500000000,"reportCycle":1000000000,
                  "modbus":{"register":"HoldingRegister","offset":2,"scale":0.1}}]}}""",
                """
                {"spec":{"properties":[{"name":"t","type":{"double":{"accessMode":"ReadOnly","minimum":-5,"maximum":80.5,"unit":"C"}}},
                 {"name":"u","type":{"int":{"accessMode":"ReadWrite"}}}]}}""", Map.of());

        assertEquals("modbus", device.protocol());
        assertEquals(3, device.settings().whole("slaveID", 0, 255));
        assertEquals("RS485", device.settings().text("serialType"));
        assertEquals("/dev/ttyS1", device.settings().text("serialPort"));
        assertEquals(7, device.settings().whole("collectTimeout", 0, 100));
        var t = device.requiredProperty("t");
        assertEquals(Duration.ofMillis(500), t.collectCycle());
        assertEquals(Duration.ofSeconds(1), t.reportCycle());
        assertEquals(80.5, t.maximum());
        assertEquals(0.1, t.visitor().real("scale", 0, 1));
        assertNull(device.requiredProperty("u").minimum());
    }

    @Test
    void modelGivesDefaultsForSettingsVisitorsAndProtocol() throws Exception {
        DeviceConfig device = read(Generation.MODERN,
                "{'spec':{'protocol':{'configData':{'port':503}},'properties':[{'name':'t','visitors':{'configData':{'offset':9}}}]}}",
                "{'spec':{'protocol':'modbus','protocolConfigData':{'port':502,'unit':1},'properties':[{'name':'t','type':'FLOAT',"
                        + "'visitors':{'protocolName':'modbus','configData':{'offset':1,'limit':2}}}]}}", Map.of());
        assertEquals("modbus", device.protocol());
        assertEquals(503, device.settings().whole("port", 1, 65535));
        assertEquals(1, device.settings().whole("unit", 0, 9));
        assertEquals(9, device.requiredProperty("t").visitor().whole("offset", 0, 99));
        assertEquals(2, device.requiredProperty("t").visitor().whole("limit", 0, 99));
    }

    @Test
    void aDeviceKnownByMembershipAloneHasThePropertiesOfItsTwins() throws Exception {
        DeviceConfig device = reader.read(new Device(new DeviceId("default", "pump"), Generation.CLASSIC, null, null, "",
                Map.of("x", new Twin("int", null, null), "y", new Twin("Updated", null, null)))).config();
        assertEquals(PropertyType.INT, device.requiredProperty("x").type());
        assertEquals(PropertyType.STRING, device.requiredProperty("y").type());
    }

    @ParameterizedTest
    @CsvSource({"MODERN,0,1000", "MODERN,1000,1000", "MODERN,10,50", "MODERN,10000000000,10000", "MODERN,-1,0", "MODERN,999999999,86400000",
        "CLASSIC,0,1000", "CLASSIC,1000000000,1000", "CLASSIC,500,500", "CLASSIC,1000000,50", "CLASSIC,-1,0"})
    void cyclesAreInTheUnitOfTheirGeneration(Generation generation, long written, long millis) throws Exception {
        String property = generation == Generation.MODERN ? "'properties':[{'name'" : "'propertyVisitors':[{'propertyName'";
        DeviceConfig device = read(generation, "{'spec':{" + property + ":'t','collectCycle':" + written + "}]}}", null, Map.of());
        assertEquals(millis, device.requiredProperty("t").collectCycle().toMillis());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "'type':'INTEGERS'|device default/pump, property t, key type: type \"INTEGERS\" is not one of INT, FLOAT, DOUBLE, STRING, BOOLEAN, BYTES, STREAM",
        "'type':'INT','minimum':'low'|device default/pump, property t, key minimum: \"low\" is not a number from",
    })
    void mistakesInAModelAreNamed(String property, String message) {
        String why = assertThrows(ConfigurationException.class, () -> read(Generation.MODERN, "{'spec':{'properties':[{'name':'t'}]}}",
                "{'spec':{'properties':[{'name':'t'," + property + "}]}}", Map.of())).getMessage();
        assertTrue(why.startsWith(message), why);
    }

    /** Whatever an object looks like, the outcome is a configuration or a sentence. */
    @Test
    @Tag("slow")
    void survivesObjectsOfAnyShape() throws Exception {
        String[] files = {"/vectors/04-devices-v1beta1/01-create.jsonl", "/vectors/05-classic-v1.14/02-counter-demo.jsonl"};
        Random random = new Random(11);
        int read = 0;
        for (int i = 0; i < 20_000; i++) {
            String file = files[i % 2];
            JsonObject broken = mutate(recordedObject(file, i % 4 < 2 ? "Device" : "DeviceModel"), random);
            try {
                reader.read(new Device(new DeviceId("default", "pump"), Generation.values()[i % 2],
                        i % 4 < 2 ? broken : recordedObject(file, "Device"), i % 4 < 2 ? recordedObject(file, "DeviceModel") : broken, "", Map.of())).config();
                read++;
            } catch (ConfigurationException e) {
                assertTrue(e.getMessage().startsWith("device default/pump, property "), e.getMessage());
            }
        }
        assertTrue(read > 10_000, read + " read");
    }

    private final Map<String, JsonObject> objects = new java.util.HashMap<>();

    private JsonObject recordedObject(String file, String kind) throws IOException {
        JsonObject object = objects.get(file + kind);
        if (object == null) {
            object = recorded(file, kind);
            object.getAsJsonObject("metadata").remove("managedFields");
            objects.put(file + kind, object);
        }
        return object;
    }

    /** Replaces one value by another of any kind, at random. */
    private static JsonObject mutate(JsonObject object, Random random) {
        JsonObject copy = object.deepCopy();
        List<Consumer<JsonElement>> places = new ArrayList<>();
        places(copy, places);
        places.get(random.nextInt(places.size())).accept(JsonParser.parseString(OTHERS[random.nextInt(OTHERS.length)]));
        return copy;
    }

    private static void places(JsonElement element, List<Consumer<JsonElement>> places) {
        if (element.isJsonObject()) {
            element.getAsJsonObject().entrySet().forEach(e -> {
                places.add(e::setValue);
                places(e.getValue(), places);
            });
        } else if (element.isJsonArray()) {
            for (int i = 0; i < element.getAsJsonArray().size(); i++) {
                int index = i;
                places.add(other -> element.getAsJsonArray().set(index, other));
                places(element.getAsJsonArray().get(i), places);
            }
        }
    }
}
