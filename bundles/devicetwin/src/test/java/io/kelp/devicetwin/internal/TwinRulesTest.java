package io.kelp.devicetwin.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.devicetwin.DeviceTwins.Quality;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The tables of the device specification, sections 3.5, 3.6 and 9.5. */
class TwinRulesTest {

    private static final long NOW = 1_800_000_000_000L;
    private static final ValueRules STRICT = new ValueRules(ValueRules.Charset.STRICT);

    // ---- values and names ----

    @ParameterizedTest
    @CsvSource({"test123, true", "test^, false", "'a b', false", "'', false", "a-_.:/@#, true", "'abc\n', false", "ä, false", "a+b, false", "{, false", "50%, false"})
    void namesAndValues(String text, boolean allowed) {
        assertEquals(allowed, ValueRules.isName(text));
        assertEquals(allowed || text.isEmpty(), STRICT.isValue(text), "only a value may be empty");
    }

    @Test
    void lengthsAreCheckedAtTheLimit() {
        assertTrue(ValueRules.isName("n".repeat(128)));
        assertFalse(ValueRules.isName("n".repeat(129)));
        assertTrue(STRICT.isValue("v".repeat(512)));
        assertFalse(STRICT.isValue("v".repeat(513)));
        assertTrue(new ValueRules(ValueRules.Charset.RELAXED).isValue("23.5 °C (30 %)"));
        assertFalse(new ValueRules(ValueRules.Charset.RELAXED).isValue("a\nb"));
        assertFalse(new ValueRules(ValueRules.Charset.RELAXED).isValue("v".repeat(4097)));
    }

    @ParameterizedTest
    @CsvSource(nullValues = "ok", value = {
        "int, 1, ok", "int, -7, ok", "integer, +7, ok", "int, 9223372036854775807, ok", "int, 9223372036854775808, the value is not int or integer",
        "int, test, the value is not int or integer", "int, 1.0, the value is not int or integer", "int, '', the value is not int or integer",
        "int, ١, the value is not int or integer",
        "float, 1.1, ok", "float, 1, ok", "float, .5, ok", "float, 5., ok", "float, -1e3, ok", "float, inf, ok", "float, NaN, ok", "float, 1e999, the value is not float",
        "float, test, the value is not float", "float, 1f, the value is not float", "float, ' 1', the value is not float", "float, '', the value is not float",
        "boolean, true, ok", "boolean, false, ok", "boolean, 1, the bool value must be true or false", "boolean, True, the bool value must be true or false",
        "deleted, x, ok", "string, anything, ok", "'', x, ok",
        "test, x, the value type is not allowed", "double, 1.0, the value type is not allowed", "bytes, 1, the value type is not allowed",
        "Updated, 1, the value type is not allowed"})
    void typesByValue(String type, String value, String misfit) {
        assertEquals(misfit, ValueRules.misfit(type, value));
    }

