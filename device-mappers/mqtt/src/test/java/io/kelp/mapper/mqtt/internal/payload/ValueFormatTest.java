package io.kelp.mapper.mqtt.internal.payload;

import static io.kelp.mapper.mqtt.internal.Devices.property;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.mapper.ConfigurationException;
import io.kelp.mapper.DeviceProperty;
import io.kelp.mapper.PropertyType;
import io.kelp.mapper.PropertyValue;
import io.kelp.mapper.Reading;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ValueFormatTest {

    private static ValueFormat format(PropertyType type, Map<String, ?> visitor) throws ConfigurationException {
        DeviceProperty property = property("p", type, visitor);
        return new ValueFormat(property, new Layers(property.visitor()), Map.of("device", "d1", "property", "p"),
                InstantSource.fixed(Instant.ofEpochMilli(1_700_000_000_000L)));
    }

    private static Map<String, Object> settings(String text) {
        Map<String, Object> settings = new HashMap<>();
        for (String pair : text == null ? new String[0] : text.split(";")) {
            settings.put(pair.substring(0, pair.indexOf('=')), pair.substring(pair.indexOf('=') + 1));
        }
        return settings;
    }

    private static String read(ValueFormat format, String payload) {
        Optional<Reading> reading = format.read(new Message("t", payload.getBytes(StandardCharsets.UTF_8), false));
        return reading.isEmpty() ? "nothing" : reading.get().value() == null ? "bad: " + reading.get().reason() : reading.get().value().asText();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "DOUBLE||21.5|21.5", "DOUBLE|| 21.5 |21.5", "DOUBLE||21,5|bad: \"21,5\" is not a number", "DOUBLE||NaN|bad: \"NaN\" is not a number",
        "INT||23|23", "INT||23.0|23", "INT||9223372036854775807|9223372036854775807", "INT||{\"p\":4}|4", "INT||{\"q\":4}|nothing", "INT||{\"p\":null}|bad: null is no value",
        "DOUBLE|path=a.b|{\"a\":{\"b\":1e3}}|1000.0", "DOUBLE|path=/a/1|{\"a\":[1,2]}|2.0", "DOUBLE|path=a|{\"a\":1e999}|bad: \"1e999\" is not a finite number",
        "DOUBLE|path=a|{\"a\":1e999999999}|bad: \"1e999999999\" is not a finite number", "DOUBLE|path=a|{\"a\":|bad: the message on t is no JSON",
        "DOUBLE|path=a|{\"a\":1}{\"a\":2}|bad: the message on t is no JSON", "STRING|path=a|{\"a\":{\"b\":[1,true]}}|{\"b\":[1,true]}",
        "BOOLEAN||ON|true", "BOOLEAN||off|false", "BOOLEAN||1|true", "BOOLEAN|onValue=OPEN;offValue=CLOSED|OPEN|true", "BOOLEAN|onValue=OPEN;offValue=CLOSED|CLOSED|false",
        "BOOLEAN|onValue=OPEN;offValue=CLOSED|ajar|bad: \"ajar\" is not true or false", "BOOLEAN|path=s|{\"s\":true}|true",
        "DOUBLE|regex=([0-9.]+) ?°C|T=21.5 °C|21.5", "DOUBLE|regex=([0-9.]+) ?°C|T=70 °F|nothing", "DOUBLE|scale=0.1|235|23.5", "INT|scale=0.1;add=-40|650|25",
        "STRING|format=text|{\"p\":1}|{\"p\":1}", "STRING||grün|grün", "FLOAT||3.4e39|bad: 3.4E39 is not a number of 32 bits"})
    void readsPayloads(PropertyType type, String settings, String payload, String expected) throws Exception {
        assertEquals(expected, read(format(type, settings(settings)), payload));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "DOUBLE||21.5|21.5", "BOOLEAN||true|true", "BOOLEAN|onValue=ON;offValue=OFF|true|ON", "DOUBLE|path=a.b|2.5|{\"a\":{\"b\":2.5}}", "INT|path=a;setPath=/set/a|2|{\"set\":{\"a\":2}}",
        "INT|path=a;setFormat=text|2|2", "STRING|setTemplate={\"{property}\": {value}}|say \"hi\"|{\"p\": \"say \\\"hi\\\"\"}",
        "STRING|setTemplate={\"s\": \"<{value}>\"}|a\"b\\|{\"s\": \"<a\\\"b\\\\>\"}", "INT|setTemplate={\"v\":{value},\"at\":{time},\"d\":\"{device}\"}|5|{\"v\":5,\"at\":1700000000000,\"d\":\"d1\"}",
        "BOOLEAN|setTemplate={\"v\":{value}}|true|{\"v\":true}", "STRING|setTemplate=SET {value};|x|SET x", "DOUBLE|scale=0.1|23.5|235", "DOUBLE|scale=0.1;add=-40|25|650",
        "STRING|setTemplate={\"odd\": {other}, \"v\": {value}}|x|{\"odd\": {other}, \"v\": \"x\"}"})
    void writesPayloads(PropertyType type, String settings, String value, String expected) throws Exception {
        PropertyValue typed = type.parse(value);
        assertEquals(expected, new String(format(type, settings(settings)).write(typed), StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {"{\"p\":1,\"t\":1700000000}|1700000000000", "{\"p\":1,\"t\":1700000000123}|1700000000123",
        "{\"p\":1,\"t\":1700000000.5}|1700000000500", "{\"p\":1,\"t\":1700000000123456}|1700000000123", "{\"p\":1,\"t\":1700000000123456789}|1700000000123",
        "{\"p\":1,\"t\":\"2023-11-14T22:13:20Z\"}|1700000000000", "{\"p\":1,\"t\":\"2023-11-14T23:13:20+01:00\"}|1700000000000", "{\"p\":1,\"t\":\"2023-11-14T23:13:20\"}|1700000000000",
        "{\"p\":1,\"t\":\"2023-11-14 23:13:20\"}|1700000000000", "{\"p\":1,\"t\":\"yesterday\"}|0", "{\"p\":1,\"t\":12}|0", "{\"p\":1}|0", "{\"p\":1,\"t\":true}|0", "{\"p\":1,\"t\":\"1970-01-01T00:00:09Z\"}|0"})
    void readsTimes(String payload, long millis) throws Exception {
        ValueFormat format = format(PropertyType.INT, Map.of("timePath", "t", "timeZone", "Europe/Berlin"));
        assertEquals(millis, format.read(new Message("t", payload.getBytes(StandardCharsets.UTF_8), false)).orElseThrow().timestampMillis());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"format=xml|key format: \"xml\" is not one of AUTO, JSON, TEXT, BINARY", "path=a..b|key path: \"a..b\" is not a path such as",
        "dataType=int12|key dataType: \"int12\" is not one of INT8", "dataType=int8;bit=9|key bit: \"9\" is not the number of a bit", "regex=(|key regex: \"(\" is not a regular expression",
        "scale=0|key scale: \"0\" is not a number other than 0", "timePath=t;timeZone=Mars/Olympus|key timeZone: \"Mars/Olympus\" is not a time zone"})
    void namesWhatIsWrongInTheConfiguration(String settings, String expected) {
        String message = assertThrows(ConfigurationException.class, () -> format(PropertyType.INT, settings(settings))).getMessage();
        assertTrue(message.startsWith("device default/d1, property p, " + expected), message);
    }

    @Test
    void aHostileDepthIsNoJson() throws Exception {
        assertEquals("bad: the message on t is no JSON", read(format(PropertyType.STRING, Map.of("path", "a")), "[".repeat(100_000)));
    }
}
