package io.kelp.kubeapi.internal.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BodyTest {

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', value = {
        "{\"a\" \"b\"}|invalid character '\"' after object key",
        "{\"a\": tru}|invalid character '}' in literal true (expecting 'e')",
        "{\"a\": 01}|invalid character '1' after object key:value pair",
        "{} x|invalid character 'x' after top-level value",
        "{bad|invalid character 'b' looking for beginning of object key string",
        "[1,]|invalid character ']' looking for beginning of value",
        "{\"a\":|unexpected end of JSON input"})
    void malformedJsonIsRefusedWithTheSentencesOfGo(String text, String sentence) {
        assertEquals(sentence, assertThrows(Body.MalformedException.class, () -> JsonBody.read(utf8(text))).getMessage());
    }

    @Test
    void repeatedMembersAreTold() throws Exception {
        assertEquals(List.of("data.a", "list[1].b"), JsonBody.read(utf8("{\"data\":{\"a\":1,\"a\":2},\"list\":[0,{\"b\":1,\"b\":2}]}")).duplicates());
        assertEquals(List.of("data.a"), YamlBody.read(utf8("data: {a: 1}\n".replace("{a: 1}", "{a: 1, a: 2}"))).duplicates());
    }

    @Test
    void depthAndAliasesAreLimited() {
        assertThrows(Body.MalformedException.class, () -> JsonBody.read(utf8("[".repeat(100_000))));
        assertThrows(Body.MalformedException.class, () -> YamlBody.read(utf8("[".repeat(100_000))));
        StringBuilder bomb = new StringBuilder("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for (int i = 1; i < 9; i++) {
            bomb.append("a").append(i).append(": &a").append(i).append(" [").append(("*a" + (i - 1) + ",").repeat(10)).append("]\n");
        }
        assertThrows(Body.MalformedException.class, () -> YamlBody.read(utf8(bomb.toString())));
    }

    @Test
    void mutatedBodiesAreReadOrRefusedAndNothingElse() {
        Random random = new Random(4);
        byte[] json = utf8("{\"a\":[1,-2.5e3,true,null,\"x\\u00e9\\n\"],\"b\":{\"c\":{}}}");
        byte[] yaml = utf8("a: [1, &x 2, *x]\nb: {c: \"d\", e: !!str 3}\nf: |\n  text\n");
        for (int i = 0; i < 20_000; i++) {
            readOrRefuse(JsonBody::read, mutated(json, random));
            if (i % 10 == 0) {
                readOrRefuse(YamlBody::read, mutated(yaml, random));
            }
        }
    }

    private interface Reader {
        Body read(byte[] body) throws Body.MalformedException;
    }

    private static void readOrRefuse(Reader reader, byte[] body) {
        try {
            reader.read(body).tree().toString();
        } catch (Body.MalformedException e) {
            assertEquals(false, e.getMessage().isEmpty());
        }
    }

    private static byte[] mutated(byte[] original, Random random) {
        byte[] copy = java.util.Arrays.copyOf(original, random.nextInt(4) == 0 ? random.nextInt(original.length + 1) : original.length);
        for (int i = random.nextInt(4); i >= 0 && copy.length > 0; i--) {
            copy[random.nextInt(copy.length)] = (byte) random.nextInt(256);
        }
        return copy;
    }
}
