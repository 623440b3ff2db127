package io.kelp.mapper.coap.internal.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** JSON, JSON pointers and link lists. */
class TextFormatsTest {

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** RFC 6901 §5. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '§', value = {
        "/foo|[bar, baz]", "/foo/0|bar", "/|0", "/a~1b|1", "/c%d|2", "/e^f|3", "§/g|h§|4", "/i\\j|5", "/k\"l|6", "§/ §|7", "/m~0n|8"})
    void pointersFindWhatTheSpecificationShows(String pointer, String value) throws MalformedPayloadException {
        String document = "{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"c%d\":2,\"e^f\":3,\"g|h\":4,\"i\\\\j\":5,\"k\\\"l\":6,\" \":7,\"m~n\":8}";
        assertEquals(value, String.valueOf(Pointer.parse(pointer).find(Json.decode(utf8(document))).orElseThrow().value()));
    }

    @Test
    void pointersFindNumbersInCborAndNothingWhereThereIsNone() throws MalformedPayloadException {
        Object document = Cbor.decode(Cbor.encode(Map.of(3L, List.of(1L, 2L))));
        assertEquals(2L, Pointer.parse("/3/1").find(document).orElseThrow().value());
        for (String nowhere : List.of("/4", "/3/2", "/3/-", "/3/01", "/3/1/x", "/3/99999999999999999999")) {
            assertTrue(Pointer.parse(nowhere).find(document).isEmpty(), nowhere);
        }
        assertEquals("{\"a/b\":{\"c\":1}}", JsonText.of(Pointer.parse("/a~1b/c").wrap(1L)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "/a~2", "/a~", "$.a"})
    void refusesWhatIsNoPointer(String text) {
        assertThrows(IllegalArgumentException.class, () -> Pointer.parse(text));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '§', value = {
        "1|1", " -7 |-7", "1.0|1.0", "1e2|100.0", "9223372036854775808|9.223372036854776E18", "\"a\\u00fc\"|aü", "true|true", "null|null",
        "[1,[2,{}]]|[1, [2, {}]]", "1e999|Infinity"})
    void readsJson(String text, String value) throws MalformedPayloadException {
        assertEquals(value, String.valueOf(Json.decode(utf8(text))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[", "{\"a\"}", "1 2", "NaN", "'a'", "[1,]", "{a:1}", "tru", "01", "\u0000", "// c\n1"})
    void refusesWhatIsNoJson(String text) {
        assertThrows(MalformedPayloadException.class, () -> Json.decode(utf8(text)));
    }

    @Test
    void refusesJsonThatIsDeepLongOrNoUtf8() {
        assertThrows(MalformedPayloadException.class, () -> Json.decode(utf8("[".repeat(100_000))));
        assertThrows(MalformedPayloadException.class, () -> Json.decode(utf8("[".repeat(34) + "]".repeat(34))));
        assertThrows(MalformedPayloadException.class, () -> Json.decode(utf8("[" + "0,".repeat(30_000) + "0]")));
        assertThrows(MalformedPayloadException.class, () -> Json.decode(utf8("1".repeat(60_000))));
        assertThrows(MalformedPayloadException.class, () -> Json.decode(new byte[] {'"', (byte) 0xff, '"'}));
    }

    /** RFC 6690 §5. */
    @Test
    void readsTheLinksOfTheSpecification() throws MalformedPayloadException {
        var links = LinkFormat.decode(utf8("""
                </sensors>;ct=40;title="Sensor Index",
                </sensors/temp>;rt="temperature-c";if="sensor",
                </sensors/light>;rt="light-lux";if="sensor";obs,
                <http://www.example.com/sensors/t123>;anchor="/sensors/temp";rel="describedby",
                </t>;anchor="/sensors/temp";rel="alternate", </q>;title="a \\"b\\", <c>;d"\
                """), 100);
        assertEquals(6, links.size());
        assertEquals("Sensor Index", links.get(0).attribute("title"));
        assertTrue(links.get(2).has("obs"));
        assertEquals("http://www.example.com/sensors/t123", links.get(3).target());
        assertEquals("a \"b\", <c>;d", links.get(5).attribute("TITLE".toLowerCase(java.util.Locale.ROOT)));
        assertEquals(2, LinkFormat.decode(utf8("</a>,</b>,garbage that is not looked at"), 2).size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "<a", "</a>x", "</a>;", "</a>;=1", "</a>;t=\"x", "</a></b>", "</a>;;b", "</a>;t=\"x\"y"})
    void refusesWhatAreNoLinks(String text) {
        assertThrows(MalformedPayloadException.class, () -> LinkFormat.decode(utf8(text), 100));
    }
}
