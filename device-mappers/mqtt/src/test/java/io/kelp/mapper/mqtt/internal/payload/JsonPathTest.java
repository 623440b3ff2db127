package io.kelp.mapper.mqtt.internal.payload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonPathTest {

    /** The document of RFC 6901, section 5. */
    private static final JsonElement RFC = JsonParser.parseString("{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"c%d\":2,\"e^f\":3,\"g|h\":4,"
            + "\"i\\\\j\":5,\"k\\\"l\":6,\" \":7,\"m~n\":8}");

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', value = {"/foo|[\"bar\",\"baz\"]", "/foo/0|\"bar\"", "/|0", "/a~1b|1", "/c%d|2", "/e^f|3", "/i\\j|5",
        "/k\"l|6", "/m~0n|8", "/foo/2|none", "/foo/01|none", "/foo/-|none", "/nothing/here|none", "/foo/bar|none", "foo[1]|\"baz\"", "foo.1|\"baz\"",
        "$.foo[0]|\"bar\"", "$|all", "foo|[\"bar\",\"baz\"]"}, delimiter = '|')
    void findsWhatTheRfcSays(String path, String expected) {
        JsonElement found = JsonPath.of(path).find(RFC);
        assertEquals(expected.equals("all") ? RFC.toString() : expected, found == null ? "none" : found.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/a~", "/a~2", "a..b", "a.", ".a", "a[", "a[x]", "a[1]b", "a[1].", "[", "a[-1]", "$."})
    void refusesWhatIsNoPath(String path) {
        assertThrows(IllegalArgumentException.class, () -> JsonPath.of(path));
    }

    @Test
    void takesNamesAsTheyAre() {
        assertEquals("7", JsonPath.of("/ ").find(RFC).toString());
        assertEquals("4", JsonPath.of("/g|h").find(RFC).toString());
    }

    @Test
    void makesDocuments() {
        assertEquals("{\"a\":{\"b/c\":5}}", JsonPath.of("/a/b~1c").documentWith(new JsonPrimitive(5)).toString());
        assertEquals("5", JsonPath.of("").documentWith(new JsonPrimitive(5)).toString());
        assertEquals("/a/0/b", JsonPath.of("a[0].b").toString());
    }
}
