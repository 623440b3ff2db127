package io.kelp.mapper.mqtt.internal.sparkplug;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.mapper.PropertyValue;
import io.kelp.mapper.mqtt.internal.payload.MalformedPayloadException;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PayloadCodecTest {

    private static final List<Metric> ALL = List.of(
            Metric.of("int8", 1, DataType.INT8, 0xFFFF_FFFFL), Metric.of("uint32", 2, DataType.UINT32, 4294967295L), Metric.of("int64", 3, DataType.INT64, -1L),
            Metric.of("float", 4, DataType.FLOAT, 0.1f), Metric.of("double", 5, DataType.DOUBLE, 1e300), Metric.of("on", 6, DataType.BOOLEAN, true),
            Metric.of("text", 7, DataType.STRING, "grün"), new Metric("", 9, 0, DataType.UNKNOWN, Metric.STALE, true, 7L), Metric.of("null", 8, DataType.INT32, null));

    /** Made with protoc's encoding rules by hand: timestamp 1, one metric "a" alias 5 int32 300, seq 2. */
    @Test
    void writesTheBytesOfTheSpecification() throws Exception {
        byte[] bytes = PayloadCodec.encode(new Payload(1, 2, List.of(new Metric("a", 5, 1, DataType.INT32, Metric.GOOD, false, 300L))));
        assertEquals("0801" + "120c" + "0a0161" + "1005" + "1801" + "2003" + "50ac02" + "1802", HexFormat.of().formatHex(bytes));
    }

    @Test
    void readsWhatItWrites() throws Exception {
        Payload payload = new Payload(1_700_000_000_000L, 255, ALL);
        assertEquals(payload, PayloadCodec.decode(PayloadCodec.encode(payload)));
        byte[] content = {1, 2, 3};
        Object raw = PayloadCodec.decode(PayloadCodec.encode(new Payload(0, -1, List.of(Metric.of("b", 0, DataType.BYTES, content))))).metrics().get(0).raw();
        assertArrayEquals(content, (byte[]) raw);
    }

    @ParameterizedTest
    @CsvSource({"INT8,255,-1", "INT8,4294967295,-1", "INT8,-1,-1", "INT16,65534,-2", "INT16,4294967294,-2", "INT32,4294967295,-1", "INT64,-1,-1", "UINT8,255,255", "UINT16,65535,65535",
        "UINT32,4294967295,4294967295", "UINT64,-1,18446744073709551615", "DATETIME,1700000000000,1700000000000", "BOOLEAN,1,true"})
    void understandsWholeNumbersAsAnySenderWritesThem(DataType type, long raw, String value) {
        assertEquals(value, type.value(raw).asText());
    }

    @ParameterizedTest
    @CsvSource({"INT8,128", "INT8,-129", "UINT8,-1", "UINT8,256", "INT16,32768", "UINT16,65536", "INT32,2147483648", "UINT32,-1", "UINT64,-1", "DATASET,1", "BOOLEAN,2"})
    void refusesValuesThatDoNotFit(DataType type, long value) {
        assertThrows(IllegalArgumentException.class, () -> type.raw(PropertyValue.of(value)));
    }

    @Test
    void aDataSetIsNotUnderstoodAndNaNIsNoNumber() throws Exception {
        byte[] dataSet = new ProtoWriter().bytes(2, new ProtoWriter().text(1, "d").number(4, 16).bytes(17, new byte[] {8, 1}).toBytes()).toBytes();
        Metric metric = PayloadCodec.decode(dataSet).metrics().get(0);
        assertEquals("metrics of type dataset are not understood",
                assertThrows(IllegalArgumentException.class, () -> metric.type().value(metric.raw())).getMessage());
        assertThrows(IllegalArgumentException.class, () -> DataType.DOUBLE.value(Double.NaN));
    }

    /** Any bytes are a payload or are refused with a sentence; also called by the coverage-guided search. */
    static void check(byte[] bytes) {
        try {
            Payload payload = PayloadCodec.decode(bytes);
            for (Metric metric : payload.metrics()) {
                try {
                    metric.type().value(metric.raw() == null ? 0L : metric.raw());
                } catch (IllegalArgumentException e) {
                    assertTrue(e.getMessage().length() > 5);
                }
            }
            assertEquals(payload.metrics().size(), PayloadCodec.decode(PayloadCodec.encode(payload)).metrics().size());
        } catch (MalformedPayloadException e) {
            assertTrue(e.getMessage().contains("Sparkplug B"), e.getMessage());
        }
    }

    @Test
    void brokenPayloadsAreRefused() {
        Random random = new Random(6);
        byte[] good = PayloadCodec.encode(new Payload(1_700_000_000_000L, 7, ALL));
        for (int i = 0; i < 200_000; i++) {
            byte[] bytes = good.clone();
            for (int n = random.nextInt(4); n >= 0; n--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            check(random.nextInt(10) == 0 ? java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes);
        }
    }
}