    // ---- parsing ----

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "{", "[]", "null", "7", "{not json", "{'twin':[]}", "{'twin':{'a':[]}}", "{'twin':{'a':{'actual':7}}}",
        "{'twin':{'a':{'actual':{'value':7}}}}", "{'twin':{'a':{'optional':'yes'}}}", "{'event_id':7,'twin':{}}", "{'timestamp':'1','twin':{}}",
        "{'twin':{}} x", "{'twin':{'a':{'expected_version':{'cloud':'1'}}}}", "{'twin':{'a':{'expected_version':{'cloud':1.5}}}}",
        "{'twin':{'a':{'metadata':{'type':1}}}}", "{twin:{}}"})
    void whatIsNoRequestIsRefused(String body) {
        assertEquals(TwinRequest.NOT_JSON, refusal(body).getMessage());
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {
        "{'event_id':'e'} ; " + TwinRequest.NO_TWIN, "{'event_id':'e','twin':null} ; " + TwinRequest.NO_TWIN,
        "{'event_id':'e','twin':{'a':{'actual':{}}}} ; " + TwinRequest.NO_VALUE,
        "{'event_id':'e','twin':{'a':{'expected':{'metadata':{'timestamp':1}}}}} ; " + TwinRequest.NO_VALUE})
    void whatIsMissingIsNamedAndTheEventIdKept(String body, String reason) {
        TwinRequest.Refused refused = refusal(body);
        assertEquals(reason, refused.getMessage());
        assertEquals("e", refused.eventId());
    }


    @Test
    void namesAndValuesAreCheckedWhileParsing() throws Exception {
        assertEquals(ValueRules.BAD_NAME, refusal("{'twin':{'bad name':{'actual':{'value':'1'}}}}").getMessage());
        assertEquals(ValueRules.BAD_NAME, refusal("{'twin':{'bad name':null}}").getMessage());
        assertEquals(ValueRules.BAD_VALUE, refusal("{'twin':{'a':{'actual':{'value':'a b'}}}}").getMessage());
        assertEquals(ValueRules.BAD_VALUE, refusal("{'twin':{'a':{'expected':{'value':'a%'}}}}").getMessage());
        TwinRequest request = parse("{'event_id':'e','timestamp':0,'x':1,'twin':{'b':null,'a':{'expected':{'value':''},'optional':false,"
                + "'metadata':{'type':'int'},'expected_version':{'cloud':7,'edge':1}}}}");
        assertEquals(List.of("a", "b"), List.copyOf(request.twins().keySet()));
        assertEquals(new MsgTwin("", null, false, "int", new MsgTwin.Version(7, 1), null), request.twins().get("a"));
        assertNull(request.twins().get("b"));
    }

    @Test
    void deeplyNestedBodiesAreRefusedNotFollowed() {
        assertEquals(TwinRequest.NOT_JSON, refusal("{'twin':" + "[".repeat(100_000) + "]".repeat(100_000) + "}").getMessage());
    }

    @Test
    void randomlyBrokenRequestsNeverCrashTheParser() {
        Random random = new Random(7);
        byte[] good = "{\"event_id\":\"e\",\"timestamp\":0,\"twin\":{\"a\":{\"actual\":{\"value\":\"1\"},\"metadata\":{\"type\":\"int\"}},\"b\":null}}"
                .getBytes(StandardCharsets.UTF_8);
        int refused = 0;
        for (int i = 0; i < 50_000; i++) {
            byte[] bad = good.clone();
            for (int n = random.nextInt(4); n >= 0; n--) {
                bad[random.nextInt(bad.length)] = (byte) (random.nextBoolean() ? random.nextInt(256) : "{}[],:\"0n\\".charAt(random.nextInt(10)));
            }
            try {
                TwinRequest.parse(java.util.Arrays.copyOf(bad, random.nextInt(bad.length) + 1), STRICT);
            } catch (TwinRequest.Refused e) {
                refused++;
            }
        }
        assertTrue(refused > 40_000, refused + " refused");
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {
        "x ; invalid character 'x' looking for beginning of value ; 1", "{not json ; invalid character 'n' looking for beginning of object key string ; 2",
        "{\"a\" 1} ; invalid character '1' after object key ; 6", "{\"a\":1 \"b\"} ; invalid character '\"' after object key:value pair ; 8",
        "[1 2] ; invalid character '2' after array element ; 4", "tru ; unexpected end of JSON input ; 3", "trux ; invalid character 'x' in literal true (expecting 'e') ; 4",
        "{} x ; invalid character 'x' after top-level value ; 4", "{\"a\":\"\\q\"} ; invalid character 'q' in string escape code ; 8"})
    void brokenJsonIsDescribedInGoWords(String text, String message, int offset) {
        assertEquals("&json.SyntaxError{msg:\"" + message.replace("\"", "\\\"") + "\", Offset:" + offset + "}", GoJsonSyntax.describe(text));
    }

    // ---- versions ----

    @Test
    void aLocalWriteMakesTheEdgeVersionGrowAlsoForTheSameValue() {
        SortedMap<String, TwinState> twins = local(new TreeMap<>(), "p", MsgTwin.reported("1")).twins();
        assertEquals(new TwinSide("1", NOW, 0, 1), twins.get("p").actual());
        TwinRules.Outcome again = local(twins, "p", MsgTwin.reported("1"));
        assertEquals(2, again.twins().get("p").actual().edge());
        assertEquals(1, again.changes().size());
    }

    @ParameterizedTest
    @CsvSource({ // local cloud, local edge, request cloud, request edge, accepted
        "1, 0, 0, 0, false", "5, 0, 5, 0, true", "5, 0, 6, 0, true", "5, 1, 6, 0, true", "5, 1, 5, 0, true", "9, 3, 8, 99, false"})
    void theCloudsVersionDecides(long cloud, long edge, long newCloud, long newEdge, boolean accepted) {
        SortedMap<String, TwinState> twins = twins("p", new TwinState("string", false, new TwinSide("old", 1, cloud, edge), TwinSide.NONE, null));
        TwinRules.Outcome outcome = cloud(twins, "p", new MsgTwin("new", null, false, "string", new MsgTwin.Version(newCloud, newEdge), null));
        assertEquals(accepted ? "new" : "old", outcome.twins().get("p").expected().value());
        assertEquals(accepted ? Map.of() : Map.of("p", TwinRules.EXPECTED), outcome.upward(), "a refused change makes the gateway tell its own value");
    }

    @Test
    void aSyncWithoutVersionIsRefusedButADeleteWithoutVersionIsNot() {
        SortedMap<String, TwinState> twins = twins("p", new TwinState("string", false, new TwinSide("old", 1, 1, 0), TwinSide.NONE, "old"));
        assertEquals("old", cloud(twins, "p", new MsgTwin("new", null, null, "string", null, null)).twins().get("p").expected().value());
        assertTrue(cloud(twins, "p", new MsgTwin("new", null, null, TwinState.DELETED, null, null)).twins().get("p").isDeleted());
        TwinRules.Outcome late = cloud(twins, "p", new MsgTwin("new", null, null, TwinState.DELETED, new MsgTwin.Version(0, 0), null));
        assertFalse(late.twins().get("p").isDeleted());
        assertEquals(Map.of("p", TwinRules.EXPECTED), late.upward());
    }

    @Test
    void inASyncANewTwinWithABadValueOrNoVersionIsNotMade() {
        MsgTwin.Version v = new MsgTwin.Version(1, 0);
        assertTrue(cloud(new TreeMap<>(), "p", new MsgTwin("x", null, null, "int", v, null)).isEmpty());
        assertTrue(cloud(new TreeMap<>(), "p", new MsgTwin("1", null, null, "double", v, null)).isEmpty());
        assertTrue(cloud(new TreeMap<>(), "p", new MsgTwin("1", null, null, "int", null, null)).isEmpty());
        TwinState made = cloud(new TreeMap<>(), "p", new MsgTwin("1", null, null, null, v, null)).twins().get("p");
        assertEquals("string", made.type());
        assertFalse(made.optional());
    }

    // ---- deltas ----

    @Test
    void deltas() {
        TwinSide on = new TwinSide("ON", 1, 1, 0);
        TwinSide off = new TwinSide("OFF", 1, 0, 1);
        assertEquals("{\"p\":\"ON\"}", delta(twins("p", new TwinState("string", false, on, off, null))));
        assertEquals("{\"p\":\"ON\"}", delta(twins("p", new TwinState("string", false, on, TwinSide.NONE, null))));
        assertNull(delta(twins("p", new TwinState("string", false, on, on, null))), "equal");
        assertNull(delta(twins("p", new TwinState("string", false, TwinSide.NONE, off, null))), "nothing expected");
        assertNull(delta(twins("p", new TwinState("string", false, new TwinSide("", 1, 1, 0), off, null))), "empty expected");
        assertNull(delta(twins("p", new TwinState(TwinState.DELETED, false, on, off, null))), "deleted");
        SortedMap<String, TwinState> two = twins("p", new TwinState("string", false, on, off, null));
        two.put("q", new TwinState("string", false, on, on, null));
        two.put("r", new TwinState("string", false, TwinSide.NONE, on, null));
        JsonObject json = JsonParser.parseString(new String(TwinPayloads.delta(() -> "e", 1, two), StandardCharsets.UTF_8)).getAsJsonObject();
        assertEquals(List.of("p", "q"), List.copyOf(json.getAsJsonObject("twin").keySet()), "equal twins are shown, too");
        assertEquals(List.of("p"), List.copyOf(json.getAsJsonObject("delta").keySet()));
    }

    private static String delta(SortedMap<String, TwinState> twins) {
        byte[] payload = TwinPayloads.delta(() -> "e", 1, twins);
        return payload == null ? null : JsonParser.parseString(new String(payload, StandardCharsets.UTF_8)).getAsJsonObject().get("delta").toString();
    }

    // ---- deletion ----

    @Test
    void aNullDeletesOnlyOptionalTwins() {
        SortedMap<String, TwinState> twins = twins("p", new TwinState("int", true, TwinSide.NONE, new TwinSide("1", 1, 0, 4), null));
        TwinRules.Outcome gone = local(twins, "p", null);
        assertTrue(gone.twins().get("p").isDeleted());
        assertEquals(5, gone.twins().get("p").actual().edge());
        assertNull(gone.changes().get("p").current());
        TwinRules.Outcome back = local(gone.twins(), "p", new MsgTwin(null, "x", null, "string", null, null));
        assertEquals("string", back.twins().get("p").type(), "the type of a deleted twin is free again");
        assertNull(back.changes().get("p").last());
        assertEquals(6, back.twins().get("p").actual().edge());
        SortedMap<String, TwinState> fixed = twins("p", new TwinState("int", false, TwinSide.NONE, new TwinSide("1", 1, 0, 4), null));
        assertTrue(local(fixed, "p", null).isEmpty());
    }

    @Test
    void aNullForAnUnknownTwinDoesNotHideTheOthers() {
        SortedMap<String, MsgTwin> request = new TreeMap<>();
        request.put("a", null);
        request.put("b", MsgTwin.reported("1"));
        TwinRules.Outcome outcome = TwinRules.local(new TreeMap<>(), request, name -> null, 10, NOW);
        assertEquals("1", outcome.twins().get("b").actual().value());
        assertEquals(2, outcome.changes().size());
    }

    @Test
    void oneBadTwinRefusesTheWholeRequest() {
        SortedMap<String, MsgTwin> request = new TreeMap<>();
        request.put("a", MsgTwin.reported("1"));
        request.put("b", new MsgTwin(null, "x", null, "int", null, null));
        TwinRules.Outcome outcome = TwinRules.local(new TreeMap<>(), request, name -> null, 10, NOW);
        assertEquals("the value is not int or integer", outcome.refusal());
        assertTrue(outcome.twins().isEmpty());
        assertTrue(outcome.changes().isEmpty());
    }

    @Test
    void theExistingTypeWinsAndTheDeclaredOneBeforeTheMessages() {
        SortedMap<String, TwinState> twins = twins("status", new TwinState("string", false, new TwinSide("ON", 1, 1, 0), TwinSide.NONE, "ON"));
        TwinRules.Outcome outcome = local(twins, "status", new MsgTwin(null, "7", null, "Updated", null, null));
        assertNull(outcome.refusal());
        assertEquals("string", outcome.twins().get("status").type());
        TwinRules.Outcome declared = TwinRules.local(new TreeMap<>(), Map.of("count", new MsgTwin(null, "7", null, "Updated", null, null)), name -> "int", 10, NOW);
        assertEquals("int", declared.twins().get("count").type());
        assertFalse(declared.twins().get("count").optional());
    }

    @Test
    void optionalOnlyGoesFromTrueToFalse() {
        SortedMap<String, TwinState> twins = local(new TreeMap<>(), "p", new MsgTwin(null, "1", null, null, null, null)).twins();
        assertTrue(twins.get("p").optional());
        twins = local(twins, "p", new MsgTwin(null, "1", false, null, null, null)).twins();
        assertFalse(twins.get("p").optional());
        assertFalse(local(twins, "p", new MsgTwin(null, "1", true, null, null, null)).twins().get("p").optional());
    }

    @Test
    void theNumberOfTwinsIsBounded() {
        SortedMap<String, MsgTwin> request = new TreeMap<>();
        for (int i = 0; i < 11; i++) {
            request.put("p" + i, MsgTwin.reported("1"));
        }
        assertEquals("the device has 10 twins already, more are not allowed", TwinRules.local(new TreeMap<>(), request, n -> null, 10, NOW).refusal());
    }

    // ---- a simple oracle ----

    /** What the rules come to when one forgets documents and metadata: last writer wins, but an older cloud does not. */
    private static final class Oracle {
        private final Map<String, String> expected = new TreeMap<>();
        private final Map<String, Long> cloud = new TreeMap<>();
        private final Map<String, String> actual = new TreeMap<>();
    }

    @Test
    void randomHistoriesAgreeWithASimpleOracle() {
        for (int seed = 0; seed < 300; seed++) {
            history(new Random(seed), seed);
        }
    }

    private static void history(Random random, int seed) {
        Oracle oracle = new Oracle();
        SortedMap<String, TwinState> twins = new TreeMap<>();
        List<String> log = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            String p = "p" + random.nextInt(3);
            String value = "v" + random.nextInt(4);
            long version = random.nextInt(30);
            switch (random.nextInt(4)) {
                case 0 -> {
                    log.add("report " + p + "=" + value);
                    twins = local(twins, p, MsgTwin.reported(value)).twins();
                    oracle.actual.put(p, value);
                }
                case 1 -> {
                    log.add("wish " + p + "=" + value);
                    twins = local(twins, p, MsgTwin.wished(value)).twins();
                    oracle.expected.put(p, value);
                }
                case 2 -> {
                    log.add("cloud " + p + "=" + value + " v" + version);
                    String known = twins.containsKey(p) ? twins.get(p).cloudValue() : null;
                    twins = cloud(twins, p, new MsgTwin(value, null, false, "string", new MsgTwin.Version(version, 0), null)).twins();
                    long before = oracle.cloud.getOrDefault(p, 0L);
                    boolean repeated = version == before && value.equals(known);
                    if (version >= before && !repeated) {
                        oracle.expected.put(p, value);
                        oracle.cloud.put(p, version);
                    }
                }
                default -> {
                    log.add("object " + p + "=" + value + " v" + version);
                    String known = twins.containsKey(p) ? twins.get(p).cloudValue() : null;
                    Map<String, DeviceObject.Desired> desired = new TreeMap<>();
                    twins.forEach((name, twin) -> desired.put(name, new DeviceObject.Desired(twin.cloudValue(), "string")));
                    desired.put(p, new DeviceObject.Desired(value, "string"));
                    twins = TwinRules.object(twins, desired, version, NOW).twins();
                    if (!value.equals(known)) {
                        oracle.expected.put(p, value);
                        oracle.cloud.put(p, version);
                    }
                }
            }
            Map<String, String> expected = new TreeMap<>();
            Map<String, String> actual = new TreeMap<>();
            twins.forEach((name, twin) -> {
                if (twin.expected().isSet()) {
                    expected.put(name, twin.expected().value());
                }
                if (twin.actual().isSet()) {
                    actual.put(name, twin.actual().value());
                }
            });
            assertEquals(oracle.expected, expected, "seed " + seed + ": " + log);
            assertEquals(oracle.actual, actual, "seed " + seed + ": " + log);
        }
    }

    // ---- stored forms ----

    @Test
    void storedFormsReadBack() throws Exception {
        for (Reported r : List.of(new Reported(true, false, "string", new TwinSide("a\tb|c", 5, 6, 7)), new Reported(false, true, "deleted", TwinSide.NONE),
                new Reported(true, true, "int", new TwinSide("", 1, 0, 1)),
                new Reported(true, false, "int", new TwinSide("7", 1, 0, 1, new Remark(Quality.UNCERTAIN, "a, b", true))),
                new Reported(false, false, "string", new TwinSide("a\tb", 1, 0, 1, new Remark(Quality.BAD, "why not", false))),
                new Reported(false, false, "string", new TwinSide(null, 1, 0, 1, new Remark(Quality.BAD, "why not", false))),
                new Reported(true, false, "string", new TwinSide("x", 1, 0, 1, new Remark(Quality.GOOD, "", false))))) {
            assertEquals(r, Reported.CODEC.read(Reported.CODEC.write(r)));
        }
        Reported over = Reported.CODEC.read(Reported.CODEC.write(new Reported(false, false, "string", new TwinSide("x", 1, 0, 1, new Remark(Quality.GOOD, "", false)))));
        assertEquals(Remark.NONE, over.actual().remark(), "an error that is over is forgotten when the cloud knows");
        Condition c = new Condition(true, "2026-11-21 11:06:53", "OK");
        assertEquals(c, Condition.CODEC.read(Condition.CODEC.write(c)));
        assertThrows(java.io.IOException.class, () -> Reported.CODEC.read("1\tx".getBytes(StandardCharsets.UTF_8)));
        assertThrows(java.io.IOException.class, () -> Reported.CODEC.read(new byte[0]));
        assertThrows(java.io.IOException.class, () -> Condition.CODEC.read(new byte[0]));
        assertThrows(java.io.IOException.class, () -> DeviceRecord.DEVICE.read("{\"name\":7}".getBytes(StandardCharsets.UTF_8)));
        assertThrows(java.io.IOException.class, () -> DeviceRecord.DEVICE.read(new byte[] {(byte) 0xff, 0}));
        byte[] record = Reported.CODEC.write(new Reported(true, false, "string", new TwinSide("1234", NOW, 0, 4711)));
        assertTrue(record.length < 60, record.length + " bytes per report");
        assertArrayEquals("1\t0\tstring\t1800000000000\t0\t4711\t=1234".getBytes(StandardCharsets.UTF_8), record);
    }

    // ---- helpers ----

    private static TwinRequest parse(String body) throws TwinRequest.Refused {
        return TwinRequest.parse(body.replace('\'', '"').getBytes(StandardCharsets.UTF_8), STRICT);
    }

    private static TwinRequest.Refused refusal(String body) {
        return assertThrows(TwinRequest.Refused.class, () -> parse(body));
    }

    private static SortedMap<String, TwinState> twins(String name, TwinState twin) {
        SortedMap<String, TwinState> twins = new TreeMap<>();
        twins.put(name, twin);
        return twins;
    }

    private static SortedMap<String, MsgTwin> request(String name, MsgTwin twin) {
        SortedMap<String, MsgTwin> request = new TreeMap<>();
        request.put(name, twin);
        return request;
    }

    private static TwinRules.Outcome local(SortedMap<String, TwinState> twins, String name, MsgTwin msg) {
        return TwinRules.local(twins, request(name, msg), n -> null, 100, NOW);
    }

    private static TwinRules.Outcome cloud(SortedMap<String, TwinState> twins, String name, MsgTwin msg) {
        return TwinRules.cloud(twins, request(name, msg), NOW);
    }
}
