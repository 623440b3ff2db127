package io.kelp.mapper.coap.internal.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SenmlTest {

    private static final long NOW = 1_700_000_000_000L;

    private static List<Senml.Entry> json(String text) throws MalformedPayloadException {
        return Senml.decode(Format.SENML_JSON, text.getBytes(StandardCharsets.UTF_8), NOW);
    }

    /** RFC 8428 §5.1.2. */
    @Test
    void resolvesBaseNameTimeAndUnit() throws MalformedPayloadException {
        List<Senml.Entry> entries = json("""
                [{"bn":"urn:dev:ow:10e2073a0108006:","bt":1.276020076001e+09,"bu":"A","bver":5,"n":"voltage","u":"V","v":120.1},
                 {"n":"current","t":-5,"v":1.2},{"n":"current","t":-4,"v":1.3},{"n":"current","v":1.7}]""");
        assertEquals(new Senml.Entry("urn:dev:ow:10e2073a0108006:voltage", "voltage", "V", 120.1, 1_276_020_076_001L), entries.get(0));
        assertEquals(new Senml.Entry("urn:dev:ow:10e2073a0108006:current", "current", "A", 1.2, 1_276_020_071_001L), entries.get(1));
        assertEquals(1.7, Senml.pick(entries, "current").orElseThrow().value(), "the newest");
        assertEquals(120.1, Senml.pick(entries, "urn:dev:ow:10e2073a0108006:voltage").orElseThrow().value());
        assertEquals(Optional.empty(), Senml.pick(entries, ""));
        assertEquals(Optional.empty(), Senml.pick(entries, "volt"));
    }

    /** RFC 8428 §5.1.3 (excerpt): relative times. */
    @Test
    void timesBelow2To28AreRelativeToNow() throws MalformedPayloadException {
        List<Senml.Entry> entries = json("[{\"bn\":\"d:\",\"n\":\"a\",\"v\":1},{\"n\":\"b\",\"t\":-2.5,\"v\":2},{\"n\":\"c\",\"t\":0,\"v\":3}]");
        assertEquals(0, entries.get(0).unixMillis(), "says nothing");
        assertEquals(NOW - 2500, entries.get(1).unixMillis());
        assertEquals(NOW, entries.get(2).unixMillis());
    }

    /** RFC 8428 §6, figure of the CBOR example. */
    @Test
    void readsTheLabelsOfCbor() throws MalformedPayloadException {
        byte[] pack = HexFormat.of().parseHex("87a721781b75726e3a6465763a6f773a313065323037336130313038303036"
                + "3a22fb41d303a15b00106223614120050067766f6c7461676501615602fb405e066666666666"
                + "a3006763757272656e74062402fb3ff3333333333333"
                + "a3006763757272656e74062302fb3ff4cccccccccccd"
                + "a3006763757272656e74062202fb3ff6666666666666"
                + "a3006763757272656e74062102f93e00"
                + "a3006763757272656e74062002fb3ff999999999999a"
                + "a3006763757272656e74060002fb3ffb333333333333");
        List<Senml.Entry> entries = Senml.decode(Format.SENML_CBOR, pack, NOW);
        assertEquals(7, entries.size());
        assertEquals(new Senml.Entry("urn:dev:ow:10e2073a0108006:voltage", "voltage", "V", 120.1, 1_276_020_076_001L), entries.get(0));
        assertEquals(1.7, Senml.pick(entries, "current").orElseThrow().value());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "[{'n':'x','v':3}]|3", "[{'n':'x','vs':'on'}]|on", "[{'n':'x','vb':true}]|true", "[{'n':'x','s':7}]|7",
        "[{'bv':20,'n':'x','v':3}]|23", "[{'bv':20,'n':'x','v':0.5}]|20.5", "[{'bv':20,'n':'x'}]|20", "[{'bs':20,'n':'x','s':3}]|23",
        "[{'bn':'x'},{'v':1}]|1", "[{'n':'x','v':5,'other':{'a':[]}}]|5", "[{'bv':9223372036854775807,'n':'x','v':1}]|9.223372036854775807E18"})
    void takesTheValueOfARecord(String text, String value) throws MalformedPayloadException {
        Object found = Senml.pick(json(text.replace('\'', '"')), "x").orElseThrow().value();
        assertEquals(value.contains("E") ? Double.valueOf(value).toString() : value, String.valueOf(found));
    }

    @Test
    void readsData() throws MalformedPayloadException {
        assertArrayEquals(new byte[] {(byte) 0xfb, (byte) 0xff}, (byte[]) json("[{\"n\":\"x\",\"vd\":\"-_8\"}]").get(0).value());
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "[1]", "[null]", "[{'n':1,'v':1}]", "[{'n':'x','v':'1'}]", "[{'n':'x','v':1,'vs':'1'}]", "[{'n':'x','vb':1}]",
        "[{'n':'x','v':null}]", "[{'n':'x','vd':'%'}]", "[{'n':'x','vd':1}]", "[{'bver':11,'n':'x','v':1}]", "[{'n':'x','v':1,'new_':2}]",
        "[{'n':'x','t':'now','v':1}]", "[{'n':'x','t':1e300,'v':1}]", "[{'bt':null,'n':'x','v':1}]", "[{'n':'x','t':-1e12,'v':1}]", "[", "", "[{}] x"})
    void refusesWhatIsNoSenml(String text) {
        assertThrows(MalformedPayloadException.class, () -> json(text.replace('\'', '"')));
    }

    @ParameterizedTest
    @ValueSource(strings = {"SENML_JSON", "SENML_CBOR"})
    void readsWhatItWrites(Format format) throws MalformedPayloadException {
        for (Object value : List.of(3L, 1.5, "on", true)) {
            assertEquals(value, Senml.decode(format, Senml.encode(format, "x", value), NOW).get(0).value());
        }
        assertArrayEquals(new byte[] {1, 2}, (byte[]) Senml.decode(format, Senml.encode(format, "x", new byte[] {1, 2}), NOW).get(0).value());
    }
}
