package io.kelp.kubeapi.internal.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.sun.management.ThreadMXBean;
import io.kelp.kubeapi.ApiException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostileBodyTest {

    private static final long MEBIBYTE = 1 << 20;

    @Test
    void longNamesOnTheWayToManyValuesCostNothing() {
        // One text per place would be 40 000 times 2 MB.
        String json = ("{\"" + "k".repeat(100_000) + "\":").repeat(20) + "[" + "1,".repeat(40_000) + "1]" + "}".repeat(20);
        assertTrue(allocated(() -> JsonBody.read(utf8(json))) < 200 * MEBIBYTE);
    }

    @Test
    void longNamesOnTheWayToManyValuesCostNothingInYaml() {
        String yaml = ("{" + "k".repeat(900) + ": ").repeat(50) + "[" + "1,".repeat(40_000) + "1]" + "}".repeat(50);
        long allocated = allocated(() -> YamlBody.read(utf8(yaml)));
        assertTrue(allocated < 400 * MEBIBYTE, () -> allocated / MEBIBYTE + " MiB"); // texts would take 2.2 GB
    }

    @Test
    void placesOfDuplicatesAreCut() throws Exception {
        String json = ("{\"" + "k".repeat(1000) + "\":").repeat(200) + "{\"a\":1,\"a\":2}" + "}".repeat(200);
        List<String> told = JsonBody.read(utf8(json)).duplicates();
        assertEquals(1, told.size());
        assertTrue(told.get(0).startsWith("kkk") && told.get(0).length() < 1100, () -> told.get(0).length() + " characters");
        assertEquals(List.of("spec.ports[1].name"), JsonBody.read(utf8("{\"spec\":{\"ports\":[1,{\"name\":1,\"name\":2}]}}")).duplicates());
    }

    @ParameterizedTest
    @ValueSource(strings = {"0,", "{},", "[],", "\"\",", "{\"a\":0},"})
    void moreValuesThanMemoryTakesAreRefused(String item) {
        byte[] body = utf8("[" + item.repeat(3_000_000 / item.length()) + "0]");
        assertEquals("more than 50000 values", refusal(() -> JsonBody.read(body)));
        assertEquals("yaml: more than 50000 values", refusal(() -> YamlBody.read(body)));
    }

    @Test
    void whatAliasesUnfoldToIsCountedBeforeItIsMade() {
        StringBuilder yaml = new StringBuilder("a: &a [x,x,x,x,x,x,x,x,x]\n");
        for (char c = 'b'; c < 'k'; c++) {
            yaml.append(c).append(": &").append(c).append(" [").append(("*" + (char) (c - 1) + ",").repeat(8)).append("*").append((char) (c - 1)).append("]\n");
        }
        assertEquals("yaml: more than 50000 values", refusal(() -> YamlBody.read(utf8(yaml.toString()))));
    }

    @Test
    void aliasesUnfoldToCopies() throws Exception {
        assertEquals("{\"a\":{\"b\":[1,true]},\"c\":{\"b\":[1,true]},\"d\":\"x\",\"e\":\"x\"}",
                YamlBody.read(utf8("a: &t {b: [1, true]}\nc: *t\nd: &s x\ne: *s\n")).tree().toString());
        assertEquals("yaml: anchor 'a' value contains itself", refusal(() -> YamlBody.read(utf8("a: &a [*a]\n"))));
    }

    @Test
    void anAliasIsNoWayPastTheDepth() {
        StringBuilder yaml = new StringBuilder("a: &a " + "[".repeat(200) + "]".repeat(200) + "\nb: " + "[".repeat(200) + "*a" + "]".repeat(200));
        assertEquals("yaml: exceeded max depth", refusal(() -> YamlBody.read(utf8(yaml.toString()))));
    }

    @ParameterizedTest
    @ValueSource(ints = {300, 100_000, 1_500_000})
    void deepTreesAreRefusedAtOnce(int depth) {
        for (String open : List.of("[", "{\"a\":", "{\"a\":[")) {
            assertEquals("exceeded max depth", refusal(() -> JsonBody.read(utf8(open.repeat(depth)))));
            assertEquals("yaml: exceeded max depth", refusal(() -> YamlBody.read(utf8(open.repeat(depth)))));
        }
        assertEquals("yaml: exceeded max depth", refusal(() -> YamlBody.read(utf8("- ".repeat(depth)))));
    }

    @Test
    void numbersKeepTheirTextUpToALength() throws Exception {
        String longest = "1".repeat(1000);
        assertEquals("[1.0,1e5," + longest + "]", JsonBody.read(utf8("[1.0,1e5," + longest + "]")).tree().toString());
        assertTrue(refusal(() -> JsonBody.read(utf8("1" + longest))).contains("1001 characters"));
        assertTrue(refusal(() -> YamlBody.read(utf8("1" + longest))).contains("1001 characters"));
    }

    @Test
    void objectsDoNotGrowWithoutEndByManySmallWrites() throws Exception {
        JsonObject object = new JsonObject();
        for (int i = 0; i < 29; i++) {
            object.addProperty("m" + i, "x".repeat(100_000));
        }
        ObjectSize.check(object);
        object.addProperty("more", "x".repeat(300_000));
        assertEquals(413, assertThrows(ApiException.class, () -> ObjectSize.check(object)).code());
        JsonObject many = new JsonObject();
        JsonArray array = new JsonArray();
        for (int i = 0; i < 150_000; i++) {
            array.add(0);
        }
        many.add("a", array);
        assertEquals(413, assertThrows(ApiException.class, () -> ObjectSize.check(many)).code());
    }

    private interface Reading {
        void run() throws Body.MalformedException;
    }

    private static String refusal(Reading reading) {
        return assertTimeoutPreemptively(Duration.ofSeconds(20), () -> assertThrows(Body.MalformedException.class, reading::run)).getMessage();
    }

    private static long allocated(Reading reading) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        try {
            reading.run();
        } catch (Body.MalformedException e) {
            throw new AssertionError(e);
        }
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
