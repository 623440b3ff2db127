package io.kelp.mapper.mqtt.internal.payload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.kelp.mapper.PropertyValue;
import io.kelp.mapper.mqtt.internal.payload.BinaryField.Type;
import java.nio.ByteOrder;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BinaryFieldTest {

    private static BinaryField field(Type type, String order, int offset, int bit) {
        return new BinaryField(type, order.equals("big") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN, offset, 0, bit);
    }

    @ParameterizedTest
    @CsvSource({"INT8,big,0,ff,-1", "UINT8,big,0,ff,255", "INT16,big,0,fffe,-2", "INT16,little,0,feff,-2", "UINT16,little,1,000102,513", "INT32,big,0,80000000,-2147483648",
        "UINT32,big,0,80000000,2147483648", "UINT32,little,0,01000000,1", "INT64,big,0,ffffffffffffffff,-1", "UINT64,big,0,7fffffffffffffff,9223372036854775807",
        "FLOAT32,big,0,41ac0000,21.5", "FLOAT32,little,0,cdcccc3d,0.1", "FLOAT64,big,0,4035800000000000,21.5", "FLOAT64,little,2,00000000000000803540,21.5"})
    void readsAndWrites(Type type, String order, int offset, String hex, String value) throws Exception {
        byte[] payload = HexFormat.of().parseHex(hex);
        BinaryField field = field(type, order, offset, -1);
        assertEquals(value, field.read(payload).asText());
        byte[] written = field.write(PropertyValue.of(value));
        assertEquals(value, field.read(written).asText());
    }

    @Test
    void readsBits() throws Exception {
        byte[] payload = {0x00, 0x05};
        assertEquals(PropertyValue.of(true), field(Type.UINT16, "big", 0, 0).read(payload));
        assertEquals(PropertyValue.of(false), field(Type.UINT16, "big", 0, 1).read(payload));
        assertEquals(PropertyValue.of(true), field(Type.UINT16, "big", 0, 2).read(payload));
    }

    @Test
    void saysWhatDoesNotFit() {
        MalformedPayloadException tooShort = assertThrows(MalformedPayloadException.class, () -> field(Type.INT32, "big", 3, -1).read(new byte[6]));
        assertEquals("the message has 6 bytes, but the value stands at byte 3 and takes 4", tooShort.getMessage());
        assertThrows(MalformedPayloadException.class, () -> field(Type.UINT64, "big", 0, -1).read(new byte[] {-1, 0, 0, 0, 0, 0, 0, 0}));
        assertThrows(MalformedPayloadException.class, () -> field(Type.UINT8, "big", 60_000, -1).read(new byte[1]));
        IllegalArgumentException tooLarge = assertThrows(IllegalArgumentException.class, () -> field(Type.INT8, "big", 0, -1).write(PropertyValue.of(128)));
        assertEquals("128 does not fit int8, which holds -128 to 127", tooLarge.getMessage());
        assertThrows(IllegalArgumentException.class, () -> field(Type.UINT16, "big", 0, -1).write(PropertyValue.of(-1)));
    }

    @Test
    void readsTexts() throws Exception {
        assertEquals("abc", new BinaryField(Type.TEXT, ByteOrder.BIG_ENDIAN, 1, 5, -1).read("xabc\0\0yy".getBytes()).asText());
        assertEquals("abc", new BinaryField(Type.TEXT, ByteOrder.BIG_ENDIAN, 1, 0, -1).read("xabc".getBytes()).asText());
    }
}
