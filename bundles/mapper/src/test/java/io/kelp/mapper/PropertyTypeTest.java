package io.kelp.mapper;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.mapper.DeviceProperty.AccessMode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PropertyTypeTest {

    @ParameterizedTest
    @CsvSource({"INT,17,17", "INT,' -3 ',-3", "INT,9223372036854775807,9223372036854775807", "FLOAT,0.1,0.1", "FLOAT,1e10,10000000000",
        "FLOAT,21.5,21.5", "DOUBLE,1e-7,0.00000010", "DOUBLE,.5,0.5", "DOUBLE,-4,-4.0", "BOOLEAN,TRUE,true", "BOOLEAN,0,false",
        "BYTES,AQI=,AQI=", "STRING,ON,ON", "STREAM,x,x"})
    void textBecomesAValueAndTextAgain(PropertyType type, String text, String again) {
        assertEquals(again, type.format(type.parse(text)));
    }

    @ParameterizedTest
    @CsvSource({"INT,1.5", "INT,9223372036854775808", "INT,''", "INT,0x10", "FLOAT,1e39", "FLOAT,NaN", "DOUBLE,1d", "DOUBLE,Infinity",
        "DOUBLE,1e99999", "BOOLEAN,yes", "BYTES,***"})
    void textThatIsNoValueIsRefusedByName(PropertyType type, String text) {
        String why = assertThrows(IllegalArgumentException.class, () -> type.parse(text)).getMessage();
        assertTrue(why.contains(" is not "), why);
    }

    @Test
    void readingsAreConvertedToTheTypeOfTheProperty() {
        assertEquals("3", PropertyType.INT.format(PropertyValue.of(2.5)));
        assertEquals("1", PropertyType.INT.format(PropertyValue.of(true)));
        assertEquals("true", PropertyType.BOOLEAN.format(PropertyValue.of(1)));
        assertEquals("0.1", PropertyType.FLOAT.format(PropertyValue.of(0.1)));
        assertEquals("12", PropertyType.STRING.format(PropertyValue.of(12)));
        assertEquals("AQ==", PropertyType.STRING.format(PropertyValue.of(new byte[] {1})));
        assertArrayEquals(new byte[] {1, 2}, PropertyValue.of("AQI=").asBytes());
        assertThrows(IllegalArgumentException.class, () -> PropertyType.DOUBLE.format(PropertyValue.of(Double.NaN)));
        assertThrows(IllegalArgumentException.class, () -> PropertyType.INT.format(PropertyValue.of(1e19)));
    }

    /** The value characters of KubeEdge's twins have no plus sign, so no number may need one. */
    @Test
    void everyNumberIsWrittenWithoutExponent() {
        Random random = new Random(3);
        for (int i = 0; i < 20_000; i++) {
            double number = Double.longBitsToDouble(random.nextLong());
            if (Double.isFinite(number)) {
                String text = PropertyType.DOUBLE.format(PropertyValue.of(number));
                assertTrue(text.matches("-?\\d+(\\.\\d+)?"), text);
                if (text.length() < 400) {
                    assertEquals(number, PropertyType.DOUBLE.parse(text).asReal());
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "0|100|101|property t cannot be set to 101: allowed is 0 to 100 bar",
        "0||-1|property t cannot be set to -1: allowed is at least 0 bar",
        "|7.5|8|property t cannot be set to 8: allowed is at most 7.5 bar"})
    void boundsAreKeptAndNamed(Double minimum, Double maximum, String text, String message) {
        DeviceProperty property = new DeviceProperty("t", PropertyType.INT, AccessMode.READ_WRITE, minimum, maximum, "bar",
                Duration.ZERO, Duration.ZERO, new Settings("", Map.of()));
        assertEquals(message, assertThrows(IllegalArgumentException.class, () -> property.checked(text)).getMessage());
    }

    @Test
    void readOnlyPropertiesAreNotSet() {
        DeviceProperty property = new DeviceProperty("t", PropertyType.INT, AccessMode.READ_ONLY, null, null, "",
                Duration.ZERO, Duration.ZERO, new Settings("", Map.of()));
        assertEquals("property t is read-only, so it cannot be set to \"1\"",
                assertThrows(IllegalArgumentException.class, () -> property.checked("1")).getMessage());
    }

    private enum Order { LITTLE_ENDIAN, BIG_ENDIAN }

    private final Settings settings = new Settings("device default/pump, property t", Map.of(
            "port", "502", "Offset", 2.0, "scale", "0.1", "swap", "True", "order", "big-endian", "list", List.of("a", 1L),
            "huge", "1e999999999", "secret", "s3cret"));

    @Test
    void settingsAreReadHoweverTheyAreWritten() throws Exception {
        assertEquals(502, settings.whole("port", 1, 65535));
        assertEquals(2, settings.whole("offset", 0, 9));
        assertEquals(0.1, settings.real("scale", 0, 1));
        assertTrue(settings.flag("swap"));
        assertEquals(Order.BIG_ENDIAN, settings.oneOf("order", Order.class));
        assertEquals(List.of("a", "1"), settings.texts("list"));
        assertEquals(7, settings.whole("absent", 7, 0, 9));
    }

    @Test
    void refusalsNameDevicePropertyKeyValueAndWhatIsAllowed() {
        assertEquals("device default/pump, property t, key port: \"502\" is not a whole number from 1 to 100", refusal(() -> settings.whole("port", 1, 100)));
        assertEquals("device default/pump, property t, key scale: \"0.1\" is not one of x, y", refusal(() -> settings.oneOf("scale", "x", "y")));
        assertEquals("device default/pump, property t, key order: \"big-endian\" is not true or false", refusal(() -> settings.flag("order")));
        assertTrue(refusal(() -> settings.whole("huge", 1, 2)).contains("\"1e999999999\" is not"));
        assertTrue(refusal(() -> settings.text("absent")).startsWith("device default/pump, property t: key absent is missing"));
        assertTrue(!settings.toString().contains("s3cret"), "settings are shown without their values");
    }

    private static String refusal(org.junit.jupiter.api.function.Executable read) {
        return assertThrows(ConfigurationException.class, read).getMessage();
    }
}
