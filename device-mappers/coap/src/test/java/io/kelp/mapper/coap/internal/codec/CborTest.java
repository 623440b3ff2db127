package io.kelp.mapper.coap.internal.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CborTest {

    private static Object decode(String hex) throws MalformedPayloadException {
        return Cbor.decode(HexFormat.of().parseHex(hex));
    }

    /** RFC 8949 appendix A. */
    @ParameterizedTest
    @CsvSource({
        "00, 0", "01, 1", "0a, 10", "17, 23", "1818, 24", "1819, 25", "1864, 100", "1903e8, 1000", "1a000f4240, 1000000",
        "1b000000e8d4a51000, 1000000000000", "1bffffffffffffffff, 1.8446744073709552E19", "c249010000000000000000, 1.8446744073709552E19",
        "3bffffffffffffffff, -1.8446744073709552E19", "c349010000000000000000, -1.8446744073709552E19",
        "20, -1", "29, -10", "3863, -100", "3903e7, -1000", "f90000, 0.0", "f98000, -0.0", "f93c00, 1.0", "fb3ff199999999999a, 1.1",
        "f93e00, 1.5", "f97bff, 65504.0", "fa47c35000, 100000.0", "fa7f7fffff, 3.4028234663852886E38", "fb7e37e43c8800759c, 1.0E300",
        "f90001, 5.960464477539063E-8", "f90400, 6.103515625E-5", "f9c400, -4.0", "fbc010666666666666, -4.1", "f97c00, Infinity", "f97e00, NaN",
        "f9fc00, -Infinity", "fa7f800000, Infinity", "fb7ff8000000000000, NaN", "f4, false", "f5, true", "f6, null", "f7, null",
        "c11a514b67b0, 1363896240", "c1fb41d452d9ec200000, 1.3638962405E9", "60, ''", "6161, a", "6449455446, IETF", "62225c, '\"\\'",
        "62c3bc, ü", "63e6b0b4, 水", "7f657374726561646d696e67ff, streaming", "80, []", "83010203, '[1, 2, 3]'",
        "8301820203820405, '[1, [2, 3], [4, 5]]'", "a0, {}", "a201020304, '{1=2, 3=4}'", "a26161016162820203, '{a=1, b=[2, 3]}'",
        "9fff, []", "9f018202039f0405ffff, '[1, [2, 3], [4, 5]]'", "83018202039f0405ff, '[1, [2, 3], [4, 5]]'",
        "bf61610161629f0203ffff, '{a=1, b=[2, 3]}'", "bf6346756ef563416d7421ff, '{Fun=true, Amt=-2}'",
        "c48221196ab3, 273.15", "c4822018eb, 23.5", "c5822003, 1.5"})
    void decodesWhatTheSpecificationShows(String hex, String value) throws MalformedPayloadException {
        Object decoded = decode(hex);
        // How small numbers look as text differs between versions of Java.
        assertEquals(value, decoded instanceof Double d && d.equals(Double.valueOf(value)) ? value : String.valueOf(decoded));
    }

    @Test
    void decodesStringsOfBytes() throws MalformedPayloadException {
        assertArrayEquals(new byte[] {1, 2, 3, 4}, (byte[]) decode("4401020304"));
        assertArrayEquals(new byte[] {1, 2, 3, 4, 5}, (byte[]) decode("5f42010243030405ff"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "18", "1c", "ff", "9f", "9f01", "5f", "5f6161ff", "7f4161ff", "7f7f6161ffff", "8201", "a101", "bf01ff", "0000", "44010203",
        "9bffffffffffffffff", "bbffffffffffffffff", "5bffffffffffffffff", "7b7fffffffffffffff", "9affffffff", "c2", "61ff", "1f", "3f", "df00",
        "f8ff", "f0", "f818", "a1f500", "a20001" + "0002", "fb00", "f9", "fe"})
    void refusesWhatIsNotWellFormed(String hex) {
        assertThrows(MalformedPayloadException.class, () -> decode(hex));
    }

    @ParameterizedTest
    @ValueSource(strings = {"81", "9f", "a100", "c1", "bf00"})
    void refusesNestingWithoutEnd(String hex) {
        assertThrows(MalformedPayloadException.class, () -> decode(hex.repeat(10_000) + "00"));
    }

    @Test
    void refusesTooManyValues() {
        byte[] many = new byte[30_000];
        Arrays.fill(many, (byte) 0x80);
        many[0] = (byte) 0x9f;
        many[many.length - 1] = (byte) 0xff;
        assertEquals("more than 20000 values", assertThrows(MalformedPayloadException.class, () -> Cbor.decode(many)).getMessage());
    }

    @Test
    void decodesWhatItEncodes() throws MalformedPayloadException {
        Map<Object, Object> map = new LinkedHashMap<>();
        map.put("a", 1L);
        map.put(-2L, List.of(true, "text", 1.5, 0.1, Long.MAX_VALUE, Long.MIN_VALUE, 255L, 256L, 65536L, 1L << 32));
        map.put(24L, null);
        assertEquals(map, Cbor.decode(Cbor.encode(map)));
        assertArrayEquals(new byte[300], (byte[]) Cbor.decode(Cbor.encode(new byte[300])));
    }

    @Test
    void endsWithAValueOrARefusalWhateverItGets() {
        Random random = new Random(8949);
        byte[] good = HexFormat.of().parseHex("a2616101bf6346756ef563416d7421ff9f018202039f0405ffff".substring(0, 6) + "82c48221196ab3f97c00");
        for (int i = 0; i < 200_000; i++) {
            byte[] bytes = i % 2 == 0 ? new byte[random.nextInt(40)] : good.clone();
            if (i % 2 == 0) {
                random.nextBytes(bytes);
            } else {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            CodecFuzzTest.decodeAll(bytes);
        }
    }
}
