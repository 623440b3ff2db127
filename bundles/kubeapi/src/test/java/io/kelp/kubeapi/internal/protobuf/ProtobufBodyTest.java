package io.kelp.kubeapi.internal.protobuf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class ProtobufBodyTest {

    private static final int MUTATIONS = 5_000;

    private final ProtobufBody body = new ProtobufBody(ProtobufBodyTest::json);

    private static JsonElement json(byte[] text) {
        try {
            return JsonParser.parseString(new String(text, StandardCharsets.UTF_8));
        } catch (JsonParseException e) {
            return null;
        }
    }

    @TestFactory
    Stream<DynamicTest> readsEveryKindAsKubernetesDoes() {
        return Sample.all().stream().map(sample -> DynamicTest.dynamicTest(sample.kind(), () ->
                assertEquals(Sample.withoutNulls(sample.json()), Sample.withoutNulls(body.read(sample.protobuf(), "", "")))));
    }

    @Test
    void takesTheExpectedKindWhenNoneIsTold() throws MalformedProtobufException {
        JsonObject lease = body.read(envelope(new byte[0], bytes(0x12, 3, 0x0a, 1, 'h')), "coordination.k8s.io/v1", "Lease");
        assertEquals("{\"apiVersion\":\"coordination.k8s.io/v1\",\"kind\":\"Lease\",\"spec\":{\"holderIdentity\":\"h\"}}", lease.toString());
    }

    @Test
    void tellsOfAKindThatNobodyKnowsOnlyItsName() throws MalformedProtobufException {
        JsonObject object = body.read(envelope(bytes(0x0a, 4, 'a', '/', 'v', '1', 0x12, 1, 'B'), bytes(0xff, 0xff)), "v1", "Pod");
        assertEquals("{\"apiVersion\":\"a/v1\",\"kind\":\"B\"}", object.toString());
    }

    @Test
    void mergesMessagesThatComeTwiceAndSkipsUnknownFields() throws MalformedProtobufException {
        byte[] twice = bytes(0x12, 3, 0x0a, 1, 'h', 0xfa, 1, 1, 0, 0xf3, 1, 0x08, 5, 0xf4, 1, 0x12, 2, 0x28, 9);
        assertEquals("{\"holderIdentity\":\"h\",\"leaseTransitions\":9}", lease(twice).getAsJsonObject("spec").toString());
    }

    @Test
    void showsEachByteThatIsNoUtf8AsReplacementCharacter() throws MalformedProtobufException {
        assertEquals("a\ufffd\ufffd", lease(bytes(0x12, 5, 0x0a, 3, 'a', 0xe6, 0xb5)).getAsJsonObject("spec").get("holderIdentity").getAsString());
        assertEquals("\ufffd\ufffd\ufffdé", lease(bytes(0x12, 7, 0x0a, 5, 0xed, 0xa0, 0x80, 0xc3, 0xa9)).getAsJsonObject("spec").get("holderIdentity").getAsString());
    }

    @Test
    void readsPackedNumbers() throws MalformedProtobufException {
        JsonObject pod = read("v1", "Pod", bytes(0x12, 8, 0x72, 6, 0x22, 2, 5, 6, 0x20, 7));
        assertEquals("[5,6,7]", pod.getAsJsonObject("spec").getAsJsonObject("securityContext").get("supplementalGroups").toString());
    }

    @Test
    void refusesWithTheSentencesOfGo() {
        assertEquals("empty data", refusal(new byte[0]));
        assertEquals("empty body", refusal(bytes('k', '8', 's', 0)));
        assertEquals("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]", refusal(bytes('{', '}')));
        assertEquals("unexpected EOF", refusal(bytes('k', '8', 's', 0, 0x0a, 5, 1)));
        assertEquals("unexpected EOF", refusalOfLease(0x12, 0xff, 0xff, 0xff, 0xff, 0x7f));
        assertEquals("proto: integer overflow", refusalOfLease(0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1));
        assertEquals("proto: negative length found during unmarshaling", refusalOfLease(0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1));
        assertEquals("proto: Lease: wiretype end group for non-group", refusalOfLease(0x0c));
        assertEquals("proto: Lease: illegal tag 0 (wire type 2)", refusalOfLease(0x02));
        assertEquals("proto: wrong wireType = 0 for field ObjectMeta", refusalOfLease(0x08, 1));
        assertEquals("proto: wrong wireType = 0 for field UID", refusalOfLease(0x0a, 2, 0x28, 1));
        assertEquals("proto: illegal wireType 7", refusalOfLease(0x7f));
    }

    @Test
    void refusesTimesOutsideOfTheCalendar() {
        assertEquals("a time 1099511627775 s after 1970 is outside the years 0 to 9999",
                refusalOfLease(0x0a, 9, 0x42, 7, 0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f));
    }

    @Test
    void refusesObjectsThatWouldFillTheMemory() {
        byte[] many = new byte[2 * (MessageReader.MAX_VALUES + 1)];
        for (int i = 0; i < many.length; i += 2) {
            many[i] = 0x12; // empty containers
        }
        byte[] spec = bytes(0x12);
        assertEquals("the object has more than 250000 values", assertThrows(MalformedProtobufException.class,
                () -> read("v1", "Pod", concat(spec, varint(many.length), many))).getMessage());
    }

    @Test
    void refusesSchemasThatAreTooDeep() {
        byte[] deep = new byte[0];
        for (int i = 0; i < 400; i++) {
            deep = concat(bytes(0xe2, 1), varint(deep.length), deep); // not
        }
        byte[] schema = deep;
        for (int tag : new int[] {0x0a, 0x22, 0x3a, 0x12}) { // openAPIV3Schema, schema, versions, spec
            schema = concat(bytes(tag), varint(schema.length), schema);
        }
        byte[] definition = schema;
        assertEquals("exceeded max depth of 256", assertThrows(MalformedProtobufException.class,
                () -> read("apiextensions.k8s.io/v1", "CustomResourceDefinition", definition)).getMessage());
    }

    @Test
    void readsOrRefusesWhatIsDamaged() {
        List<Sample> samples = Sample.all();
        Random random = new Random(20);
        int refused = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] damaged = samples.get(random.nextInt(samples.size())).protobuf().clone();
            for (int n = random.nextInt(3); n >= 0; n--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            }
            if (random.nextInt(4) == 0) {
                damaged = Arrays.copyOf(damaged, random.nextInt(damaged.length));
            }
            try {
                body.read(damaged, "v1", "Pod").toString();
            } catch (MalformedProtobufException e) {
                refused++;
                assertTrue(e.getMessage().length() > 5, e.getMessage());
            }
        }
        assertTrue(refused > MUTATIONS / 10 && refused < MUTATIONS, "refused " + refused);
    }

    private JsonObject lease(byte[] message) throws MalformedProtobufException {
        return read("coordination.k8s.io/v1", "Lease", message);
    }

    private JsonObject read(String apiVersion, String kind, byte[] message) throws MalformedProtobufException {
        return body.read(envelope(new byte[0], message), apiVersion, kind);
    }

    private String refusal(byte[] bytes) {
        return assertThrows(MalformedProtobufException.class, () -> body.read(bytes, "v1", "Pod")).getMessage();
    }

    private String refusalOfLease(int... message) {
        return assertThrows(MalformedProtobufException.class, () -> lease(bytes(message))).getMessage();
    }

    private static byte[] envelope(byte[] type, byte[] message) {
        return concat(bytes('k', '8', 's', 0, 0x0a), varint(type.length), type, bytes(0x12), varint(message.length), message);
    }

    private static byte[] varint(int value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int rest = value;
        while (rest > 0x7f) {
            out.write(rest & 0x7f | 0x80);
            rest >>>= 7;
        }
        out.write(rest);
        return out.toByteArray();
    }

    private static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }
}
