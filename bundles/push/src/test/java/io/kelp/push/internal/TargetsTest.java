package io.kelp.push.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import io.kelp.devicetwin.DeviceTwins.Device;
import io.kelp.devicetwin.DeviceTwins.DeviceId;
import io.kelp.devicetwin.DeviceTwins.Generation;
import io.kelp.devicetwin.DeviceTwins.Quality;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TargetsTest {

    private static final DeviceId PUMP = new DeviceId("plant", "pump");

    private static Targets.Found read(String pushMethod) {
        return Targets.read(new Device(PUMP, Generation.MODERN, JsonParser.parseString(
                "{'spec':{'properties':[{'name':'speed','pushMethod':" + pushMethod + "},{'name':'quiet'}]}}").getAsJsonObject(), null, "", Map.of()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            'hostName':'host','port':8080,'requestPath':'/in','timeout':3     | http://host:8080  | /in   | 3000
            'hostName':'http://Host','port':8080,'requestPath':'in'           | http://host:8080  | /in   | 0
            'hostName':'https://host','requestPath':'/in?x=1'                 | https://host:443  | /in?x=1 | 0
            'hostName':'10.0.0.1','port':0,'requestPath':'','timeout':2500    | http://10.0.0.1:80 | /    | 2500
            'hostName':'http://host:99','requestPath':'/'                     | http://host:99    | /     | 0
            """)
    void httpServersAreReadWithOrWithoutScheme(String http, String destination, String path, int timeout) {
        assertEquals(new Targets.Found(Map.of("speed", List.of(new Target(destination, path, 0, false, timeout))), List.of()), read("{'http':{" + http + "}}"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            'address':'tcp://127.0.0.1:1883','topic':'a/b','qos':1,'retained':true | tcp://127.0.0.1:1883 | 1 | true
            'address':'broker','topic':'a/b'                                       | tcp://broker:1883    | 0 | false
            'address':'mqtts://broker','topic':'a/b','qos':2                       | ssl://broker:8883    | 2 | false
            """)
    void brokersAreRead(String mqtt, String destination, int qos, boolean retained) {
        assertEquals(Map.of("speed", List.of(new Target(destination, "a/b", qos, retained, 0))), read("{'mqtt':{" + mqtt + "}}").of());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {'http':{'hostName':'host','port':70000}}          | plant/pump speed: http.port is 70000; allowed are 1 to 65535
            {'http':{'port':80}}                               | plant/pump speed: http.hostName is ""; allowed is a host name, with or without port
            {'http':{'hostName':'u:p@host'}}                   | plant/pump speed: http.hostName is "u:p@host"; allowed is a host name, with or without port
            {'http':{'hostName':'h','requestPath':'/a b'}}     | plant/pump speed: http.requestPath is /a b; allowed are at most 2048 printable characters without blanks
            {'mqtt':{'address':'h','topic':'a/+'}}             | plant/pump speed: mqtt.topic is "a/+"; allowed is a topic without + and #
            {'mqtt':{'address':'ws://h','topic':'a'}}          | plant/pump speed: mqtt.address is ws://h; allowed are tcp://, mqtt://, ssl:// and mqtts://
            {'mqtt':{'address':'h','topic':'a','qos':3}}       | plant/pump speed: mqtt.qos is 3; allowed are 0 to 2
            {'otel':{'endpointURL':'http://h'}}                | plant/pump speed: pushMethod.otel is not supported by Kelp, only http and mqtt
            {'dbMethod':{'redis':{}}}                          | plant/pump speed: pushMethod.dbMethod is not supported by Kelp, only http and mqtt
            """)
    void whatIsWrongIsSaidWithDevicePropertyKeyAndAllowedValues(String method, String fault) {
        assertEquals(List.of(fault), read(method).faults());
        assertTrue(read(method).of().isEmpty());
    }

    private static Item item(String text, String type, Quality quality) {
        return new Item(new Target("http://h:80", "/in", 0, false, 0), PUMP, "speed", type, text, 1_900_000_000_000L, quality, 1_900_000_000_001L);
    }

    @Test
    void theFormOfKubeEdgeIsByteForByte() {
        Payloads payloads = new Payloads(false, ZoneOffset.UTC);
        assertEquals("speed=21.5&time=2030-03-17 17:46:40", new String(payloads.http(item("21.5", "float", Quality.GOOD)), StandardCharsets.UTF_8));
        assertEquals("speed=a%26b%3Dc&time=2030-03-17 17:46:40", new String(payloads.http(item("a&b=c", "string", Quality.GOOD)), StandardCharsets.UTF_8));
        Item mqtt = new Item(new Target("tcp://h:1883", "plant/speed", 0, false, 0), PUMP, "speed", "int", "7", 1_900_000_000_000L, Quality.GOOD, 0);
        assertEquals("time is 2030-03-17 17:46:40  plant/speed: 7", new String(payloads.mqtt(mqtt), StandardCharsets.UTF_8));
    }

    @Test
    void jsonHasTypedValues() {
        Payloads payloads = new Payloads(true, ZoneOffset.UTC);
        assertEquals("{\"device\":\"pump\",\"namespace\":\"plant\",\"property\":\"speed\",\"value\":21.5,\"type\":\"float\",\"timestamp\":1900000000000,"
                + "\"quality\":\"uncertain\"}", new String(payloads.http(item("21.5", "float", Quality.UNCERTAIN)), StandardCharsets.UTF_8));
        assertTrue(new String(payloads.http(item("21.5", "string", Quality.GOOD)), StandardCharsets.UTF_8).contains("\"value\":\"21.5\""));
        assertTrue(new String(payloads.http(item("true", "boolean", Quality.GOOD)), StandardCharsets.UTF_8).contains("\"value\":true"));
        assertTrue(new String(payloads.http(item("NaN", "float", Quality.GOOD)), StandardCharsets.UTF_8).contains("\"value\":\"NaN\""));
        assertTrue(new String(payloads.http(item(null, "float", Quality.BAD)), StandardCharsets.UTF_8).contains("\"quality\":\"bad\""));
    }

    @Test
    void queuedValuesComeBackFromTheDisk() throws IOException {
        for (Item item : List.of(item("21.5", "float", Quality.GOOD), item(null, "int", Quality.BAD), item("ä".repeat(70_000), "string", Quality.UNCERTAIN))) {
            assertEquals(item, Item.CODEC.read(Item.CODEC.write(item)));
        }
    }
}
