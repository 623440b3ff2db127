package io.kelp.mapper.coap.internal.codec;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.api.Tag;

/**
 * Whatever a device sends, decoding ends with a value or a refusal. Runs over its kept corpus in every build; with
 * {@code JAZZER_FUZZ=1} it searches on.
 */
@Tag("slow")
class CodecFuzzTest {

    @FuzzTest(maxDuration = "20s")
    void cbor(byte[] payload) {
        try {
            Cbor.encode(Cbor.decode(payload));
        } catch (MalformedPayloadException e) {
            // refused
        }
    }

    @FuzzTest(maxDuration = "20s")
    void senml(byte[] payload) {
        senml(Format.SENML_JSON, payload);
        senml(Format.SENML_CBOR, payload);
    }

    @FuzzTest(maxDuration = "20s")
    void links(byte[] payload) {
        try {
            LinkFormat.decode(payload, 1000);
        } catch (MalformedPayloadException e) {
            // refused
        }
    }

    @FuzzTest(maxDuration = "20s")
    void json(byte[] payload) {
        try {
            JsonText.of(Json.decode(payload));
        } catch (MalformedPayloadException e) {
            // refused
        } catch (IllegalArgumentException e) {
            if (!e.getMessage().contains("cannot be written as JSON")) { // 1e999 is a number for us, but none of JSON's
                throw e;
            }
        }
    }

    private static void senml(Format format, byte[] payload) {
        try {
            Senml.pick(Senml.decode(format, payload, 1_700_000_000_000L), "x");
        } catch (MalformedPayloadException e) {
            // refused
        }
    }

    static void decodeAll(byte[] payload) {
        CodecFuzzTest all = new CodecFuzzTest();
        all.cbor(payload);
        all.senml(payload);
        all.links(payload);
        all.json(payload);
    }
}
