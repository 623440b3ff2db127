package io.kelp.mapper.modbus.internal.value;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.mapper.PropertyType;
import io.kelp.mapper.PropertyValue;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ValueCodecTest {

    private static ValueCodec codec(DataType type, String order, double scale, double offset) {
        return new ValueCodec(type, new WordOrder(order.charAt(0) == 'l', order.charAt(1) == 'l'), Scaling.of(scale, offset), false, null);
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text.replace(" ", ""));
    }

    /** Order: words then bytes, big or little. The registers are as on the wire. */
    @ParameterizedTest
    @CsvSource({
        "INT16,   bb, FFFE,                -2",
        "INT16,   bl, FEFF,                -2",
        "UINT16,  bb, FFFE,                65534",
        "UINT16,  lb, FFFE,                65534",
        "INT32,   bb, 0001 0002,           65538",
        "INT32,   lb, 0002 0001,           65538",
        "INT32,   bl, 0100 0200,           65538",
        "INT32,   ll, 0200 0100,           65538",
        "INT32,   bb, FFFF FFFF,           -1",
        "UINT32,  bb, FFFF FFFF,           4294967295",
        "UINT32,  lb, 0000 8000,           2147483648",
        "INT64,   bb, 8000 0000 0000 0000, -9223372036854775808",
        "INT64,   lb, 0004 0003 0002 0001, 281483566841860",
        "UINT64,  bb, FFFF FFFF FFFF FFFF, 18446744073709551615",
        "UINT64,  ll, 0400 0300 0200 0100, 281483566841860",
        "FLOAT32, bb, 4145 70A4,           12.34",
        "FLOAT32, lb, 70A4 4145,           12.34",
        "FLOAT32, bl, 4541 A470,           12.34",
        "FLOAT32, ll, A470 4541,           12.34",
        "FLOAT64, bb, C09E DB85 1EB8 51EC, -1974.88",
        "FLOAT64, lb, 51EC 1EB8 DB85 C09E, -1974.88",
        "STRING,  bb, 5075 6D70 0000,      Pump",
        "STRING,  bl, 7550 706D 0020,      Pump",
        "STRING,  lb, 6D70 5075,           Pump",
        "STRING,  bb, 5075 6D70 2020,      Pump",
        "BOOL,    bb, 0100,                true",
        "BOOL,    bb, 0000,                false",
        "BYTES,   bb, 0102 FF00,           AQL/AA==",
        "UNSIGNED,bb, 07,                  7",
        "UNSIGNED,bb, 0102,                258",
        "UNSIGNED,ll, 0201,                258",
        "UNSIGNED,bb, 010203,              66051",
        "UNSIGNED,bb, 0001 0000 0000,      4294967296",
    })
    void readsEachTypeInEachOrder(DataType type, String order, String registers, String value) {
        ValueCodec codec = codec(type, order, 1, 0);
        assertEquals(value, codec.decode(hex(registers)).asText().replaceFirst("\\.0$", ""));
    }

    @ParameterizedTest
    @CsvSource({
        "INT16,   bb, 1, FFFE,       -2",
        "UINT16,  bl, 1, 3930,       12345",
        "INT32,   lb, 2, 0002 0001,  65538",
        "UINT32,  bb, 2, FFFF FFFF,  4294967295",
        "UINT64,  bb, 4, FFFF FFFF FFFF FFFF, 18446744073709551615",
        "FLOAT32, ll, 2, A470 4541,  12.34",
        "FLOAT64, bb, 4, 4028 AE14 7AE1 47AE, 12.34",
        "STRING,  bb, 3, 5075 6D70 0000, Pump",
        "BOOL,    bb, 1, 0001,       true",
        "BYTES,   bb, 2, 0102 FF00,  AQL/AA==",
    })
    void writesEachType(DataType type, String order, int registers, String wire, String value) {
        assertEquals(HexFormat.of().withUpperCase().formatHex(hex(wire)),
                HexFormat.of().withUpperCase().formatHex(codec(type, order, 1, 0).encode(PropertyValue.of(value), 2 * registers)));
    }

    @ParameterizedTest
    @CsvSource({
        "INT16, -32769, room for -32768 to 32767", "INT16, 32768, room for -32768 to 32767",
        "UINT16, -1, room for 0 to 65535", "UINT32, 4294967296, room for 0 to 4294967295",
        "UINT64, 18446744073709551616, room for 0 to 18446744073709551615",
        "INT64, 9223372036854775808, room for -9223372036854775808 to 9223372036854775807",
        "FLOAT32, 1e39, beyond a floating point number of 32 bits", "STRING, 123456789, room for 8",
        "BYTES, AQI=, exactly 8", "BOOL, perhaps, neither",
        "INT16, NaN, is not a number",
    })
    void refusesWhatDoesNotFitAndSaysWhatDoes(DataType type, String value, String reason) {
        int length = type.registers() == 0 ? 8 : 2 * type.registers();
        String message = assertThrows(IllegalArgumentException.class,
                () -> codec(type, "bb", 1, 0).encode(PropertyValue.of(value), length)).getMessage();
        assertTrue(message.contains(reason), message);
    }

    @ParameterizedTest
    @CsvSource({"FLOAT32, 7FC00000, NaN", "FLOAT32, FF800000, infinity", "FLOAT64, 7FF0000000000000, infinity"})
    void numbersThatAreNoneAreNoReadings(DataType type, String wire, String word) {
        for (double scale : new double[] {1, 0.1}) {
            String message = assertThrows(IllegalArgumentException.class, () -> codec(type, "bb", scale, 0).decode(hex(wire))).getMessage();
            assertTrue(message.contains(word), message);
        }
    }

    /** Decimal fractions stay decimal fractions. */
    @ParameterizedTest
    @CsvSource({"0.1, 0, 123, 12.3", "0.1, 0, 3, 0.3", "0.01, -273.15, 29315, 20.0", "0.001, 0, 1001, 1.001", "2, 5, 10, 25.0", "-0.5, 1, 3, -0.5",
            "1, 0.25, 7, 7.25", "0.1, 0, 65535, 6553.5", "100, 0, 7, 700.0", "0.3, 0, 33, 9.9"})
    void scalesExactly(double scale, double offset, long raw, String value) {
        ValueCodec codec = codec(DataType.INT32, "bb", scale, offset);
        byte[] wire = codec(DataType.INT32, "bb", 1, 0).encode(PropertyValue.of(raw), 4);
        PropertyValue decoded = codec.decode(wire.clone());
        assertEquals(value, decoded.asText());
        assertEquals(HexFormat.of().formatHex(wire), HexFormat.of().formatHex(codec.encode(decoded, 4)));
    }

    @Test
    void theStockMapperCutsScaledWholeNumbers() {
        ValueCodec stock = new ValueCodec(DataType.UNSIGNED, WordOrder.BIG, Scaling.of(0.1, 0), true, null);
        assertEquals("12", PropertyType.INT.format(stock.decode(hex("007F"))));
        assertEquals("13", PropertyType.INT.format(codec(DataType.UINT16, "bb", 0.1, 0).decode(hex("007F"))));
    }

    @ParameterizedTest
    @EnumSource(value = DataType.class, names = {"STRING", "BOOL", "BYTES", "UNSIGNED"}, mode = EnumSource.Mode.EXCLUDE)
    void whatIsWrittenIsRead(DataType type) {
        Random random = new Random(7);
        for (String order : new String[] {"bb", "bl", "lb", "ll"}) {
            for (double scale : new double[] {1, 0.1, 0.001, -2, 10}) {
                for (double offset : new double[] {0, -40, 273.15}) {
                    ValueCodec codec = codec(type, order, scale, offset);
                    for (int i = 0; i < 200; i++) {
                        byte[] raw = new byte[2 * type.registers()];
                        random.nextBytes(raw);
                        roundTrip(codec, raw);
                    }
                }
            }
        }
    }

    /** Of 64 bits a double keeps 53, so scaled ones come back nearly. */
    private static void roundTrip(ValueCodec codec, byte[] raw) {
        PropertyValue value;
        try {
            value = codec.decode(raw.clone());
        } catch (IllegalArgumentException noNumber) {
            return;
        }
        byte[] again;
        try {
            again = codec.encode(value, raw.length);
        } catch (IllegalArgumentException e) {
            assertTrue(!codec.scaling().none(), () -> "unscaled " + value + " must fit: " + e.getMessage());
            return; // rounded beyond the end of the range
        }
        PropertyValue read = codec.decode(again);
        if (codec.scaling().none()) {
            assertEquals(value, read);
        } else {
            double a = value.asReal();
            double b = read.asReal();
            assertTrue(Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(a)), a + " came back as " + b);
        }
    }

    @ParameterizedTest
    @CsvSource({"ON,true", "on,true", "1,true", "true,true", "TRUE,true", "OFF,false", "0,false", "false,false", "Open,true", "shut,false"})
    void bitsAreSetByAnyCommonWordAndTheirOwn(String text, boolean set) {
        ValueCodec codec = new ValueCodec(DataType.BOOL, WordOrder.BIG, Scaling.NONE, false, new BitWords("open", "shut"));
        assertEquals(set, codec.bit(PropertyValue.of(text)));
        assertEquals(set ? "open" : "shut", codec.bit(set).asText());
    }
}
